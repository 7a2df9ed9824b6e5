"""Regions from five points hold the true parts of rendered heads; shares and overlaps are what they say."""

import numpy as np
import pytest

from sincera.faces.crop import transform, warp
from sincera.faces.face import Face
from sincera.faces.spec import CropSpec
from sincera.papers.regions import highest, overlap, regions, shares
from sincera.simulate import heads

SIZE = 96
POINTS = np.array([[34, 40], [62, 41], [48, 56], [37, 70], [59, 71]], float)


def test_eyes_and_mouth_lie_in_the_face_and_apart():
    found = regions(POINTS, SIZE)
    assert list(found) == ["face", "eyes", "mouth"]
    assert not (found["eyes"] & found["mouth"]).any()
    for part in ("eyes", "mouth"):
        assert (found[part] & found["face"]).sum() > 0.98 * found[part].sum()
    areas = {name: mask.mean() for name, mask in found.items()}
    assert areas["face"] > 5 * areas["mouth"] > areas["eyes"]


def test_a_mirrored_face_has_mirrored_regions():
    mirrored = POINTS[[1, 0, 2, 4, 3]] * [-1, 1] + [SIZE - 1, 0]
    for name, mask in regions(mirrored, SIZE).items():
        np.testing.assert_array_equal(mask[:, ::-1], regions(POINTS, SIZE)[name])


def test_regions_turn_with_the_face():
    turned = (POINTS - (SIZE - 1) / 2) @ np.array([[0, 1], [-1, 0]]) + (SIZE - 1) / 2  # a quarter, exactly
    for name, mask in regions(turned, SIZE).items():
        assert (mask != np.rot90(regions(POINTS, SIZE)[name], -1)).mean() < 0.002


def test_the_true_parts_of_rendered_heads():
    held: dict[str, list[float]] = {"eyes": [], "mouth": [], "face": []}
    parts_of = {
        "eyes": ("eye",),
        "mouth": ("mouth", "teeth", "tongue"),
        "face": ("mouth", "teeth", "eye", "brow", "lash"),
    }
    for seed, yaw in enumerate((-15.0, 0.0, 18.0)):
        rng = np.random.default_rng(seed)
        pose = heads.Pose(yaw=yaw, pitch=5 - 4 * seed, roll=4 * seed - 4, scale=0.2)
        face = heads.Expression(jaw_open=0.4, smile=0.2)
        head = heads.render(heads.make_person(seed), pose, face, heads.random_lights(rng), size=(240, 240))
        matrix = transform(Face([0, 0, 240, 240], head.points), CropSpec(size=SIZE), (240, 240))
        parts = warp(head.parts, matrix, SIZE, samples="nearest", border="constant")
        masks = regions(head.points @ matrix[:, :2].T + matrix[:, 2], SIZE)
        for name, names in parts_of.items():
            true = np.isin(parts, [heads.PARTS.index(part) for part in names])
            assert true.sum() > 4, f"{name} of head {seed} cannot be seen"
            held[name].append(float((true & masks[name]).sum() / true.sum()))
    assert min(held["eyes"]) > 0.95
    assert min(held["mouth"]) > 0.9
    assert min(held["face"]) > 0.9


def test_shares_of_an_even_map_are_areas():
    masks = regions(POINTS, SIZE)
    found = shares(np.full((SIZE, SIZE), 0.3), masks)
    assert found == {name: pytest.approx(mask.mean()) for name, mask in masks.items()}
    assert shares(np.zeros((SIZE, SIZE)), masks) is None


def test_overlap_of_unrelated_maps_is_as_by_chance():
    rng = np.random.default_rng(0)
    found = [overlap(rng.random((40, 40)), rng.random((40, 40))) for _ in range(30)]
    assert np.mean(found) == pytest.approx(0.2 / 1.8, abs=0.01)


def test_overlap_by_loops():
    rng = np.random.default_rng(1)
    a, b = rng.random((6, 5)), rng.random((6, 5))
    tops = [set(sorted(range(30), key=lambda i, one=one: -one.ravel()[i])[:6]) for one in (a, b)]
    assert overlap(a, b) == len(tops[0] & tops[1]) / len(tops[0] | tops[1])
    assert highest(a).sum() == 6


def test_pixels_without_evidence_never_count_as_highest():
    cam = np.zeros((10, 10))
    cam[0, 0] = 1
    assert highest(cam).sum() == 1
