"""How a face was found and cut out: recorded in the store and in the model file, compared when they meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Any, Literal, get_args

from sincera.errors import UsageError

Kind = Literal["five_point", "box"]
Border = Literal["replicate", "reflect", "constant", "shift"]
Aspect = Literal["square", "box"]
Colour = Literal["RGB", "BGR"]
Range = Literal["0-1", "0-255", "-1-1"]
Samples = Literal["area", "bilinear"]


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """A face detector as it was used.

    name: mtcnn, yunet or annotated.  sha256: of its weights, "" where it has none.  padding: where nothing is found,
    the picture is searched once more with a replicated border of this share of its longer side; 0 switches that off.
    confidence: faces below it are not reported.  min_face: side in pixels of the smallest face looked for.
    """

    name: str
    sha256: str
    padding: float
    confidence: float
    min_face: int

    def __post_init__(self) -> None:
        _check(self.name != "", "detector.name", self.name, "a name")
        _check(0 <= self.padding <= 1, "detector.padding", self.padding, "a share in [0, 1]")
        _check(0 <= self.confidence <= 1, "detector.confidence", self.confidence, "a number in [0, 1]")
        _check(self.min_face >= 1, "detector.min_face", self.min_face, "at least 1 pixel")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> DetectorSpec:
        """Raises UsageError for an unknown or missing key, or a value of the wrong type."""
        return cls(**_checked(cls, values, {"name": str, "sha256": str, "min_face": int}))


@dataclass(frozen=True, slots=True)
class CropSpec:
    """How one aligned face is cut out of a picture.

    kind: `five_point` lays the eyes, nose and mouth corners onto a fixed template by a similarity; `box` takes the
    detector's box.  margin: how much wider than the template's square, or the box, the crop is: 0.5 is half as much
    again, so a box "widened 2.7 times" has margin 1.7.  size: side of the crop in pixels.
    border: what stands for pixels outside the picture; `shift` instead moves the window inside and, where it is larger
    than the picture, shrinks it until it fits (kind `box` only).  aspect: of the window; `box` keeps the box's own
    proportions and stretches it to the square crop.  colour, range: what the network is given (`as_input`).
    detector: who found the face; None where it does not matter.
    samples: `area` is the mean of all that a crop's pixel covers; `bilinear` looks at four pixels of the picture, for
    networks that were trained with the aliasing which that leaves.
    The default margin of 0.3 keeps a face from hairline to chin with little around it: at 0 chins are cut off, at 0.5
    a third of the crop is room and clothes, which give away the place and not the instrument.

    >>> CropSpec.from_dict(DEFAULT_SPEC.to_dict()) == DEFAULT_SPEC
    True
    """

    kind: Kind = "five_point"
    margin: float = 0.3
    size: int = 256
    border: Border = "replicate"
    aspect: Aspect = "square"
    colour: Colour = "RGB"
    range: Range = "0-1"
    detector: DetectorSpec | None = None
    samples: Samples = "area"

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            _check(value in get_args(choices), name, value, f"one of {', '.join(get_args(choices))}")
        _check(-0.9 <= self.margin <= 20, "margin", self.margin, "a number in [-0.9, 20]")
        _check(8 <= self.size <= 4096, "size", self.size, "8 to 4096 pixels")
        if self.kind == "five_point":
            _check(self.border != "shift", "border", self.border, "replicate, reflect or constant with kind five_point")
            _check(self.aspect == "square", "aspect", self.aspect, "square with kind five_point")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `samples` only where it is not `area`: records from before it stay the same."""
        values = asdict(self)
        return values if self.samples != "area" else {name: one for name, one in values.items() if name != "samples"}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> CropSpec:
        """Raises UsageError for an unknown or missing key, or a value of the wrong type."""
        values = {"samples": "area", **values}
        checked = _checked(cls, values, dict.fromkeys(_CHOICES, str) | {"size": int, "detector": (Mapping, type(None))})
        detector = checked.pop("detector")
        return cls(**checked, detector=None if detector is None else DetectorSpec.from_dict(detector))


_CHOICES: dict[str, Any] = {
    "kind": Kind,
    "border": Border,
    "aspect": Aspect,
    "colour": Colour,
    "range": Range,
    "samples": Samples,
}


def _checked(cls: type[Any], values: Mapping[str, Any], types: Mapping[str, Any]) -> dict[str, Any]:
    """The values with exactly the fields of `cls`; numbers where `types` names nothing else."""
    names = [field.name for field in fields(cls)]
    for key in values:
        if key not in names:
            near = get_close_matches(key, names, 1)
            raise UsageError(f"{cls.__name__}: unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    checked = {}
    for name in names:
        if name not in values:
            raise UsageError(f"{cls.__name__}: {name!r} is missing; expected the keys {', '.join(names)}")
        value, kinds = values[name], types.get(name, (int, float))
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise UsageError(f"{cls.__name__}: {name} = {value!r} is of the wrong type")
        checked[name] = float(value) if kinds == (int, float) else value
    return checked


def _check(holds: bool, name: str, value: object, expected: str) -> None:
    if not holds:
        raise UsageError(f"{name} = {value!r}; expected {expected}")


DEFAULT_SPEC = CropSpec()
