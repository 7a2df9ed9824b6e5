"""Replays: a photograph or a video on a telephone, a tablet or a monitor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate import kernels
from sincera.simulate.instruments.handling import Handling, Hold, View
from sincera.simulate.instruments.print import WAVE
from sincera.simulate.instruments.sheet import Sheet, Shot, cropped, held
from sincera.simulate.light import Light, Picture, Span, chance, draw
from sincera.simulate.pixels import perspective, resize
from sincera.simulate.scene import Scene


@dataclass(frozen=True, slots=True)
class ScreenModel:
    """A display as spans and probabilities; `Handling` says how it is held.

    coded: share of replays that were stored small and compressed before they were shown.  grid: share in which the
    pixel grid is seen at all, with `pitch` in camera pixels and `amplitude`.
    """

    handling: Handling = field(default_factory=lambda: Handling(lit=(0.6, 2.2)))
    coded: float = 0.55
    quality: Span = (25, 75)
    contrast: Span = (0.8, 1.9)
    offset: Span = (-0.08, 0.15)
    gamma: Span = (1.7, 2.7)
    blue: Span = (0.85, 1.35)
    black: Span = (0.002, 0.05)
    lines: float = 0.12
    ripple: Span = (0.02, 0.09)
    bezel: float = 0.8
    bezel_grey: Span = (8, 45)
    rim: Span = (0.04, 0.11)
    grid: float = 0.45
    pitch: Span = (0.45, 3.2)
    amplitude: Span = (0.008, 0.16)
    still: float = 0.3
    around: tuple[float, float, float] = (1.8, 2.1, 2.3)

    def present(
        self, shots: Sequence[Shot], view: View, frames: int, rng: np.random.Generator, *, fills: bool | None = None
    ) -> Shown:
        """`shots` played on the display for `frames` frames; a still photograph in `still` of all cases."""
        hold = self.handling.draw(rng, view, frames, fills=fills)
        still = len(shots) == 1 or chance(rng, self.still)
        quality = int(draw(rng, self.quality)) if chance(rng, self.coded) else None
        shrink = draw(rng, (0.6, 0.95)) if quality is not None else 1.0
        level = draw(rng, self.handling.lit)  # its luminance against the room's
        contrast, offset, gamma = draw(rng, self.contrast), draw(rng, self.offset), draw(rng, self.gamma)
        blue, black = draw(rng, self.blue), draw(rng, self.black)
        stored = np.clip((np.arange(256) / 255 - 0.5) * contrast + 0.5 + offset, 0, 1)
        colour = np.array([1 - 0.4 * (blue - 1), 1.0, blue])
        table = (level * (stored[:, None] ** gamma * colour + black)).astype(np.float32)
        grey = int(draw(rng, self.bezel_grey))
        rim = draw(rng, self.rim) if not hold.fills and chance(rng, self.bezel) else 0.0
        seen = chance(rng, self.grid)
        pattern = (draw(rng, self.pitch), draw(rng, self.amplitude)) if seen else None
        lines = draw(rng, self.ripple) if chance(rng, self.lines) else 0.0
        parameters: dict[str, float | str | bool] = {
            **hold.parameters(), "kind": "screen", "still": still, "contrast": round(contrast, 3),
            "offset": round(offset, 3), "gamma": round(gamma, 3), "blue": round(blue, 3), "black": round(black, 4),
            "lines": round(lines, 3), "bezel": round(rim, 3), "pitch": round(pattern[0], 3) if pattern else 0.0,
            "amplitude": round(pattern[1], 4) if pattern else 0.0,
        }  # fmt: skip
        if quality is not None:
            parameters["quality"] = quality
        played = tuple(shots[:1] if still else shots)
        return Shown(
            hold, played, self.around, quality, shrink, table, (rim, grey), pattern, lines,
            int(rng.integers(1 << 30)), parameters,
        ).filled()  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A display in somebody's hand."""

    hold: Hold
    shots: tuple[Shot, ...]
    around: tuple[float, float, float]
    quality: int | None
    shrink: float
    table: NDArray[np.float32]
    bezel: tuple[float, int]
    pattern: tuple[float, float] | None
    lines: float
    seed: int
    parameters: dict[str, float | str | bool]
    zoom: float = 1.0

    @property
    def first(self) -> Shot:
        """What of the first picture is shown: all of it where it is to fill the frame."""
        return self.shots[0] if self.hold.fills else cropped(self.shots[0], self.around)

    def filled(self) -> Shown:
        """With the zoom at which the display fills the frame, where it is to."""
        sheet = self._device(self.first.picture)
        return replace(self, zoom=self.hold.zoom_to_fill(sheet, self.first.anchor.moved(*sheet.shift)))

    def scene(self, index: int, behind: Scene) -> Scene:
        """What stands before the lens in frame `index`."""
        first = self.first
        shot = first if index == 0 or len(self.shots) == 1 else self._same_part(first, index)
        sheet = self._device(_coded(shot.picture, self.quality, self.shrink))
        matrix = self.hold.homography(index, first.anchor.moved(*sheet.shift), self.zoom)
        warped = perspective(sheet.canvas, matrix, self.hold.view.size, border=cv2.BORDER_REPLICATE)
        front = kernels.emit(warped, self.table, self._rows(index))
        points = None if shot.points is None else shot.points + np.array(sheet.shift, np.float32)
        scale = self.zoom * self.hold.view.face.span / first.anchor.span
        softness = float(np.hypot(shot.softness, 0.0 if self.quality is None else 0.4 / self.shrink)) * scale
        return self.hold.compose(
            behind, front, sheet, matrix, points, emits=True, softness=softness, modulation=self._grid(matrix, scale)
        )

    def _same_part(self, first: Shot, index: int) -> Shot:
        """The part of a later shot that lies where the first one was cropped: a display does not follow the face."""
        shot = self.shots[index % len(self.shots)]
        if first.picture.shape == shot.picture.shape or first.points is None or shot.points is None:
            return shot
        start = self.shots[0].points
        assert start is not None
        dx, dy = np.rint(start[0] - first.points[0]).astype(int)
        high, wide = first.picture.shape[:2]
        picture = np.ascontiguousarray(shot.picture[dy : dy + high, dx : dx + wide])
        return Shot(picture, shot.points - np.array([dx, dy], np.float32), shot.softness)

    def _device(self, picture: Picture) -> Sheet:
        sheet = Sheet.of(picture)
        share, grey = self.bezel
        if share:
            rim = max(2, int(share * max(picture.shape)))
            sheet = sheet.grown((rim, rim, rim, rim), (grey, grey, grey), solid=True)
        return held(sheet, np.random.default_rng(self.seed)) if self.hold.hands else sheet

    def _rows(self, index: int) -> NDArray[np.float32]:
        """A gain a camera row: bands that roll where shutter and backlight disagree."""
        height = self.hold.view.size[0]
        phase = self.seed % 97 / 97 + 0.13 * index
        wave = np.sin(2 * np.pi * (np.arange(height) / height * (4 + self.seed % 9) + phase))
        return (1 + self.lines * wave).astype(np.float32)

    def _grid(self, matrix: NDArray[np.float64], scale: float) -> Light | None:
        if self.pattern is None:
            return None
        pitch, amplitude = self.pattern
        period = np.array([pitch / scale, pitch / scale], np.float32)
        phase = np.array([0.0, 1 / 3, 2 / 3], np.float32)
        inverse = np.linalg.inv(matrix).astype(np.float32)
        height, width = self.hold.view.size
        pattern: Light = kernels.grid((height, width), inverse, period, phase, amplitude, WAVE)
        return pattern


def _coded(picture: Picture, quality: int | None, shrink: float) -> Picture:
    """As it comes out of a messenger: smaller and compressed, then shown at its old size."""
    if quality is None:
        return picture
    height, width = picture.shape[:2]
    small = resize(picture, (max(8, round(height * shrink)), max(8, round(width * shrink))))
    _, stored = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
    shown = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)
    return resize(shown, (height, width))
