"""SiW-M's first version: its layouts, its kinds, and what a copy cannot tell."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from sincera.data.audit import audit
from sincera.data.audit_text import audit_text
from sincera.data.counts import official_counts
from sincera.data.known import known_sets
from sincera.data.sources import read_clips, siwm
from sincera.data.sources.siwm import KINDS, LIVE, SiwmCell, grid, path
from sincera.data.sources.siwm_kinds import Names
from sincera.data.sources.world import WORLD_FILE, format_world
from sincera.errors import LayoutError

MOV = b"\0\0\0\x10ftypqt  \0\0\0\0" + b"\0\0\0\x08moov"
FEW = [
    *(SiwmCell("", number, "train") for number in range(1, 9)),
    *(SiwmCell("", number, "test") for number in range(9, 11)),
    *(SiwmCell(kind.word, number) for kind in KINDS for number in (1, 2)),
]


def write(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(MOV)
    return root


def read(root: Path, **options):
    return read_clips("W", "W", root, **options)


def flat(cell: SiwmCell) -> str:
    """Where copies in flat folders have a cell."""
    if not cell.attack:
        return path(cell)
    folder, name = path(cell).rsplit("/", 1)
    return f"Spoof/{folder.replace('/', '_')}/{name}"


@pytest.fixture
def root(tmp_path):
    return write(tmp_path / "SiW-M", *map(path, FEW))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return write(tmp_path_factory.mktemp("whole"), *map(path, grid()))


class TestGrid:
    def test_it_has_as_many_cells_as_videos_were_released(self):
        assert len({path(cell) for cell in grid()}) == len(grid()) == 660 + 968
        assert len({cell.subject for cell in grid()}) == len(grid())
        counts = official_counts("W")
        for split in ("train", "test"):
            here = [cell for cell in grid() if cell.split == split]
            assert Counter(cell.attack for cell in here if cell.attack) == counts[split].attacks
            assert sum(not cell.attack for cell in here) == counts[split].live == LIVE[split]

    def test_every_cell_is_read_back(self, whole):
        clips = {clip.name: clip for clip in read(whole).clips}
        assert set(clips) == set(map(path, grid()))
        for cell in grid():
            clip = clips[path(cell)]
            assert (clip.label, clip.attack, clip.subject, clip.split) == (
                cell.label,
                cell.attack,
                cell.subject,
                cell.split,
            )

    def test_the_kinds_have_names_of_their_own(self):
        names = [name.lower() for kind in KINDS for name in kind.names]
        assert len(set(names)) == len(names)
        assert "live" not in names


class TestLayouts:
    def test_wrapped_and_doubled(self, root, tmp_path):
        wrapped = tmp_path / "outer"
        shutil.copytree(root, wrapped / "archive")
        (wrapped / "archive/Live").rename(wrapped / "archive/moving")
        (wrapped / "archive/Live").mkdir()
        (wrapped / "archive/moving").rename(wrapped / "archive/Live/Live")
        listing = read(wrapped)
        assert [clip.name for clip in listing.clips] == [clip.name for clip in read(root).clips]
        assert listing.root == wrapped / "archive"
        assert {clip.split for clip in listing.clips if clip.label == "live"} == {"train", "test"}

    def test_flat_folders_give_the_same_clips(self, root, tmp_path):
        other = write(tmp_path / "flat", *map(flat, FEW))
        assert [(c.name, c.attack, c.split) for c in read(other).clips] == [
            (c.name, c.attack, c.split) for c in read(root).clips
        ]
        assert read(other).root == other

    def test_flat_folders_say_what_partial_paper_covers(self, tmp_path):
        names = ("Spoof/Partial_Eye/Partial_Eye_3.mov", "Spoof/Partial_Mouth/Partial_Mouth_3.mov")
        listing = read(write(tmp_path, *names, "Partial/PaperCut/Partial_Cut_3.mov"))
        assert {clip.attack for clip in listing.clips} == {"PartialPaper"}
        found = {clip.name: clip.conditions for clip in listing.clips}
        assert found == {
            "Partial/PaperCut/Partial_Cut_3.mov": {},
            "Partial/PaperCut/Partial_Eye_3.mov": {"region": "eye"},
            "Partial/PaperCut/Partial_Mouth_3.mov": {"region": "mouth"},
        }

    def test_names_are_taken_whole_not_by_what_they_contain(self, tmp_path):
        names = ("Paper_1", "Mask_Paper_1", "Partial_Paperglass_1", "PARTIAL_FUNNYEYE_01")
        listing = read(write(tmp_path, *(f"all/{name}.mov" for name in names)))
        assert {clip.subject: clip.attack for clip in listing.clips} == {
            "Paper_1": "Print",
            "Mask_Paper_1": "PaperMask",
            "Partial_Paperglass_1": "PaperGlasses",
            "Partial_Funnyeye_1": "FunnyeyeGlasses",
        }
        assert Names(KINDS).of_stem("NotPaper_1").named is None

    def test_an_unheard_of_name_goes_by_its_folder(self, tmp_path):
        listing = read(write(tmp_path, "Mask/HalfMask/clip_7.mov", "Mask/HalfMask/readme.mov", "elsewhere/clip_7.mov"))
        assert [(clip.name, clip.attack) for clip in listing.clips] == [("Mask/HalfMask/clip_7.mov", "HalfMask")]
        assert listing.surplus == ("Mask/HalfMask/readme.mov", "elsewhere/clip_7.mov")

    def test_a_video_in_the_folder_of_another_kind_is_a_fault_and_goes_by_its_name(self, root):
        (root / "Replay/Replay_1.mov").rename(root / "Paper/Replay_1.mov")
        listing = read(root)
        assert {clip.name: clip.attack for clip in listing.clips}["Replay/Replay_1.mov"] == "Replay"
        assert listing.faults[0] == (
            "1 videos lie in the folder of another kind, their names count: first Paper/Replay_1.mov"
        )

    def test_second_copies_are_surplus_and_converted_ones_are_told(self, root):
        write(root, "Replay/Replay_1.mp4", "Replay/Replay_3.avi")
        listing = read(root)
        assert listing.surplus == ("Replay/Replay_1.mp4",)
        assert any("1 clips are .avi where the owner has .mov" in warning for warning in listing.warnings)

    def test_empty_files_are_set_aside(self, root):
        (root / "Replay/Replay_1.mov").write_bytes(b"")
        listing = read(root)
        assert [(item.path, item.reason) for item in listing.set_aside] == [("Replay/Replay_1.mov", "empty file")]
        assert len(listing.clips) == len(FEW) - 1

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (["SiW_M_Paper_Binary_Files/1.dat"], "1 .dat files: faces cut for the owner's training code"),
            (["Live/Live_1/001.png"], "1 pictures: a re-upload as single frames"),
            (["notes.txt"], "no video of SiW-M among 1 files; expected Live"),
            (["Live/Live_1.mov", "Spoof/Silicone/Mask_Silicone_1.mov"], r"'silicone' is of SiW-Mv2.*Give it as V="),
        ],
    )
    def test_what_is_not_siwm_is_refused(self, tmp_path, names, message):
        with pytest.raises(LayoutError, match=message):
            read(write(tmp_path, *names))


class TestDivision:
    def test_the_owners_folders_divide_live_videos(self, root):
        listing = read(root, seed=3)
        assert {c.subject for c in listing.clips if c.split == "test"} == {"Live_9", "Live_10"}
        assert not any("drawn" in warning for warning in listing.warnings)

    def test_without_them_a_fifth_is_drawn_by_the_seed(self, tmp_path):
        root = write(tmp_path, *(f"Live/Live_{n}.mov" for n in range(1, 41)), *(path(c) for c in FEW if c.attack))

        def tested(seed):
            return {clip.subject for clip in read(root, seed=seed).clips if clip.split == "test"}

        assert len(tested(0)) == 8
        assert tested(0) == tested(0) != tested(1)
        assert all(subject.startswith("Live_") for subject in tested(0) | tested(1))
        assert "8 of 40 live videos are drawn for testing (seed 2)" in " ".join(read(root, seed=2).warnings)
        assert {clip.name for clip in read(root).clips if clip.subject == "Live_7"} == {"Live/Live_7.mov"}

    def test_half_a_division_is_a_fault(self, root):
        write(root, "Live/Live_77.mov")
        shutil.rmtree(root / "Live/Test")
        faults = read(root).faults
        assert "no live video lies in Live/Test" in faults
        assert "some live videos lie neither in Live/Train nor in Live/Test: they train" in faults


class TestAudit:
    def test_a_whole_copy(self, whole):
        found = audit("W", whole)
        assert found.ok
        assert found.warnings == ("names tell no person: every video counts as a subject of its own",)
        assert "nothing is off" in audit_text(found)
        assert json.loads(json.dumps(found.to_dict()))["splits"]["test"] == {"live": 132, "attack": 0}

    def test_other_totals_are_faults_other_kinds_a_word(self, whole, tmp_path):
        copy = tmp_path / "copy"
        shutil.copytree(whole, copy)
        (copy / "Replay/Replay_9.mov").unlink()
        found = audit("W", copy)
        assert found.faults == ("967 attack videos, the release has 968",)
        assert found.warnings[-1] == "Replay: 98 videos, 99 by the first paper's table"
        write(copy, "Paper/Paper_900.mov")
        found = audit("W", copy)
        assert found.ok
        assert len(found.warnings) == 3

    def test_a_simulated_world_is_held_against_its_own_grid(self, root):
        (root / WORLD_FILE).write_text(format_world("W", map(path, FEW)))
        found = audit("W", root)
        assert found.ok
        assert found.simulated
        assert found.expected["train"].live == 8
        (root / "Replay/Replay_1.mov").unlink()
        write(root, "Replay/Replay_50.mov")
        found = audit("W", root)
        assert found.missing == ("Replay/Replay_1.mov",)
        assert found.surplus == ("Replay/Replay_50.mov",)
        with pytest.raises(LayoutError, match=r"simulated world of domain W\. Give it as W="):
            read_clips("V", "V", root)

    def test_the_list_of_known_sets_has_people_although_names_tell_none(self):
        known = {item.key: item for item in known_sets()}
        assert known["W"].people == 493
        assert known["W"].to_dict()["subjects"] == {"train": None, "test": None}
        assert known["M"].people == 35


def test_no_side_files():
    assert siwm.side_files(FEW) == {}
