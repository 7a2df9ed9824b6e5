"""SiW-M's attacks on simulated people: readable as the owner's, with truth that covers what is not skin."""

import json
from collections import Counter

import numpy as np
import pytest

from sincera.clip import Label
from sincera.data.sources import read_clips, siwm
from sincera.media import probe
from sincera.simulate.heads import make_person
from sincera.simulate.plan import FLAT, SCALES, plan_world
from sincera.simulate.siwm import WORN, disguise, film_worn
from sincera.simulate.truth import read_truth, truth_path
from sincera.simulate.world import write_world

EYES = 24.0
# By how much of the box between brows and chin, eyes and all, each kind covers: most and least of any seed.
COVERS = {
    "HalfMask": (0.45, 1.0), "SiliconeMask": (0.75, 1.0), "TransparentMask": (0.7, 1.0), "PaperMask": (0.7, 1.0),
    "MannequinHead": (0.9, 1.0), "Obfuscation": (0.1, 0.98), "Impersonation": (0.7, 0.99), "Cosmetic": (0.6, 0.99),
    "FunnyeyeGlasses": (0.15, 0.6), "PaperGlasses": (0.08, 0.6), "PartialPaper": (0.06, 0.8),
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_world(tmp_path_factory.mktemp("world"), scale="mini", seed=1, domains="W", workers=1)["W"]


@pytest.fixture(scope="module")
def clips(root):
    return read_clips("W", "W", root).clips


@pytest.fixture(scope="module")
def person():
    return make_person(5, beard="none")


def between_brows_and_chin(picture, points):
    """The part of a map (H, W) from brows to chin and from cheek to cheek."""
    eyes, mouth = points[:2].mean(0), points[3:].mean(0)
    apart, span = points[1, 0] - points[0, 0], mouth[1] - eyes[1]
    rows = slice(round(eyes[1] - 0.3 * span), round(mouth[1] + 0.35 * span))
    return picture[rows, round(eyes[0] - 0.9 * apart) : round(eyes[0] + 0.9 * apart)]


def before_a_wall(worn):
    """The first frame at the size at which it was rendered."""
    height, width = worn.figures[0].layer.shape[:2]
    return worn.scene(0, np.full((height, width, 3), 0.3, np.float32), np.eye(3)[:2])


class TestPlan:
    @pytest.mark.parametrize("scale", SCALES)
    def test_a_part_of_the_owners_grid_with_one_person_a_video(self, scale):
        (plan,) = plan_world(scale, "W")
        official = {siwm.path(cell): cell for cell in siwm.grid()}
        paths = [clip.path for clip in plan.clips]
        assert len(set(paths)) == len(paths)
        assert set(paths) <= set(official)
        assert all(len(person) == 1 for person in plan.people)
        for clip in plan.clips:
            assert clip.species == official[clip.path].attack
            assert (clip.fills is None) == (clip.species not in FLAT)
        assert {clip.species for clip in plan.clips} == {"", *WORN, *FLAT} == {"", *(k.word for k in siwm.KINDS)}
        assert {official[clip.path].split for clip in plan.clips if not clip.species} == {"train", "test"}

    def test_the_scale_paper_is_the_whole_grid(self):
        assert len(plan_world("paper", "W")[0].clips) == 1628

    def test_neither_camera_nor_hold_tells_live_from_attack_or_one_kind_from_another(self):
        clips = plan_world("tiny", "W")[0].clips
        for told in ("device", "support"):
            shares = {
                live: Counter(getattr(clip, told) for clip in clips if (clip.species == "") == live)
                for live in (True, False)
            }
            for value in shares[True]:
                lives, attacks = (shares[live][value] / shares[live].total() for live in (True, False))
                assert abs(lives - attacks) < 0.1
        devices = Counter((clip.species, clip.device) for clip in clips)
        assert min(devices.values()) >= 2


class TestDisguises:
    @pytest.mark.parametrize("species", WORN)
    def test_the_truth_covers_as_much_as_the_kind_does_and_leaves_depth_elsewhere(self, person, species):
        rng = np.random.default_rng(7)
        worn = film_worn(disguise(person, species, rng), rng, 1, EYES)
        scene = before_a_wall(worn)
        share = between_brows_and_chin(scene.spoof, scene.points).mean() / 255
        least, most = COVERS[species]
        assert least <= share <= most
        assert scene.relief[scene.spoof > 127].max() == 0
        assert scene.spoof[worn.figures[0].layer[..., 3] < 0.01].max() == 0
        if share < 0.6:
            assert between_brows_and_chin(scene.relief, scene.points).max() > 150

    @pytest.mark.parametrize("species", ["HalfMask", "Obfuscation", "PartialPaper"])
    def test_one_seed_one_attack(self, person, species):
        one, same, other = (disguise(person, species, np.random.default_rng(seed)) for seed in (1, 1, 2))
        np.testing.assert_array_equal(one.person.skin[0], same.person.skin[0])
        np.testing.assert_array_equal(one.person.mesh.rest, same.person.mesh.rest)
        assert one.parameters == same.parameters
        assert one.parameters != other.parameters

    def test_joke_glasses_hide_the_eyes_and_nothing_below(self, person):
        rng = np.random.default_rng(3)
        scene = before_a_wall(film_worn(disguise(person, "FunnyeyeGlasses", rng), rng, 1, EYES))
        x, y = np.rint(scene.points).astype(int).T
        assert scene.spoof[y[:2], x[:2]].min() > 200
        assert scene.spoof[y[3:], x[3:]].max() == 0
        assert scene.relief[y[3:], x[3:]].min() > 120

    @pytest.mark.parametrize("seed", [3, 4])
    def test_a_mannequin_keeps_its_face_and_nothing_of_it_lives(self, seed):
        """Nor did the crown of a bald one, which the hair that came off had shaded."""
        rng = np.random.default_rng(seed)
        made = disguise(make_person(8, hair_style="short02"), "MannequinHead", rng)
        assert (made.freedom, made.blinks) == (0.0, False)
        assert made.parameters["wig"] == (seed == 3)
        scene = before_a_wall(film_worn(made, rng, 1, EYES))
        assert (scene.relief > 0).sum() < 0.02 * (scene.spoof > 127).sum()


class TestWorld:
    def test_the_reader_finds_what_was_planned(self, root, clips):
        found = read_clips("W", "W", root)
        assert found.simulated
        assert (found.missing, found.surplus, found.set_aside, found.faults) == ((), (), (), ())
        planned = {clip.path: clip for clip in plan_world("mini", "W")[0].clips}
        assert {clip.name for clip in clips} == set(planned)
        for clip in clips:
            info = probe(clip.path)
            assert clip.attack == planned[clip.name].species
            assert (info.height, info.width, info.frames) == (*planned[clip.name].size, planned[clip.name].frames)

    def test_truth_of_every_kind(self, clips):
        for clip in clips:
            truth = read_truth(truth_path(clip.path))
            assert truth.mask.shape == truth.depth.shape
            if clip.label is Label.LIVE:
                assert truth.mask.max() == 0
                assert truth.depth.max() > 200
                assert truth.instrument == {}
            else:
                assert truth.mask.max() == 255
                assert truth.instrument["species"] == clip.attack
                assert truth.depth[truth.mask == 255].max() == 0
            if clip.attack in ("FunnyeyeGlasses", "PaperGlasses", "PartialPaper"):
                assert truth.depth.max() > 150

    def test_nobody_is_filmed_twice(self, clips):
        told = [json.dumps(dict(read_truth(truth_path(clip.path)).attributes), sort_keys=True) for clip in clips]
        assert len(set(told)) == len(clips)
