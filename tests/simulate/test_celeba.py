"""A simulated CelebA-Spoof: readable as the owner's, sound in every protocol, true to its plan."""

import shutil
from collections import Counter

import cv2
import numpy as np
import pytest

from sincera.clip import Label
from sincera.data.audit import audit
from sincera.data.prepare import Preparation, prepare
from sincera.data.protocols import CELEBA, parse_protocol
from sincera.data.sources import read_clips
from sincera.data.sources.annotations import read_annotation
from sincera.data.sources.celeba_labels import ENVIRONMENTS, ILLUMINATIONS, SPECIES
from sincera.data.store import Store
from sincera.errors import UsageError
from sincera.media import probe
from sincera.simulate.celeba import KNOWN, SCALES, UNSEEN, celeba_attributes, plan_celeba
from sincera.simulate.heads import make_person
from sincera.simulate.instruments.cuts import cut_out
from sincera.simulate.instruments.sheet import Sheet
from sincera.simulate.truth import read_truth, truth_path
from sincera.simulate.world import write_world


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_world(tmp_path_factory.mktemp("world"), scale="mini", seed=1, domains="S", workers=1)["S"]


@pytest.fixture(scope="module")
def clips(root):
    return read_clips("S", "S", root).clips


class TestPlan:
    @pytest.mark.parametrize("scale", SCALES)
    def test_everything_is_spread_and_nobody_is_on_two_sides(self, scale):
        plan = plan_celeba(scale)
        assert len(set(plan.paths)) == len(plan.paths)
        attacks = [picture for person in plan.people for picture in person.pictures if picture.species]
        species = Counter(picture.species for picture in attacks)
        assert set(species) == set(SPECIES[1:])
        assert max(species.values()) - min(species.values()) <= 1
        assert {picture.illumination for picture in attacks} == set(ILLUMINATIONS[1:])
        assert {picture.environment for picture in attacks} == set(ENVIRONMENTS[1:])
        assert len({person.identity for person in plan.people}) == len(plan.people)
        assert sum(person.part != person.side for person in plan.people) == 1

    def test_lights_and_places_are_not_told_by_the_species(self):
        attacks = [picture for person in plan_celeba("small").people for picture in person.pictures if picture.species]
        for other in ("illumination", "environment", "quality"):
            counts = Counter((picture.species, getattr(picture, other)) for picture in attacks)
            kinds = len({getattr(picture, other) for picture in attacks})
            assert len(counts) == 10 * kinds
            assert max(counts.values()) <= 1.3 * len(attacks) / 10 / kinds

    def test_the_same_seed_is_the_same_plan(self):
        assert plan_celeba("mini", 3).side_files == plan_celeba("mini", 3).side_files
        assert plan_celeba("mini", 3).side_files != plan_celeba("mini", 4).side_files
        assert plan_celeba("mini", 3).paths == plan_celeba("mini", 4).paths

    def test_there_is_no_scale_of_the_release(self, tmp_path):
        with pytest.raises(UsageError, match="561,575 pictures; choose one of mini, tiny, small"):
            write_world(tmp_path / "w", scale="paper", domains="S")
        assert not (tmp_path / "w").exists()

    def test_attributes_are_those_of_the_person_that_is_drawn(self):
        for planned in plan_celeba("mini", 5).people[:2]:
            assert make_person(planned.identity).attributes == planned.attributes

    def test_attributes_in_celebas_words(self):
        def told(**wishes):
            return set(celeba_attributes(make_person(3, **wishes).attributes))

        assert told(sex=0.0, age=30, hair_style="bob01", hair_colour="blond", glasses="round", beard="none") == {
            "Blond_Hair",
            "Eyeglasses",
            "No_Beard",
            "Young",
        }
        assert told(sex=1.0, age=60, hair_style="crop", hair_colour="grey", glasses="none", beard="stubble") == {
            "Gray_Hair",
            "Male",
            "5_o_Clock_Shadow",
        }


