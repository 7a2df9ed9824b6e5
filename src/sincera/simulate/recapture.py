"""Attacks from any live photograph: what a camera sees of its print or its replay; and a folder of them.

seen = recapture(picture, "mobile", points=face.points, rng=np.random.default_rng(0))
seen.picture, seen.mask, seen.parameters
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.errors import UsageError
from sincera.faces.detect import FaceDetector
from sincera.media import read_picture
from sincera.progress import Track, silent
from sincera.simulate.camera import Camera, CameraModel, resolution
from sincera.simulate.files import write_picture, write_text
from sincera.simulate.instruments.handling import View
from sincera.simulate.instruments.print import PrintModel
from sincera.simulate.instruments.screen import ScreenModel
from sincera.simulate.instruments.sheet import Shot
from sincera.simulate.instruments.species import SPECIES, instrument
from sincera.simulate.light import Picture, draw
from sincera.simulate.pixels import resize
from sincera.simulate.room import RoomStyle, draw_room
from sincera.simulate.scene import Anchor, Points, Scene, of_photograph
from sincera.simulate.truth import of_scenes, truth_path, write_truth

SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"))
# Wide on purpose: nobody knows by which printer or screen a camera will be attacked.
GENERIC: Mapping[str, PrintModel | ScreenModel] = {"paper": PrintModel(), "screen": ScreenModel()}
MANIFEST = ("path", "label", "subject", "attack", "session")


@dataclass(frozen=True, slots=True)
class Recapture:
    """An attack picture. mask: (H, W) uint8, 255 where the instrument is seen. parameters: what was drawn for it."""

    picture: Picture
    mask: NDArray[np.uint8]
    points: Points | None
    parameters: Mapping[str, Any]
    scene: Scene


def recapture(
    picture: Picture, species: str, *, points: Points | None = None, camera: Camera | None = None,
    rng: np.random.Generator, fills: bool | None = None,
) -> Recapture:  # fmt: skip
    """A live picture printed or shown and taken again, at the picture's own size.

    picture: (H, W, 3) uint8 RGB.  species: `paper` or `screen` with wide ranges, or one of `SPECIES`.  points: (5, 2)
    of the face; without them the face is guessed in the middle.  camera: drawn from wide ranges if None; give the same
    one to `live` for the other class.  fills: whether the medium fills the frame; by chance if None.
    UsageError for an unknown species.
    """
    size = picture.shape[:2]
    camera = camera or CameraModel().draw(rng, size)
    model = GENERIC.get(species) or (instrument(species) if species in SPECIES else None)
    if model is None:
        raise UsageError(f"species {species!r} cannot be simulated; choose from {', '.join([*GENERIC, *SPECIES])}")
    shot = Shot(np.ascontiguousarray(picture), points, 0.5)
    known = shot.anchor
    fills = bool(rng.random() < model.handling.fills) if fills is None else fills
    # A medium that fills the frame is a little nearer than the picture was, one with its rim in view farther.
    factor = draw(rng, (1.04, 1.2)) if fills else draw(rng, (0.62, 0.95))
    centre = np.array([known.x, known.y]) if fills else 0.5 * np.array([known.x + size[1] / 2, known.y + size[0] / 2])
    view = View(size, Anchor(float(centre[0]), float(centre[1]), known.span * factor))
    presented = model.present([shot], view, 1, rng, fills=fills)
    behind = Scene(draw_room(rng, size, RoomStyle()), np.zeros(size, np.uint8), None, None)
    scene = presented.scene(0, behind)
    seen = camera.photograph(scene, rng)
    return Recapture(seen, scene.spoof, scene.points, {"species": species, **presented.parameters}, scene)


def live(picture: Picture, *, points: Points | None = None, camera: Camera, rng: np.random.Generator) -> Picture:
    """The live picture through the same camera, so that both classes have its blur, colour and noise."""
    scene = of_photograph(picture, points)
    return camera.photograph(Scene(scene.light, scene.spoof, None, points, softness=0.5), rng)


def write_recaptures(
    out: Path, live_folder: Path, *, seed: int = 0, each: int = 2, longer: int = 640,
    species: Sequence[str] = ("paper", "screen"), detector: FaceDetector | None = None, track: Track = silent,
) -> int:  # fmt: skip
    """A folder set from one's own live pictures: `out/live`, `out/attack`, manifest.csv; gives the number of attacks.

    live_folder: pictures, in sub-folders by person or not.  each: attacks a picture, species by turns.  longer: most
    pixels of a picture's longer side.  detector: finds the faces that the camera meters; without it they are guessed.
    UsageError where the folder holds no picture.
    """
    files = sorted(file for file in live_folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        found = "holds no picture" if live_folder.is_dir() else "is no folder"
        raise UsageError(f"{live_folder}: {found}; give a folder of live pictures ({', '.join(sorted(SUFFIXES))})")
    unknown = [name for name in species if name not in GENERIC and name not in SPECIES]
    if unknown or not species:
        raise UsageError(f"species {unknown} cannot be simulated; choose from {', '.join([*GENERIC, *SPECIES])}")
    rows: list[tuple[str, ...]] = []
    for order, file in enumerate(track(files, "recapturing", len(files))):
        name = file.relative_to(live_folder)
        stem = "_".join(name.with_suffix("").parts) + f"_{order}"
        person = name.parts[0] if len(name.parts) > 1 else stem
        rows += _recapture_file(out, file, stem, person, np.random.default_rng((seed, order)),
                                kinds=[species[(order + k) % len(species)] for k in range(each)],
                                longer=longer, detector=detector)  # fmt: skip
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([MANIFEST, *rows])
    write_text(out / "manifest.csv", table.getvalue())
    return sum(row[1] == "attack" for row in rows)


def _recapture_file(
    out: Path, file: Path, stem: str, person: str, rng: np.random.Generator, *, kinds: Sequence[str], longer: int,
    detector: FaceDetector | None,
) -> list[tuple[str, ...]]:  # fmt: skip
    """One live picture's row and its attacks'; the pictures are left alone where they exist."""
    picture = _fitted(read_picture(file), longer)
    faces = detector.detect(picture) if detector is not None else ()
    points = faces[0].points.astype(np.float32) if faces and not np.isnan(faces[0].points).any() else None
    camera = CameraModel().draw(rng, picture.shape[:2])
    rows: list[tuple[str, ...]] = [(f"live/{person}/{stem}.jpg", "live", person, "", "")]
    quality = int(draw(rng, (72, 97)))
    write_picture(out / rows[0][0], live(picture, points=points, camera=camera, rng=rng), quality)
    for number, kind in enumerate(kinds):
        seen = recapture(picture, kind, points=points, camera=camera, rng=rng, fills=bool((number + len(stem)) % 2))
        path = f"attack/{person}/{stem}_{number}_{kind.replace('/', '-')}.jpg"
        write_truth(truth_path(out / path), of_scenes([seen.scene], instrument=seen.parameters))
        write_picture(out / path, seen.picture, quality)
        rows.append((path, "attack", person, kind, ""))
    return rows


def _fitted(picture: Picture, longer: int) -> Picture:
    """Not larger than asked, and with even sides."""
    height, width = resolution(picture.shape[:2], min(longer, max(picture.shape[:2])))
    if (height, width) == picture.shape[:2]:
        return picture
    return resize(picture, (height, width))
