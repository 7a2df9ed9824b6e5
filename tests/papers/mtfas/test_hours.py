"""How long a stage took, from what TensorBoard's files keep."""

import pytest
from torch.utils.tensorboard import SummaryWriter

from sincera.papers.mtfas.hours import seconds_a_step, took
from sincera.runs import Run


def logged(run, entries, *, stage="bilevel", device="a card"):
    """A run with one entry a (step, time), and the stage's finished checkpoint."""
    run.write_info({"device": device})
    with SummaryWriter(str(run.tensorboard)) as writer:
        for step, at in entries:
            writer.add_scalar(f"{stage}/loss", 1.0, step, walltime=at)
    run.log_path.write_text("".join(f'{{"stage": "{stage}", "step": {step}}}\n' for step, _ in entries))
    finished(run, stage)
    return run


def finished(run, stage="bilevel"):
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    (run.checkpoint(f"{stage}-0123")).write_bytes(b"")


def test_a_step_takes_the_time_between_entries_without_breaks():
    assert seconds_a_step([(10, 0.0), (20, 10.0), (30, 20.0)]) == 1
    assert seconds_a_step([(10, 0.0), (20, 10.0), (30, 9_000.0), (40, 9_010.0)]) == 1, "broken off for hours"
    assert seconds_a_step([(10, 0.0), (20, 10.0), (15, 500.0), (20, 505.0)]) == 1, "steps taken again"
    assert seconds_a_step([(10, 0.0), (20, 5.0), (30, 15.0)]) == 0.75, "some steps are slower"
    assert seconds_a_step([(10, 0.0)]) is None


def test_hours_are_those_of_all_steps(tmp_path):
    run = logged(Run(tmp_path / "one"), [(1010, 0.0), (1020, 20.0)])
    found = took(run, "bilevel", 10_000, tmp_path)
    assert (found.seconds, found.device) == (pytest.approx(20_000), "a card")
    assert took(run, "pretrain", 10_000, tmp_path) is None


def test_a_stage_that_was_taken_over_has_the_time_of_the_run_that_trained_it(tmp_path):
    logged(Run(tmp_path / "table" / "first"), [(10, 0.0), (20, 30.0)], device="another card")
    second = Run(tmp_path / "table" / "second")
    second.write_info({"device": "a card"})
    finished(second)
    found = took(second, "bilevel", 100, tmp_path)
    assert (found.seconds, found.device) == (pytest.approx(300), "another card")


def test_what_nobody_logged_has_no_time(tmp_path):
    run = Run(tmp_path / "one")
    run.write_info({"device": "a card"})
    finished(run)
    assert took(run, "bilevel", 100, tmp_path) is None
    once = logged(Run(tmp_path / "other"), [(10, 0.0)])
    once.checkpoint("bilevel-0123").unlink()
    assert took(once, "bilevel", 100, tmp_path) is None
