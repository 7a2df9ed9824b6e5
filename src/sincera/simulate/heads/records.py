"""What goes into a picture of a head and what comes out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sincera.simulate.heads.pack import Bytes, Floats

ORIGINS = ("african", "asian", "european")
HAIR_COLOURS = ("black", "dark brown", "brown", "light brown", "blond", "red", "grey", "white")
BEARDS = ("none", "stubble", "moustache", "goatee", "short", "full")
GLASSES = ("none", "round", "square", "aviator", "cat", "half")
PARTS = (
    "background",
    "skin",
    "neck",
    "mouth",
    "eye",
    "teeth",
    "tongue",
    "hair",
    "brow",
    "lash",
    "beard",
    "clothes",
    "glasses",
)
"""Names of the numbers in `Rendered.parts`."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """Who a made person seems to be: labels for teachers and for tables of error rates by group.

    sex: 0 shaped like a woman's face … 1 like a man's.  age: years, 18 or more.  origin: shares of the mesh's three
    populations (African, Asian, European), which add to 1.  skin_tone: 0 lightest … 1 darkest.  hair_style: a name of
    the pack's hairs, `buzz`, `crop` or `bald`.  hair_colour, beard, glasses: one of HAIR_COLOURS, BEARDS, GLASSES.
    """

    sex: float
    age: float
    origin: tuple[float, float, float]
    skin_tone: float
    hair_style: str
    hair_colour: str
    beard: str
    glasses: str

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self) | {"origin": list(self.origin)}


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the head is and how it is turned, relative to a camera that looks straight at the room.

    yaw: degrees, positive turns the face to the picture's right.  pitch: degrees, positive looks up.  roll: degrees,
    positive tilts clockwise in the picture.  centre: (x, y) as shares of the picture's width and height; there lies
    the middle between eyes and mouth while the head looks straight (a turn moves it, as a neck does).  scale: distance
    of the eyes as a share of the picture's shorter side while the head looks straight.  distance: from camera to eyes
    in centimetres; it sets the perspective only, the size is `scale`'s.  shoulders: yaw of the shoulders in degrees;
    None follows a third of the head's.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    centre: tuple[float, float] = (0.5, 0.5)
    scale: float = 0.2
    distance: float = 60.0
    shoulders: float | None = None


@dataclass(frozen=True, slots=True)
class Expression:
    """What the face does; all zero is this person's own resting face.

    blink, smile, jaw_open, pucker: 0 … 1.  brow: -1 frown … 1 raised.  gaze: degrees (to the picture's right, up),
    relative to the head.
    """

    blink: float = 0.0
    smile: float = 0.0
    jaw_open: float = 0.0
    pucker: float = 0.0
    brow: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Lights:
    """One key light that casts shadows and four soft ones; directions point from the head to the light.

    key: unit (3,), x to the picture's right, y up, z towards the camera.  key_colour: linear RGB (3,).  softness:
    0 hard … 1 wide edge of the shadow.  soft: unit (4, 3).  soft_colour: linear RGB (4, 3).
    A colour of 1 lights white paper that faces it to about 1; the exposure is the camera's job.
    """

    key: Floats
    key_colour: Floats
    soft: Floats
    soft_colour: Floats
    softness: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """One picture of a head on nothing, ready to be laid over a room.

    rgb: (H, W, 3) float32 linear light, multiplied by alpha already.  alpha: (H, W) float32 in [0, 1].
    depth: (H, W) float32 in decimetres before a plane 2 dm behind the eyes and parallel to the picture: larger is
    nearer (eyes about 2.1, tip of the nose 2.4, ears 1.1), at least 0.05 on the person and 0 outside; the eyes are
    0.62 dm apart on every head.  parts: (H, W) uint8, numbers of PARTS.  points: (5, 2) float32 pixels, centre of
    the first pixel at (0, 0): the eye at the picture's left, the eye at its right, nose, the mouth's left and right
    corner in the picture.
    """

    rgb: Floats
    alpha: Floats
    depth: Floats
    parts: Bytes
    points: Floats
