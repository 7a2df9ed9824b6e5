"""The pure halves of MT-FAS's figures: arrays in, numbers out that were put in by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from sincera.clip import Clip, Label
from sincera.losses.supervision import pixel_labels
from sincera.measures.threshold import Threshold
from sincera.nets.detectors import map_teacher
from sincera.papers.mtfas.figures import ablations, annotation, confusion, gamma, gradients, maps
from sincera.papers.mtfas.figures.layers import layers_of
from sincera.papers.mtfas.figures.shown import called
from sincera.papers.samples import Sample

KINDS = ("", "", "PaperMask", "PaperMask", "Print", "Print")


@pytest.fixture
def sample():
    clips = tuple(
        Clip(Path(f"{n}.mov"), Label.ATTACK if kind else Label.LIVE, kind, "W", str(n), "train", name=f"{n}.mov")
        for n, kind in enumerate(KINDS)
    )
    return Sample(np.arange(6), clips)


@pytest.fixture
def crops():
    return np.random.default_rng(0).integers(0, 256, (6, 64, 64, 3)).astype(np.uint8)


def shown(each, *, level=0.5, flat=False):
    """The same map for six faces."""
    return maps.TeacherMaps(
        np.stack([each] * 6).astype(np.float32), np.full(6, level, np.float32), np.full(6, flat)
    )  # fmt: skip


def half(size=8):
    """1 on the left."""
    found = np.zeros((size, size), np.float32)
    found[:, : size // 2] = 1
    return found


def masks_of(sample, size=32):
    """Paper masks cover the left half, prints everything."""
    return np.stack(
        [np.zeros((size, size)) if not kind else half(size) if kind == "PaperMask" else np.ones((size, size))
         for kind in (clip.attack for clip in sample.clips)]
    ).astype(np.float32)  # fmt: skip


def test_what_is_shown_is_equation_13(crops, sample):
    torch.manual_seed(1)
    teacher = map_teacher("fasdr_light", width=2)
    found = maps.maps_of(teacher, crops)
    pixels = torch.from_numpy(crops).movedim(-1, 1) / 255
    expected = pixel_labels(teacher, pixels, torch.from_numpy(sample.attack).long())[:, 0]
    np.testing.assert_allclose(found.labels(sample.attack), expected.numpy(), atol=1e-6)
    np.testing.assert_allclose(found.level, (2 * teacher.eval()(pixels).sigmoid()).mean((1, 2, 3)).detach(), rtol=1e-5)
    assert found.maps.min((1, 2)).tolist() == [0] * 6
    assert found.maps.max((1, 2)).tolist() == [1] * 6, "of live faces too, before the mask"


def test_a_teacher_that_draws_nothing_is_flat(crops):
    found = maps.maps_of(nn.Conv2d(3, 1, 1).requires_grad_(requires_grad=False), crops * 0)
    assert found.flat.all()
    assert (found.maps == 1).all()


def test_where_a_map_lies_by_hand():
    left = half()
    tilted = 0.25 + 0.5 * left
    (right, wrong, whole, unknown) = maps.located(
        np.stack([tilted, tilted, tilted, tilted]), np.stack([left, 1 - left, left * 0 + 1, left * np.nan])
    )
    assert right == {"mean": 0.5, "inside": 0.75, "outside": 0.25, "overlap": 1, "covered": 0.5, "by_chance": 1 / 3}
    assert (wrong["inside"], wrong["outside"], wrong["overlap"]) == (0.25, 0.75, 0)
    assert (whole["inside"], whole["outside"], whole["overlap"]) == (0.5, None, None)
    assert unknown == {"mean": 0.5} | dict.fromkeys(("inside", "outside", "overlap", "covered", "by_chance"))


def test_chance_is_what_noise_comes_to():
    dice = np.random.default_rng(0)
    mask = np.zeros((32, 32), np.float32)
    mask[:8] = 1
    found = maps.located(dice.random((400, 32, 32)).astype(np.float32), np.stack([mask] * 400))
    assert np.mean([one["overlap"] for one in found]) == pytest.approx(found[0]["by_chance"], abs=0.01)


def test_numbers_by_kind_and_their_sentence(sample):
    numbers = maps.numbers_by_kind(shown(half()), masks_of(sample), sample, ["PaperMask"])
    paper, print_ = numbers["attacks"]["W PaperMask"], numbers["attacks"]["W Print"]
    assert (paper["trained_on"], print_["trained_on"]) == (True, False)
    assert paper["inside"]["mean"] == 1
    assert paper["outside"]["mean"] == 0
    assert paper["overlap"] == {"mean": 1, "low": 1, "high": 1, "pictures": 2, "people": 2, "left_out": 0}
    assert print_["outside"]["left_out"] == 2
    assert numbers["level_of_live"]["mean"] == 0.5
    assert "(1 of 2 kinds) the map's mean is 1.00 inside of the mask and 0.00 outside" in maps.told(numbers)
    del numbers["attacks"]["W PaperMask"]
    assert maps.told(numbers).startswith("No kind of attack here covers part")


def test_an_unknown_mask_leaves_its_place_empty(sample, crops):
    masks = masks_of(sample)
    masks[2:] = np.nan
    drawing = annotation.annotation_figure(crops, shown(half()), masks, sample, np.arange(6), ("Print",))
    pictures = [axes for axes in drawing.picture.figure.axes if axes.images]
    assert len(pictures) == 2 + 1 + 2 + 1, "two faces, the live one's mask, two maps, and the bar"


def test_the_parts_of_a_face_that_a_teacher_clings_to(sample, crops):
    points = np.tile(np.array([[22, 28], [42, 28], [32, 38], [24, 48], [40, 48]], float), (6, 1, 1))
    eye, corner = np.zeros((8, 8)), np.zeros((8, 8))
    eye[3, 2], corner[0, 0] = 1, 1
    found = {"eyes alone": shown(eye), ablations.WHOLE: shown(corner)}
    attacks = sample.select([2, 3, 4, 5])
    found = {t: maps.TeacherMaps(o.maps[2:], o.level[2:], o.flat[2:]) for t, o in found.items()}
    numbers = ablations.ablations_figure(
        crops[2:], found, masks_of(sample)[2:], attacks, points[2:], np.arange(4), ()
    ).numbers["teachers"]  # fmt: skip
    assert numbers["eyes alone"]["mass"]["eyes"]["mean"] == 1
    assert numbers["full"]["mass"]["face"]["mean"] == 0
    assert numbers["eyes alone"]["overlap_with_full"]["mean"] == 0
    assert numbers["full"]["overlap_with_full"]["mean"] == 1


def test_four_groups_of_verdicts(sample, crops):
    scores = np.array([0.1, 0.9, 0.2, 0.8, 0.7, 0.3])
    judged = confusion.Judged(crops, scores, shown(half()).maps, shown(1 - half()), sample)
    threshold = Threshold(0.3, "eer", "O source validation")
    drawing = confusion.confusion_figure(judged, threshold, np.arange(6))
    groups = drawing.numbers["groups"]
    assert {name: one["clips"] for name, one in groups.items()} == {
        "live → live": 1, "live → attack": 1, "attack → live": 2, "attack → attack": 2,
    }  # fmt: skip
    assert groups["live → attack"]["score"]["mean"] == 0.9
    assert groups["attack → live"]["alike"]["mean"] == pytest.approx(-1), "the one's left is the other's right"
    assert drawing.numbers["by_attack"] == {
        "PaperMask": {"clips": 2, "missed": 1}, "Print": {"clips": 2, "missed": 1},
    }  # fmt: skip
    assert drawing.numbers["threshold"]["rule"] == "eer"
    assert "0.300" in drawing.picture.alt


def test_a_group_without_a_face_leaves_its_places_empty(sample, crops):
    judged = confusion.Judged(crops, np.zeros(6), shown(half()).maps, shown(half()), sample)
    drawing = confusion.confusion_figure(judged, Threshold(0.5, "eer", "O"), np.arange(6))
    assert drawing.numbers["groups"]["attack → attack"]["clips"] == 0
    assert drawing.numbers["groups"]["attack → attack"]["score"]["mean"] is None
    assert len([axes for axes in drawing.picture.figure.axes if axes.images]) == 3 * (2 + 3) + 1


def test_the_curve_over_gamma_beside_what_is_printed():
    rates = {0.9: 0.3, 0.999: 0.1, 1.0: 0.2}
    found = gamma.gamma_figure(
        {one: {key: [rate, rate + 0.02] for key in gamma.RATES} for one, rate in rates.items()}, "ST", "oulu/1"
    )
    assert found.numbers["least_at"] == 0.999
    assert found.numbers["measured"]["0.9"]["acer_pooled"]["mean"] == pytest.approx(0.31)
    assert found.numbers["printed_acer"] == {"0.999": 0.006, "0.9": 0.053}
    ours, theirs = found.picture.figure.axes
    assert theirs.lines[0].get_xydata().tolist() == [[0, 0.053], [1, 0.006]]
    assert theirs.lines[0].get_linestyle() == "None", "between two points nothing is known"
    assert ours.lines[0].get_linestyle() != "None"


def test_a_rate_that_a_seed_lacks_is_no_point():
    rates = {0.9: {key: [None, None] for key in gamma.RATES}, 1.0: {key: [0.2, 0.4] for key in gamma.RATES}}
    found = gamma.gamma_figure(rates, "ST", "oulu/1")
    assert found.numbers["least_at"] == 1.0
    assert found.numbers["measured"]["0.9"]["hter"]["mean"] is None


def test_what_moves_the_teacher():
    def course(far):
        names = {"loss_train": 0.2, "loss_valid": 0.1, "level": 0.5, "maps": 1.0, "norm_task": 0.04}
        return [{"step": n, "distance": n * far, "norm_level": 0.02, **names} for n in (10, 20)]

    drawing = gradients.gradients_figure([course(0.1), course(0.3)])
    assert drawing.numbers["distance"]["last"]["values"] == [2.0, 6.0]
    assert drawing.numbers["distance"]["first"]["mean"] == pytest.approx(2)
    assert drawing.numbers["task_over_level"]["mean"] == pytest.approx(2)
    assert drawing.numbers["iterations"] == 20
    assert drawing.picture.figure.axes[-1].get_yscale() == "log"
    compared = gradients.outer_figure({"Adam": [course(0.1)], "plain": [course(0.001)]}).numbers["outer"]
    assert compared["Adam"]["distance"]["last"]["mean"] == 100 * compared["plain"]["distance"]["last"]["mean"]


def test_layers_are_told_in_the_order_in_which_they_are_met():
    network = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert network.training
    found = layers_of(network.append(nn.Linear(4, 1)), 16)
    assert [(one.kind, one.filters, one.size, one.kernel, one.stride) for one in found] == [
        ("Conv2d", 4, 8, 3, 2), ("AdaptiveAvgPool2d", 4, 1, 0, 0), ("Linear", 1, 1, 0, 0),
    ]  # fmt: skip
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())


@pytest.mark.parametrize(
    ("kind", "words"), [("", "live"), ("print/1", "print/1"), ("MannequinHead", "mannequin"), ("ipad_video",) * 2]
)
def test_kinds_as_heads(kind, words):
    assert called(kind) == words
