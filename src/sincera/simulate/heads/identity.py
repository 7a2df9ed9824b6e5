"""Who a made person is: attributes drawn from a seed, or wished for."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np

from sincera.errors import UsageError
from sincera.simulate.heads.records import BEARDS, GLASSES, HAIR_COLOURS, Attributes

YOUNGEST = 18.0
SHORT_HAIR = ("short01", "short02", "short03", "short04", "afro01", "buzz", "crop")
LONG_HAIR = ("bob01", "bob02", "long01", "ponytail01")
HAIR_STYLES = (*SHORT_HAIR, *LONG_HAIR, "bald")
_CHOICES = {"hair_style": HAIR_STYLES, "hair_colour": HAIR_COLOURS, "beard": BEARDS, "glasses": GLASSES}


def draw_attributes(rng: np.random.Generator, wishes: dict[str, Any]) -> Attributes:
    """Attributes of one adult; each wish replaces what would have been drawn, the rest is drawn to fit it.

    Raises UsageError for a name, choice or range that does not exist.
    """
    _check(wishes)
    # Every person draws the same numbers in the same order, so that a wish changes only what it names and what follows.
    shares, over = rng.dirichlet((0.45, 0.45, 0.6)), rng.uniform(-0.1, 0.1)
    male, years = rng.random() < 0.5, YOUNGEST + 60 * rng.beta(1.1, 1.7)
    tone_noise, dice = rng.normal(0, 0.09), rng.random(8)
    sex = float(wishes.get("sex", np.clip((1.0 if male else 0.0) + over, -0.1, 1.1)))
    age = float(wishes.get("age", years))
    origin = _shares(wishes["origin"]) if "origin" in wishes else _shares(shares)
    tone = float(np.clip(np.dot(origin, (0.80, 0.30, 0.16)) + tone_noise, 0.0, 1.0))
    tone = float(wishes.get("skin_tone", tone))
    return Attributes(
        sex=round(min(max(sex, 0.0), 1.0), 3) if "sex" not in wishes else sex,
        age=round(age, 1),
        origin=origin,
        skin_tone=round(tone, 3),
        hair_style=wishes.get("hair_style", _hair_style(sex, age, origin, dice[0], dice[1])),
        hair_colour=wishes.get("hair_colour", _hair_colour(age, origin, dice[2], dice[3])),
        beard=wishes.get("beard", _beard(sex, dice[4], dice[5])),
        glasses=wishes.get("glasses", _glasses(age, dice[6], dice[7])),
    )


def _check(wishes: dict[str, Any]) -> None:
    known = Attributes.__dataclass_fields__
    for name, value in wishes.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise UsageError(f"a person has no attribute {name!r}; known are {', '.join(known)}.{hint}")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise UsageError(f"{name}={value!r} does not exist; choose one of {', '.join(_CHOICES[name])}")
    if not YOUNGEST <= wishes.get("age", YOUNGEST) <= 90:
        raise UsageError(f"age={wishes['age']!r}: made people are adults, {YOUNGEST:.0f} to 90 years old")
    for name in ("sex", "skin_tone"):
        if not 0 <= wishes.get(name, 0) <= 1:
            raise UsageError(f"{name}={wishes[name]!r} lies outside 0 … 1")
    if "origin" in wishes and (len(wishes["origin"]) != 3 or min(wishes["origin"]) < 0 or sum(wishes["origin"]) <= 0):
        raise UsageError(f"origin={wishes['origin']!r}: expected three shares (African, Asian, European), none below 0")


def _shares(values: Any) -> tuple[float, float, float]:
    african, asian, european = np.asarray(values, float) / np.sum(values)
    return float(african), float(asian), float(european)


def _pick(dice: float, odds: dict[str, float]) -> str:
    """The name whose share of the odds the dice (0 … 1) falls in."""
    names, weights = list(odds), np.cumsum(list(odds.values()))
    return names[min(int(np.searchsorted(weights, dice * weights[-1], side="right")), len(names) - 1)]


def _hair_style(sex: float, age: float, origin: tuple[float, float, float], dice: float, loss: float) -> str:
    african = origin[0]
    if sex > 0.5:
        if loss < 0.04 + 0.22 * np.clip((age - 28) / 40, 0, 1):
            return "bald"
        return _pick(
            dice,
            {
                "short01": 1.0,
                "short02": 1.3,
                "short03": 0.8 * (1 - african),
                "short04": 1.2,
                "buzz": 0.6 + 1.4 * african,
                "crop": 1.0 + 0.6 * african,
                "afro01": 1.2 * african**2,
                "bob02": 0.12,
                "ponytail01": 0.15,
            },
        )
    return _pick(
        dice,
        {
            "bob01": 0.8,
            "bob02": 1.0,
            "long01": 1.3,
            "ponytail01": 1.4,
            "short01": 0.25,
            "short03": 0.4,
            "short04": 0.2,
            "afro01": 1.6 * african**2,
            "buzz": 0.06 + 0.4 * african**2,
            "crop": 0.15 + 0.5 * african**2,
        },
    )


def _hair_colour(age: float, origin: tuple[float, float, float], dice: float, greying: float) -> str:
    european = origin[2]
    grey = np.clip((age - 30 - 25 * greying) / 28, 0, 1)
    if dice < grey * 0.9:
        return "white" if age > 62 and greying < 0.5 else "grey"
    dice = (dice - grey * 0.9) / (1 - grey * 0.9)
    return _pick(
        dice,
        {
            "black": 1.6 - 1.45 * european,
            "dark brown": 0.8,
            "brown": 0.15 + 0.8 * european,
            "light brown": 0.03 + 0.6 * european**1.5,
            "blond": 0.03 + 0.8 * european**2,
            "red": 0.02 + 0.22 * european**2,
        },
    )


def _beard(sex: float, has: float, dice: float) -> str:
    if sex < 0.5 or has < 0.42:
        return "none"
    return _pick(dice, {"stubble": 0.40, "moustache": 0.10, "goatee": 0.15, "short": 0.20, "full": 0.15})


def _glasses(age: float, has: float, dice: float) -> str:
    if has > 0.16 + 0.22 * np.clip((age - 35) / 30, 0, 1):
        return "none"
    return _pick(dice, {"round": 1.0, "square": 1.4, "aviator": 0.7, "cat": 0.5, "half": 0.7})
