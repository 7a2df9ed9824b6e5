"""The audit: whole sets are whole, every fault is named once, simulated worlds are held against themselves."""

import shutil

import numpy as np
import pytest

from sincera.data.audit import audit, overlaps
from sincera.data.audit_text import audit_text
from sincera.data.counts import official_counts
from sincera.data.known import known_sets, known_text
from sincera.data.sources import casia, msu, read_clips
from sincera.data.sources.world import WORLD_FILE, format_world
from sincera.errors import LayoutError
from sincera.media import write_video

KEYS = ["name", "root", "splits", "attacks", "subjects", "missing", "surplus", "set_aside", "warnings"]


def small_video(path, seed=0, frames=4):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    write_video(path, [rng.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(frames)], fps=25, codec="mjpeg")


def test_a_whole_set_has_the_official_counts(plant, key, source):
    found = audit(key, plant(key, source.grid()))
    assert found.ok
    official = official_counts(key)
    told = found.to_dict()
    assert list(told) == KEYS
    assert told["splits"] == {split: {"live": c.live, "attack": c.attack} for split, c in official.items()}
    assert told["subjects"] == {split: c.subjects for split, c in official.items()}
    assert sum(told["attacks"].values()) == sum(c.attack for c in official.values())
    assert told["missing"] == told["surplus"] == told["set_aside"] == told["warnings"] == []
    assert "complete" in audit_text(found)


def test_every_fault_is_named(plant):
    root = plant("M", msu.grid())
    cells = {msu.path(cell): root / msu.path(cell) for cell in msu.grid()}
    gone, empty, text, cut = list(cells)[:4]
    cells[gone].unlink()
    cells[empty].write_bytes(b"")
    cells[text].write_bytes(b"not a video")
    cells[cut].write_bytes(cells[cut].read_bytes() + b"\0\0\x0f\0mdat")
    shutil.copy(cells[list(cells)[5]], root / "scene01/real/extra.mp4")
    found = audit("M", root)
    told = found.to_dict()
    assert not found.ok
    assert told["missing"] == [gone]
    assert told["surplus"] == ["scene01/real/extra.mp4"]
    assert {item["path"]: item["reason"] for item in told["set_aside"]} == {
        empty: "empty file",
        text: "neither a picture nor a video by its content",
    }
    assert [w for w in told["warnings"] if w.startswith(f"{cut}: cut short")] == told["warnings"]
    total = sum(n for split in told["splits"].values() for n in split.values())
    assert total == 280 - 3
    shown = audit_text(found)
    for name in (gone, empty, text, cut, "extra.mp4"):
        assert name in shown
    assert "NOT as it should be: 1 missing, 1 surplus, 2 set aside, 1 otherwise off" in shown


def test_long_lists_are_shortened_for_people_only(plant, tmp_path):
    found = audit("C", plant("C", casia.grid()[:12]))
    assert len(found.to_dict()["missing"]) == 588
    assert "… 588 in all; --json lists them" in audit_text(found)
    assert found.to_dict()["attacks"] == {"cut": 3, "video": 3, "warped": 3}
    assert found.to_dict()["splits"]["test"] == {"live": 0, "attack": 0}


def test_a_simulated_world_is_held_against_its_own_grid(plant, key, source, cells):
    root = plant(key, cells, lists=False)
    for name, text in source.side_files(cells).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, newline="")
    (root / WORLD_FILE).write_text(format_world(key, map(source.path, cells)))
    found = audit(key, root)
    assert found.ok
    assert "simulated" in found.to_dict()["warnings"][0]
    assert "simulated" in audit_text(found)
    assert sum(c.live + c.attack for c in found.expected.values()) == len(cells)
    (root / source.path(cells[0])).unlink()
    assert audit(key, root).to_dict()["missing"] == [source.path(cells[0])]


def test_deep_decodes(tmp_path):
    for name in ("live/a.avi", "live/b.avi", "attack/c.avi"):
        small_video(tmp_path / name)
    assert audit("mine", tmp_path, deep=True).ok
    data = bytearray((tmp_path / "live/b.avi").read_bytes())
    start = data.index(b"\xff\xd8\xff")
    data[start:] = bytes(len(data) - start)  # the headers stay, every frame is gone
    (tmp_path / "live/b.avi").write_bytes(bytes(data))
    assert audit("mine", tmp_path).ok
    found = audit("mine", tmp_path, deep=True)
    assert [item.path for item in found.set_aside] == ["live/b.avi"]
    assert str(tmp_path) not in found.set_aside[0].reason
    assert found.to_dict()["splits"]["train"] == {"live": 1, "attack": 1}


def test_people_in_two_splits_are_a_fault(tmp_path):
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    rows = "a.png,live,ann,train\nb.png,attack,ann,test\nc.png,live,bo,test\n"
    (tmp_path / "manifest.csv").write_text(f"path,label,subject,split\n{rows}")
    found = audit("mine", tmp_path)
    assert not found.ok
    assert found.faults == ("1 subjects are both in train and in test: ann",)
    (tmp_path / "manifest.csv").write_text(
        f"path,label,subject,split\n{rows.replace('b.png,attack,ann', 'b.png,attack,bo')}"
    )
    assert audit("mine", tmp_path).ok


def test_casias_test_numbers_are_other_people(plant):
    root = plant("C", casia.grid())
    assert list(overlaps(read_clips("C", "C", root).clips)) == []


def test_an_undivided_folder_set_is_called_so(tmp_path):
    (tmp_path / "live").mkdir()
    (tmp_path / "live/a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    found = audit("mine", tmp_path)
    assert found.to_dict()["splits"] == {"train": {"live": 1, "attack": 0}}
    assert "undivided" in audit_text(found)


def test_a_wrong_root_is_an_error(tmp_path):
    with pytest.raises(LayoutError):
        audit("O", tmp_path)


def test_progress_sees_every_clip(plant):
    seen = []

    def track(items, title, total=None):
        for item in items:
            seen.append((title, total))
            yield item

    audit("M", plant("M", msu.grid()[:9]), track=track)
    assert seen == [("headers", 9)] * 9


def test_the_known_sets_are_listed_with_their_counts():
    text = known_text(known_sets())
    assert "360 + 1,440" in text
    assert {item.key for item in known_sets()} == {"O", "C", "I", "M", "S", "W", "V", "folder"}
    assert known_sets()[1].to_dict()["splits"]["test"] == {"live": 90, "attack": 270}
