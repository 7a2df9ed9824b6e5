"""CelebA-Spoof read from lists and folders, wrapped, doubled, cut short and contradicted as copies are."""

import json
import os

import pytest

from sincera.clip import Label
from sincera.data.audit import audit
from sincera.data.counts import official_counts
from sincera.data.protocols import CELEBA, parse_protocol
from sincera.data.protocols.overview import overview
from sincera.data.sources import parse_root, read_clips
from sincera.data.sources.celeba_labels import ATTRIBUTES, SPECIES, numbers
from sincera.data.sources.celeba_lists import LISTS, QUALITIES, format_lists
from sincera.data.sources.world import WORLD_FILE, format_world
from sincera.errors import LayoutError, ProtocolError

PICTURE = b"\xff\xd8\xff" + b"\0" * 20
PEOPLE = {"train": range(1, 7), "test": range(9001, 9005)}


def small_release():
    """Lists of ten people with all species; person 6 lies in Data/train and is tested by the protocols."""
    members = {f"{name}/{side}": {} for name in LISTS for side in ("train", "test")}
    number = 0
    for part, subjects in PEOPLE.items():
        for subject in subjects:
            side = "test" if part == "test" or subject == 6 else "train"
            for kind in ("", "", *SPECIES[1:]):
                number += 1
                folder = "spoof" if kind else "live"
                path = f"Data/{part}/{subject}/{folder}/{number:06d}.{'jpg' if part == 'train' else 'png'}"
                row = numbers(() if kind else ("Male", "Young"), kind, *(("dark", "outdoor") if kind else ("", "")))
                members[f"intra_test/{part}"][path] = row
                if not kind or (kind in ("a4", "face_mask", "pc")) == (side == "test"):
                    members[f"protocol1/{side}"][path] = row
                for place, quality in enumerate(QUALITIES):
                    if not kind or (number % 3 == place) == (side == "test"):
                        members[f"protocol2/{quality}/{side}"][path] = row
    return members


@pytest.fixture
def members():
    return small_release()


@pytest.fixture
def planted(tmp_path, members):
    """Write lists and pictures: planted(wrap="", members=…, suffix=None) → root."""

    def write(wrap="", members=members, *, boxes=True, name="S"):
        root = tmp_path / name
        for file, text in format_lists(members).items():
            (root / wrap / file).parent.mkdir(parents=True, exist_ok=True)
            (root / wrap / file).write_text(text)
        for path in {path for entries in members.values() for path in entries}:
            file = root / wrap / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(PICTURE)
            if boxes:
                file.with_name(f"{file.stem}_BB.txt").write_text("50 50 100 120 0.99")
        return root

    return write


def as_world(root, members):
    grid = [path for side in ("train", "test") for path in members[f"intra_test/{side}"]]
    (root / WORLD_FILE).write_text(format_world("S", grid, attributes=["Male", "Bald"]))
    return root


def read(root):
    return read_clips("S", "S", root)


