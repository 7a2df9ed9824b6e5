"""What run.json says about where a training took place, and on what."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

import sincera
from sincera.clip import Clip, Label
from sincera.data.protocols import Lists
from sincera.data.sources.world import WORLD_FILE
from sincera.data.store import Store
from sincera.recipe import Recipe
from sincera.train.batch import Facts
from sincera.train.precision import usable
from sincera.train.ranks import world

LIBRARIES = ("torch", "torchvision", "numpy", "opencv-python-headless", "onnxruntime", "pyarrow", "av")


def facts_of(store: Store, lists: Lists) -> Facts:
    """What a method may know of these lists."""
    views = store.preparation.to_dict()["views"]
    sources = [*lists.train, *lists.dev]
    return Facts(
        domains=tuple(sorted({clip.domain for clip in sources})),
        subjects=tuple(sorted({clip.person for clip in sources})),
        clips=len(lists.train),
        size=next(iter(views.values()))["size"],
        attributes=tuple(store.attribute_names),
        views=views,
    )


def digest_of(clips: Iterable[Clip]) -> str:
    """Changes with any clip of the list, its label, or their order."""
    return hashlib.sha256("\n".join(f"{clip.key} {clip.label}" for clip in clips).encode()).hexdigest()[:16]


def counts_of(store: Store, clips: Sequence[Clip]) -> dict[str, Any]:
    """Clips by label and species, people, and stored crops of one view."""
    attacks = Counter(clip.attack for clip in clips if clip.label is Label.ATTACK)
    return {
        "live": len(clips) - attacks.total(),
        "attack": attacks.total(),
        "subjects": len({clip.person for clip in clips}),
        "crops": len(store.rows(clips)) if clips else 0,
        "attacks": dict(sorted(attacks.items())),
    }


def record_of(
    recipe: Recipe, identity: Mapping[str, Any], facts: Facts, store: Store, lists: Lists, device: torch.device
) -> dict[str, Any]:
    """What run.json says of any training; `weights` are filled in when they are loaded."""
    return {
        "recipe": recipe.model_dump(mode="json"),
        "identity": dict(identity),
        "counts": {part: counts_of(store, getattr(lists, part)) for part in ("train", "dev", "test")},
        "facts": facts.to_dict(),
        "store": str(store.folder.resolve()),
        "preparation": store.preparation.to_dict(),
        "simulated": is_simulated(lists),
        "weights": [],
        "versions": versions(),
        "commit": commit(),
        "device": device_name(device, recipe),
    }


def is_simulated(lists: Lists) -> bool:
    """Whether every domain lies in a world that says of itself that it is simulated: only such faces may be shown."""
    one_each = {clip.domain: clip for part in (lists.train, lists.dev, lists.test) for clip in part}
    return all(any((parent / WORLD_FILE).is_file() for parent in clip.path.parents) for clip in one_each.values())


def versions() -> dict[str, str]:
    """Of Python, this package and the libraries that decide numbers."""
    found = {"sincera": sincera.__version__, "python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """The commit of the package's own checkout; None where it was installed otherwise."""
    place = Path(sincera.__file__).parent
    command = ["git", "-C", str(place), "log", "-1", "--format=%H", "--", "."]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None


def device_name(device: torch.device, recipe: Recipe) -> str:
    """Device, precision that is really used, and number of ranks."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else f"cpu, {torch.get_num_threads()} threads"
    return f"{name}, {usable(recipe.precision, device)}, {world()} rank{'s' if world() > 1 else ''}"
