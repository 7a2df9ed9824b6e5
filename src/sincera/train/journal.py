"""What a training logs: log.jsonl and TensorBoard, both cut back to the checkpoint on resume."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from sincera.runs import Run, write_atomically


class Journal:
    """Means over a few steps, written as lines; only the first rank writes.

    offset: steps of the stages before, so that TensorBoard shows one time axis.
    """

    def __init__(self, run: Run, *, active: bool) -> None:
        self._run, self._active = run, active
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}  # a value that is looked at now and then is averaged over those steps
        self._writer: Any = None

    @contextmanager
    def opened(self) -> Iterator[Journal]:
        if self._active:
            from torch.utils.tensorboard import SummaryWriter

            self._run.folder.mkdir(parents=True, exist_ok=True)
            self._writer = SummaryWriter(str(self._run.tensorboard))
        try:
            yield self
        finally:
            if self._writer is not None:
                self._writer.close()

    def cut_back(self, stage: str, step: int, earlier: tuple[str, ...]) -> None:
        """Drop lines beyond a checkpoint: the steps after it are taken again."""
        if not self._active:
            return
        kept = [
            line
            for line in self._run.log()
            if line["stage"] in earlier or (line["stage"] == stage and line["step"] <= step)
        ]
        write_atomically(self._run.log_path, b"".join(_line(line) for line in kept))

    def add(self, values: Mapping[str, Tensor]) -> None:
        """Remember one step's values; nothing waits for the device."""
        for name, value in values.items():
            value = value.detach().to(torch.float64) if value.device.type != "mps" else value.detach()
            self._sums[name] = self._sums[name] + value if name in self._sums else value
            self._counts[name] = self._counts.get(name, 0) + 1

    def write(self, stage: str, step: int, offset: int) -> None:
        """The means since the last line, as one line; what is not finite is written as null."""
        if not self._sums:
            return
        means = {name: float(total) / self._counts[name] for name, total in self._sums.items()}
        self._sums, self._counts = {}, {}
        if not self._active:
            return
        finite = {name: value if math.isfinite(value) else None for name, value in means.items()}
        with self._run.log_path.open("ab") as file:
            file.write(_line({"stage": stage, "step": step, **finite}))
        for name, value in means.items():
            self._writer.add_scalar(f"{stage}/{name}", value, offset + step)


def _line(values: Mapping[str, Any]) -> bytes:
    return (json.dumps(values, allow_nan=False) + "\n").encode()
