"""Devices and number formats: what this machine can do, and what is used."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal

import torch

from sincera.errors import UsageError

Device = Literal["cpu", "cuda", "auto"]
Precision = Literal["native", "bf16"]


def pick_device(name: str) -> torch.device:
    """`cpu`, `cuda`, or `auto` for CUDA where there is one; UsageError where the wish cannot be met.

    >>> pick_device("cpu")
    device(type='cpu')
    """
    if name not in ("cpu", "cuda", "auto"):
        raise UsageError(f"--device {name}: expected cpu, cuda or auto.")
    if name == "cuda" and not torch.cuda.is_available():
        raise UsageError("--device cuda: PyTorch sees no CUDA device here. Use --device cpu or auto.")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def has_bf16(device: torch.device) -> bool:
    """Whether bfloat16 is computed in hardware; elsewhere it is emulated, and slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = getattr(torch.cpu, "_is_avx512_bf16_supported", None)  # no public name in the releases that we support
    return bool(able and able())


def usable(precision: Precision, device: torch.device) -> Precision:
    """bf16 where the device has it, else native."""
    return "bf16" if precision == "bf16" and has_bf16(device) else "native"


def autocast(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """The context in which a stage's update runs."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")


def memory_format(device: torch.device) -> torch.memory_format:
    """Channels last where convolutions are faster so: with tensor cores, and on CPUs through oneDNN."""
    fast = device.type == "cuda" or torch._C._has_mkldnn
    return torch.channels_last if fast else torch.contiguous_format
