"""The bones: from a person's attributes and seed to the vertices of the head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from sincera.simulate.heads.pack import Floats, Ints, pack
from sincera.simulate.heads.records import ORIGINS, Attributes

EYES = np.array([0.0, 0.29, 0.88], np.float32)
"""Where the middle between the eyes' centres lies in the normalised space (dm)."""
APART = 0.62
"""Distance of the eyes' centres in the normalised space (dm)."""

_MILD = ("head", "forehead", "eyebrows", "l-ear", "r-ear", "neck", "measure")
_SIDEWAYS = ("nose-trans-in", "mouth-trans-in")  # the whole nose or mouth to one side
# Targets that only move the whole head about, or that no adult should have.
_LEFT_OUT = ("head-age", "head-trans", "neck-trans", "measure-neck-height", "ear-shape-pointed", "eye-trans-out")


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One person's head at rest in the normalised space, and how to bring further targets there."""

    vertices: Floats  # (6324, 3) dm
    stretch: Floats  # (3,) by which the targets' shifts are multiplied


def make_shape(attributes: Attributes, sex: float, rng: np.random.Generator) -> Shape:
    """The head of one person. sex: as in attributes, but up to a tenth beyond 0 and 1."""
    assets = pack()
    vertices = assets.vertices.copy()
    weights = _macro_weights(attributes, sex, rng)
    for name, weight in (weights | _feature_weights(sex, rng)).items():
        target = assets.targets[name]
        vertices[target.index] += weight * target.shift
    left, right = (vertices[helpers].mean(0) for helpers in assets.eyes)
    size = APART / float(np.linalg.norm(left - right))
    stretch = np.array([size, size * float(np.clip(rng.normal(0.935, 0.035), 0.84, 1.03)), size], np.float32)
    return Shape((vertices - (left + right) / 2) * stretch + EYES, stretch)


def _macro_weights(attributes: Attributes, sex: float, rng: np.random.Generator) -> dict[str, float]:
    """Origin × sex × age, and weight × sex × age: MakeHuman's own mixture, with young as the youngest."""
    old = max(0.0, (attributes.age - 25) / 65)
    body = float(np.clip(rng.normal(-0.05, 0.36), -0.9, 0.9))
    weights = {}
    for gender, share in (("female", 1 - sex), ("male", sex)):
        for years, part in (("young", 1 - old), ("old", old)):
            for origin, amount in zip(ORIGINS, attributes.origin, strict=True):
                mesh = origin.replace("european", "caucasian")
                weights[f"{mesh}-{gender}-{years}"] = amount * share * part
            side = "maxweight" if body > 0 else "minweight"
            weights[f"universal-{gender}-{years}-averagemuscle-{side}"] = abs(body) * share * part
    return weights


# By how much features differ between the sexes beyond the macro targets: mean of the pair's draw for a man, and minus
# it for a woman. Without this the spread of the features hides the sex of every second face.
_SEXED = {
    "chin-width-decr": 0.22,
    "chin-bones-decr": 0.20,
    "chin-prominent-decr": 0.10,
    "nose-scale-horiz-decr": 0.16,
    "nose-scale-depth-decr": 0.12,
    "nose-scale-vert-decr": 0.10,
    "nose-nostrils-width-decr": 0.10,
    "nose-hump-decr": 0.12,
    "eyebrows-trans-down": -0.22,
    "eyebrows-angle-down": -0.08,
    "eyebrows-trans-backward": 0.20,
    "l-eye-scale-decr": -0.25,
    "l-eye-height2-decr": -0.20,
    "mouth-upperlip-volume-decr": -0.20,
    "mouth-lowerlip-volume-decr": -0.18,
    "mouth-scale-horiz-decr": 0.06,
    "head-fat-decr": -0.05,
    "forehead-nubian-decr": -0.10,
    "neck-scale-horiz-decr": 0.25,
    "measure-neck-circ-decr": 0.25,
    "l-cheek-volume-decr": -0.12,
}


def _feature_weights(sex: float, rng: np.random.Generator) -> dict[str, float]:
    """Shape targets: a little of everything, and some features of which this person has much.

    All features at one spread give faces that a recognition network takes for relatives; a wider spread gives
    grotesques. A few strong features over a mild rest keep people apart and plausible.
    """
    weights: dict[str, float] = {}
    pairs, singles, lopsided = _features()
    spread = np.full(len(pairs), 0.30)
    spread[rng.random(len(pairs)) < 0.17] = 0.66
    spread[[minus[0].endswith(_SIDEWAYS) for minus, _ in pairs]] *= 0.4
    lean = np.array([_SEXED.get(minus[0], 0.0) for minus, _ in pairs]) * (2 * sex - 1)
    draws = np.clip(rng.normal(lean, spread), -1.0, 1.0)
    for (minus, plus), draw in zip(pairs, draws, strict=True):
        mild = 0.65 if minus[0].startswith(_MILD) else 1.0
        for name in plus if draw > 0 else minus:
            weights[name] = abs(float(draw)) * mild
    for names in singles:
        draw = float(np.clip(rng.normal(0, 0.28), 0, 0.7)) * (0.5 + 0.5 * sex if names[0] == "head-square" else 1.0)
        for name in names:
            weights[name] = draw
    chosen = rng.random(len(lopsided)) < 0.4
    for name, take, draw in zip(lopsided, chosen, np.abs(rng.normal(0, 0.2, len(lopsided))), strict=True):
        if take:
            weights[name] = float(min(draw, 0.5))
    # Neutral MakeHuman has its eyes too close for their height; faces are measured at 1.02 with this.
    apart = float(np.clip(rng.normal(0.28, 0.25), -0.3, 0.8))
    for side in "lr":
        weights[f"{side}-eye-trans-{'out' if apart > 0 else 'in'}"] = abs(apart)
    return weights


_OPPOSITES = (
    ("-decr", "-incr"),
    ("-down", "-up"),
    ("-in", "-out"),
    ("-backward", "-forward"),
    ("-concave", "-convex"),
    ("-compress", "-uncompress"),
)


@cache
def _features() -> tuple[list[tuple[list[str], list[str]]], list[list[str]], list[str]]:
    """Opposite pairs and single shape targets, each as its names on both sides of the face, and asymmetric ones."""
    targets = pack().targets
    shapes = [
        name
        for name, target in targets.items()
        if target.kind == "shape" and not name.startswith("r-") and not any(part in name for part in _LEFT_OUT)
    ]
    pairs, used = [], set()
    for name in shapes:
        for low, high in _OPPOSITES:
            other = name.removesuffix(low) + high
            if name.endswith(low) and other in targets and "eye-trans-in" not in name:
                pairs.append((_both_sides(name), _both_sides(other)))
                used |= {name, other}
    singles = [_both_sides(name) for name in shapes if name not in used and "eye-trans-in" not in name]
    return pairs, singles, [name for name, target in targets.items() if target.kind == "asym"]


def _both_sides(name: str) -> list[str]:
    return [name, "r-" + name[2:]] if name.startswith("l-") else [name]


def spots(vertices: Floats, index: Ints) -> Floats:
    """The mean (3,) of some vertices."""
    middle: Floats = vertices[index].mean(0)
    return middle
