"""A teacher as a file: tensors and JSON, read as data alone; our own files and the owners' checkpoints alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, get_args

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from sincera.errors import WeightsError
from sincera.nets.iresnet import IResNet, iresnet_of
from sincera.nets.stargan import StarganDiscriminator, discriminator_of
from sincera.nets.weights import read_tensors, sha256_of
from sincera.runs import write_atomically

Kind = Literal["recognition", "attributes"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TeacherNetwork = IResNet | StarganDiscriminator

CELEBA = ("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young")
"""The attributes of StarGAN's official checkpoints, in their order."""

FORMAT = 1
_KEY = "sincera.teacher"  # one entry: safetensors keeps several in no fixed order, and equal teachers are equal files
_SUFFIXES = (".safetensors", ".pt", ".pth", ".ckpt")


@dataclass(frozen=True, slots=True)
class TeacherFacts:
    """What is known of a teacher's file.

    size: side of the input.  width: numbers in the output, for attributes one each.  sha256: of the file.
    attributes: names of the outputs, () where the file does not say.  recorded: everything that was written with it
    (seed, command, recipe, measures); {} for other people's checkpoints.
    """

    kind: Kind
    size: int
    width: int
    sha256: str
    attributes: tuple[str, ...] = ()
    recorded: Mapping[str, Any] = field(default_factory=dict, hash=False)


def save_teacher(path: Path, network: nn.Module, *, kind: Kind, facts: Mapping[str, Any]) -> None:
    """Write a network with its facts as JSON; the same network and facts give the same bytes.

    Kernels and matrices become float16; what has one number a channel (statistics, slopes, biases) stays float32, since
    a variance may lie below what float16 can hold and takes no room.  WeightsError where the path has another suffix,
    or a number is too large.
    """
    check_name(path)
    tensors = {key: _narrow(tensor, key, path) for key, tensor in network.state_dict().items()}
    about = {"format": FORMAT, "kind": kind, **facts}
    write_atomically(path, save(tensors, metadata={_KEY: json.dumps(about, sort_keys=True, allow_nan=False)}))


def check_name(path: Path) -> None:
    """WeightsError where a teacher cannot be written under this name: asked before hours of training."""
    if path.suffix != ".safetensors":
        raise WeightsError(f"{path}: a teacher is written as .safetensors; give --out a name that ends so.")


def read_teacher(path: str | Path) -> tuple[TeacherNetwork, TeacherFacts]:
    """The network in float32 and eval mode, and what is known of it.

    path: our own file, or an official checkpoint (.pt, .pth, .ckpt, .safetensors) of InsightFace's iresnet or of
    StarGAN's discriminator, told apart by their keys.  WeightsError where it is neither, or does not fit.
    """
    path = Path(path)
    if path.suffix.lower() not in _SUFFIXES:
        raise WeightsError(f"{path}: not a teacher's file; expected {', '.join(_SUFFIXES)} or .onnx.")
    tensors = {key: _wide(tensor) for key, tensor in read_tensors(path).items()}
    recorded = _recorded(path)
    kind = _kind_of(tensors, path)
    if recorded.get("kind", kind) != kind:
        raise WeightsError(f"{path}: says that it is {recorded['kind']}, but its keys are those of {kind}.")
    network: TeacherNetwork
    if kind == "recognition":
        network = iresnet_of(tensors, path=path)
        width, names = network.width, tuple[str, ...]()
    else:
        network = discriminator_of(tensors, path=path)
        width, names = network.attributes, _names(recorded, network.attributes)
    network.eval()
    return network, TeacherFacts(kind, network.size, width, sha256_of(path), names, recorded)


def packaged(kind: Kind) -> Path:
    """The file inside the package that was trained on simulated people: `benchmarks/teachers` says how."""
    return Path(str(files("sincera.teachers").joinpath("assets", f"{kind}.safetensors")))


def _narrow(tensor: Tensor, key: str, path: Path) -> Tensor:
    tensor = tensor.detach().to("cpu").contiguous()
    if tensor.ndim < 2 or not tensor.is_floating_point():
        return tensor
    narrow = tensor.to(torch.float16)
    if not torch.isfinite(narrow).all():
        raise WeightsError(f"{path}: {key} holds numbers that are not finite as float16. Did the training diverge?")
    return narrow


def _wide(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def _recorded(path: Path) -> dict[str, Any]:
    """The JSON that `save_teacher` wrote; {} for files that are not ours."""
    if path.suffix.lower() != ".safetensors":
        return {}
    try:
        with safe_open(path, "pt") as file:
            text = (file.metadata() or {}).get(_KEY, "{}")
        found = json.loads(text)
    except (SafetensorError, json.JSONDecodeError) as error:
        raise WeightsError(f"{path}: what it says of itself cannot be read ({error}).") from error
    if not isinstance(found, dict) or found.get("format", FORMAT) != FORMAT:
        raise WeightsError(f"{path}: a teacher of format {found!r:.40}; this version reads format {FORMAT}.")
    return found


def _kind_of(tensors: Mapping[str, Tensor], path: Path) -> Kind:
    if "layer1.0.conv1.weight" in tensors:
        return "recognition"
    if "main.0.weight" in tensors and "conv2.weight" in tensors:
        return "attributes"
    first = min(tensors, default="nothing")
    raise WeightsError(
        f"{path}: neither iresnet (layer1.0.conv1.weight) nor a StarGAN discriminator (main.0.weight, conv2.weight); "
        f"it holds {len(tensors)} tensors, first {first}. StarGAN's generator (…-G.ckpt) is no teacher."
    )


def _names(recorded: Mapping[str, Any], count: int) -> tuple[str, ...]:
    named = recorded.get("attributes")
    if named is not None:
        return tuple(named)
    return CELEBA if count == len(CELEBA) else ()