class TestReading:
    def test_every_listed_picture_becomes_its_clip(self, planted, members):
        listing = read(as_world(planted(), members))
        assert listing.missing == listing.surplus == listing.faults == listing.set_aside == ()
        wanted = {path: side for side in ("train", "test") for path in members[f"intra_test/{side}"]}
        assert {clip.name: clip.split for clip in listing.clips} == wanted
        for clip in listing.clips:
            row = {**members["intra_test/train"], **members["intra_test/test"]}[clip.name]
            assert clip.label.number == row[43]
            assert clip.attack == SPECIES[row[40]]
            assert clip.subject == clip.name.split("/")[2]
            assert clip.path.is_file()
            assert clip.annotation == clip.path.with_name(f"{clip.path.stem}_BB.txt")
            assert clip.attributes == ({} if row[43] else {"Male": 1.0, "Bald": 0.0})
            for name in LISTS:
                sides = [side for side in ("train", "test") if clip.name in members[f"{name}/{side}"]]
                assert clip.conditions.get(name) == (sides[0] if sides else None)

    def test_all_forty_attributes_of_an_owners_live_picture(self, planted):
        clip = next(clip for clip in read(planted()).clips if clip.label is Label.LIVE)
        assert {name for name, value in clip.attributes.items() if value} == {"Male", "Young"}
        assert list(clip.attributes) == list(ATTRIBUTES)

    @pytest.mark.parametrize("wrap", ["CelebA_Spoof_/CelebA_Spoof", "a"])
    def test_mirrors_levels_are_taken_off(self, planted, members, wrap):
        plain, wrapped = read(planted(name="plain")), read(planted(wrap))
        assert [clip.name for clip in wrapped.clips] == [clip.name for clip in plain.clips]
        assert wrapped.root == planted(wrap) / wrap

    def test_parts_that_unpacked_beside_each_other(self, planted, members):
        root = planted()
        for part in ("train", "test"):
            (root / f"CelebA_Spoof_{part}" / "Data").mkdir(parents=True)
            (root / "Data" / part).rename(root / f"CelebA_Spoof_{part}" / "Data" / part)
        (root / "Data").rmdir()
        (root / "metas").rename(root / "CelebA_Spoof_train" / "metas")
        listing = read(root)
        assert len(listing.clips) == len(members["intra_test/train"]) + len(members["intra_test/test"])
        assert listing.missing == ()

    def test_a_doubled_data_folder(self, planted):
        root = planted()
        (root / "Data").rename(root / "moving")
        (root / "Data").mkdir()
        (root / "moving").rename(root / "Data" / "Data")
        assert read(root).missing == ()

    def test_a_side_follows_the_key_and_never_the_folder(self, planted):
        clips = {clip.name: clip for clip in read(planted()).clips}
        turned = [c for c in clips.values() if c.subject == "6" and "protocol1" in c.conditions]
        assert turned
        assert {(c.split, c.conditions["protocol1"]) for c in turned} == {("train", "test")}

    def test_people_without_a_live_or_spoof_folder(self, planted, members):
        left = {
            name: {path: row for path, row in entries.items() if "/1/live/" not in path and "/9001/spoof/" not in path}
            for name, entries in members.items()
        }
        listing = read(as_world(planted(members=left), left))
        assert listing.missing == listing.faults == ()
        by_person = {subject: {c.label for c in listing.clips if c.subject == subject} for subject in ("1", "9001")}
        assert by_person == {"1": {Label.ATTACK}, "9001": {Label.LIVE}}

    def test_what_is_missing_and_what_is_too_much_are_named(self, planted, members):
        root = as_world(planted(), members)
        gone = next(iter(members["intra_test/train"]))
        (root / gone).unlink()
        (root / "Data/train/2/live/999999.jpg").write_bytes(PICTURE)
        (root / "Data/train/77/spoof").mkdir(parents=True)
        (root / "Data/train/77/spoof/888888.png").write_bytes(PICTURE)
        (root / "Data/train/2/live/000002.truth.npz").write_bytes(b"x")
        listing = read(root)
        assert listing.missing == (gone,)
        assert [clip.name for clip in listing.absent] == [gone]
        assert listing.surplus == ("Data/train/2/live/999999.jpg", "Data/train/77/spoof/888888.png")

    def test_the_label_counts_where_the_folder_says_otherwise(self, planted, members):
        name = next(path for path in members["intra_test/train"] if "/live/" in path)
        for entries in members.values():
            if name in entries:
                entries[name] = [0] * 43 + [1]
        listing = read(planted(members=members))
        clip = next(clip for clip in listing.clips if clip.name == name)
        assert (clip.label, clip.attack, clip.conditions["folder"]) == (Label.ATTACK, "unknown", "live")
        assert "1 pictures in live folders are labelled spoof: the label counts" in listing.warnings
        assert "1 attacks have no spoof type: species unknown" in listing.warnings

    def test_a_stray_folder_is_passed_over(self, planted):
        root = planted()
        (root / "Data/train-2/5/live").mkdir(parents=True)
        (root / "Data/train-2/5/live/000001.jpg").write_bytes(PICTURE)
        listing = read(root)
        assert listing.surplus == ()
        assert "Data/train-2/ is no part of the release: passed over" in listing.warnings

    def test_converted_copies_are_read_and_named(self, planted, members):
        root = planted()
        for path in members["intra_test/test"]:
            (root / path).rename((root / path).with_suffix(".JPG"))
        listing = read(root)
        assert listing.missing == ()
        assert any("48 pictures are .jpg where the owner has .png" in warning for warning in listing.warnings)

    @pytest.mark.parametrize("order", [sorted, lambda names: sorted(names, reverse=True)])
    def test_of_a_picture_and_its_converted_copy_the_listed_one_is_read(self, planted, members, monkeypatch, order):
        """Whichever the file system names first; the other is too much."""
        root = as_world(planted(), members)
        name = next(iter(members["intra_test/train"]))
        twin = (root / name).with_suffix(".png")
        twin.write_bytes(PICTURE)
        listdir = os.listdir
        monkeypatch.setattr(os, "listdir", lambda place: order(listdir(place)))
        listing = read(root)
        assert next(clip for clip in listing.clips if clip.name == name).path == root / name
        assert listing.surplus == (twin.relative_to(root).as_posix(),)
        assert not any("converted" in warning for warning in listing.warnings)

    def test_text_lists_do_where_the_json_is_not_there(self, planted, members):
        root = planted()
        for file in root.glob("metas/*/*.json"):
            file.unlink()
        for file in root.glob("metas/protocol2/*/*.json"):
            file.unlink()
        listing = read(root)
        assert len(listing.clips) == 120
        assert {clip.attack for clip in listing.clips} == {"", "unknown"}
        assert all("protocol1" not in clip.conditions for clip in listing.clips)
        assert sum("is not there: what it lists cannot be used" in warning for warning in listing.warnings) == 8

    def test_labels_alone_give_way_to_the_json_of_a_protocol(self, planted):
        root = planted()
        for file in root.glob("metas/intra_test/*.json"):
            file.unlink()
        listing = read(root)
        assert {clip.attack for clip in listing.clips if "protocol1" in clip.conditions} == set(SPECIES)
        assert not any("other labels" in fault for fault in listing.faults)

    def test_contradicting_lists_are_faults(self, planted, members):
        name = next(path for path in members["protocol1/train"] if "/spoof/" in path)
        members["protocol1/train"][name] = numbers((), "3d_mask", "dark", "indoor")
        members["protocol1/test"][name] = members["intra_test/train"][name]
        listing = read(planted(members=members))
        assert any(f"other labels than in the lists before it: 1 pictures, first {name}" in f for f in listing.faults)
        assert any(f"in train and in test at once, kept in test: 1 pictures, first {name}" in f for f in listing.faults)
        assert next(c for c in listing.clips if c.name == name).conditions["protocol1"] == "test"

    def test_paths_of_another_form_are_left_out(self, planted, members):
        row = numbers((), "pc", "dark", "indoor")
        members["intra_test/train"] |= {"Data/train/../../live/1.jpg": row, "live/3.jpg": row}
        root = planted()
        (root / "metas/intra_test/train_label.json").write_text(json.dumps(members["intra_test/train"]))
        listing = read(root)
        assert any(fault.startswith("2 listed paths are not Data/part/subject/kind") for fault in listing.faults)
        assert len(listing.clips) == 120

    @pytest.mark.parametrize(
        ("text", "told"),
        [("{", "not readable as JSON"), ("[]", "found a list"), ('{"a": [1]}', "'a': 1 integers"), ('{"a": 3}', "'a'")],
    )
    def test_broken_lists_are_errors(self, planted, text, told):
        root = planted()
        (root / "metas/protocol1/test_label.json").write_text(text)
        with pytest.raises(LayoutError, match=told):
            read(root)

    def test_wrong_folders_are_refused_with_what_was_expected(self, planted, tmp_path):
        with pytest.raises(LayoutError, match="does not exist"):
            read(tmp_path / "nowhere")
        (tmp_path / "empty").mkdir()
        with pytest.raises(LayoutError, match="found neither Data nor metas, expected Data"):
            read(tmp_path / "empty")
        root = planted()
        with pytest.raises(LayoutError, match="found Data but no metas"):
            read(root / "Data")
        with pytest.raises(LayoutError, match="found metas but no Data"):
            read(root / "metas")
        (tmp_path / "empty" / WORLD_FILE).write_text(format_world("O", ["x"]))
        with pytest.raises(LayoutError, match=r"simulated world of domain O\. Give it as O="):
            read(tmp_path / "empty")


