"""Files of weights: read as data only, checked key by key, remembered by their SHA-256."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlparse

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from sincera.errors import WeightsError

if TYPE_CHECKING:
    from sincera.nets.student import Student

_OPTIONAL = ".num_batches_tracked"  # counters that some files leave out; nothing here reads them
_WRAPPED = "module."


@dataclass(frozen=True, slots=True)
class WeightsInfo:
    """What a trunk was loaded from; goes into run.json.

    file: its name, without folders.  tensors: how many were loaded.  ignored: keys of the owner's classifier.
    """

    file: str
    sha256: str
    tensors: int
    ignored: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"file": self.file, "sha256": self.sha256, "tensors": self.tensors, "ignored": list(self.ignored)}


def load_weights(network: Student, path: str | Path) -> WeightsInfo:
    """Load a file (safetensors, or PyTorch's own) into the trunk; heads keep their values.

    Every tensor of the trunk must be there with its shape and nothing else may be, save the owner's classifier.
    Raises WeightsError with the first key that does not fit; the network is then unchanged.
    """
    path = Path(path)
    tensors = read_tensors(path)
    trunk = network.trunk
    ignored = load_exactly(trunk, tensors, path, ignored=trunk.ignored, name=network.name)
    network.weights = WeightsInfo(path.name, sha256_of(path), len(tensors) - len(ignored), ignored)
    return network.weights


def load_imagenet(network: Student) -> WeightsInfo:
    """Load torchvision's ImageNet weights, downloaded once into PyTorch's own cache.

    Raises WeightsError where the network has none, or where they cannot be fetched.
    """
    url = network.trunk.imagenet
    if url is None:
        raise WeightsError(f"{network.name} has no ImageNet weights; leave the weights out, or give --weights FILE")
    name = Path(urlparse(url).path).name
    path = Path(torch.hub.get_dir()) / "checkpoints" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        checksum = path.stem.rsplit("-", 1)[-1]
        try:
            torch.hub.download_url_to_file(url, str(path), hash_prefix=checksum, progress=False)
        except (OSError, RuntimeError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            raise WeightsError(
                f"{network.name}: ImageNet weights {name} are not in {path.parent} and cannot be fetched ({reason}); "
                "give them with --weights FILE, or train without them"
            ) from error
    return load_weights(network, path)


def read_tensors(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a file by name: safetensors by its suffix, else PyTorch's own, read as data only.

    A `state_dict` within is taken, and the `module.` before every name that DataParallel leaves is cut off.
    Raises WeightsError where the file is absent, unsafe, or holds anything else.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"{path}: no such file of weights; give a .safetensors or .pth file with --weights FILE")
    try:
        if path.suffix == ".safetensors":
            return without_module_prefix(load_file(path))
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError) as error:
        reason = str(error).strip().split("\n")[0]
        raise WeightsError(f"{path}: cannot be read as weights ({reason})") from error
    if isinstance(content, Mapping) and isinstance(content.get("state_dict"), Mapping):
        content = content["state_dict"]
    if not isinstance(content, Mapping) or not all(
        isinstance(key, str) and isinstance(tensor, Tensor) for key, tensor in content.items()
    ):
        raise WeightsError(f"{path}: holds no mapping of names to tensors, but a {type(content).__name__}")
    return without_module_prefix(content)


def without_module_prefix(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors, without DataParallel's `module.` where every name begins with it.

    >>> list(without_module_prefix({"module.fc.weight": torch.zeros(1), "module.fc.bias": torch.zeros(1)}))
    ['fc.weight', 'fc.bias']
    """
    wrapped = bool(tensors) and all(key.startswith(_WRAPPED) for key in tensors)
    return {key.removeprefix(_WRAPPED) if wrapped else key: tensor for key, tensor in tensors.items()}


def load_exactly(
    module: nn.Module,
    tensors: Mapping[str, Tensor],
    path: str | Path,
    *,
    ignored: tuple[str, ...] = (),
    name: str | None = None,
) -> tuple[str, ...]:
    """Give a module exactly these tensors; returns the keys that were left out.

    Every tensor of the module must be there with its shape, and nothing else may be, save keys that begin with one of
    `ignored`; counters of batches may be absent, and any type of number becomes the module's.  path, name: what an
    error calls the tensors and the module.  Raises WeightsError with the first key that does not fit; the module is
    then unchanged.
    """
    left_out = tuple(sorted(key for key in tensors if key.startswith(ignored)))
    wanted = {key: tensor for key, tensor in tensors.items() if key not in left_out}
    _check(module, wanted, path, name or type(module).__name__)
    module.load_state_dict(wanted, strict=False)  # strict was checked above, but for the counters
    return left_out


def sha256_of(path: str | Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(module: nn.Module, found: Mapping[str, Tensor], path: str | Path, name: str) -> None:
    expected = module.state_dict()
    for key, tensor in expected.items():
        if key not in found and not key.endswith(_OPTIONAL):
            raise WeightsError(
                f"{path}: {key} is missing; {name} needs it with shape {tuple(tensor.shape)}. "
                "Are these another network's weights?"
            )
        if key in found and found[key].shape != tensor.shape:
            raise WeightsError(f"{path}: {key} has shape {tuple(found[key].shape)}, {name} needs {tuple(tensor.shape)}")
    surplus = sorted(set(found) - set(expected))
    if surplus:
        raise WeightsError(f"{path}: {surplus[0]} does not exist in {name} ({len(surplus)} such keys)")
