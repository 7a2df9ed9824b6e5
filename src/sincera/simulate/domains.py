"""The simulated data sets of videos: each a camera or several, rooms, light, people and a way to hold the instrument.

They are told apart as the real ones are: O phones held in portrait, C three cameras from poor to good in warm rooms,
I one small noisy webcam, M a telephone and a laptop, W a good webcam and a large camera, both wide. Species are in
`instruments.species`, and in `siwm` what W's people wear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sincera.media import Codec
from sincera.simulate.camera import CameraModel
from sincera.simulate.light import Span
from sincera.simulate.room import RoomStyle

DomainKey = Literal["O", "C", "I", "M", "W"]
BENCHMARK: tuple[DomainKey, ...] = ("O", "C", "I", "M")


@dataclass(frozen=True, slots=True)
class Device:
    """One camera of a data set, with the file that it writes.

    shape: height over width.  longer: the longer side in pixels where it is fixed, else None and the scale decides.
    eyes: distance of the eyes as a share of the frame's width.  shake: sway of a camera that is held, as a share of
    the longer side.
    """

    model: CameraModel
    shape: float
    eyes: Span
    codec: Codec
    quality: int
    longer: int | None = None
    shake: float = 0.002


@dataclass(frozen=True, slots=True)
class Domain:
    """What the clips of one data set have in common."""

    key: DomainKey
    devices: Mapping[str, Device]
    room: RoomStyle
    people: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    fps: int = 10


_PHONE = CameraModel(
    sharpness=(1.0, 1.8), face=(0.19, 0.30), red=(1.50, 1.85), blue=(0.58, 0.75), contrast=(0.42, 0.66),
    colour=(1.0, 1.3), haze=(0.0, 0.16), shot=(0.0008, 0.003),
)  # fmt: skip
_OLD_USB = CameraModel(
    sharpness=(1.5, 2.4), face=(0.15, 0.26), red=(1.65, 2.15), blue=(0.42, 0.62), contrast=(0.40, 0.62),
    colour=(0.95, 1.25), haze=(0.02, 0.22), shot=(0.001, 0.004), sharpened=0.3,
)  # fmt: skip
_NEW_USB = CameraModel(
    sharpness=(1.2, 2.0), face=(0.15, 0.27), red=(1.60, 2.05), blue=(0.46, 0.66), contrast=(0.42, 0.64),
    colour=(0.95, 1.25), haze=(0.0, 0.18), shot=(0.0008, 0.003),
)  # fmt: skip
_SYSTEM = CameraModel(
    sharpness=(0.9, 1.6), face=(0.16, 0.28), red=(1.55, 1.95), blue=(0.50, 0.70), contrast=(0.44, 0.70),
    colour=(1.0, 1.25), haze=(0.0, 0.14), shot=(0.0006, 0.0025), sharpened=0.8,
)  # fmt: skip
_WEBCAM = CameraModel(
    sharpness=(1.5, 2.5), face=(0.13, 0.34), red=(1.35, 1.75), blue=(0.62, 0.88), contrast=(0.46, 0.80),
    colour=(0.75, 1.0), haze=(0.0, 0.2), shot=(0.002, 0.006), read=(0.00005, 0.0002), sharpen=(0.4, 1.0),
    vignette=(0.1, 0.35),
)  # fmt: skip
_NEXUS = CameraModel(
    sharpness=(1.2, 2.1), face=(0.2, 0.36), red=(1.42, 1.78), blue=(0.60, 0.80), contrast=(0.36, 0.60),
    colour=(0.9, 1.2), haze=(0.02, 0.25), shot=(0.0008, 0.0025),
)  # fmt: skip
_LAPTOP = CameraModel(
    sharpness=(1.0, 1.9), face=(0.18, 0.33), red=(1.45, 1.85), blue=(0.56, 0.76), contrast=(0.40, 0.66),
    colour=(0.85, 1.15), haze=(0.0, 0.2), shot=(0.0006, 0.002),
)  # fmt: skip
# These obey their face less than others: a painted one would give everything else its opposite colour.
_WIDE = CameraModel(
    sharpness=(1.0, 2.0), face=(0.16, 0.30), red=(1.42, 1.82), blue=(0.54, 0.76), contrast=(0.42, 0.68),
    colour=(0.9, 1.2), haze=(0.0, 0.16), shot=(0.0006, 0.0026), obedience=0.4,
)  # fmt: skip
_LARGE = CameraModel(
    sharpness=(0.9, 1.7), face=(0.16, 0.30), red=(1.42, 1.82), blue=(0.54, 0.76), contrast=(0.44, 0.70),
    colour=(0.95, 1.25), haze=(0.0, 0.12), shot=(0.0003, 0.0015), sharpened=0.5, obedience=0.4,
)  # fmt: skip

DOMAINS: Mapping[DomainKey, Domain] = {
    "O": Domain(
        "O",
        {"phone": Device(_PHONE, 16 / 9, (0.19, 0.26), "h264", 84, shake=0.006)},
        RoomStyle(wall=(0.25, 0.6), tint=0.06, window=0.35, blur=(1.5, 4.0)),
        {"origin": (0.3, 0.6, 1.0)},
    ),
    "C": Domain(
        "C",
        {
            "odd": Device(_OLD_USB, 3 / 4, (0.12, 0.17), "mjpeg", 60),
            "even": Device(_NEW_USB, 4 / 3, (0.15, 0.22), "mjpeg", 72),
            "hr": Device(_SYSTEM, 16 / 9, (0.18, 0.26), "h264", 86),
        },
        RoomStyle(wall=(0.15, 0.4), tint=0.16, clutter=(3, 8), window=0.1, blur=(1.0, 3.0)),
        {"origin": (0.15, 1.0, 0.3)},
    ),
    "I": Domain(
        "I",
        {"webcam": Device(_WEBCAM, 3 / 4, (0.11, 0.17), "mjpeg", 70, longer=320, shake=0.001)},
        RoomStyle(wall=(0.1, 0.7), tint=0.08, clutter=(0, 2), window=0.25, lamp=0.1, blur=(2.0, 6.0)),
        {"origin": (0.2, 0.3, 1.0)},
    ),
    "M": Domain(
        "M",
        {
            "android": Device(_NEXUS, 2 / 3, (0.11, 0.16), "h264", 76, shake=0.006),
            "laptop": Device(_LAPTOP, 3 / 4, (0.12, 0.18), "prores", 50),
        },
        RoomStyle(wall=(0.2, 0.5), tint=0.1, clutter=(2, 6), lamp=0.5, blur=(1.5, 4.5)),
        {"origin": (0.9, 0.6, 0.6)},
    ),
    "W": Domain(
        "W",
        {
            "webcam": Device(_WIDE, 9 / 16, (0.11, 0.16), "h264", 82),
            "camera": Device(_LARGE, 9 / 16, (0.11, 0.16), "h264", 88),
        },
        RoomStyle(wall=(0.15, 0.6), tint=0.1, clutter=(1, 5), window=0.2, blur=(1.5, 5.0)),
        {"origin": (0.4, 0.6, 0.8)},
    ),
}
