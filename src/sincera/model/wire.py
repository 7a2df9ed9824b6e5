"""As much of ONNX's encoding as the metadata need: the rows of a protocol buffer, without the onnx package.

A message is a row of fields (number, wire type, value).  A model file's metadata are fields of the outermost message,
each a pair of key and value, and protocol buffers allow the fields of a repeated kind to stand anywhere: more can
be appended to the file, and those that stand there can be cut out, while all other bytes stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sincera.faces.onnx_graph import varint

GRAPH, METADATA = 7, 14
_VARINT, _BYTES = 0, 2

# The fields of ONNX's outermost message, with their wire types: what has others is some other file.
_MODEL_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, GRAPH: 2, 8: 2, METADATA: 2, 20: 2, 25: 2, 26: 2}


class NotOnnxError(ValueError):
    """The bytes are no ONNX model."""


class CutShortError(ValueError):
    """The bytes begin like an ONNX model and end in the midst of a field."""


class Field(NamedTuple):
    """One field: its number, where it begins, where its value begins, and where it ends."""

    number: int
    start: int
    value: int
    end: int


def model_fields(content: bytes) -> list[Field]:
    """The outermost fields of an ONNX file, with a graph among them; NotOnnxError or CutShortError otherwise."""
    found = []
    for field, wire in _fields(content):
        if _MODEL_FIELDS.get(field.number) != wire:
            raise NotOnnxError(f"byte {field.start}: field {field.number} of wire type {wire} is none of ONNX's")
        if field.end > len(content):
            raise CutShortError(f"byte {field.start}: field {field.number} ends at byte {field.end} of {len(content)}")
        found.append(field)
    if GRAPH not in {field.number for field in found}:
        raise NotOnnxError("no graph is in it")
    return found


def entry(key: str, value: str) -> bytes:
    """One pair of metadata, as it may be appended to an ONNX file."""
    pair = b"".join(_length_delimited(number, text.encode()) for number, text in ((1, key), (2, value)))
    return _length_delimited(METADATA, pair)


def entry_keys(content: bytes) -> set[str]:
    """The keys of all metadata of an ONNX file; what is no pair of texts counts as the key ""."""
    return {_key(content[field.value : field.end]) for field in model_fields(content) if field.number == METADATA}


def without_entries(content: bytes, keys: Collection[str]) -> bytes:
    """An ONNX file without the metadata of these keys; all other bytes as they are."""
    kept = [
        content[field.start : field.end]
        for field in model_fields(content)
        if field.number != METADATA or _key(content[field.value : field.end]) not in keys
    ]
    return b"".join(kept)


def read_entry(content: bytes) -> tuple[str, str]:
    """Key and value of bytes that are exactly one pair of metadata as `entry` writes it; ValueError otherwise."""
    rows = list(_fields(content))
    if len(rows) == 1 and rows[0][0].number == METADATA:
        pair = content[rows[0][0].value :]
        texts = [pair[field.value : field.end].decode() for field, wire in _fields(pair) if wire == _BYTES]
        if len(texts) == 2 and entry(texts[0], texts[1]) == content:
            return texts[0], texts[1]
    raise ValueError("a pair of metadata is not where it should be")


def _key(pair: bytes) -> str:
    try:
        for field, wire in _fields(pair):
            if field.number == 1 and wire == _BYTES:
                return pair[field.value : field.end].decode()
    except ValueError:
        return ""
    return ""


def _fields(message: bytes) -> Iterator[tuple[Field, int]]:
    """Each field with its wire type; the last one may end beyond the message."""
    position = 0
    while position < len(message):
        key, value = _read_varint(message, position)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            end = _read_varint(message, value)[1]
        elif wire == _BYTES:
            size, value = _read_varint(message, value)
            end = value + size
        elif wire in (1, 5):
            end = value + (8 if wire == 1 else 4)
        else:
            raise NotOnnxError(f"byte {position}: wire type {wire} does not exist")
        yield Field(number, position, value, end), wire
        position = end


def _length_delimited(number: int, value: bytes) -> bytes:
    return varint(number << 3 | _BYTES) + varint(len(value)) + value


def _read_varint(message: bytes, position: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise CutShortError(f"byte {position}: a number goes on beyond the end")
        byte = message[position]
        position += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, position
    raise NotOnnxError(f"byte {position}: a number of more than ten bytes")
