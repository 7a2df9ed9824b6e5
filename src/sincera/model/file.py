"""Model files: one ONNX file that says what it is, and in which any changed byte shows.

The last two metadata of the file are its own:

    …the graph…  "sincera": one JSON text  "sincera.sha256": the hash of all bytes before this pair, and the length of
                                           the pair before it; always 95 bytes

ONNX's encoding lets metadata be appended, so that they can be read, checked and replaced without the onnx package,
while any ONNX tool still opens the file.  The hash shows damage and edits; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from sincera.errors import ModelError
from sincera.model.spec import ModelId, ModelSpec
from sincera.model.wire import CutShortError, NotOnnxError, entry, entry_keys, read_entry, without_entries

DEFAULT_MODEL = Path(__file__).parent / "assets" / "default.onnx"
_SPEC, _HASH = "sincera", "sincera.sha256"
_SEAL_LENGTH = len(entry(_HASH, "0" * 64 + ":" + "0" * 10))
_SEAL = re.compile(re.escape(entry(_HASH, "0" * 75)[:-75]) + rb"([0-9a-f]{64}):([0-9]{10})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that was read and found whole.  graph: all of its bytes.  sha256: of these."""

    spec: ModelSpec
    graph: bytes = field(repr=False)
    sha256: str

    @property
    def id(self) -> ModelId:
        return ModelId(self.spec.name, self.spec.version, self.sha256)


def read_model(source: Path | str | bytes | None = None) -> ModelFile:
    """Read a model file by path or from memory; the shipped model where None.

    ModelError says what is wrong: the file is absent, no ONNX file, cut short, changed since it was written, of
    another format, or an ONNX file that is no model of sincera.
    """
    if isinstance(source, bytes):
        return _parsed(source, "the model")
    path = DEFAULT_MODEL if source is None else Path(source)
    try:
        content = path.read_bytes()
    except OSError as error:
        repair = " Install sincera again: the shipped model is a part of it." if source is None else ""
        raise ModelError(f"{path}: the model cannot be read ({error.strerror or error}).{repair}") from error
    return _parsed(content, str(path))


def write_model(path: Path | str, graph: bytes, spec: ModelSpec) -> ModelFile:
    """Write an ONNX graph (a plain one, or a model file whose record is replaced) with this record.

    A reader sees the old file or the whole new one, never a part.
    """
    path = Path(path)
    model = read_model(with_spec(graph, spec))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(model.graph)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return model


def with_spec(model: ModelFile | bytes, spec: ModelSpec) -> bytes:
    """The bytes of a model file with another record; the graph stays as it is, byte for byte."""
    body = plain_graph(model) + (described := entry(_SPEC, spec.to_json()))
    return body + entry(_HASH, f"{hashlib.sha256(body).hexdigest()}:{len(described):010d}")


def plain_graph(model: ModelFile | bytes) -> bytes:
    """The ONNX file without sincera's record."""
    content = model.graph if isinstance(model, ModelFile) else model
    try:
        return without_entries(content, (_SPEC, _HASH))
    except ValueError as error:
        raise ModelError(f"the graph is no whole ONNX file ({error}).") from error


def _parsed(content: bytes, where: str) -> ModelFile:
    seal = _SEAL.fullmatch(content[-_SEAL_LENGTH:])
    if seal is None:
        raise ModelError(f"{where}: {_diagnosis(content)}")
    end = len(content) - _SEAL_LENGTH
    digest = hashlib.sha256(memoryview(content)[:end])
    if digest.hexdigest().encode() != seal[1]:
        raise ModelError(
            f"{where}: changed or damaged since it was written: SHA-256 {digest.hexdigest()[:16]}…, "
            f"recorded {seal[1].decode()[:16]}…. Fetch it anew, or export it again."
        )
    try:
        values = _record(content[max(0, end - int(seal[2])) : end])
    except ValueError as error:
        raise ModelError(f"{where}: changed or damaged since it was written: {error}.") from error
    try:
        spec = ModelSpec.from_dict(values)
    except ModelError as error:
        raise ModelError(f"{where}: {error}") from error
    digest.update(content[end:])
    return ModelFile(spec, content, digest.hexdigest())


def _record(pair: bytes) -> object:
    """What the JSON of the pair that holds it says; ValueError where these bytes are not exactly that pair."""
    key, text = read_entry(pair)
    if key != _SPEC:
        raise ValueError(f"the last record is {key!r}, expected {_SPEC!r}")
    return json.loads(text)


def _diagnosis(content: bytes) -> str:
    """Why a file without a seal is no model file."""
    again = "Fetch it anew, or export it again."
    if _SEAL.search(content):
        return f"changed by another program: its seal is not at the end. {again}"
    try:
        keys = entry_keys(content)
    except CutShortError as error:
        return f"cut short ({error}). {again}"
    except NotOnnxError as error:
        if _SPEC.encode() in content:
            return f"changed or damaged since it was written ({error}). {again}"
        return f"not an ONNX file ({error}); expected a model file of sincera."
    if keys & {_SPEC, _HASH}:
        return f"cut short, or changed by another program: its seal is not at the end. {again}"
    return "an ONNX file, but not a sincera model: it does not say how it is used. `sincera export --member` makes one."
