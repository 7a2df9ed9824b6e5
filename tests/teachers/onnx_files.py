"""ONNX files written by hand, a few bytes each: one operator between one input and one output."""

from __future__ import annotations

from pathlib import Path

FLOAT, DOUBLE, INT64 = 1, 11, 7


def write_onnx(
    path: Path,
    operator: str,
    *,
    shape: tuple[int | str, ...] = ("batch", 3, 8, 8),
    kind: int = FLOAT,
    rank: int = 4,
    inputs: tuple[str, ...] = ("faces",),
    **attributes: int,
) -> Path:
    """A file with `operator(*inputs)`, all inputs alike.  rank: of the output, whose sides are not stated."""
    node = b"".join(_text(1, name) for name in inputs) + _text(2, "answer") + _text(4, operator)
    node += b"".join(_part(5, _text(1, key) + _number(3, value) + _number(20, 2)) for key, value in attributes.items())
    graph = _part(1, node) + _text(2, "graph")
    graph += b"".join(_part(11, _described(name, kind, shape)) for name in inputs)
    graph += _part(12, _described("answer", kind, tuple(f"side{place}" for place in range(rank))))
    path.write_bytes(_number(1, 8) + _part(7, graph) + _part(8, _number(2, 13)))
    return path


def _described(name: str, kind: int, shape: tuple[int | str, ...]) -> bytes:
    sides = [_number(1, side) if isinstance(side, int) else _text(2, side) for side in shape]
    tensor = _number(1, kind) + _part(2, b"".join(_part(1, side) for side in sides))
    return _text(1, name) + _part(2, _part(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _part(field, value.encode())


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
