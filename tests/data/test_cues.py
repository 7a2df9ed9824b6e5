"""Trivial cues as scores: their values, and that direction and choice come from the source alone."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from sincera.clip import Clip, Label
from sincera.data import cues
from sincera.data.store import ClipRecord, FaceRow, Preparation, Store, shards
from sincera.faces import quality
from sincera.faces.spec import CropSpec
from sincera.measures.table import ScoreTable, SourceScores, TargetScores

SIZE = 64
PREPARATION = Preparation(views={"face": CropSpec(size=SIZE)})


def jpeg(seed, blur, bright=0):
    noise = np.random.default_rng(seed).normal(128 + bright, 40, (SIZE, SIZE, 3))
    image = np.clip(cv2.GaussianBlur(noise, (0, 0), blur), 0, 255).astype(np.uint8)
    return cv2.imencode(".png", image)[1].tobytes()  # lossless, so that values can be compared


def clip(domain, number):
    attack = "print" if number % 2 else ""
    label = Label.ATTACK if attack else Label.LIVE
    return Clip(Path(f"{number}.avi"), label, attack, domain, f"s{number // 2}", "train", name=f"{number:02}.avi")


def found(domain, number):
    """Attacks of O are blurred, those of C sharper and a little darker; clip 7 has no face."""
    attack = number % 2
    blur = {"O": 3.0 if attack else 1.0, "C": 1.0 if attack else 2.0}[domain]
    bright = -8 * attack if domain == "C" else 0
    rows = [
        FaceRow(
            frame=frame,
            time=None,
            view="face",
            box=np.array([0, 0, 10 + number, 40 - number], np.float32),
            points=np.zeros((5, 2), np.float32),
            confidence=1.0,
            jpeg=jpeg(100 * number + frame, blur, bright),
        )
        for frame in range(0 if number == 7 else 5)
    ]
    return ClipRecord(clip(domain, number), "ok" if rows else "no_face", size=1000 + number), rows


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cues")
    placed = []
    for domain in "CO":
        path = folder / f"faces-{domain}-0.parquet"
        header = shards.write_shard(path, PREPARATION.to_json(), [found(domain, number) for number in range(10)])
        placed += header.placed()
    shards.write_clips(folder, PREPARATION.to_json(), placed)
    return Store.open(folder)


def of(store, domain):
    return [clip for clip in store.clips if clip.domain == domain]


def test_values_are_those_of_the_crops(store):
    tables = cues.cue_tables(store, frames=5)
    assert tuple(tables) == cues.CUES
    for name, table in tables.items():
        assert len(table) == 18 * 5 + 2, name
    expected = {}
    for row in store.rows():
        crop = store.crops(row)[0]
        expected[store.clips[store.clip[row]].key, int(store.frame[row])] = quality.cues(crop)
    for name in quality.CUES:
        table = tables[name]
        for domain, item, frame, score in zip(table.domain, table.clip, table.frame, table.score, strict=True):
            known = expected.get((f"{domain}/{item}", int(frame)))
            assert np.isnan(score) if known is None else score == pytest.approx(known[name])


def test_face_and_file_size_come_from_the_clip(store):
    tables = cues.cue_tables(store, [clip("O", 3), clip("O", 7)])
    assert tables["face_size"].score.tolist()[:2] == [pytest.approx(np.sqrt(13 * 37))] * 2
    assert np.isnan(tables["face_size"].score[2])
    assert tables["file_size"].score.tolist() == [1003, 1003, 1007]
    assert tables["file_size"].clip.tolist() == ["03.avi", "03.avi", "07.avi"]


def test_a_clip_is_stood_for_by_frames_from_its_middle_parts(store):
    assert cues.cue_tables(store, [clip("O", 3)], frames=1)["sharpness"].frame.tolist() == [2]
    assert cues.cue_tables(store, [clip("O", 3)], frames=2)["sharpness"].frame.tolist() == [1, 3]


def test_the_order_of_clips_is_kept(store):
    some = [clip("O", 4), clip("C", 1)]
    assert cues.cue_tables(store, some, frames=1)["contrast"].clip.tolist() == ["04.avi", "01.avi"]


def test_direction_is_learnt_on_the_source_and_may_be_wrong_on_the_target(store):
    source, target = (cues.cue_tables(store, of(store, domain)) for domain in "OC")
    assert cues.area_of(source["sharpness"]) == 0
    turned = cues.directed(source, target)
    assert isinstance(turned["sharpness"], TargetScores)
    np.testing.assert_array_equal(turned["sharpness"].score, -target["sharpness"].score)
    assert cues.area_of(turned["sharpness"]) == 0
    assert cues.area_of(cues.directed(target, target)["sharpness"]) == 1


def test_the_best_cue_of_the_target_is_not_looked_for(store):
    source, target = (cues.cue_tables(store, of(store, domain)) for domain in "OC")
    name, scores = cues.best_cue(source, target)
    assert cues.separation(source[name]) == max(cues.separation(table) for table in source.values())
    shuffled = {
        cue: replace(table, label=table.label[::-1].copy(), attack=None, clip=None) for cue, table in target.items()
    }
    assert cues.best_cue(source, shuffled)[0] == name
    np.testing.assert_array_equal(cues.best_cue(source, shuffled)[1].score, scores.score)


def test_source_scores_rise_with_attack(store):
    source = cues.cue_tables(store, of(store, "O"))
    scores = cues.source_scores(source, "sharpness")
    assert isinstance(scores, SourceScores)
    assert cues.area_of(scores) == 1


def test_without_both_classes_there_is_no_cue(store):
    lives = cues.cue_tables(store, [clip("O", 0), clip("O", 2)])
    assert cues.area_of(lives["contrast"]) is None
    assert cues.separation(lives["contrast"]) == 0.5
    assert cues.best_cue(lives, lives) is None


def test_an_area_is_over_clips_and_leaves_out_what_has_no_face():
    table = ScoreTable([0, 0, 1, 1, 1], [1, 3, 4, np.nan, np.nan], clip=["a", "a", "b", "b", "c"])
    assert cues.area_of(table) == 1
    # As frames, ties and means would differ: a's mean is 2, below b's 4.
    assert cues.area_of(ScoreTable([0, 0, 1], [1, 5, 4], clip=["a", "a", "b"])) == 1