class TestAudit:
    def test_the_official_counts(self):
        counts = official_counts("S")
        assert {split: (c.live, c.attack, c.subjects) for split, c in counts.items()} == {
            "train": (162_462, 331_943, 8_192),
            "test": (19_923, 47_247, 1_004),
        }
        assert sum(counts["train"].attacks.values()) == 329_921  # of spoof folders; the rest has live ones
        assert sum(counts["test"].attacks.values()) == 47_247
        assert set(counts["train"].attacks) == set(SPECIES[1:])
        assert sum(c.live + c.attack for c in counts.values()) == 561_575

    def test_lists_cut_short_do_not_hide_what_is_missing(self, planted):
        found = audit("S", planted())
        assert not found.ok
        assert "metas/intra_test: 12 live pictures for train, the release has 162,462" in found.faults
        assert any(warning.startswith("protocols 1 and 2 name") for warning in found.warnings)
        assert found.to_dict()["attacks"]["3d_mask"] == 10

    def test_a_world_is_held_against_itself(self, planted, members):
        root = as_world(planted(), members)
        found = audit("S", root)
        assert found.ok, found.to_dict()
        assert found.expected == found.counts
        (root / next(iter(members["intra_test/test"]))).write_bytes(b"")
        (root / next(iter(members["intra_test/train"]))).unlink()
        found = audit("S", root)
        assert [item.reason for item in found.set_aside] == ["neither a picture nor a video by its content"]
        assert len(found.missing) == 1
        assert sum(c.live + c.attack for c in found.expected.values()) == 120

    def test_people_whom_the_owner_has_twice_are_a_note_and_others_a_fault(self, planted, members):
        shown = numbers(["Male"])
        for part, number in (("train", 700001), ("test", 700002)):
            members[f"intra_test/{part}"][f"Data/{part}/5028/live/{number}.jpg"] = shown
        found = audit("S", planted(members=members))
        assert not any("subjects are both" in fault for fault in found.faults)
        assert any("5028 in train and in test" in warning for warning in found.warnings)
        members["intra_test/test"]["Data/test/1/live/700003.jpg"] = shown
        assert "1 subjects are both in train and in test: 1" in audit("S", planted(members=members)).faults


