"""Any ONNX file as a teacher: what it answers, and what is refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from onnx_files import DOUBLE, write_onnx

from sincera.errors import WeightsError
from sincera.teachers import open_editing, open_recognition
from sincera.teachers.onnx import OnnxTeacher


@pytest.mark.parametrize("batch", ["batch", 1, 4])
def test_it_answers_as_the_file_computes_whatever_batch_the_file_wants(tmp_path: Path, batch: int | str) -> None:
    path = write_onnx(tmp_path / "mean.onnx", "GlobalAveragePool", shape=(batch, 3, 8, 8))
    teacher = open_recognition(str(path))
    assert (teacher.size, teacher.width) == (8, 3)
    crops = torch.rand(5, 3, 8, 8)
    torch.testing.assert_close(teacher(crops), 2 * crops.mean((2, 3)) - 1)
    torch.testing.assert_close(open_editing(str(path), norm="frtpad")(crops), crops.mean((2, 3)))


def test_crops_are_resized_and_keep_their_kind_of_number(tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "all.onnx", "Flatten", rank=2)
    crops = torch.rand(2, 3, 20, 20, dtype=torch.float64)
    expected = torch.nn.functional.interpolate(crops, (8, 8), mode="bilinear", align_corners=True)
    found = open_recognition(str(path))(crops)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, 2 * expected.flatten(1) - 1, rtol=0, atol=1e-6)


def test_the_digest_tells_files_and_settings_apart(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one = write_onnx(tmp_path / "x.onnx", "GlobalAveragePool")
    two = write_onnx(tmp_path / "other/x.onnx", "GlobalMaxPool")
    opened = [open_recognition(str(one)), open_recognition(str(two)), open_recognition(str(one), normalise=True)]
    opened.append(open_recognition(str(one), norm="frtpad"))
    assert len({teacher.digest for teacher in opened}) == 4
    assert opened[0].digest == open_recognition(str(one)).digest
    assert opened[0].sha256 == OnnxTeacher(one).sha256


@pytest.mark.parametrize(
    ("operator", "settings", "message"),
    [
        ("GlobalAveragePool", {"shape": ("batch", 8, 8, 3)}, r"wants faces \['batch', 8, 8, 3\]"),
        ("GlobalAveragePool", {"shape": ("batch", 3, "side", "side")}, r"wants faces .*'side'"),
        ("GlobalAveragePool", {"shape": ("batch", 3, 8, 6)}, r"one picture, \(batch, 3, side, side\)"),
        ("Add", {"inputs": ("faces", "masks")}, r"wants faces .*, masks "),
        ("Flatten", {"kind": DOUBLE, "rank": 2}, r"tensor\(double\); .*float32"),
        ("ReduceMean", {"keepdims": 0, "rank": 0}, "cannot be asked about pictures of 8 px"),
        ("Flatten", {"axis": 0, "rank": 2}, r"\(1, 384\) for two pictures; a teacher gives one vector each"),
    ],
)
def test_what_is_no_teacher_is_refused(tmp_path: Path, operator: str, settings: dict[str, Any], message: str) -> None:
    path = write_onnx(tmp_path / "x.onnx", operator, **settings)
    with pytest.raises(WeightsError, match=rf"x\.onnx: .*{message}"):
        open_editing(str(path))


def test_what_is_no_onnx_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"a teacher")
    with pytest.raises(WeightsError, match="cannot be read as an ONNX file"):
        open_recognition(str(tmp_path / "x.onnx"))
