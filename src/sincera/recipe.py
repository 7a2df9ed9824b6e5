"""Every setting of one method as a frozen model; a preset, a TOML file and `--set a.b=c` override it, in this order."""

from __future__ import annotations

import difflib
import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sincera.errors import RecipeError

__all__ = ["Recipe", "Settings", "load_recipe", "nearest", "parse_recipe", "presets"]


class Settings(BaseModel):
    """A group of settings: frozen, typed strictly, and without room for a key that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Recipe(Settings):
    """What the engine itself reads; a method's recipe adds its own settings.

    evaluate_every: steps between two scorings of source validation and target.
    checkpoint_every: steps that a crash may lose at most.
    log_every: steps that one line of the log averages.
    precision: `bf16` computes in bfloat16 where the device can, and says so where it cannot.
    """

    evaluate_every: int = Field(default=100, ge=1)
    checkpoint_every: int = Field(default=100, ge=1)
    log_every: int = Field(default=10, ge=1)
    precision: Literal["native", "bf16"] = "native"

    def files(self) -> dict[str, Path]:
        """Every existing file that a setting names, by the setting: what it holds decides a run, not what it is called.

        >>> Recipe().files()
        {}
        """
        return {key: Path(text) for key, text in _texts(self.model_dump(mode="json")) if Path(text).is_file()}


def _texts(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Settings that are text, as (`a.b`, text)."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _texts(value, f"{before}{key}.")
        elif isinstance(value, str):
            yield f"{before}{key}", value


R = TypeVar("R", bound=Settings)


def load_recipe(cls: type[R], *, preset: str | None = None, toml: Path | None = None, sets: Sequence[str] = ()) -> R:
    """The recipe's defaults, overridden by a preset, then by a TOML file, then by each `a.b=c`.

    RecipeError names an unknown key with the nearest known one, and a value of the wrong type with what was expected.

    >>> load_recipe(Recipe, sets=["evaluate_every=20"]).evaluate_every
    20
    """
    # a group's own defaults in this recipe hold under a preset or setting that changes only a part of the group
    values: dict[str, Any] = cls().model_dump(mode="json")
    if preset is not None:
        _merge(values, _preset(cls, preset))
    if toml is not None:
        _merge(values, _read_toml(toml))
    for text in sets:
        _merge(values, _parse_set(text))
    return parse_recipe(cls, values)


def parse_recipe(cls: type[R], values: Mapping[str, Any]) -> R:
    """A recipe from plain values, as TOML or run.json hold them."""
    try:
        return cls.model_validate_json(json.dumps(values))  # strict, and yet lists of JSON become tuples
    except ValidationError as error:
        problems = "; ".join(_explain(cls, dict(problem)) for problem in error.errors())
        raise RecipeError(f"{cls.__name__}: {problems}.") from None


def presets(cls: type[Settings]) -> dict[str, dict[str, Any]]:
    """The named presets of a recipe: the tables of the TOML file beside the module that defines it."""
    source = sys.modules[cls.__module__].__file__
    path = Path(source).with_suffix(".toml") if source else None
    return _read_toml(path) if path is not None and path.is_file() else {}


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint for an error message, empty where nothing known comes near.

    >>> nearest("bach", ["batch", "epochs"])
    '; did you mean batch?'
    """
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {found[0]}?" if found else ""


def _preset(cls: type[Settings], name: str) -> dict[str, Any]:
    known = presets(cls)
    if name not in known:
        hint = nearest(name, known) or f"; known are {', '.join(known) or 'none'}"
        raise RecipeError(f"{cls.__name__}: no preset {name!r}{hint}.")
    return known[name]


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read as a recipe ({error}).") from None
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path}: not valid TOML: {error}.") from None


def _parse_set(text: str) -> dict[str, Any]:
    key, equals, value = text.partition("=")
    if not equals or not all(key.split(".")):
        raise RecipeError(f"--set {text!r}: expected KEY=VALUE, such as optimiser.lr=0.01.")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value  # a bare word is a string
    for part in reversed(key.split(".")):
        parsed = {part: parsed}
    return dict(parsed)


def _merge(values: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(values.get(key), dict):
            _merge(values[key], value)
        else:
            values[key] = dict(value) if isinstance(value, dict) else value


def _explain(cls: type[Settings], problem: Mapping[str, Any]) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"no setting {where!r}{nearest(str(problem['loc'][-1]), _fields_at(cls, problem['loc'][:-1]))}"
    return f"{where or 'recipe'} = {problem['input']!r}: {problem['msg'].lower()}"


def _fields_at(cls: type[Settings], path: Sequence[object]) -> Iterable[str]:
    model: type[BaseModel] = cls
    for part in path:
        inner = model.model_fields[str(part)].annotation if str(part) in model.model_fields else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ()
        model = inner
    return model.model_fields
