"""Running a model file: crops in, scores out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.errors import ModelError
from sincera.faces import CropSpec, Face, as_input, crop
from sincera.model.file import ModelFile
from sincera.model.spec import Member, ModelSpec, log_odds

Floats = NDArray[np.float64]
Pictures = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """N faces' answers.  score: (N,) the model's.  members: (N,) each member's own, on its own scale.
    features: (N, D), maps: (N, h, w) of the members that have some."""

    score: Floats
    members: Mapping[str, Floats]
    features: Mapping[str, NDArray[np.float32]]
    maps: Mapping[str, NDArray[np.float32]]


class Session:
    """One model, ready to score; it may be asked from several threads at once.

    threads: of ONNX Runtime within one call.  ModelError where the graph cannot be run, or lacks what its record names.
    """

    def __init__(self, model: ModelFile, *, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4  # what it would log is raised as well
        try:
            self._session = onnxruntime.InferenceSession(model.graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime's own kinds share no other base
            raise ModelError(
                f"model {model.spec.name!r}: ONNX Runtime cannot open it ({_first_line(error)})."
            ) from error
        self.model = model
        self.spec = model.spec
        self._inputs = {one.name: tuple(one.shape) for one in self._session.get_inputs()}
        self._batch = _fixed_batch(self._inputs)
        _check_graph(self.spec, self._inputs, {one.name for one in self._session.get_outputs()})

    @property
    def views(self) -> tuple[CropSpec, ...]:
        """The different crops that the networks take."""
        return self.spec.views

    def scores(self, inputs: Mapping[str, Pictures]) -> Scored:
        """Score N faces, given what `network_inputs` makes of them: {network: (N, 3, size, size) float32}.

        ModelError for other names or shapes, and where a score comes out as no finite number.
        """
        feeds, count = self._feeds(inputs)
        wanted = list(dict.fromkeys(name for member in self.spec.members for name in member.outputs.values()))
        found = dict(zip(wanted, self._run(wanted, feeds, count), strict=True))
        members = {one.name: _own_score(one, found[one.outputs["score"]], count) for one in self.spec.members}
        return Scored(
            fused(self.spec, members),
            members,
            {one.name: found[one.outputs["features"]] for one in self.spec.members if "features" in one.outputs},
            {one.name: found[one.outputs["map"]] for one in self.spec.members if "map" in one.outputs},
        )

    def score_faces(self, faces: Sequence[tuple[NDArray[np.uint8], Face]]) -> Scored:
        """Score faces in (H, W, 3) uint8 RGB pictures."""
        return self.scores(network_inputs(self.spec, faces))

    def _feeds(self, inputs: Mapping[str, Pictures]) -> tuple[dict[str, Pictures], int]:
        networks = {member.name: member for member in self.spec.networks}
        if set(inputs) != set(networks):
            raise ModelError(f"found inputs for {', '.join(inputs) or 'nothing'}; expected {', '.join(networks)}.")
        feeds: dict[str, Pictures] = {}
        counts = {len(pictures) for pictures in inputs.values()}
        for name, pictures in inputs.items():
            side = networks[name].view.size
            shape = (len(pictures), 3, side, side)
            if pictures.shape != shape or pictures.dtype != np.float32 or len(counts) > 1:
                raise ModelError(
                    f"member {name!r}: found {pictures.dtype} of shape {pictures.shape}, expected float32 of shape "
                    f"(N, 3, {side}, {side}) with the same N for all members."
                )
            feeds[networks[name].input] = np.ascontiguousarray(pictures)
        return feeds, counts.pop()

    def _run(self, wanted: list[str], feeds: Mapping[str, Pictures], count: int) -> list[NDArray[np.float32]]:
        """The outputs for any number of pictures, also where the file asks for a fixed one."""
        size = self._batch or max(count, 1)
        pieces = []
        for start in range(0, max(count, 1), size):
            piece = {name: _filled(pictures[start : start + size], size) for name, pictures in feeds.items()}
            pieces.append(self._answer(wanted, piece))
        joined = [np.concatenate(parts)[:count] for parts in zip(*pieces, strict=True)]
        return [np.asarray(one, np.float32) for one in joined]

    def _answer(self, wanted: list[str], feeds: Mapping[str, Pictures]) -> list[Any]:
        try:
            answer: list[Any] = self._session.run(wanted, dict(feeds))
        except Exception as error:
            raise ModelError(f"model {self.spec.name!r}: the graph failed ({_first_line(error)}).") from error
        return answer


def network_inputs(spec: ModelSpec, faces: Sequence[tuple[NDArray[np.uint8], Face]]) -> dict[str, Pictures]:
    """What each network is given for faces in (H, W, 3) uint8 RGB pictures: {member: (N, 3, size, size) float32}.

    Members with the same view share one crop.
    """
    cut = {}
    for view in spec.views:
        crops = [crop(image, face, view) for image, face in faces]
        cut[view] = as_input(np.stack(crops) if crops else np.zeros((0, view.size, view.size, 3), np.uint8), view)
    return {member.name: cut[member.view] for member in spec.networks}


def member_odds(spec: ModelSpec, members: Mapping[str, Floats]) -> Floats:
    """The members' scores as log-odds (M, N), in the record's order."""
    return np.stack([log_odds(members[member.name], member.link) for member in spec.members])


def fused(spec: ModelSpec, members: Mapping[str, Floats]) -> Floats:
    """The model's scores (N,) from its members'."""
    if spec.fusion.kind == "single":
        return np.asarray(members[spec.members[0].name], np.float64)
    return spec.fusion.fuse(member_odds(spec, members))


def _own_score(member: Member, values: NDArray[np.float32], count: int) -> Floats:
    if values.size != count or not np.isfinite(values).all():
        raise ModelError(
            f"member {member.name!r}: scores of shape {values.shape} for {count} faces, "
            f"{int((~np.isfinite(values)).sum())} of them no number; expected one finite score a face."
        )
    return values.reshape(count).astype(np.float64)


def _filled(pictures: Pictures, size: int) -> Pictures:
    lacking = size - len(pictures)
    if not lacking:
        return pictures
    return np.concatenate([pictures, np.zeros((lacking, *pictures.shape[1:]), np.float32)])


def _fixed_batch(inputs: Mapping[str, tuple[Any, ...]]) -> int | None:
    fixed = {shape[0] for shape in inputs.values() if shape and isinstance(shape[0], int)}
    return min(fixed) if fixed else None


def _check_graph(spec: ModelSpec, inputs: Mapping[str, tuple[Any, ...]], outputs: set[str]) -> None:
    wanted = {member.input for member in spec.networks}
    if wanted != set(inputs):
        raise ModelError(f"model {spec.name!r}: the graph takes {sorted(inputs)}, its record names {sorted(wanted)}.")
    lacking = {name for member in spec.members for name in member.outputs.values()} - outputs
    if lacking:
        raise ModelError(
            f"model {spec.name!r}: the graph has no output {sorted(lacking)[0]!r}, which its record names."
        )


def _first_line(error: Exception) -> str:
    """ONNX Runtime's complaint without the path of its source file."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return re.sub(r"\S*/onnxruntime/\S+", "", text)[:200]
