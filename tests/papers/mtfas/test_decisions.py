"""A frame as a decision, a medium as a species, against counting by hand."""

import numpy as np
import pytest

from sincera.evaluate import evaluate
from sincera.measures.table import SourceScores, TargetScores
from sincera.papers.measured import Measured
from sincera.papers.mtfas.decisions import by_frame, by_medium
from sincera.runs import Run

SPECIES = ("", "", "print/1", "print/2", "display/1", "display/2")


def scores(kind, dice, people=6, frames=3):
    rows = [(p, s, n, f) for p in range(people) for n, s in enumerate(SPECIES) for f in range(frames)]
    return kind(
        label=[int(s != "") for _, s, _, _ in rows],
        score=[dice.normal(s != "", 0.8) + 0.8 * (s == "display/2") for _, s, _, _ in rows],
        clip=[f"{p}/{n}" for p, _, n, _ in rows],
        domain=["O"] * len(rows),
        subject=[str(p) for p, _, _, _ in rows],
        attack=[s for _, s, _, _ in rows],
        frame=[f for *_, f in rows],
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    runs = []
    for seed in (1, 2):
        run, dice = Run(tmp_path_factory.mktemp("decisions")), np.random.default_rng(seed)
        run.write_info({"seed": seed, "counts": {}, "method": "pixel"})
        for step in (1, 2):
            run.write_scores(step, scores(SourceScores, dice), scores(TargetScores, dice))
        evaluate(run, rounds=5)
        runs.append(run)
    return Measured(tuple(runs))


def rates(table, threshold):
    """BPCER and APCER by counting."""
    live, attack = (table.score[table.label == label] for label in (0, 1))
    return np.mean(live > threshold), np.mean(attack <= threshold)


@pytest.mark.parametrize("policy", ["ST", "TT"])
def test_frames_have_a_threshold_of_their_own(measured, policy):
    slow = []
    for run in measured.runs:
        step = run.measures()["policies"][policy]["steps"][0]
        fitted = run.source_scores(step) if policy == "ST" else run.target_scores(step)
        gaps = {at: abs(np.subtract(*rates(fitted, at))) for at in fitted.score}
        narrow = min(gaps.values())
        slow.append({sum(rates(run.target_scores(step), at)) / 2 for at, gap in gaps.items() if gap == narrow})
    found = by_frame(measured, policy)
    assert all(
        any(value == pytest.approx(one) for one in several) for value, several in zip(found.values, slow, strict=True)
    )
    assert found.mean != pytest.approx(measured.figure(policy, "acer_pooled").mean), "videos decide otherwise"


def test_a_medium_is_both_of_its_makes(measured):
    slow = []
    for table, at in measured.scores("ST"):
        bpcer = rates(table, at)[0]
        by = {
            medium: np.mean([s <= at for s, a in zip(table.score, table.attack, strict=True) if a.startswith(medium)])
            for medium in ("print", "display")
        }
        slow.append((max(by.values()) + bpcer) / 2)
    assert by_medium(measured, "ST").values == pytest.approx(slow)
    pooled, worst = (measured.figure("ST", rate).values for rate in ("acer_pooled", "acer"))
    assert all(a <= b <= c for a, b, c in zip(pooled, by_medium(measured, "ST").values, worst, strict=True))


@pytest.mark.parametrize("rate", [by_frame, by_medium])
def test_no_figure_where_ten_steps_would_be_averaged(measured, rate):
    assert rate(measured, "LE") is None
