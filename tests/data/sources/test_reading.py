"""Reading the owners' layouts, wrapped, doubled, renamed, damaged and re-uploaded as they come."""

import shutil
from pathlib import Path

import pytest

from sincera.data.sources import read_clips
from sincera.data.sources.world import WORLD_FILE, format_world
from sincera.errors import LayoutError


def read(key: str, root: Path, **options):
    return read_clips(key, key, root, **options)


def test_every_cell_becomes_its_clip(plant, key, source, cells):
    listing = read(key, plant(key, cells))
    by_name = {clip.name: clip for clip in listing.clips}
    assert set(by_name) == {source.path(cell) for cell in cells}
    for cell in cells:
        clip = by_name[source.path(cell)]
        assert (clip.label, clip.attack, clip.subject, clip.split) == (
            cell.label,
            cell.attack,
            cell.subject,
            cell.split,
        )
        assert clip.conditions == cell.conditions
        assert clip.domain == key
        assert clip.path.is_file()
        assert clip.annotation is None
    assert len(listing.missing) == len(source.grid()) - len(cells)
    assert listing.surplus == listing.set_aside == listing.faults == ()


@pytest.mark.parametrize("wrap", ["copy", "a/b"])
def test_wrapping_folders_are_taken_off(plant, key, cells, wrap):
    plain, wrapped = read(key, plant(key, cells, name="plain")), read(key, plant(key, cells, wrap=wrap))
    assert [clip.name for clip in wrapped.clips] == [clip.name for clip in plain.clips]
    assert wrapped.root == plant(key, cells) / wrap
    assert wrapped.faults == wrapped.surplus == ()
    assert wrapped.missing == plain.missing


def test_folders_doubled_by_unpacking_archives_are_read(plant, key, cells):
    root = plant(key, cells)
    names = {clip.name for clip in read(key, root).clips}
    for folder in list(root.iterdir()):
        if folder.is_dir():
            inner = folder.rename(root / "moving")
            folder.mkdir()
            inner.rename(folder / folder.name)
    listing = read(key, root)
    assert {clip.name for clip in listing.clips} == names
    assert listing.surplus == listing.faults == ()


def test_replay_archives_in_folders_of_their_own_names(plant):
    from sincera.data.sources import replay

    cells = [cell for cell in replay.grid() if cell.client in (1, 3, 9)]
    root = plant("I", cells)
    boxes = root / replay.annotation_path(cells[0])
    boxes.parent.mkdir(parents=True)
    boxes.write_text("0 1 2 3 4\n")
    moves = {
        "train": "replayattack-train",
        "face-locations": "replayattack-face-locations-v2",
        "devel": "devel-archive",
    }
    for folder, wrapper in moves.items():
        (root / wrapper).mkdir()
        (root / folder).rename(root / wrapper / folder)
    listing = read("I", root)
    assert len(listing.clips) == len(cells)
    assert listing.clips[0].annotation == root / "replayattack-face-locations-v2" / replay.annotation_path(cells[0])


def test_msu_without_scene01(plant):
    from sincera.data.sources import msu

    root = plant("M", msu.grid()[:20])
    for kind in ("real", "attack"):
        (root / "scene01" / kind).rename(root / kind)
    (root / "scene01").rmdir()
    listing = read("M", root)
    assert [clip.name for clip in listing.clips] == [msu.path(cell) for cell in msu.grid()[:20]]
    assert listing.faults == ()


def test_the_case_of_names_does_not_matter(plant, key, source, cells):
    root = plant(key, cells)
    for path in [path for path in root.rglob("*") if path.suffix in (".avi", ".mov", ".mp4")]:
        path.rename(path.with_suffix(path.suffix.upper()))
    listing = read(key, root)
    assert {clip.name for clip in listing.clips} == {source.path(cell) for cell in cells}
    assert listing.warnings == ()


def test_converted_copies_are_read_and_named(plant, key, source, cells):
    root = plant(key, cells)
    path = root / source.path(cells[0])
    path.rename(path.with_suffix(".mkv"))
    listing = read(key, root)
    assert source.path(cells[0]) in {clip.name for clip in listing.clips}
    assert any("1 clips are .mkv" in warning for warning in listing.warnings)


def test_a_missing_file_is_named(plant, key, source, cells):
    root = plant(key, cells)
    before = read(key, root)
    (root / source.path(cells[3])).unlink()
    after = read(key, root)
    assert set(after.missing) - set(before.missing) == {source.path(cells[3])}
    assert len(after.clips) == len(before.clips) - 1


def test_videos_that_are_no_cell_are_surplus(plant, key, source, cells):
    root = plant(key, cells)
    video = root / source.path(cells[0])
    shutil.copy(video, video.with_name(f"unheard_of{video.suffix}"))
    shutil.copy(video, video.with_suffix(".mpg"))  # a second copy of a cell
    listing = read(key, root)
    folder = source.path(cells[0]).rsplit("/", 1)[0]
    assert set(listing.surplus) == {
        f"{folder}/unheard_of{video.suffix}",
        source.path(cells[0]).removesuffix(video.suffix) + ".mpg",
    }
    assert len(listing.clips) == len(cells)


