"""Where a table's faces come from."""

from sincera.data.sources import parse_root
from sincera.papers.faces import SIMULATED, Faces


def test_a_store_alone_is_taken_whole(store):
    faces = Faces(store.folder)
    opened, clips = faces.store("OCIM")
    assert not faces.simulated
    assert opened.digest == store.digest
    assert clips is None
    assert len(faces.clips("OCIM")) == len(store.clips)


def test_roots_are_counted_without_cutting_a_face(mini_world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    faces = Faces(roots=(parse_root(f"O={mini_world / 'O'}"),))
    assert {clip.domain for clip in faces.clips("OCIM")} == {"O"}
    assert list(tmp_path.iterdir()) == []


def test_with_nothing_a_world_is_written_once_and_prepared_as_for_the_demo(tmp_path):
    from sincera.demo import PREPARATION

    assert SIMULATED == PREPARATION
    faces = Faces(world=tmp_path / "world", scale="mini")
    assert faces.simulated
    clips = faces.clips("M")
    assert {clip.domain for clip in clips} == {"M"}
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.mp4")}
    store, again = faces.store("M")
    assert {clip.key for clip in again} == {clip.key for clip in clips} == {clip.key for clip in store.clips}
    assert store.folder == tmp_path / "world" / "crops-M"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.mp4")} == before
