"""Any scorer on any clips: right rows, right order, and no clip lost."""

from pathlib import Path

import numpy as np
import pytest

from sincera.clip import Clip, Label
from sincera.errors import RunError, StoreError
from sincera.evaluate import MemoryFaces, as_table, evaluate, score_clips, score_rows
from sincera.measures.table import ScoreTable
from sincera.runs import Run


def faces_of(counts: list[int]) -> MemoryFaces:
    """Clips with as many frames as asked; a frame's brightness is its row number."""
    entries, row = [], 0
    for number, count in enumerate(counts):
        label = Label.from_number(number % 2)
        clip = Clip(Path(f"{number}"), label, "mask" if number % 2 else "", "X", f"s{number}", "test", name=f"{number}")
        pixels = np.repeat(np.arange(row, row + count, dtype=np.uint8), 12).reshape(count, 2, 2, 3)
        entries.append((clip, pixels))
        row += count
    return MemoryFaces(entries)


def brightness(crops: np.ndarray) -> np.ndarray:
    return crops.astype(float).mean((1, 2, 3))


def test_each_frame_gets_its_own_score_in_batches() -> None:
    faces = faces_of([70, 3, 60])
    rows = np.array([5, 0, 120, 71])
    assert score_rows(brightness, faces, rows).tolist() == [5, 0, 120, 71]
    table = score_clips(brightness, faces, faces.clips)
    assert table.score.tolist() == list(range(133))
    assert table.frame is not None
    assert table.frame[70:73].tolist() == [0, 1, 2]
    assert table.clip is not None
    assert table.clip[69:74].tolist() == ["0", "1", "1", "1", "2"]
    assert table.label[70:73].tolist() == [1, 1, 1]


def test_a_clip_without_a_face_keeps_its_place_with_an_empty_score() -> None:
    faces = faces_of([2, 0, 1])
    table = score_clips(brightness, faces, faces.clips).by_clip()
    assert table.clips == 3
    found = {name: score for name, score in zip(table.clip, table.score.tolist(), strict=True)}  # noqa: C416
    assert np.isnan(found["1"])
    assert found["0"] == 0.5
    assert len(score_clips(brightness, faces, [faces.clips[1]])) == 1


def test_memory_faces_speak_as_a_store_does() -> None:
    faces, other = faces_of([2, 1]), faces_of([2, 2])
    assert faces.digest != other.digest
    assert faces.digest == faces_of([2, 1]).digest
    with pytest.raises(StoreError, match="no view 'context'"):
        faces.rows(faces.clips, "context")
    assert not faces.has("depth")


def test_evaluate_writes_measures(tmp_path: Path) -> None:
    run = Run(tmp_path)
    with pytest.raises(RunError, match="no evaluation"):
        evaluate(run)
    dice = np.random.default_rng(0)
    for step in (5, 10):
        label = np.tile([0, 1], 30)
        tables = [
            ScoreTable(
                label=label,
                score=label + dice.normal(0, 0.7, 60),
                clip=[f"c{number}" for number in range(60)],
                domain=["A"] * 60,
                subject=[f"s{number // 6}" for number in range(60)],
                attack=np.where(label == 1, "print", "").tolist(),
            )
            for _ in range(2)
        ]
        run.write_scores(step, *tables)
    found = evaluate(run, rounds=10, seed=3)
    assert run.measures() == found
    assert found["evaluations"] == 2
    assert found["best_cue"] is None
    lines = as_table(found).splitlines()
    assert lines[0].split() == ["HTER", "AUC", "worst", "APCER", "BPCER"]
    assert [line[:2] for line in lines[1:]] == ["ST", "LE", "TT"]