def test_a_cell_in_the_folder_of_another_split_is_surplus_and_missing(plant):
    from sincera.data.sources import oulu

    root = plant("O", oulu.grid()[:30])
    (root / "Test_files").mkdir()
    (root / "Train_files/1_1_01_1.avi").rename(root / "Test_files/1_1_01_1.avi")
    listing = read("O", root)
    assert listing.surplus == ("Test_files/1_1_01_1.avi",)
    assert "Train_files/1_1_01_1.avi" in listing.missing


def test_empty_files_are_set_aside(plant, key, source, cells):
    root = plant(key, cells)
    (root / source.path(cells[0])).write_bytes(b"")
    listing = read(key, root)
    assert [(item.path, item.reason) for item in listing.set_aside] == [(source.path(cells[0]), "empty file")]
    assert source.path(cells[0]) not in {clip.name for clip in listing.clips}
    assert source.path(cells[0]) not in listing.missing


def test_other_files_and_system_clutter_are_passed_over(plant, key, source, cells):
    root = plant(key, cells)
    stem = (root / source.path(cells[0])).with_suffix("")
    for clutter in (f"{stem}.truth.npz", f"{stem}.dat", root / "Readme.pdf", root / ".hidden.avi"):
        Path(clutter).write_bytes(b"x")
    (root / "__MACOSX").mkdir()
    (root / "__MACOSX" / "1.avi").write_bytes(b"x")
    listing = read(key, root)
    assert len(listing.clips) == len(cells)
    assert listing.surplus == ()


def test_annotations_are_found(plant, key, source, cells):
    root = plant(key, cells)
    file = root / source.annotation_path(cells[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("0,1,1,5,5\n")
    found = {clip.name: clip.annotation for clip in read(key, root).clips}
    assert found[source.path(cells[1])] == file
    assert found[source.path(cells[0])] is None


def test_re_uploads_as_frames_are_refused(tmp_path, key):
    for name in ("s1v1f0.png", "train/live/1.jpg", "Train_files/1_1_01_1/0001.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(LayoutError, match="3 pictures: a re-upload as single frames"):
        read(key, tmp_path)


def test_wrong_folders_are_refused_with_what_was_expected(tmp_path, key, source):
    with pytest.raises(LayoutError, match="does not exist"):
        read(key, tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    with pytest.raises(LayoutError, match="is a file"):
        read(key, tmp_path / "file")
    with pytest.raises(LayoutError, match=f"no video of {source.TITLE} among 1 files; expected"):
        read(key, tmp_path)


def test_a_folder_inside_the_tree_is_not_enough_for_oulu(plant):
    from sincera.data.sources import oulu

    root = plant("O", oulu.grid()[:3])
    with pytest.raises(LayoutError, match="Give the folder that holds the owner's tree"):
        read("O", root / "Train_files")


def test_symbolic_links_are_followed(plant, tmp_path, key, cells):
    root = plant(key, cells)
    link = tmp_path / "linked"
    link.mkdir()
    for folder in root.iterdir():
        (link / folder.name).symlink_to(folder)
    assert len(read(key, link).clips) == len(cells)


class TestSimulated:
    def world(self, plant, key, source, cells):
        root = plant(key, cells, lists=False)
        for name, text in source.side_files(cells).items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, newline="")
        (root / WORLD_FILE).write_text(format_world(key, map(source.path, cells), seed=1))
        return root

    def test_it_is_compared_with_its_own_grid(self, plant, key, source, cells):
        root = self.world(plant, key, source, cells)
        listing = read(key, root)
        assert listing.simulated
        assert listing.missing == listing.surplus == listing.faults == ()
        assert "simulated" in listing.warnings[0]
        assert len(listing.clips) == len(cells)
        (root / source.path(cells[2])).unlink()
        assert read(key, root).missing == (source.path(cells[2]),)

    def test_a_clip_it_did_not_intend_is_surplus(self, plant, key, source, cells):
        other = next(cell for cell in source.grid() if cell not in cells)
        root = self.world(plant, key, source, cells)
        plant(key, [other], lists=False)
        listing = read(key, root)
        assert listing.surplus == (source.path(other),)
        assert len(listing.clips) == len(cells)

    def test_a_world_of_another_domain_is_named(self, plant, key, source, cells):
        root = self.world(plant, key, source, cells)
        other = "C" if key == "O" else "O"
        with pytest.raises(LayoutError, match=f"simulated world of domain {key}. Give it as {key}="):
            read(other, root)

    def test_a_broken_world_file_is_an_error(self, plant, key, source, cells):
        root = self.world(plant, key, source, cells)
        for text in ("{", "[]", '{"simulated": true}', '{"simulated": true, "domain": "O", "grid": [1]}'):
            (root / WORLD_FILE).write_text(text)
            with pytest.raises(LayoutError, match="Simulate"):
                read(key, root)
