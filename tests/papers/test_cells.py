"""Cells are trained once, go on where they stopped, share stages, and come out of a cluster as they do here."""

import sys

import pytest

from sincera.data.protocols import parse_protocol
from sincera.data.store import Store
from sincera.errors import MissingExtraError, RunError
from sincera.methods import load_method
from sincera.papers.cells import Cell, run_cells
from sincera.papers.dtda.variants import V5, V5_PGD
from sincera.recipe import load_recipe

SETS = ("network=small", "length=2 steps", "batch=8", "evaluate_every=1")


def baseline(*more, protocol="OC:M", seed=0):
    recipe = load_recipe(load_method("baseline").recipe_type, sets=[*SETS, *more])
    return Cell("baseline", recipe, parse_protocol(protocol, seed=seed), seed)


def stamps(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_each_cell_is_trained_once_and_read_afterwards(store, tmp_path):
    cells = [baseline(), baseline(seed=1), baseline(), baseline(protocol="OI:M"), baseline("optimiser.lr=0.1")]
    done = run_cells(cells, store, tmp_path, rounds=10)
    assert done[0].folder == done[2].folder
    assert len({run.folder for run in done}) == 4
    assert [run.info()["protocol"]["name"] for run in done] == ["OC:M", "OC:M", "OC:M", "OI:M", "OC:M"]
    before = stamps(tmp_path)
    assert [run.folder for run in run_cells(cells, store, tmp_path, rounds=10)] == [run.folder for run in done]
    assert stamps(tmp_path) == before


def test_a_cell_that_was_broken_off_goes_on(store, tmp_path):
    (whole,) = run_cells([baseline("length=4 steps")], store, tmp_path / "whole", rounds=10)

    class KilledError(Exception):
        pass

    def breaking(items, title, total=None):
        for number, item in enumerate(items):
            if "train" in title and number == 3:
                raise KilledError
            yield item

    with pytest.raises(KilledError):
        run_cells([baseline("length=4 steps")], store, tmp_path / "torn", rounds=10, track=breaking)
    assert not any((tmp_path / "torn").glob("*/done"))
    seen = []

    def counting(items, title, total=None):
        seen.extend([total] if "train" in title else [])
        return iter(items)

    (mended,) = run_cells([baseline("length=4 steps")], store, tmp_path / "torn", rounds=10, track=counting)
    assert seen == [1], "one of four steps was left"
    assert mended.target_scores(4).score.tolist() == whole.target_scores(4).score.tolist()


def test_other_crops_are_another_cell(store, tmp_path):
    some = [clip for clip in store.clips if clip.subject != "0"]
    first, second = (run_cells([baseline()], store, tmp_path, clips=clips, rounds=10)[0] for clips in (None, some))
    assert first.folder != second.folder
    assert second.info()["counts"]["test"]["subjects"] == 4


def test_numbers_of_another_target_are_never_read_as_this_ones(store, tmp_path):
    """Sources alone name a run: other people tested gave the old measures, silently."""
    fewer = [clip for clip in store.clips if (clip.domain, clip.subject) != ("M", "0")]
    run_cells([baseline()], store, tmp_path, rounds=10)
    with pytest.raises(RunError, match=r"tested on other clips \(5 \+ 5 live and attack clips there, 4 \+ 4 now\)"):
        run_cells([baseline()], store, tmp_path, clips=fewer, rounds=10)


def test_cells_with_an_attack_share_its_domain_classifier(store, tmp_path, brief):
    cls = load_method("dtda").recipe_type
    cells = [
        Cell("dtda", load_recipe(cls, sets=[*brief, *variant.sets]), parse_protocol("OC:M"), 0, variant.shares)
        for variant in (V5, V5_PGD)
    ]
    first, second = run_cells(cells, store, tmp_path, rounds=10)
    assert cells[0].common == cells[1].common
    assert first.folder != second.folder
    stages = [{line["stage"] for line in run.log()} for run in (first, second)]
    assert stages == [{"domain", "train"}, {"train"}]
    (mine,), (theirs,) = (list(run.checkpoints.glob("domain-*.pt")) for run in (first, second))
    assert mine.name == theirs.name
    assert mine.read_bytes() == theirs.read_bytes()


def test_titles_say_which_cell_is_at_work(store, tmp_path):
    titles = []

    def listening(items, title, total=None):
        titles.append(title)
        return iter(items)

    run_cells([baseline()], store, tmp_path, rounds=10, track=listening)
    assert titles[0].startswith("1/1 baseline OC→M seed 0: ")


def test_without_ray_the_extra_is_named(store, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"sincera\[ray\]"):
        run_cells([baseline()], store, tmp_path, ray="local")


def test_a_store_survives_the_way_to_another_process(store):
    import pickle

    assert pickle.loads(pickle.dumps(store)).digest == store.digest
    assert isinstance(store, Store)


def test_a_run_that_was_never_measured_is_refused(tmp_path):
    from sincera.papers.measured import Measured
    from sincera.runs import Run

    run = Run(tmp_path / "run")
    run.write_info({"seed": 0})
    with pytest.raises(RunError, match="not measured"):
        _ = Measured((run,)).policies
