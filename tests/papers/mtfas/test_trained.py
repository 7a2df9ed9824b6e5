"""What is looked at before the first training, and whose meta-teacher a cell takes."""

from dataclasses import replace
from pathlib import Path

import pytest
from folders import PREPARATION, open_middle
from mtfas_toys import BRIEF, META, cross_clips, oulu_clips, write_all

from sincera.data.prepare import prepare
from sincera.data.store import Store
from sincera.errors import ProtocolError, RunError, StoreError, UsageError
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan
from sincera.papers.mtfas.scope import teacher_of
from sincera.papers.mtfas.tasks import OULU_GROUPS, protocols_of
from sincera.papers.mtfas.trained import train_rows
from sincera.papers.mtfas.variants import FASDR_DEPTH, FASDR_MT, RF_MT
from sincera.papers.tables import make_table
from sincera.runs import Run
from sincera.train import checkpoint


def plan(runs, *sets, **options):
    return Plan(preset="demo", sets=(*BRIEF, *sets), seeds=(0, 1), runs=runs, device="cpu", rounds=5, **options)


def test_splits_that_cannot_be_divided_are_left_out_with_their_reason(mapped_store, kept_runs):
    made = train_rows((FASDR_DEPTH,), OULU_GROUPS[:3], Faces(mapped_store.folder), plan(kept_runs), "O")
    assert [(group.title, group.printed) for group in made.groups] == [
        ("OULU-NPU 1", "OULU-NPU 1"),
        ("OULU-NPU 2", "OULU-NPU 2"),
        ("OULU-NPU 3, 2 of 6 parts", ""),
    ]
    assert protocols_of(made.groups)[2:] == ("oulu/3/1", "oulu/3/4")
    assert made.notes == ("Left out: oulu/3/2, oulu/3/3, oulu/3/5, oulu/3/6 (no clips to test on).",)
    assert len(made.grid) == 4


def test_what_is_asked_for_by_name_is_not_left_out(mapped_store, tmp_path):
    asked = plan(tmp_path / "runs", protocols=("oulu/3/2",))
    with pytest.raises(ProtocolError, match="oulu/3/2: no clips to test on"):
        train_rows((FASDR_DEPTH,), OULU_GROUPS, Faces(mapped_store.folder), asked, "O")
    assert not (tmp_path / "runs").exists()


def test_where_nothing_can_be_divided_the_reason_is_an_error(tmp_path):
    clips = [clip for clip in oulu_clips(tmp_path) if clip.split != "test"]
    store = make(tmp_path, clips)
    with pytest.raises(ProtocolError, match=r"none of oulu/1 can be trained: no clips to test on\."):
        train_rows((FASDR_DEPTH,), OULU_GROUPS[:1], Faces(store.folder), plan(tmp_path / "runs"), "O")


def test_a_class_without_a_face_is_as_good_as_absent(tmp_path):
    """Nobody found the faces of the attacks that protocol 1 tests: scoring them would fail after the training."""
    clips = list(oulu_clips(tmp_path))
    store = make(tmp_path, clips, blind=lambda clip: bool(clip.attack) and clip.split == "test")
    with pytest.raises(ProtocolError, match="can be trained: no attack face in test"):
        train_rows((FASDR_DEPTH,), OULU_GROUPS[:1], Faces(store.folder), plan(tmp_path / "runs"), "O")


def test_depth_that_nobody_stored_is_missed_before_anything_is_trained(tmp_path):
    store = make(tmp_path, list(oulu_clips(tmp_path)), truth=False)
    rows = (FASDR_DEPTH, FASDR_MT)
    with pytest.raises(StoreError, match=r"holds no depth, from which FAS-DR-Depth would learn.*--rows FAS-DR-MT"):
        train_rows(rows, OULU_GROUPS[:1], Faces(store.folder), plan(tmp_path / "runs"), "O")
    assert not (tmp_path / "runs").exists()


def test_who_holds_a_source_back_needs_two(mapped_store, tmp_path):
    asked = plan(tmp_path / "runs", protocols=("O:M",))
    with pytest.raises(UsageError, match="source is O alone, and RFMetaFAS-MT holds one of several back"):
        train_rows((RF_MT,), (), Faces(mapped_store.folder), asked, "OM")


def test_domains_that_are_not_there_are_named(tmp_path):
    store = make(tmp_path, list(cross_clips(tmp_path)))
    with pytest.raises(ProtocolError, match="no clips of domain O"):
        train_rows((FASDR_DEPTH,), OULU_GROUPS, Faces(store.folder), plan(tmp_path / "runs"), "O")


def test_a_teacher_of_protocol_one_serves_the_other_protocols(mapped_store, tmp_path):
    asked = plan(tmp_path / "runs", *META, protocols=("oulu/1", "oulu/4/4"), teacher_scope="protocol1")
    made = train_rows((FASDR_DEPTH, FASDR_MT), OULU_GROUPS, Faces(mapped_store.folder), asked, "O")
    donors, pupils = (made.grid["FAS-DR-MT", name, "all"].runs for name in ("oulu/1", "oulu/4/4"))
    for donor, pupil in zip(donors, pupils, strict=True):
        origin = Path(pupil.info()["recipe"]["teacher"]["origin"])
        assert origin == teacher_of(donor), "of the same seed"
        taught, given = (
            checkpoint.load(pupil.checkpoint("last"))["method"],
            checkpoint.load(origin)["modules"]["teacher"],
        )
        assert all((taught[f"teacher.{name}"] == value).all() for name, value in given.items())
        assert {line["stage"] for line in pupil.log()} == {"train"}
    assert donors[0].info()["recipe"]["teacher"]["origin"] == "own"
    alone = replace(asked, protocols=("oulu/4/4",))
    before = sorted(path.name for path in (tmp_path / "runs").iterdir())
    train_rows((FASDR_MT,), OULU_GROUPS, Faces(mapped_store.folder), alone, "O")
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == before, "protocol 1's is found again"


def test_by_default_every_split_has_a_teacher_of_its_own(mapped_store, kept_runs):
    asked = plan(kept_runs, *META, protocols=("oulu/1", "oulu/4/4"))
    made = train_rows((FASDR_MT,), OULU_GROUPS, Faces(mapped_store.folder), asked, "O")
    names = {teacher_of(run).name for name in asked.protocols for run in made.grid["FAS-DR-MT", name, "all"].runs}
    assert len(names) == 4, "two protocols, two seeds"


def test_a_run_without_a_finished_teacher_is_said(tmp_path):
    with pytest.raises(RunError, match=r"found 0 checkpoints bilevel-….pt"):
        teacher_of(Run(tmp_path))


@pytest.mark.parametrize("name", ["mtfas/2", "mtfas/3", "mtfas/5", "mtfas/6", "dtda/2"])
def test_the_scope_of_teachers_concerns_two_tables(name, tmp_path):
    with pytest.raises(UsageError, match=f"{name} has no use for --teacher-scope"):
        make_table(name, Faces(world=tmp_path / "world"), Plan(teacher_scope="protocol1"))


def make(folder, clips, *, truth=True, blind=None):
    """A store of these clips; blind: those whose pictures are too dark for a face to be found."""
    write_all(clips, truth=truth, blind=blind)
    prepare(clips, folder / "crops", PREPARATION, workers=1, opener=open_middle)
    return Store.open(folder / "crops")