class TestWorld:
    def test_the_audit_finds_it_whole(self, root):
        found = audit("S", root, deep=True)
        assert found.ok, found.to_dict()
        assert found.simulated
        assert found.expected == found.counts
        assert {split: (c.live, c.attack, c.subjects) for split, c in found.counts.items()} == {
            "train": (8, 20, 4),
            "test": (4, 10, 2),
        }

    def test_pictures_boxes_and_truth_agree(self, clips):
        for clip in clips:
            info, truth = probe(clip.path), read_truth(truth_path(clip.path))
            assert info.kind == "picture"
            assert truth.size == (info.height, info.width)
            assert clip.path.suffix == (".jpg" if clip.split == "train" else ".png")
            (face,) = read_annotation(clip).values()
            x, y = truth.points[0].T
            assert face.box[0] < x.min() < x.max() < face.box[2]
            assert face.box[1] < y.min() < y.max() < face.box[3]
            assert face.confidence == 1
            if clip.label is Label.LIVE:
                assert (truth.mask.max(), truth.instrument) == (0, {})
                assert truth.depth.max() > 200
            else:
                assert truth.instrument["species"] == clip.attack
                assert truth.mask.max() == 255
                assert truth.depth[truth.mask == 255].max() == 0

    def test_live_pictures_carry_what_the_simulator_knows_of_celebas_attributes(self, clips):
        for clip in clips:
            if clip.label is Label.ATTACK:
                assert clip.attributes == {}
                continue
            told = read_truth(truth_path(clip.path)).attributes
            assert tuple(clip.attributes) == KNOWN
            assert clip.attributes["Male"] == (told["sex"] > 0.5)
            assert clip.attributes["Young"] == (told["age"] < 40)
            assert clip.attributes["Eyeglasses"] == (told["glasses"] != "none")

    @pytest.mark.parametrize("name", CELEBA)
    def test_every_protocol_has_both_classes_and_divides_people(self, clips, name):
        lists = parse_protocol(name).divide(clips)
        people = [{clip.person for clip in part} for part in (lists.train, lists.dev, lists.test)]
        keys = [{clip.key for clip in part} for part in (lists.train, lists.dev, lists.test)]
        assert all(people)
        for first, second in ((0, 1), (0, 2), (1, 2)):
            assert not people[first] & people[second]
            assert not keys[first] & keys[second]
        for part in (lists.train, lists.test):
            assert {clip.label for clip in part} == set(Label)
        if name == "celeba/1":
            assert {c.attack for c in lists.test} <= {"", *UNSEEN}
            assert not {c.attack for c in (*lists.train, *lists.dev)} & set(UNSEEN)

    def test_a_protocol_tests_somebody_who_lies_in_data_train(self, clips):
        tested = parse_protocol("celeba/1").divide(clips).test
        assert {clip.name.split("/")[1] for clip in tested} == {"train", "test"}

    def test_annotated_crops_and_attributes_reach_the_store(self, clips, tmp_path):
        few = [*[c for c in clips if c.label is Label.LIVE][:2], *[c for c in clips if c.label is Label.ATTACK][:2]]
        done = prepare(few, tmp_path / "store", Preparation(detector="annotated"), workers=1)
        assert (done.faces, done.no_face, done.set_aside) == (4, 0, ())
        store = Store.open(tmp_path / "store")
        known = {*KNOWN} & {*store.attribute_names}
        assert known == set(KNOWN)
        for clip in few:
            row = store.rows([clip])
            values = dict(zip(store.attribute_names, store.extra("attributes", row)[0], strict=True))
            if clip.label is Label.LIVE:
                assert {name: values[name] for name in KNOWN} == dict(clip.attributes)
            else:
                assert all(np.isnan(values[name]) for name in KNOWN)
            assert np.isfinite(values["age"])
        assert store.has("mask")

    def test_a_second_run_writes_only_what_is_missing(self, root, clips, tmp_path):
        shutil.copytree(root, tmp_path / "S")
        gone, kept = (tmp_path / "S" / clip.name for clip in clips[:2])
        before, picture = kept.stat().st_mtime_ns, gone.read_bytes()
        gone.unlink()
        write_world(tmp_path, scale="mini", seed=1, domains="S", workers=1)
        assert kept.stat().st_mtime_ns == before
        assert gone.read_bytes() == picture
        with pytest.raises(UsageError, match="was begun as"):
            write_world(tmp_path, scale="mini", seed=2, domains="S", workers=1)

    def test_cheap_cues_do_not_tell_the_classes(self, clips):
        """Size and mean colour, which alone separate the classes of the owner's release."""
        from sincera.measures.rates import auc

        rows, labels = [], [clip.label.number for clip in clips]
        for clip in clips:
            picture = cv2.imread(str(clip.path)).astype(float)
            height, width = picture.shape[:2]
            rows.append([height, width, height / width, picture.mean(), picture[..., 2].mean() / picture.mean()])
        assert all(0.2 < auc(values, labels) < 0.8 for values in zip(*rows, strict=True))


@pytest.mark.parametrize("outline", ["face", "body", "regions"])
def test_cut_paper_keeps_the_features_and_loses_the_corners(outline):
    points = np.array([[80, 90], [120, 90], [100, 112], [85, 130], [115, 130]], np.float32)
    sheet = cut_out(Sheet.of(np.zeros((240, 200, 3), np.uint8)), points, outline, np.random.default_rng(0))
    for x, y in points.astype(int):
        assert sheet.alpha[y, x] == sheet.spoof[y, x] == 255
    assert sheet.alpha[0].max() == 0
    below = {"face": 0, "body": 255, "regions": 0}[outline]
    assert sheet.alpha[225, 100] == below
    kept = (sheet.alpha > 127).mean()
    assert (
        {"face": 0.1, "body": 0.4, "regions": 0.02}[outline]
        < kept
        < {"face": 0.4, "body": 0.8, "regions": 0.15}[outline]
    )
