"""Folder sets: label folders, subjects, species, frame folders, manifests, divisions."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from sincera.data.sources import read_clips
from sincera.errors import LayoutError, UsageError

HEADER = "path,label,subject,attack,session"


def write(root: Path, *names: str) -> Path:
    """Files that are pictures by suffix and content."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x89PNG\r\n\x1a\n")
    return root


def read(root: Path, **options):
    return read_clips("mine", "folder", root, **options)


def table(listing) -> dict[str, tuple[str, str, str]]:
    return {clip.name: (str(clip.label), clip.attack, clip.subject) for clip in listing.clips}


def test_flat_folders_make_each_file_its_own_subject(tmp_path):
    assert table(read(write(tmp_path, "live/a.png", "attack/a.png"))) == {
        "live/a.png": ("live", "", "live/a.png"),
        "attack/a.png": ("attack", "unknown", "attack/a.png"),
    }


def test_folders_below_the_label_are_subjects(tmp_path):
    found = table(read(write(tmp_path, "live/ann/1.png", "live/ann/2.png", "live/bo/1.png", "attack/ann/1.png")))
    assert found == {
        "live/ann/1.png": ("live", "", "ann"),
        "live/ann/2.png": ("live", "", "ann"),
        "live/bo/1.png": ("live", "", "bo"),
        "attack/ann/1.png": ("attack", "unknown", "ann"),
    }


def test_a_folder_below_attack_that_is_no_person_is_the_species(tmp_path):
    found = table(read(write(tmp_path, "live/ann/1.png", "spoof/mask/1.png", "spoof/print/ann/1.png")))
    assert found["spoof/mask/1.png"] == ("attack", "mask", "spoof/mask/1.png")
    assert found["spoof/print/ann/1.png"] == ("attack", "print", "ann")


def test_label_folders_are_found_in_any_case_and_wrapped(tmp_path):
    listing = read(write(tmp_path, "set/v1/Live/a.png", "set/v1/Attack/b.png"))
    assert listing.root == tmp_path / "set/v1"
    assert {clip.name for clip in listing.clips} == {"Live/a.png", "Attack/b.png"}


def test_pictures_named_frame_are_one_clip(tmp_path):
    root = write(tmp_path, *(f"live/c1/frame_{i:03}.png" for i in range(3)), "live/ann/1.png", "live/ann/2.png")
    found = {clip.name: clip for clip in read(root).clips}
    assert set(found) == {"live/c1", "live/ann/1.png", "live/ann/2.png"}
    assert found["live/c1"].path == root / "live/c1"
    assert found["live/c1"].subject == "live/c1"


def test_numbered_pictures_two_levels_below_the_label_are_one_clip(tmp_path):
    root = write(
        tmp_path, *(f"attack/screen/bo/clip1/{i}.png" for i in range(3)), *(f"live/bo/c/{i}.png" for i in (1, 2))
    )
    assert table(read(root)) == {
        "attack/screen/bo/clip1": ("attack", "screen", "bo"),
        "live/bo/c": ("live", "", "bo"),
    }


def test_files_are_judged_by_content_where_the_suffix_is_unknown(tmp_path):
    root = write(tmp_path, "live/a.png", "live/picture")
    (root / "live/rubbish.bin").write_bytes(b"none")
    (root / "live/notes.txt").write_text("none")
    (root / "live/a.truth.npz").write_bytes(b"none")
    listing = read(root)
    assert {clip.name for clip in listing.clips} == {"live/a.png", "live/picture"}
    assert [(item.path, "neither" in item.reason) for item in listing.set_aside] == [("live/rubbish.bin", True)]


def test_empty_files_are_set_aside(tmp_path):
    root = write(tmp_path, "live/a.png", "live/b.png")
    (root / "live/b.png").write_bytes(b"")
    listing = read(root)
    assert [clip.name for clip in listing.clips] == ["live/a.png"]
    assert [(item.path, item.reason) for item in listing.set_aside] == [("live/b.png", "empty file")]


def test_one_class_alone_is_worth_a_word(tmp_path):
    assert "no attack clips" in read(write(tmp_path, "live/a.png")).warnings[0]


