import base64
from pathlib import Path

import numpy as np
import pytest

from sincera.clip import Clip, Label
from sincera.data.sources.world import WORLD_FILE, format_world
from sincera.report import read_results
from sincera.report.examples import PER_GROUP, choose, examples, is_simulated


class Crops:
    """Three rows a clip; a row's JPEG tells its number."""

    def __init__(self, clips):
        self.clips = clips

    def rows(self, clips, view=None):
        (clip,) = clips
        return 3 * self.clips.index(clip) + np.arange(3)

    def jpegs(self, rows):
        return [f"jpeg {row}".encode() for row in rows]


def clips_of(result, root):
    """The clips whose scores the run holds."""
    table = result.scores
    return [
        Clip(
            path=root / name,
            label=Label.from_number(int(label)),
            attack=str(attack),
            domain=str(domain),
            subject=str(subject),
            split="test",
            name=str(name),
        )
        for name, label, attack, domain, subject in zip(
            table.clip, table.label, table.attack, table.domain, table.subject, strict=True
        )
    ]


@pytest.fixture
def result(make_run):
    return read_results([make_run()])[0].first


def test_real_faces_are_shown_only_when_asked_for(result, tmp_path):
    store = Crops(clips_of(result, tmp_path))
    held = choose(result, store, faces=False)
    assert held.groups == {}
    assert held.note.startswith("24 clips of real people")
    shown = choose(result, store, faces=True)
    assert list(shown.groups) == ["live", "cut", "video", "warped"]
    assert shown.note == ""


def test_simulated_faces_are_shown(result, tmp_path):
    clips = clips_of(result, tmp_path)
    (tmp_path / WORLD_FILE).write_text(format_world("M", [clip.name for clip in clips]))
    assert choose(result, Crops(clips), faces=False).groups.keys() >= {"live", "cut"}


def test_somebodys_own_pictures_below_a_world_are_real(tmp_path):
    """Beside the world's pictures, and as a set of their own in a folder of the world."""
    (tmp_path / WORLD_FILE).write_text(format_world("people", ["live/made.jpg"]))

    def clip(path):
        return Clip(tmp_path / path, Label.LIVE, "", "mine", "1", "test", name="/".join(path.split("/")[-2:]))

    assert is_simulated(clip("live/made.jpg"))
    assert not is_simulated(clip("live/ann.jpg"))
    assert not is_simulated(clip("mine/live/ann.jpg"))


def test_only_the_simulated_part_of_a_mixed_target_is_shown(result, tmp_path):
    clips = clips_of(result, tmp_path)
    world = tmp_path / "world"
    world.mkdir()
    simulated = [clip for clip in clips_of(result, world) if clip.attack == "cut"]
    (world / WORLD_FILE).write_text(format_world("M", [clip.name for clip in simulated]))
    real = [clip for clip in clips if clip.attack != "cut"]
    found = choose(result, Crops(simulated + real), faces=False)
    assert list(found.groups) == ["cut"]
    assert found.note.startswith("18 clips of real people")


def test_what_a_clip_is_called_makes_it_no_simulation(tmp_path):
    clip = Clip(Path("simulated/x.avi"), Label.LIVE, "", "M", "1", "test", {"simulated": "yes"}, "x.avi")
    assert not is_simulated(clip)
    (tmp_path / WORLD_FILE).write_text("{}")
    assert not is_simulated(Clip(tmp_path / "x.avi", Label.LIVE, "", "M", "1", "test", name="x.avi"))
    assert not is_simulated(Clip(tmp_path / "x.avi", Label.LIVE, "", "M", "1", "test"))


def test_crops_run_from_the_lowest_to_the_highest_score_and_errors_are_marked(result, tmp_path):
    groups = choose(result, Crops(clips_of(result, tmp_path)), faces=True).groups
    table = result.scores
    for name, tiles in groups.items():
        scores = [tile.score for tile in tiles]
        mine = table.score[(table.label == 0) if name == "live" else (table.attack == name)]
        assert len(tiles) <= PER_GROUP
        assert scores == sorted(scores)
        assert (scores[0], scores[-1]) == (np.nanmin(mine), np.nanmax(mine))
        assert all(tile.wrong == ((tile.score > 0.55) == (name == "live")) for tile in tiles)


def test_a_crop_is_the_middle_frame_of_its_clip(result, tmp_path):
    clips = clips_of(result, tmp_path)
    tile = choose(result, Crops(clips), faces=True).groups["cut"][0]
    lowest = min((score, i) for i, score in enumerate(result.scores.score) if clips[i].attack == "cut")[1]
    assert base64.b64decode(tile.source.partition(",")[2]) == f"jpeg {3 * lowest + 1}".encode()


def test_clips_that_the_store_lacks_are_counted(result, tmp_path):
    clips = [clip for clip in clips_of(result, tmp_path) if clip.attack != "cut"]
    assert choose(result, Crops(clips), faces=True).note == "6 scored clips are not in this store."


def test_without_a_store_the_page_says_how_to_name_one(result, tmp_path):
    assert "--store DIR" in examples(result, None, faces=False).note
    assert examples(result, tmp_path / "absent", faces=False).note.startswith("No crops: ")
