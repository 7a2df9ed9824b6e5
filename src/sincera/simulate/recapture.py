"""Attacks from any live photograph: what a camera sees of its print or its replay; and a folder of them.

seen = recapture(picture, "mobile", points=face.points, rng=np.random.default_rng(0))
seen.picture, seen.mask, seen.parameters
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.errors import UsageError
from sincera.faces.detect import FaceDetector, open_detector
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
from sincera.workers import cores, each_done

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


@dataclass(frozen=True, slots=True)
class Original:
    """One live picture to recapture, as one task for one process.

    kinds: species of its attacks.  longer: most pixels of its longer side.  detector: name of what finds the face that
    the camera meters; None guesses it in the middle.
    """

    out: Path
    file: Path
    name: Path
    seed: int
    order: int
    kinds: tuple[str, ...]
    longer: int
    detector: str | None

    @property
    def person(self) -> str:
        return self.name.parts[0] if len(self.name.parts) > 1 else self._stem

    @property
    def _stem(self) -> str:
        return "_".join(self.name.with_suffix("").parts) + f"_{self.order}"

    def rows(self) -> list[tuple[str, ...]]:
        """The manifest's rows: the live picture first, then its attacks."""
        person, stem = self.person, self._stem
        attacks = [
            (f"attack/{person}/{stem}_{number}_{kind.replace('/', '-')}.jpg", "attack", person, kind, "")
            for number, kind in enumerate(self.kinds)
        ]
        return [(f"live/{person}/{stem}.jpg", "live", person, "", ""), *attacks]

    def fills(self, number: int) -> bool:
        """Every other medium fills the frame."""
        return bool((number + len(self._stem)) % 2)


def write_recaptures(
    out: Path, live_folder: Path, *, seed: int = 0, each: int = 2, longer: int = 640,
    species: Sequence[str] = ("paper", "screen"), detector: str | None = None, workers: int | None = None,
    track: Track = silent,
) -> int:  # fmt: skip
    """A folder set from one's own live pictures: `out/live`, `out/attack`, manifest.csv; gives the number of attacks.

    live_folder: pictures, in sub-folders by person or not.  each: attacks a picture, species by turns.  longer: most
    pixels of a picture's longer side.  detector: name of the one that finds the faces that the camera meters; without
    it they are guessed.  workers: processes, None for one a core.  Pictures that exist are not made again.
    UsageError where the folder holds no picture.
    """
    files = sorted(file for file in live_folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
    if not files:
        found = "holds no picture" if live_folder.is_dir() else "is no folder"
        raise UsageError(f"{live_folder}: {found}; give a folder of live pictures ({', '.join(sorted(SUFFIXES))})")
    unknown = [name for name in species if name not in GENERIC and name not in SPECIES]
    if unknown or not species:
        raise UsageError(f"species {unknown} cannot be simulated; choose from {', '.join([*GENERIC, *SPECIES])}")
    originals = [
        Original(
            out, file, file.relative_to(live_folder), seed, order,
            tuple(species[(order + k) % len(species)] for k in range(each)), longer, detector,
        )
        for order, file in enumerate(files)
    ]  # fmt: skip
    for _ in track(each_done(recapture_file, originals, workers or cores()), "recapturing", len(originals)):
        pass
    rows = [row for original in originals for row in original.rows()]
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([MANIFEST, *rows])
    write_text(out / "manifest.csv", table.getvalue())
    return sum(row[1] == "attack" for row in rows)


def recapture_file(original: Original) -> None:
    """Write one live picture as its camera sees it, and its attacks; nothing where all of them exist."""
    out, rows = original.out, original.rows()
    if all((out / row[0]).is_file() for row in rows):
        return
    rng = np.random.default_rng((original.seed, original.order))
    picture = _fitted(read_picture(original.file), original.longer)
    faces = _detector(original.detector).detect(picture) if original.detector is not None else ()
    points = faces[0].points.astype(np.float32) if faces and not np.isnan(faces[0].points).any() else None
    camera = CameraModel().draw(rng, picture.shape[:2])
    quality = int(draw(rng, (72, 97)))
    write_picture(out / rows[0][0], live(picture, points=points, camera=camera, rng=rng), quality)
    for number, (path, _, _, kind, _) in enumerate(rows[1:]):
        seen = recapture(picture, kind, points=points, camera=camera, rng=rng, fills=original.fills(number))
        write_truth(truth_path(out / path), of_scenes([seen.scene], instrument=seen.parameters))
        write_picture(out / path, seen.picture, quality)


@cache
def _detector(name: str) -> FaceDetector:
    return open_detector(name)


def _fitted(picture: Picture, longer: int) -> Picture:
    """Not larger than asked, and with even sides."""
    height, width = resolution(picture.shape[:2], min(longer, max(picture.shape[:2])))
    if (height, width) == picture.shape[:2]:
        return picture
    return resize(picture, (height, width))
