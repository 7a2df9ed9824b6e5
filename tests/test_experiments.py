"""From a store to a measured run, and from a run to scores of any clips."""

import csv
import functools
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent / "train"))
from folders import SIDE, make_store, open_middle, write_set

from sincera import experiments
from sincera.data.protocols import parse_protocol
from sincera.data.sources import parse_root
from sincera.data.store import Store
from sincera.errors import RunError, StoreError, UsageError
from sincera.evaluate import as_table
from sincera.measures.table import read_scores
from sincera.methods.baseline import BaselineRecipe
from sincera.recipe import Recipe, load_recipe
from sincera.runs import Run

SETTINGS = ["network=small", "length=6 steps", "batch=8", "evaluate_every=3", "optimiser.lr=0.02"]
PROTOCOL = parse_protocol("alpha+beta:gamma")


def recipe_of(*more: str) -> Recipe:
    return load_recipe(BaselineRecipe, sets=[*SETTINGS, *more])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return make_store(tmp_path_factory.mktemp("sets"))


@pytest.fixture(scope="module")
def run(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Run:
    runs = tmp_path_factory.mktemp("runs")
    return experiments.run_experiment("baseline", recipe_of(), PROTOCOL, store, runs=runs, rounds=20)


@pytest.fixture(autouse=True)
def _detector(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips that are prepared here are searched by the toy detector too."""
    patient = functools.partial(experiments.prepare, opener=open_middle, workers=1)
    monkeypatch.setattr(experiments, "prepare", patient)


def test_run_json_says_everything(run: Run, store: Store) -> None:
    info = run.info()
    assert info["method"] == "baseline"
    assert info["recipe"]["network"] == "small"
    assert info["protocol"]["targets"] == ["gamma"]
    assert (info["lists"], info["validation"], info["seed"]) == ("all", "source", 0)
    assert info["identity"]["store"] == store.digest
    assert info["simulated"] is False
    assert info["weights"] == []
    assert info["versions"]["torch"] == torch.__version__.partition("+")[0] or "+" in info["versions"]["torch"]
    assert info["facts"]["domains"] == ["alpha", "beta"]
    assert info["facts"]["size"] == SIDE
    counts = info["counts"]
    assert counts["test"] == {"live": 10, "attack": 10, "subjects": 5, "crops": 19, "attacks": {"unknown": 10}}
    assert counts["train"]["live"] + counts["dev"]["live"] == 20
    assert counts["train"]["subjects"] == 8
    assert Path(info["store"]) == store.folder.resolve()


def test_measures_hold_policies_cues_and_counts(run: Run) -> None:
    measures = run.measures()
    assert measures is not None
    assert list(measures["policies"]) == ["ST", "LE", "TT"]
    assert measures["policies"]["ST"]["measures"]["non_response"] > 0, "the dark picture"
    assert measures["best_cue"] in measures["cues"]
    assert measures["cues"][measures["best_cue"]]["rule"] == "eer"
    assert measures["bootstrap"] == {"rounds": 20, "seed": 0, "unit": "subject"}
    assert measures["counts"] == run.info()["counts"]
    table = as_table(measures)
    assert [line.split()[0] for line in table.splitlines()[1:]] == ["ST", "LE", "TT", "trivial"]


def test_the_same_call_gives_the_same_run_untouched(run: Run, store: Store) -> None:
    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()}
    again = experiments.run_experiment("baseline", recipe_of(), PROTOCOL, store, runs=run.folder.parent, rounds=20)
    assert again.folder == run.folder
    assert {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()} == before


def test_cues_are_measured_once_for_the_same_lists(
    run: Run, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> dict[str, Any]:
        raise AssertionError("measured again")

    monkeypatch.setattr(experiments, "cue_measures", never)
    other = experiments.run_experiment("baseline", recipe_of("batch=4"), PROTOCOL, store, runs=tmp_path, rounds=20)
    assert (other.measures() or {})["cues"] == (run.measures() or {})["cues"]
    with pytest.raises(AssertionError, match="measured again"):  # other rounds are other intervals
        experiments.run_experiment("baseline", recipe_of("batch=4"), PROTOCOL, store, run=tmp_path / "r", rounds=10)


def test_a_file_that_the_recipe_names_counts_by_its_content(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "print.toml"
    named = []
    for content in (b"one", b"two"):
        file.write_bytes(content)
        with pytest.raises(UsageError, match=r"print\.toml"):  # no network's name, but the run is claimed before that
            experiments.run_experiment("baseline", recipe_of(f"network={file}"), PROTOCOL, store, runs=tmp_path)
        named = [Run.open(path.parent).info()["files"] for path in sorted(tmp_path.glob("*/run.json"))]
    assert [one.keys() for one in named] == [{"network"}, {"network"}]
    assert named[0] != named[1]


def test_other_settings_are_refused_by_name(run: Run, store: Store) -> None:
    for recipe, seed, word in ((recipe_of("batch=4"), 0, "batch: 8 there, 4 now"), (recipe_of(), 1, "seed")):
        with pytest.raises(RunError, match=word):
            experiments.run_experiment("baseline", recipe, PROTOCOL, store, seed=seed, run=run.folder)


def test_without_validation_le_and_tt_only(store: Store, tmp_path: Path) -> None:
    plan = parse_protocol("alpha+beta:gamma", validation="none")
    done = experiments.run_experiment("baseline", recipe_of(), plan, store, run=tmp_path / "run", rounds=10)
    measures = done.measures()
    assert measures is not None
    assert list(measures["policies"]) == ["LE", "TT"]
    with pytest.raises(RunError, match="there is last"):
        experiments.load_trained(done)
    experiments.load_trained(done, which="last")


def test_weights_are_recorded_and_loaded_once(store: Store, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    from sincera.nets import student

    torch.manual_seed(9)
    trunk = student("small").trunk.state_dict()
    save_file({key: tensor.contiguous() for key, tensor in trunk.items()}, tmp_path / "trunk.safetensors")
    recipe = recipe_of(f"weights={tmp_path / 'trunk.safetensors'}", "length=1 steps", "optimiser.lr=1e-9")
    done = experiments.run_experiment("baseline", recipe, PROTOCOL, store, run=tmp_path / "run", rounds=10)
    (weights,) = done.info()["weights"]
    assert weights["file"] == "trunk.safetensors"
    assert weights["sha256"] == done.info()["identity"]["weights"]
    (tmp_path / "trunk.safetensors").unlink()  # scoring needs the checkpoint alone
    loaded = experiments.load_trained(done).state_dict()
    first = next(key for key in trunk if trunk[key].ndim == 4)
    assert torch.allclose(loaded[f"network.trunk.{first}"], trunk[first], atol=1e-5)


def test_scoring_again_gives_the_run_s_own_scores(run: Run, tmp_path: Path) -> None:
    for which, step in (("last", 6), ("source", None)):
        scored = experiments.score_run(run.folder, [], tmp_path / "scores.csv", which=which)
        assert (scored.clips, scored.frames, scored.silent) == (20, 19, 1)
        if step is not None:
            ours, theirs = read_scores(tmp_path / "scores.csv"), run.target_scores(step)
            assert np.allclose(ours.score, theirs.score, atol=1e-6, equal_nan=True)
    experiments.score_run(run.folder, [], tmp_path / "dev.csv", part="dev")
    assert {*read_scores(tmp_path / "dev.csv").domains} == {"alpha", "beta"}
    with pytest.raises(UsageError, match="expected test, dev or all"):
        experiments.score_run(run.folder, [], tmp_path / "x.csv", part="tset")


def test_clips_that_were_never_prepared_are_scored(run: Run, tmp_path: Path) -> None:
    root = write_set(tmp_path / "new", tone=100, subjects=2)
    scored = experiments.score_run(run.folder, [f"new={root}"], tmp_path / "new.csv")
    assert scored.clips == 8
    assert read_scores(tmp_path / "new.csv").domains == ("new",)
    files = experiments.score_run(run.folder, [str(root)], tmp_path / "files.csv")
    assert files.clips == 8
    with (tmp_path / "files.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["clip", "frame", "score"]
    labelled = dict(zip(read_scores(tmp_path / "new.csv").clip, read_scores(tmp_path / "new.csv").score, strict=True))
    for row in rows:
        name = Path(row["clip"]).relative_to(root).as_posix()
        assert float(row["score"]) == pytest.approx(labelled[name], abs=1e-6)
    with pytest.raises(UsageError, match="score them apart"):
        experiments.score_run(run.folder, [f"new={root}", str(root)], tmp_path / "x.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no picture or video"):
        experiments.score_run(run.folder, [str(tmp_path / "empty")], tmp_path / "x.csv")


def test_crops_of_another_kind_are_refused(run: Run, tmp_path: Path) -> None:
    info: dict[str, Any] = run.info()
    info["facts"]["views"]["face"]["margin"] = 0.7
    other = Run(tmp_path / "other")
    other.write_info(info)
    (other.folder / "checkpoints").mkdir()
    for name in ("source", "last"):
        other.checkpoint(name).write_bytes(run.checkpoint(name).read_bytes())
    with pytest.raises(StoreError, match=r"face\.margin"):
        experiments.score_run(other.folder, [], tmp_path / "x.csv", part="all")


def test_a_store_is_prepared_where_clips_are_missing(store: Store, tmp_path: Path) -> None:
    root = write_set(tmp_path / "delta", tone=100, subjects=2)
    settings = store.preparation
    made, clips = experiments.open_store(tmp_path / "crops", [parse_root(f"delta={root}")], preparation=settings)
    assert clips is not None
    assert len(made.clips) == len(clips) == 8
    more = write_set(tmp_path / "epsilon", tone=90, subjects=1)
    both = [parse_root(f"delta={root}"), parse_root(f"epsilon={more}")]
    made, clips = experiments.open_store(tmp_path / "crops", both)
    assert len(made.clips) == 12
    with pytest.raises(StoreError):
        experiments.open_store(tmp_path / "nothing")


def test_run_json_is_plain(run: Run) -> None:
    assert json.loads(run.info_path.read_text())["facts"]["subjects"]