class TestProtocols:
    @pytest.mark.parametrize("name", CELEBA)
    def test_no_person_is_on_two_sides_and_no_clip_in_two_lists(self, planted, members, name):
        lists = parse_protocol(name).divide(read(planted()).clips)
        sides = (lists.train, lists.dev, lists.test)
        assert all(sides)
        for first, second in ((0, 1), (0, 2), (1, 2)):
            assert not {c.person for c in sides[first]} & {c.person for c in sides[second]}
            assert not {c.key for c in sides[first]} & {c.key for c in sides[second]}
        folder = CELEBA[name]
        assert {c.name for c in lists.test} == set(members[f"{folder}/test"])
        assert {c.name for c in lists.train + lists.dev} == set(members[f"{folder}/train"])

    def test_the_species_of_protocol_1_are_divided(self, planted):
        lists = parse_protocol("celeba/1", validation="none").divide(read(planted()).clips)
        assert {c.attack for c in lists.test} == {"", "a4", "face_mask", "pc"}
        assert not {c.attack for c in lists.train} & {"a4", "face_mask", "pc"}

    def test_somebody_listed_on_both_sides_stays_where_he_is_tested(self, planted, members):
        members["protocol1/train"]["Data/test/9001/live/000073.png"] = members["intra_test/test"][
            "Data/test/9001/live/000073.png"
        ]
        del members["protocol1/test"]["Data/test/9001/live/000073.png"]
        lists = parse_protocol("celeba/1").divide(read(planted(members=members)).clips)
        assert "S/9001" not in {clip.person for clip in lists.train + lists.dev}
        assert any("1 subjects are tested and therefore left out" in note for note in lists.notes)

    def test_names(self, planted):
        assert parse_root("celeba-spoof=x").domain == parse_root("CelebA=x").domain == "S"
        with pytest.raises(ProtocolError, match="3 runs, name one of celeba/2/low, celeba/2/middle, celeba/2/high"):
            parse_protocol("celeba/2")
        with pytest.raises(ProtocolError, match="did you mean celeba/1"):
            parse_protocol("celeba/3")
        assert [e.protocol.name for e in overview(["celeba/2"])] == [f"celeba/2/{q}" for q in QUALITIES]
        assert {e.protocol.name for e in overview(domains=["S"])} == set(CELEBA)
        assert set(CELEBA) < {e.protocol.name for e in overview()}
        entries = overview(["celeba/1"], clips=read(planted()).clips)
        assert entries[0].lists.counts()["test"]["subjects"] == 5
        assert parse_protocol("OCIM:S").targets == ("S",)
