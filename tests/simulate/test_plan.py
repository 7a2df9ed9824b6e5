from collections import Counter

import pytest

from sincera.data.sources import casia, msu, oulu, replay
from sincera.errors import UsageError
from sincera.simulate.instruments.species import SPECIES
from sincera.simulate.plan import SCALES, plan_world

SOURCES = {"O": oulu, "C": casia, "I": replay, "M": msu}


@pytest.mark.parametrize("scale", SCALES)
def test_clips_are_part_of_the_owners_grid_and_occur_once(scale):
    for plan in plan_world(scale):
        source = SOURCES[plan.key]
        official = {source.path(cell): cell for cell in source.grid()}
        paths = [clip.path for clip in plan.clips]
        assert len(set(paths)) == len(paths)
        assert set(paths) <= set(official)
        for clip in plan.clips:
            assert clip.species == official[clip.path].attack
            assert (clip.fills is None) == (clip.species == "")
            assert clip.species == "" or clip.species in SPECIES


@pytest.mark.parametrize("scale", ["mini", "tiny", "small"])
def test_every_split_has_both_classes_and_half_of_the_attacks_fill_the_frame(scale):
    for plan in plan_world(scale):
        cells = {SOURCES[plan.key].path(cell): cell for cell in SOURCES[plan.key].grid()}
        found = Counter((cells[clip.path].split, clip.species == "") for clip in plan.clips)
        splits = ("train", "dev", "test") if plan.key in "OI" else ("train", "test")
        assert set(found) == {(split, live) for split in splits for live in (True, False)}
        fills = Counter(clip.fills for clip in plan.clips)
        assert abs(fills[True] - fills[False]) <= 2
        assert len({clip.species for clip in plan.clips}) == (5 if plan.key == "O" else 4)


def test_the_scale_paper_is_the_whole_grid():
    assert {plan.key: len(plan.clips) for plan in plan_world("paper")} == {"O": 4950, "C": 600, "I": 1200, "M": 280}


def test_tiny_has_ten_people_a_domain_and_three_hundred_pictures_a_class():
    for plan in plan_world("tiny"):
        assert len(plan.people) == 10
        assert all(len(person) == 6 for person in plan.people)
        for live in (True, False):
            assert sum(clip.frames for clip in plan.clips if (clip.species == "") == live) >= 300
        assert max(max(clip.size) for clip in plan.clips) <= 480


def test_upside_down_clips_are_the_owners():
    turned = {clip.path for plan in plan_world("paper", "M") for clip in plan.clips if clip.rotation}
    assert turned == {f"scene01/real/real_client{n:03d}_android_SD_scene01.mp4" for n in (3, 5, 6, 7, 8, 9)}


def test_unknown_scales_and_domains_are_refused():
    with pytest.raises(UsageError, match="mini, tiny, small, paper"):
        plan_world("huge")
    with pytest.raises(UsageError, match="cannot be simulated"):
        plan_world("mini", "OX")
