"""One clip: which face is followed, what is read beside it, and what is held in memory."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
import squares

from sincera.clip import Clip, Label
from sincera.data.prepare import Preparation, prepare
from sincera.data.prepare.clip import follow, prepare_clip
from sincera.data.prepare.truth import read_truth
from sincera.data.store import Store
from sincera.errors import MediaError
from sincera.faces.crop import transform
from sincera.faces.face import Face
from sincera.media import Sampling, write_video


def prepared(clips, folder, preparation=squares.PREPARATION, **options):
    return prepare(clips, folder, preparation, workers=1, opener=squares.open_squares, **options)


def test_the_face_nearest_the_annotation_is_followed_else_the_largest():
    left, right = Face([0, 0, 20, 20]), Face([50, 0, 62, 12])
    assert follow([left, right], None) is left
    assert follow([right, left], Face([52, 2, 60, 10])) is right
    assert follow([], left) is None


def test_the_annotation_alone_can_be_the_detector(tmp_path):
    path = tmp_path / "clip.avi"
    write_video(path, (squares.picture(frame) for frame in range(6)), fps=10, codec="mjpeg")
    (tmp_path / "clip.face").write_text("".join(f"{frame} 10 12 20 24\n" for frame in (0, 1, 2, 4)))
    clip = Clip(path, Label.LIVE, "", "I", "1", "train", name="clip.avi", annotation=tmp_path / "clip.face")
    summary = prepare([clip], tmp_path / "store", Preparation(Sampling(6), detector="annotated"), workers=1)
    store = Store.open(tmp_path / "store")
    assert (summary.frames, summary.faces) == (6, 4)
    assert store.frame.tolist() == [0, 1, 2, 4]
    assert store.box[0].tolist() == [10, 12, 30, 36]
    assert store.preparation.detector == "annotated"


def test_a_clip_cut_short_gives_what_decodes_and_says_so(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(4):
        cv2.imwrite(str(folder / f"{number}.png"), squares.picture(number))
    damaged = folder / "3.png"
    damaged.write_bytes(damaged.read_bytes()[:300])
    record, rows = prepare_clip(squares.clip(folder, "A", 0), squares.PREPARATION, squares.Squares())
    assert (record.outcome, record.frames_asked, record.frames_with_face, len(rows)) == ("ok", 4, 3, 6)
    assert "1 of 4 wanted frames" in record.reason


def write_sidecar(clip, frames, attributes):
    """Depth is the frame's column, the mask its left half, at a quarter of the frame's size."""
    height, width = squares.SIZE[0] // 4, squares.SIZE[1] // 4
    depth = np.broadcast_to((np.arange(width) * 10).astype(np.uint8), (frames, height, width))
    mask = np.zeros((frames, height, width), np.uint8)
    mask[:, :, : width // 2] = 255
    np.savez(
        clip.with_suffix(".truth.npz"),
        depth=depth,
        mask=mask,
        size=np.array(squares.SIZE, np.int32),
        attributes=np.array(json.dumps(attributes)),
        instrument=np.array("{}"),
    )


def test_true_maps_are_seen_through_the_crops_own_transform(tmp_path):
    clips = squares.make_set(tmp_path / "set", pictures=1, videos=1)
    write_sidecar(clips[1].path, 9, {"age": 30, "hair": "brown"})
    prepared(clips, tmp_path / "store")
    store = Store.open(tmp_path / "store")
    assert store.has("depth")
    assert store.has("mask")
    assert store.attribute_names == ("age", "hair=brown")
    for name, spec in squares.PREPARATION.views.items():
        rows = store.rows([clips[1]], name)
        depth, mask = store.extra("depth", rows), store.extra("mask", rows)
        for row, seen, halves in zip(rows, depth, mask, strict=True):
            matrix = transform(Face(store.box[row]), spec, squares.SIZE)
            # Slow and obvious: the frame's column under the middle of each cell of the 32 × 32 map.
            cell = (np.arange(32) + 0.5) * spec.size / 32 - 0.5
            column = (cell - matrix[0, 2]) / matrix[0, 0]
            inside = (column > 4) & (column < squares.SIZE[1] - 5)
            expected = ((column + 0.5) / 4 - 0.5) * 10 / 255
            np.testing.assert_allclose(seen[16][inside], expected[inside], atol=0.01)
            assert (halves[16][inside & (column < 44)] > 0.99).all()
            assert (halves[16][inside & (column > 52)] < 0.01).all()
    assert np.isnan(store.extra("depth", store.rows([clips[0]]))).all()
    np.testing.assert_array_equal(store.extra("attributes", store.rows([clips[1]]))[0], [30, 1])


def test_truth_changes_the_digest(tmp_path):
    clips = squares.make_set(tmp_path / "set", pictures=1, videos=0)
    prepared(clips, tmp_path / "without")
    write_sidecar(clips[0].path, 1, {})
    prepared(clips, tmp_path / "with")
    assert Store.open(tmp_path / "with").digest != Store.open(tmp_path / "without").digest


def test_a_damaged_sidecar_sets_the_clip_aside(tmp_path):
    clips = squares.make_set(tmp_path / "set", pictures=1, videos=0)
    clips[0].path.with_suffix(".truth.npz").write_bytes(b"PK no")
    with pytest.raises(MediaError, match="not a truth sidecar"):
        read_truth(clips[0].path)
    assert prepared(clips, tmp_path / "store").set_aside[0][0] == "A/000.png"


def test_memory_holds_a_batch_of_frames_and_no_more(tmp_path):
    """All frames of a long clip: the detector is never given more than eight at once."""
    path = tmp_path / "long.avi"
    write_video(path, (squares.picture(frame) for frame in range(40)), fps=10, codec="mjpeg")
    sizes = []

    class Counting(squares.Squares):
        def detect_many(self, images, frames=None):
            sizes.append(len(images))
            return super().detect_many(images)

    preparation = replace(squares.PREPARATION, sampling=Sampling(rule="all"))
    record, rows = prepare_clip(squares.clip(path, "B", 0), preparation, Counting())
    assert (record.frames_asked, len(rows)) == (40, 80)
    assert max(sizes) == 8
