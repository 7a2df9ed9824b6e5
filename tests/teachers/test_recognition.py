"""The recognition teacher: learns people it never saw, resumes bit for bit, keeps the best."""

from pathlib import Path

import pytest
import torch

from sincera.data.store import Store
from sincera.errors import UsageError
from sincera.recipe import load_recipe
from sincera.runs import Run
from sincera.teachers.recognition import Recognition, RecognitionRecipe
from sincera.teachers.training import TEACHERS, Kept, TeacherMethod, divide, load_kind, teach

SMALL = [
    "blocks=[1,1,1,1]", "channels=[16,16,16,16]", "width=16", "size=32", "scale=16", "margin=0.2", "growth=0.5",
    "batch=16", "length=60 steps", "evaluate_every=20", "checkpoint_every=7", "optimiser.lr=0.02",
    "held_out=0.34", "validation=0.17",
]  # fmt: skip


def recipe(*more: str) -> RecognitionRecipe:
    return load_recipe(RecognitionRecipe, sets=[*SMALL, *more])


def test_it_learns_to_tell_people_whom_it_never_saw(people: Store, tmp_path: Path) -> None:
    done = teach(Recognition, recipe(), people, runs=tmp_path, command="sincera teach recognition")
    measures, untaught = done.facts["measures"]["verification"], done.facts["untaught"]["verification"]
    assert measures["auc"] > 0.85
    assert measures["auc"] > untaught["auc"] + 0.1
    assert done.facts["people"] == {"train": 8, "dev": 3, "test": 5}
    assert (measures["people"], measures["pictures"]) == (5, 25), "attacks are left out"
    log = done.run.log()
    assert log[-1]["loss"] < log[0]["loss"]
    assert done.method.margin.weight.shape == (8, 16), "people kept aside have no direction"
    again = teach(Recognition, recipe(), people, runs=tmp_path, command="sincera teach recognition")
    assert again.facts == done.facts
    assert len(list(tmp_path.iterdir())) == 1


def test_stopped_and_started_again_it_ends_with_the_same_weights(
    people: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = teach(Recognition, recipe("length=30 steps"), people, runs=tmp_path / "whole")

    class StoppedError(Exception):
        pass

    count, losses = 0, Recognition.losses

    def stopping(self: Recognition, batch: object) -> object:
        nonlocal count
        count += 1
        if count == 25:
            raise StoppedError
        return losses(self, batch)

    monkeypatch.setattr(Recognition, "losses", stopping)
    with pytest.raises(StoppedError):
        teach(Recognition, recipe("length=30 steps"), people, runs=tmp_path / "broken")
    broken = teach(Recognition, recipe("length=30 steps"), people, runs=tmp_path / "broken")
    assert count == 25 + 30 - 21, "four steps after the checkpoint were taken again"
    torch.testing.assert_close(broken.method.state_dict(), whole.method.state_dict(), rtol=0, atol=0)
    assert broken.facts["measures"] == whole.facts["measures"]


def test_the_best_checkpoint_by_validation_is_kept(people: Store, tmp_path: Path) -> None:
    qualities: list[float] = []

    class Watched(Recognition):
        def quality(self, batches: object) -> float:
            qualities.append(super().quality(batches))  # type: ignore[arg-type]
            return qualities[-1]

    done = teach(Watched, recipe(), people, runs=tmp_path)
    assert len(qualities) == 3, "after 20, 40 and the last of 60 steps"
    assert done.facts["step"] == 20 * (1 + qualities.index(max(qualities)))
    last = teach(Recognition, recipe("keep=last"), people, runs=tmp_path)
    assert last.facts["step"] is None
    assert last.method.chosen is last.method.network


def test_kept_takes_only_what_is_better() -> None:
    network = torch.nn.Linear(1, 1)
    kept = Kept(network)
    for step, value in enumerate((0.5, 0.4, 0.6, 0.6)):
        with torch.no_grad():
            network.weight.fill_(step)
        kept.offer(network, value, step)
    assert (kept.network.weight.item(), int(kept.step)) == (2.0, 2)
    assert not any(one.requires_grad for one in kept.parameters())


def test_nobody_is_in_two_lists(people: Store) -> None:
    lists = divide(people.clips, held_out=0.3, validation=0.2, seed=1)
    sets = [{clip.person for clip in part} for part in (lists.train, lists.dev, lists.test)]
    assert sum(map(len, sets)) == len(set.union(*sets)) == 16
    assert lists != divide(people.clips, held_out=0.3, validation=0.2, seed=2)


def test_too_few_people_are_refused(people: Store, tmp_path: Path) -> None:
    clips = [clip for clip in people.clips if clip.subject in ("p1", "p2")]
    with pytest.raises(UsageError, match="2 people with live faces: 1 to learn from"):
        teach(Recognition, recipe(), people, clips=clips, runs=tmp_path)


def test_one_picture_a_person_is_refused_before_the_training(people: Store, tmp_path: Path) -> None:
    clips = [clip for clip in people.clips if clip.name.endswith("/0.png")]
    with pytest.raises(UsageError, match="two pictures"):
        teach(Recognition, recipe(), people, clips=clips, runs=tmp_path)


def test_an_unknown_teacher_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean recognition"):
        load_kind("recogniton")


@pytest.mark.parametrize("name", TEACHERS)
def test_presets_are_whole_and_without_a_score(name: str) -> None:
    cls = load_kind(name)
    assert issubclass(cls, TeacherMethod)
    for preset in ("paper", "packaged"):
        load_recipe(cls.recipe_type, preset=preset)


def test_a_run_is_readable(people: Store, tmp_path: Path) -> None:
    done = teach(Recognition, recipe("length=2 steps"), people, runs=tmp_path)
    info = Run.open(done.run.folder).info()
    assert (info["method"], info["counts"]["train"]["live"]) == ("teach-recognition", 40)
