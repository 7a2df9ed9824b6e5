"""SiW-Mv2: videos by their names' prefixes, and the owner's lists wherever they lie."""

from collections import Counter
from pathlib import Path

import pytest

from sincera.data.audit import audit
from sincera.data.counts import official_counts
from sincera.data.sources import read_clips
from sincera.data.sources.siwmv2 import KINDS, LIVE, UNLISTED
from sincera.data.sources.siwmv2_lists import LISTS
from sincera.errors import LayoutError

MOV = b"\0\0\0\x10ftypqt  \0\0\0\0" + b"\0\0\0\x08moov"


def write(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(MOV)
    return root


def write_lists(folder: Path, **lists: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in lists.items():
        (folder / f"{name}.txt").write_text(text)


def read(root: Path):
    return read_clips("V", "V", root)


def names_of_the_release() -> list[str]:
    attacks = [f"Spoof/{kind.folder}/{kind.prefix}_{n}.mov" for kind in KINDS for n in range(1, kind.released + 1)]
    return [*(f"Live/Live_{n}.{'mp4' if n % 3 else 'mov'}" for n in range(1, LIVE + 1)), *attacks]


@pytest.fixture
def root(tmp_path):
    attacks = [f"Spoof/{kind.folder}/{kind.prefix}_{n}.mov" for kind in KINDS for n in (1, 2)]
    return write(tmp_path / "SiW-Mv2", *(f"Live/Live_{n}.mp4" for n in range(1, 7)), *attacks)


def test_folder_and_prefix_are_the_owners(root):
    found = {clip.subject: (clip.attack, clip.name) for clip in read(root).clips}
    assert found["Mask_Mann_1"] == ("Mannequin", "Spoof/Mannequin/Mask_Mann_1.mov")
    assert found["Mask_Silicone_2"][0] == "Silicone"
    assert found["Paper_1"][0] == "Paper"
    assert found["Mask_Paper_1"][0] == "Mask_PaperMask"
    assert found["Partial_Paperglass_1"][0] == "Partial_PaperGlasses"
    assert found["Live_3"] == ("", "Live/Live_3.mp4")
    assert Counter(attack for attack, _ in found.values()) == {"": 6} | {kind.word: 2 for kind in KINDS}


def test_lower_case_folders_of_re_uploads_are_read(root, tmp_path):
    for name in ("Live", "Spoof"):
        (root / name).rename(root / name.lower())
    listing = read(tmp_path)
    assert len(listing.clips) == 6 + 28
    assert listing.root == root
    assert "Live/Live_3.mp4" in {clip.name for clip in listing.clips}


def test_a_name_that_is_none_of_the_owners_is_surplus(root):
    write(root, "Spoof/Replay/clip_1.mov", "Spoof/Replay/Replay_one.mov")
    assert read(root).surplus == ("Spoof/Replay/Replay_one.mov", "Spoof/Replay/clip_1.mov")


def test_the_first_version_is_refused_by_its_folders(tmp_path):
    with pytest.raises(LayoutError, match=r"'halfmask' is of SiW-M, not of SiW-Mv2\. Give it as W="):
        read(write(tmp_path, "Live/Train/Live_1.mov", "Mask/HalfMask/Mask_Half_1.mov"))


def test_a_released_set_without_lists_is_whole_and_undivided(tmp_path):
    found = audit("V", write(tmp_path, *names_of_the_release()))
    assert found.ok
    assert {split: (c.live, c.attack) for split, c in found.expected.items()} == {"train": (785, 915)}
    assert found.counts["train"].attacks == found.expected["train"].attacks
    assert "no list of the owner's is there" in " ".join(found.warnings)
    (tmp_path / "Spoof/Mannequin/Mask_Mann_7.mov").unlink()
    found = audit("V", tmp_path)
    assert found.faults == ("Mannequin: 39 videos, the release has 40",)


class TestLists:
    def test_sides_become_conditions_and_protocol_one_the_split(self, root):
        write_lists(
            root / "pro_3_text",
            trainlist_live="Live_1\nLive_2\n",
            testlist_live="Live_3",
            trainlist_all="Paper_1\nPaper_1\nMask_Paper_1\nPaper_1",
            testlist_all="Paper_2\n",
            train_A_pretrain="Live_1\nLive_5\nPaper_1\n",
            test_A_pretrain="Live_5\n",
            test_C_race="Live_2\n",
        )
        listing = read(root)
        found = {clip.subject: clip for clip in listing.clips}
        assert found["Live_2"].conditions == {"protocol1": "train", "protocol3/C": "test"}
        assert found["Paper_2"].split == "test"
        assert found["Live_3"].split == "test"
        assert found["Partial_Eye_1"].split == "train"
        assert found["Partial_Eye_1"].conditions == {}
        assert found["Live_5"].conditions == {"protocol3/A": "test"}
        told = " ".join(listing.warnings)
        assert "protocol3/A have some videos on both sides, kept in test: Live_5" in told
        assert "28 videos stand in no list of protocol I (of the release 20)" in told
        assert "without train_B_spoof.txt, test_B_spoof.txt, train_C_race.txt, train_D_age.txt" in told
        faults = " ".join(listing.faults)
        assert "trainlist_live.txt: names 2 live and 0 attack videos, the owner's 531 and 0" in faults

    def test_withdrawn_videos_and_strange_lines_are_counted(self, root):
        write_lists(root, testlist_live="Live_3\nLive_901\n\n", testlist_all="Paper_2\nfoo\nPaper_x\n")
        listing = read(root)
        assert any(warning.startswith("1 videos that the lists name are not here") for warning in listing.warnings)
        assert "testlist_all.txt: 2 lines name no video of the release, first 'foo'" in listing.faults

    def test_unreadable_lists_are_an_error(self, root):
        (root / "testlist_live.txt").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(LayoutError, match="Replace it by the owner's"):
            read(root)

    def test_a_whole_set_with_lists_has_the_official_counts(self, tmp_path):
        """Numbers are ours, counts the owner's: lives beyond the released ones stand in lists, 20 attacks in none."""
        write(tmp_path, *names_of_the_release())
        official = official_counts("V")
        unlisted = {"Partial_FunnyeyeGlasses": 19, "Mask_TransparentMask": 1}
        lists: dict[str, list[str]] = {"trainlist_all": [], "testlist_all": []}
        for kind in KINDS:
            trained = official["train"].attacks[kind.word] - unlisted.get(kind.word, 0)
            tested = official["test"].attacks[kind.word]
            assert trained + tested + unlisted.get(kind.word, 0) == kind.released
            stems = [f"{kind.prefix}_{n}" for n in range(1, kind.released + 1)]
            lists["trainlist_all"] += (stems[:trained] * 9)[:100]
            lists["testlist_all"] += stems[trained : trained + tested]
        lists["trainlist_live"] = [f"Live_{n}" for n in (*range(1, 525), *range(890, 897))]
        lists["testlist_live"] = [f"Live_{n}" for n in (*range(525, 786), *range(897, 901))]
        write_lists(tmp_path / "pro_3_text", **{name: "\n".join(stems) for name, stems in lists.items()})
        found = audit("V", tmp_path)
        assert found.ok
        for split in ("train", "test"):
            assert (found.counts[split].live, found.counts[split].attacks) == (
                official[split].live,
                official[split].attacks,
            )
        assert any(f"{UNLISTED} videos stand in no list" in warning for warning in found.warnings)
        assert any(warning.startswith("11 videos that the lists name") for warning in found.warnings)


def test_the_lists_are_fourteen():
    assert len(LISTS) == 14
    assert sum(known.attack for known in LISTS.values() if known.condition == "protocol1") == 915 - UNLISTED
