"""The owners' own lists: OULU's 42 files against formula and counts, Replay's and MSU's people."""

import csv
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from sincera.clip import SPLITS
from sincera.data.sources import msu, oulu, read_clips, replay
from sincera.data.sources.oulu_lists import PROTOCOLS, OuluProtocol, line, protocol_files


def official_protocols() -> dict[tuple[str, str], int]:
    """Items by (protocol_3_1/train, species) from the package's counts."""
    rows = csv.DictReader(files("sincera.data").joinpath("official_counts.csv").read_text("utf-8").splitlines())
    return {
        (row["split"], "live" if row["label"] == "real" else row["attack"]): int(row["items"])
        for row in rows
        if row["dataset"] == "oulu-npu" and row["split"].startswith("protocol_") and row["attack"] != "all"
    }


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_the_formula_gives_the_official_counts(protocol):
    official = official_protocols()
    species = {"": "live", "print/1": "print1", "print/2": "print2", "display/1": "replay1", "display/2": "replay2"}
    for split in SPLITS:
        found = Counter(species[cell.attack] for cell in oulu.grid() if protocol.holds(cell, split))
        name = f"protocol_{protocol.name.replace('/', '_')}/{split}"
        assert found == {kind: items for (where, kind), items in official.items() if where == name}
        assert found.total() > 0


def test_there_are_42_files_with_the_owners_names():
    names = set(protocol_files([]))
    assert len(names) == 42
    assert {
        "Protocols/Protocol_1/Train.txt",
        "Protocols/Protocol_3/Dev_6.txt",
        "Protocols/Protocol_4/Test_1.txt",
    } <= names


def test_codes_of_lines():
    cells = {cell.stem: cell for cell in oulu.grid()}
    lines = {stem: line(cell) for stem, cell in cells.items()}
    assert {text.split(",")[0] for stem, text in lines.items() if cells[stem].split != "test"} == {"+1", "-1"}
    assert lines["1_3_40_2"] == "-1,1_3_40_2"
    assert lines["1_3_40_4"] == "-2,1_3_40_4"
    assert lines["1_3_40_1"] == "+1,1_3_40_1"


def test_every_line_that_differs_is_reported(plant):
    root = plant("O", oulu.grid()[:5])
    file = root / "Protocols/Protocol_1/Test.txt"
    lines = file.read_text().splitlines()
    wrong_code, left_out = "-1,1_3_36_4", "+1,1_3_37_1"
    assert left_out in lines
    lines[lines.index("-2,1_3_36_4")] = wrong_code
    lines.remove(left_out)
    file.write_text("\n".join(lines))
    faults = read_clips("O", "O", root).faults
    assert set(faults) == {
        f"Protocols/Protocol_1/Test.txt: {wrong_code!r} is not in the formula",
        "Protocols/Protocol_1/Test.txt: '-2,1_3_36_4' is missing",
        f"Protocols/Protocol_1/Test.txt: {left_out!r} is missing",
    }


def test_line_ends_spaces_order_and_missing_plus_signs_are_no_difference(plant):
    root = plant("O", oulu.grid()[:5])
    file = root / "Protocols/Protocol_2/Train.txt"
    lines = [text.replace("+1,", "1, ") for text in reversed(file.read_text().splitlines())]
    file.write_text("\r\n".join(lines), newline="")
    assert read_clips("O", "O", root).faults == ()


def test_absent_protocol_files_are_said_once(plant):
    listing = read_clips("O", "O", plant("O", oulu.grid()[:5], lists=False))
    assert [warning for warning in listing.warnings if "no protocol file is there" in warning] == list(listing.warnings)


def test_a_protocol_sees_its_own_phones_sessions_and_instruments():
    protocol = OuluProtocol(4, 2)
    held_out = [cell for cell in oulu.grid() if protocol.holds(cell, "test")]
    assert {(cell.phone, cell.session) for cell in held_out} == {(2, 3)}
    assert {cell.access for cell in held_out} == {1, 3, 5}
    assert {cell.phone for cell in oulu.grid() if protocol.holds(cell, "dev")} == {1, 3, 4, 5, 6}


def test_replay_enrolment_clips_are_left_out_unless_asked_for(plant):
    cells = [*replay.grid()[:30], *replay.enrolment_grid()[:4]]
    root = plant("I", cells)
    without, with_them = read_clips("I", "I", root), read_clips("I", "I", root, enrolment=True)
    assert len(without.clips) == 30
    assert without.surplus == ()
    assert len(with_them.clips) == 34
    enrolled = [clip for clip in with_them.clips if clip.conditions.get("purpose") == "enrolment"]
    assert [clip.label for clip in enrolled] == ["live"] * 4


def test_replays_lists_have_the_official_sizes():
    files_ = replay.side_files([*replay.grid(), *replay.enrolment_grid()])
    sizes = Counter()
    for name, text in files_.items():
        sizes[Path(name).stem.rsplit("-", 1)[0]] += len(text.splitlines())
    attacks = {"grandtest": 1000, "print": 200, "mobile": 400, "highdef": 400}
    attacks |= {"photo": 600, "video": 400, "digitalphoto": 400}
    others = {"clients": 50, "real": 200, "recognition": 100}
    assert sizes == others | {f"attack-{name}-allsupports": items for name, items in attacks.items()}


def test_replays_people_are_compared(plant):
    root = plant("I", replay.grid()[:30])
    file = root / "protocols/clients.txt"
    file.write_text(file.read_text().replace("009 test", "009 train"))
    assert read_clips("I", "I", root).faults == (
        "protocols/clients.txt: '009 test' is missing",
        "protocols/clients.txt: '009 train' is not in the official division",
    )


def test_msu_people_are_compared(plant):
    root = plant("M", msu.grid()[:16])
    assert (root / "train_sub_list.txt").read_bytes().endswith(b"55\r\n")
    (root / "test_sub_list.txt").write_text("2\n1\n")
    assert "added ['02'], missing ['13'" in read_clips("M", "M", root).faults[0]
    (root / "test_sub_list.txt").unlink()
    listing = read_clips("M", "M", root)
    assert listing.faults == ()
    assert "test_sub_list.txt is not there" in listing.warnings[0]
