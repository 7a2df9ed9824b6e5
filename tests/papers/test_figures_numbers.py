"""The pure halves of figures: arrays in, numbers out that were put in by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sincera.clip import Clip, Label
from sincera.measures.table import SourceScores, TargetScores
from sincera.papers.dtda.figures import attack, domain_cam, epsilon, stability, teachers_cam, tsne
from sincera.papers.dtda.figures.roc import roc_figure, target_scores
from sincera.papers.means import over_people, over_seeds
from sincera.papers.samples import Sample, crop_points, even_sample, varied
from sincera.runs import Run

SIDE = 64


def clip(number: int, *, attack: str = "", domain: str = "O") -> Clip:
    label = Label.ATTACK if attack else Label.LIVE
    return Clip(Path(f"{number}.png"), label, attack, domain, str(number // 2), "test", name=f"{number}.png")


@pytest.fixture
def sample():
    """Four faces of O and four of C, every other one an attack, two clips a person."""
    clips = tuple(clip(i, attack="print" if i % 2 else "", domain="OC"[i // 4]) for i in range(8))
    return Sample(np.arange(8), clips)


@pytest.fixture
def crops():
    return np.random.default_rng(0).integers(0, 256, (8, SIDE, SIDE, 3)).astype(np.uint8)


POINTS = np.tile(np.array([[22, 28], [42, 28], [32, 38], [24, 48], [40, 48]], float), (8, 1, 1))


def test_the_mass_of_maps_in_regions(sample, crops):
    cams = np.zeros((8, SIDE, SIDE), np.float32)
    cams[:, 28, 22] = 1  # in an eye
    cams[:, 0, 0] = 3  # in a corner
    cams[1] = 0
    found = teachers_cam.cam_figure(crops, {"even": np.ones_like(cams), "eye": cams}, sample, POINTS, np.arange(8))
    mass, area = found.numbers["mass"], found.numbers["area"]
    assert mass["even"]["live"]["face"]["mean"] == pytest.approx(area["face"])
    assert mass["eye"]["live"] == {
        "face": {"mean": 0.25, "low": 0.25, "high": 0.25, "pictures": 4, "people": 4, "left_out": 0},
        "eyes": {"mean": 0.25, "low": 0.25, "high": 0.25, "pictures": 4, "people": 4, "left_out": 0},
        "mouth": {"mean": 0, "low": 0, "high": 0, "pictures": 4, "people": 4, "left_out": 0},
    }
    assert mass["eye"]["attack"]["face"]["left_out"] == 1
    assert found.numbers["sample"] == {"live": 4, "attack": 4, "clips": 8, "people": 4}


def test_the_overlap_with_the_domain_classifiers_map(sample, crops):
    left, right = np.zeros((8, SIDE, SIDE), np.float32), np.zeros((8, SIDE, SIDE), np.float32)
    left[:, :, :20], right[:, :, -20:] = 1, 1
    cams = {domain_cam.CLASSIFIER: left, domain_cam.WITHOUT: left, domain_cam.WITH: right}
    predicted = ["O"] * 8
    found = domain_cam.overlap_figure(crops, cams, sample, predicted, np.arange(8), targets=("C",)).numbers
    assert found["overlap"]["all"][domain_cam.WITHOUT]["mean"] == 1
    assert found["overlap"]["all"][domain_cam.WITH]["mean"] == 0
    assert found["overlap"]["C"]["difference"]["mean"] == -1
    assert found["domain_accuracy"] == 1, "the target's domain is no class, so it does not count"
    assert found["by_chance"] == pytest.approx(1 / 9)


def test_what_the_attack_changed(sample):
    clean = np.full((8, 4, 4, 3), 0.5, np.float32)
    moved = clean + np.float32(0.1)
    clean[0], moved[0] = 1.0, 1.0  # at the edge: its step is cut off
    before = np.eye(2, dtype=np.float32)[[1, 1, 1, 1, 0, 0, 0, 1]]
    found = attack.Attacked(clean, moved, before, 1 - before, np.arange(8) % 2 / 1.0, np.zeros(8), 0.1)
    numbers = attack.attack_figure(found, sample, ("C", "O"), np.arange(8)).numbers
    assert numbers["greatest_change"] == pytest.approx(0.1)
    assert numbers["clipped"] == pytest.approx(1 / 8)
    assert numbers["domain_accuracy"]["clean"]["mean"] == 7 / 8
    assert numbers["domain_accuracy"]["attacked"]["mean"] == 1 / 8
    assert numbers["student_accuracy"]["clean"]["mean"] == 1
    assert numbers["student_accuracy"]["attacked"]["mean"] == 0.5
    assert numbers["student_accuracy"]["threshold"]["value"] == 0.5


class Brightness(torch.nn.Module):
    """Domain 1 where the mean pixel is above the middle."""

    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor(100.0))

    def forward(self, pixels):
        logit = self.scale * (pixels.mean((1, 2, 3)) - 0.5)
        return torch.stack([-logit, logit], 1)


def test_domain_accuracy_against_epsilon_falls_by_an_attack_only():
    domains = np.repeat([0, 1], 70)  # more than one batch
    crops = np.broadcast_to(np.where(domains, 132, 123)[:, None, None, None], (140, 16, 16, 3)).astype(np.uint8)
    found = epsilon.accuracies(Brightness(), crops, domains, (0.0, 2.0, 8.0), steps=3)
    assert found == {"fgsm": [1, 1, 0], "pgd": [1, 1, 0], "random signs": [1, 1, 1]}
    drawing = epsilon.epsilon_figure(
        (0.0, 2.0, 8.0), {kind: [rows] for kind, rows in found.items()}, by_chance=0.5, steps=3
    )
    assert drawing.numbers["domain_accuracy"]["pgd"]["8/255"] == {"mean": 0, "sd": None, "values": [0]}


def test_silhouettes_are_the_targets_by_class():
    rng = np.random.default_rng(0)
    attack_ = np.tile([False, True], 20)
    of = tsne.Labelled(np.repeat(["O", "M", "C", "C"], 10), attack_, np.arange(40) >= 20)
    apart = (rng.normal(size=(40, 6)) + 20 * attack_[:, None]).astype(np.float32)
    mixed = rng.normal(size=(40, 6)).astype(np.float32)
    found = tsne.tsne_figure([{"before": mixed, "after": apart}] * 2, [of, of]).numbers
    target = found["silhouette_of_target"]
    assert target["after"]["live"]["mean"] > 0.6 > 0.2 > target["before"]["live"]["mean"]
    assert target["after"]["attack"]["sd"] == 0
    assert found["source"] == found["target"] == {"live": 10, "attack": 10}


def table(kind, live, attack_):
    scores = [*live, *attack_]
    names = [f"{i}" for i in range(len(scores))]
    label = [0] * len(live) + [1] * len(attack_)
    return kind(label, scores, clip=names, domain=["C"] * len(scores), subject=names)


def test_areas_of_every_task_and_variant():
    good, bad = table(TargetScores, [0.1, 0.2], [0.8, 0.9]), table(TargetScores, [0.1, 0.8], [0.2, 0.9])
    found = roc_figure({"OMI→C": {"V1": [good, bad], "V5": [good, good]}, "OCI→M": {"V1": [bad], "V5": [good]}}).numbers
    assert found["tasks"]["OMI→C"]["auc"]["V1"] == {"mean": 0.875, "sd": pytest.approx(0.1767767), "values": [1, 0.75]}
    assert found["tasks"]["OCI→M"]["clips"] == {"live": 2, "attack": 2}


def test_scores_are_those_of_the_step_that_the_source_chose(tmp_path):
    run = Run(tmp_path)
    for step, live in ((10, [0.1, 0.2]), (20, [0.3, 0.4])):
        run.write_scores(step, table(SourceScores, live, [0.9]), table(TargetScores, live, [0.8, 0.9]))
    run.write_measures({"policies": {"ST": {"steps": [10]}}})
    assert target_scores(run).score.tolist() == [0.1, 0.2, 0.8, 0.9]
    run.write_measures({"policies": {}})
    assert target_scores(run).score.tolist() == [0.3, 0.4, 0.8, 0.9]


def test_a_course_reads_scores_and_log_and_its_sway_is_a_number(tmp_path):
    run = Run(tmp_path)
    for step, live in ((10, [0.1, 0.2]), (20, [0.1, 0.95])):
        run.write_scores(step, table(SourceScores, [0.1, 0.5], [0.6, 0.9]), table(TargetScores, live, [0.8, 0.9]))
    lines = ['{"stage": "domain", "step": 5, "loss": 1}', '{"stage": "train", "step": 5, "loss_fas": null}']
    lines += [
        f'{{"stage": "train", "step": {step}, "loss_fas": {loss}}}' for step, loss in ((10, 0.6), (15, 0.4), (20, 0.2))
    ]
    run.log_path.write_text("\n".join(lines) + "\n")
    course = stability.course_of(run)
    assert course.steps.tolist() == [10, 20]
    assert course.hter.tolist() == [0, 0.25]
    assert course.loss.tolist() == [0.6, 0.4, 0.2]
    found = stability.stability_figure({"dann": [course, course]}).numbers["methods"]["dann"]
    assert found["hter_within_run"]["mean"] == pytest.approx(np.std([0, 0.25], ddof=1))
    assert found["last_hter"] == {"mean": 0.25, "sd": 0, "values": [0.25, 0.25]}
    assert found["loss_within_run"]["mean"] == pytest.approx(np.std([0.4, 0.2], ddof=1) / 0.3)


def test_a_course_of_one_evaluation_has_no_sway_which_is_not_0():
    one = stability.Course(np.array([1]), np.array([0.25]), np.array([], int), np.array([]))
    drawing = stability.stability_figure({"dann": [one]})
    found = drawing.numbers["methods"]["dann"]
    assert found["hter_within_run"] == found["loss_within_run"] == {"mean": None, "sd": None, "values": [None]}
    assert found["last_hter"]["mean"] == 0.25
    assert "last error 25.0%." in drawing.picture.alt


def test_a_sample_is_even_repeatable_and_takes_every_clip_before_a_second_frame(store):
    clips = [one for one in store.clips if one.domain in "OC"]
    sample = even_sample(store, clips, 16, seed=3)
    assert sample.counts() == {"live": 8, "attack": 8, "clips": 16, "people": len(set(sample.people.tolist()))}
    again = even_sample(store, reversed(clips), 16, seed=3)
    assert again.rows.tolist() == sample.rows.tolist()
    assert even_sample(store, clips, 16, seed=4).rows.tolist() != sample.rows.tolist()
    assert len(even_sample(store, clips, 10_000, seed=0)) == len(store.rows(clips)), "all there are, none twice"


def test_printed_faces_differ_in_person_and_instrument(sample):
    lives = np.flatnonzero(~sample.attack)
    assert len(set(sample.select(varied(sample, lives, 4)).people.tolist())) == 4
    kinds = Sample(np.arange(4), tuple(clip(i, attack=kind) for i, kind in enumerate(("a", "a", "b", "a"))))
    assert [one.attack for one in kinds.select(varied(kinds, np.arange(4), 2)).clips] == ["a", "b"]


def test_crop_points_lie_where_the_template_has_them(store):
    sample = even_sample(store, store.clips, 6, seed=0)
    found, origins = crop_points(store, sample)
    assert found.shape == (len(sample), 5, 2)
    assert origins == {"true": 0, "detected": 0, "template": len(sample)}, "the toy detector gives a box alone"
    assert np.ptp(found, axis=0).max() == 0


def test_true_points_of_simulated_faces(mini_world, tmp_path):
    from sincera.data.prepare import Preparation, prepare
    from sincera.data.sources import parse_root, read_clips
    from sincera.data.store import Store
    from sincera.faces.spec import CropSpec
    from sincera.media import Sampling

    clips = read_clips(*parse_root(f"C={mini_world / 'C'}")).clips[:2]
    prepare(clips, tmp_path, Preparation(Sampling(2, "even"), {"face": CropSpec(size=SIDE)}, "mtcnn", None), workers=1)
    store = Store.open(tmp_path)
    sample = even_sample(store, clips, 4, seed=0)
    found, origins = crop_points(store, sample)
    assert origins["true"] == len(sample) > 0
    middle = SIDE / 2
    assert (found[:, 0, 0] < middle).all()
    assert (found[:, 1, 0] > middle).all()
    assert (found[:, 3:, 1].mean(1) - found[:, :2, 1].mean(1) > 0.15 * SIDE).all()


def test_an_interval_over_people_is_wider_than_over_pictures():
    rng = np.random.default_rng(0)
    people = np.repeat(np.arange(6), 20)
    values = (rng.normal(size=6)[people] + 0.1 * rng.normal(size=120)).tolist()
    by_people, by_picture = over_people(values, people), over_people(values, np.arange(120))
    assert by_people["mean"] == by_picture["mean"]
    assert by_people["high"] - by_people["low"] > 2 * (by_picture["high"] - by_picture["low"])
    assert over_people([None], ["a"]) == {
        "mean": None, "low": None, "high": None, "pictures": 0, "people": 0, "left_out": 1
    }  # fmt: skip


def test_one_seed_has_no_spread():
    assert over_seeds([0.5]) == {"mean": 0.5, "sd": None, "values": [0.5]}
