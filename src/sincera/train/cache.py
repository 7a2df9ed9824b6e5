"""What a frozen network says about each stored crop, computed once and kept beside the store."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, from_numpy

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Cache:
    """Arrays on disk with one entry for each (row, mirrored or not) of a store.

    folder: changes with the store's digest, so that a row number means the same crop for ever.
    A value is used as it is stored, also the first time: otherwise a resumed run would differ from one in peace.
    """

    def __init__(self, folder: Path, rows: int) -> None:
        self._folder, self._rows = folder, rows
        self._open: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}

    def fetch(self, key: str, rows: Tensor, flipped: Tensor, compute: Callable[[Tensor], Tensor], dtype: str) -> Tensor:
        """The values of these crops, (B, …) of `dtype` on the rows' device.

        key: names network, weights and settings; same key, same function.  compute: gives the values of a mask of the
        batch's faces, each independent of the others (eval mode).  dtype: float16, float32, int8 or uint8.
        """
        slots = (2 * rows + flipped).cpu().numpy()
        known = self._arrays(key)
        lacking = np.ones(len(slots), dtype=bool) if known is None else known[1][slots] == 0
        if lacking.any():
            fresh = compute(from_numpy(lacking).to(rows.device)).detach().cpu().numpy().astype(dtype)
            known = known or self._create(key, fresh)
            values, have = known
            values[slots[lacking]] = fresh
            have[slots[lacking]] = 1  # after its value: whoever is killed in between computes it again
        assert known is not None
        return from_numpy(np.ascontiguousarray(known[0][slots])).to(rows.device)

    def _arrays(self, key: str) -> tuple[NDArray[Any], NDArray[Any]] | None:
        if key not in self._open and self._path(key, "have").is_file():
            values, have = (np.lib.format.open_memmap(self._path(key, part), mode="r+") for part in ("values", "have"))
            self._open[key] = values, have
        return self._open.get(key)

    def _create(self, key: str, sample: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Empty files of full size, which take room as they fill; another rank may have made them meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for part, dtype, shape in (("values", sample.dtype, sample.shape[1:]), ("have", np.dtype("uint8"), ())):
            place = self._path(key, part)
            beside = place.with_name(f".{place.name}.{os.getpid()}.part")
            np.lib.format.open_memmap(beside, mode="w+", dtype=dtype, shape=(2 * self._rows, *shape)).flush()
            try:
                os.link(beside, place)
            except FileExistsError:
                pass
            finally:
                beside.unlink()
        made = self._arrays(key)
        assert made is not None
        return made

    def _path(self, key: str, part: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError(f"cache key {key!r}; letters, digits, '.', '_' and '-' make file names everywhere")
        return self._folder / f"{key}.{part}.npy"