def test_folders_without_labels_are_refused_with_what_was_found(tmp_path):
    with pytest.raises(LayoutError, match=r"found folders fake, true, expected live/ and attack/"):
        read(write(tmp_path, "true/a.png", "fake/b.png"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(LayoutError, match="found nothing"):
        read(tmp_path / "empty")
    (tmp_path / "text/live").mkdir(parents=True)
    (tmp_path / "text/live/a.txt").write_text("x")
    with pytest.raises(LayoutError, match="no picture, video or frame folder"):
        read(tmp_path / "text")


class TestManifest:
    def test_it_may_replace_the_label_folders(self, tmp_path):
        root = write(tmp_path, "a.png", "b/c.png")
        (root / "manifest.csv").write_text(f"{HEADER},light\na.png,live,ann,,s1,dim\nb/c.png,spoof,,mask,,\n")
        listing = read(root)
        assert table(listing) == {"a.png": ("live", "", "ann"), "b/c.png": ("attack", "mask", "b/c.png")}
        assert listing.clips[0].conditions == {"session": "s1", "light": "dim"}
        assert listing.clips[1].conditions == {}
        assert {clip.split for clip in listing.clips} == {"train"}

    def test_blank_fields_come_from_the_folders(self, tmp_path):
        root = write(tmp_path, "live/ann/a.png", "attack/print/ann/b.png", "attack/c.png")
        (root / "manifest.csv").write_text("path\nlive/ann/a.png\nattack/print/ann/b.png\nattack/c.png\n")
        assert table(read(root)) == {
            "live/ann/a.png": ("live", "", "ann"),
            "attack/print/ann/b.png": ("attack", "print", "ann"),
            "attack/c.png": ("attack", "unknown", "attack/c.png"),
        }

    def test_it_is_held_against_the_files(self, tmp_path):
        root = write(tmp_path, "live/a.png", "live/b.png")
        (root / "manifest.csv").write_text(f"{HEADER}\nlive/a.png,live,,,\nlive/gone.png,live,,,\n")
        listing = read(root)
        assert listing.missing == ("live/gone.png",)
        assert listing.surplus == ("live/b.png",)
        assert [clip.name for clip in listing.clips] == ["live/a.png"]

    def test_it_may_name_a_folder_of_frames(self, tmp_path):
        root = write(tmp_path, "c/1.png", "c/2.png")
        (root / "manifest.csv").write_text(f"{HEADER}\nc,live,ann,,\n")
        assert read(root).clips[0].path == root / "c"

    def test_the_split_column_takes_the_words_in_use(self, tmp_path):
        root = write(tmp_path, *(f"{i}.png" for i in range(4)))
        rows = "".join(f"{i}.png,live,s{i},{split}\n" for i, split in enumerate(("Train", "devel", "val", "test")))
        (root / "manifest.csv").write_text(f"path,label,subject,split\n{rows}")
        listing = read(root, splits="60/20/20")
        assert [clip.split for clip in listing.clips] == ["train", "dev", "dev", "test"]
        assert any("--splits 60/20/20 was not applied" in warning for warning in listing.warnings)

    def test_a_mark_of_byte_order_and_windows_paths_are_read(self, tmp_path):
        root = write(tmp_path, "live/a.png")
        (root / "manifest.csv").write_bytes(b"\xef\xbb\xbfPath,Label\r\nlive\\a.png,live\r\n")
        assert read(root).clips[0].name == "live/a.png"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a,b\n1,2\n", "found columns"),
            (f"{HEADER}\na.png,maybe,,,\n", "line 2: label 'maybe' is none of attack, live, spoof"),
            (f"{HEADER},split\na.png,live,,,,7\n", "line 2: split '7' is none of"),
            (f"{HEADER}\n../a.png,live,,,\n", "line 2: path '../a.png' is not below the folder"),
            (f"{HEADER}\n/a.png,live,,,\n", "line 2: path '/a.png' is not below"),
            (f"{HEADER}\n,live,,,\n", "line 2: path '' is not below"),
            (f"{HEADER}\na.png,live,,print,\n", "line 2: a live clip with attack 'print'"),
            (f"{HEADER}\na.png,live,,,\na.png,live,,,\n", "line 3: a.png stands in line 2 too"),
            (f"{HEADER}\na.png,,,,\n", "line 2: 'a.png' has no label"),
            (f"{HEADER}\na.png,live\n", "line 2: expected 5 fields"),
            (f"{HEADER}\na.png,live,,,,extra\n", "line 2: expected 5 fields"),
            (f"{HEADER},split\na.png,live,,,,train\nb.png,live,,,,\n", "line 3: no split"),
        ],
    )
    def test_what_cannot_be_is_named_with_its_line(self, tmp_path, text, message):
        root = write(tmp_path, "a.png", "b.png")
        (root / "manifest.csv").write_text(text)
        with pytest.raises(LayoutError, match=message):
            read(root)

    def test_other_encodings_are_refused(self, tmp_path):
        root = write(tmp_path, "a.png")
        (root / "manifest.csv").write_bytes(f"{HEADER}\na.png,live,J\xfcrg,,\n".encode("latin-1"))
        with pytest.raises(LayoutError, match="Save it as UTF-8"):
            read(root)


class TestSplits:
    def folder(self, root: Path, people: int = 20) -> Path:
        return write(
            root, *(f"{label}/p{i}/{j}.png" for label in ("live", "attack") for i in range(people) for j in "ab")
        )

    def test_subjects_are_divided_whole(self, tmp_path):
        clips = read(self.folder(tmp_path), splits="60/20/20").clips
        people = {split: {clip.subject for clip in clips if clip.split == split} for split in ("train", "dev", "test")}
        assert {split: len(members) for split, members in people.items()} == {"train": 12, "dev": 4, "test": 4}
        assert len(set.union(*people.values())) == 20

    def test_the_seed_decides_and_nothing_else(self, tmp_path):
        root = self.folder(tmp_path)
        first = {clip.name: clip.split for clip in read(root, splits="60/20/20").clips}
        assert {clip.name: clip.split for clip in read(root, splits="60/20/20").clips} == first
        assert {clip.name: clip.split for clip in read(root, splits="60/20/20", seed=1).clips} != first
        (root / "live/p1/a.png").unlink()
        fewer = {clip.name: clip.split for clip in read(root, splits="60/20/20").clips}
        assert fewer == {name: split for name, split in first.items() if name != "live/p1/a.png"}

    def test_two_parts_leave_dev_out(self, tmp_path):
        assert {clip.split for clip in read(self.folder(tmp_path), splits="80/20").clips} == {"train", "test"}

    @pytest.mark.parametrize("text", ["60/20", "a/b/c", "60/20/10", "100", "-10/100/10", "25/25/25/25"])
    def test_other_texts_are_refused(self, tmp_path, text):
        with pytest.raises(UsageError, match="sum to 100"):
            read(self.folder(tmp_path, 2), splits=text)


def test_videos_and_real_pictures_are_clips(tmp_path):
    (tmp_path / "live").mkdir()
    cv2.imwrite(str(tmp_path / "live/a.jpg"), np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "live/b.MP4").write_bytes(b"x")
    assert {clip.name for clip in read(tmp_path).clips} == {"live/a.jpg", "live/b.MP4"}
