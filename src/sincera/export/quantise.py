"""The same model in 8-bit integers: ONNX Runtime's static quantisation, a scale for each channel of the weights.

Activations' ranges come from real crops of the training's store.  Only convolutions and products of matrices are
turned: they take the time, and the few operations around them (a softmax, DTN's masks, a mean) would lose the answer.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.clip import Clip
from sincera.data.store import Store
from sincera.errors import UsageError
from sincera.evaluate import score_clips
from sincera.export.candidate import Candidate
from sincera.export.committee import fused_table
from sincera.export.session import onnx_scorer
from sincera.faces import as_input
from sincera.measures.rates import auc, hter
from sincera.measures.selection import fit_threshold
from sincera.measures.table import ScoreTable, SourceScores, TargetScores
from sincera.model import Fusion
from sincera.progress import Track, silent

CALIBRATION = 128
_BATCH = 16
_TURNED = ("Conv", "Gemm", "MatMul")


@dataclass(frozen=True, slots=True)
class Worth:
    """What scores are worth: AUC, and HTER at the model's own equal-error threshold on source validation."""

    auc: float
    hter: float

    def to_dict(self) -> dict[str, float]:
        return {"auc": self.auc, "hter": self.hter}


def quantised(candidate: Candidate, *, crops: int = CALIBRATION) -> Candidate:
    """The candidate with an int8 network; its scores are no longer those of its reference."""
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    member = candidate.member
    with tempfile.TemporaryDirectory() as folder:
        plain, ready, small = (Path(folder) / f"{name}.onnx" for name in ("plain", "ready", "small"))
        plain.write_bytes(candidate.network)
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)  # constants and batch norms are folded
        quantization.quantize_static(
            str(ready),
            str(small),
            _reader(quantization.CalibrationDataReader, candidate, candidate.crops(crops)),
            quant_format=quantization.QuantFormat.QDQ,
            op_types_to_quantize=list(_TURNED),
            per_channel=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            # 7 bits of weight: older processors without VNNI would overflow their 16-bit sums
            reduce_range=True,
        )
        network = small.read_bytes()
    return replace(candidate, network=network, reference=onnx_scorer(network, member))


def rescored(candidate: Candidate, *, track: Track = silent) -> Candidate:
    """The candidate with its own network's scores of the clips that stand in its tables."""
    if not candidate.framed:
        raise UsageError(
            f"{candidate.member.name}: the store {candidate.store.folder} has no crops of its view, so an int8 model "
            "cannot be measured. Prepare a store with that view."
        )
    scorer = onnx_scorer(candidate.network, candidate.member)

    def again(table: ScoreTable) -> ScoreTable:
        clips = clips_of(candidate.store, table)
        return score_clips(scorer, candidate.store, clips, view=candidate.view, track=track)

    dev, test = candidate.dev, candidate.test
    return replace(
        candidate,
        dev=None if dev is None else SourceScores.of(again(dev)),
        test=None if test is None else TargetScores.of(again(test)),
    )


def clips_of(store: Store, table: ScoreTable) -> list[Clip]:
    """The store's clips that stand in a table of scores; UsageError where none does."""
    if table.clip is None:
        raise UsageError("the scores name no clips, so their crops cannot be found in the store.")
    domains = [""] * len(table) if table.domain is None else table.domain.tolist()
    wanted = {f"{domain}/{clip}" for domain, clip in zip(domains, table.clip.tolist(), strict=True)}
    found = [clip for clip in store.clips if clip.key in wanted]
    if not found:
        raise UsageError(f"{store.folder}: holds none of the {len(wanted)} clips that were scored. Name their store.")
    return found


def worth(candidates: Sequence[Candidate], fusion: Fusion) -> dict[str, Worth]:
    """Of these members together, `dev` and `test` where there are scores; the threshold is always dev's."""
    dev = fused_table(candidates, fusion, lambda one: one.dev)
    if dev is None:
        return {}
    value = fit_threshold(dev).value
    test = fused_table(candidates, fusion, lambda one: one.test)
    tables = {"dev": dev, "test": test}
    return {name: _worth(table, value) for name, table in tables.items() if table is not None}


def _worth(table: ScoreTable, threshold: float) -> Worth:
    clips = table.by_clip()
    clips = clips.select(clips.answered)
    return Worth(auc(clips.score, clips.label), hter(clips.score, clips.label, threshold))


def _reader(base: type[Any], candidate: Candidate, crops: NDArray[np.uint8]) -> Any:
    """ONNX Runtime wants an object of its own class that gives one batch after the other, then None."""

    class Reader(base):  # type: ignore[misc]
        def __init__(self) -> None:
            self._batches = _batches(candidate, crops)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            return next(self._batches, None)

    return Reader()


def _batches(candidate: Candidate, crops: NDArray[np.uint8]) -> Iterator[dict[str, NDArray[np.float32]]]:
    for start in range(0, len(crops), _BATCH):
        yield {candidate.member.input: as_input(crops[start : start + _BATCH], candidate.member.view)}
