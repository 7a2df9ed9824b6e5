"""Printed photographs: ink on paper, flat or bent, whole or with the eyes cut out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate import kernels
from sincera.simulate.instruments.cuts import Outline, cut_out
from sincera.simulate.instruments.handling import Handling, Hold, Matrix, View, mapped
from sincera.simulate.instruments.sheet import Sheet, Shot, cropped, cut_eyes, held
from sincera.simulate.light import LINEAR, LUMA, Light, Span, chance, draw
from sincera.simulate.pixels import blur, perspective, remap
from sincera.simulate.scene import Anchor, Points, Scene

WAVE: NDArray[np.float32] = np.cos(2 * np.pi * np.arange(256) / 256).astype(np.float32)


@dataclass(frozen=True, slots=True)
class PrintModel:
    """A printer and its paper as spans and probabilities; `Handling` says how the sheet is held.

    grain: relative deviation of the ink's unevenness, `coloured` of it drawn for each ink alone and the rest alike for
    all three, with `grain_size` as its σ in pixels of the print.  outline: the paper is cut to that shape.
    """

    handling: Handling = field(default_factory=Handling)
    saturation: Span = (0.5, 1.15)
    gamma: Span = (0.75, 1.35)
    black: Span = (0.01, 0.10)
    white: Span = (0.65, 0.95)
    mixing: Span = (0.0, 0.18)
    grey: float = 0.13
    grain: Span = (0.005, 0.06)
    grainy: float = 0.7
    grain_size: Span = (0.6, 1.6)
    coloured: float = 0.3
    banded: float = 0.25
    bands: Span = (0.02, 0.05)
    halftoned: float = 0.08
    halftone: Span = (2.2, 6.0)
    dots: Span = (0.05, 0.15)
    bent: float = 0.5
    bend: Span = (0.15, 0.6)
    shading: Span = (0.05, 0.45)
    wobbles: bool = False
    margin: float = 0.6
    eyes_cut: bool = False
    outline: Outline | None = None
    around: tuple[float, float, float] = (1.9, 2.2, 2.4)

    def present(
        self, shots: Sequence[Shot], view: View, frames: int, rng: np.random.Generator, *, fills: bool | None = None
    ) -> Printed:
        """The first of `shots` printed and held before the camera for `frames` frames."""
        hold = self.handling.draw(rng, view, frames, fills=fills)
        shot = shots[0] if hold.fills else cropped(shots[0], self.around)
        sheet = Sheet.of(shot.picture)
        if not hold.fills and chance(rng, self.margin):
            rim = int(draw(rng, (0.03, 0.09)) * max(shot.picture.shape))
            sheet = sheet.grown((rim, rim, rim, rim), (250, 250, 248), solid=True)
        if self.eyes_cut and shot.points is not None:
            sheet = cut_eyes(sheet, shot.points, rng)
        if self.outline is not None and shot.points is not None:
            sheet = cut_out(sheet, shot.points, self.outline, rng)
        if hold.hands:
            sheet = held(sheet, rng)
        light, ink = self._ink(sheet, rng)
        bend = _Bend.draw(rng, sheet, draw(rng, self.bend), draw(rng, self.shading)) if chance(rng, self.bent) else None
        parameters = {**hold.parameters(), **ink, "bend": 0.0 if bend is None else round(bend.amount, 3)}
        if bend is not None and not self.wobbles:  # once a clip, not once a frame
            sheet, light = bend.apply(sheet, light)
        printed = Printed(hold, sheet, light, shot, bend, self.wobbles, parameters)
        return replace(printed, zoom=hold.zoom_to_fill(sheet, printed.face))

    def _ink(self, sheet: Sheet, rng: np.random.Generator) -> tuple[Light, dict[str, float | str | bool]]:
        """The sheet's reflectance (h, w, 3), and what was drawn for it."""
        gamma, black, white = draw(rng, self.gamma), draw(rng, self.black), draw(rng, self.white)
        table = (black + (white - black) * LINEAR**gamma).astype(np.float32)
        light = np.take(table, sheet.canvas)
        grey = chance(rng, self.grey)
        saturation = 0.0 if grey else draw(rng, self.saturation)
        mixing = draw(rng, self.mixing)
        to_grey = np.tile(LUMA, (3, 1))
        matrix = (1 - mixing) * np.eye(3) + mixing * rng.dirichlet(np.ones(3), 3)
        matrix = matrix @ (saturation * np.eye(3) + (1 - saturation) * to_grey)
        light = np.asarray(cv2.transform(light, matrix.astype(np.float32)), np.float32)
        height, width = light.shape[:2]
        grain = draw(rng, self.grain) if chance(rng, self.grainy) else 0.0
        if grain:
            light *= self._grain((height, width), grain, rng, grey=grey)
        bands = chance(rng, self.banded)
        if bands:
            steps = rng.normal(0, draw(rng, self.bands), height // 3 + 2).repeat(3)[:height].astype(np.float32)
            light *= 1 + blur(steps[:, None], 1.0)[..., None]
        pitch = draw(rng, self.halftone) if chance(rng, self.halftoned) else 0.0
        if pitch:
            identity = np.eye(3, dtype=np.float32)
            turned = np.array([[0.87, 0.5, 0], [-0.5, 0.87, 0], [0, 0, 1]], np.float32) @ identity
            phase = np.array([0.0, 0.33, 0.67], np.float32)
            light *= kernels.grid(
                (height, width), turned, np.array([pitch, pitch], np.float32), phase, draw(rng, self.dots), WAVE
            )
        drawn: dict[str, float | str | bool] = {
            "kind": "print", "gamma": round(gamma, 3), "black": round(black, 3), "white": round(white, 3),
            "saturation": round(saturation, 3), "mixing": round(mixing, 3), "grain": round(grain, 4), "banded": bands,
            "halftone": round(pitch, 2),
        }  # fmt: skip
        return light, drawn

    def _grain(self, size: tuple[int, int], grain: float, rng: np.random.Generator, *, grey: bool) -> Light:
        """(H, W, 3 or 1): gains about 1 of an uneven print."""
        grain_size = draw(rng, self.grain_size)
        speckle = blur(rng.standard_normal((*size, 1), np.float32), grain_size)
        speckle /= speckle.std()
        if not grey and self.coloured:
            single = blur(rng.standard_normal((*size, 3), np.float32), grain_size)
            speckle = (1 - self.coloured) * speckle + self.coloured / single.std() * single
        return np.asarray(np.maximum(1 + grain / speckle.std() * speckle, 0.0), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Printed:
    """A print in somebody's hand."""

    hold: Hold
    sheet: Sheet
    light: Light
    shot: Shot
    bend: _Bend | None
    wobbles: bool
    parameters: dict[str, float | str | bool]
    zoom: float = 1.0

    @property
    def face(self) -> Anchor:
        """The face on the sheet as bent in the first frame: this is brought to where the view wants it."""
        points = self._on_sheet(self._bent(0))
        return self.shot.anchor.moved(*self.sheet.shift) if points is None else Anchor.of(points)

    def face_at(self, index: int) -> Points | None:
        """Where the printed face's points are seen in frame `index`; None where they are unknown."""
        points = self._on_sheet(self._bent(index))
        return None if points is None else mapped(self._matrix(index), points).astype(np.float32)

    def scene(self, index: int, behind: Scene) -> Scene:
        """What stands before the lens in frame `index`."""
        bend = self._bent(index)
        sheet, light = self.sheet, self.light
        if bend is not None and self.wobbles:
            sheet, light = bend.apply(sheet, light)
        matrix = self._matrix(index)
        front = perspective(light, matrix, self.hold.view.size, border=cv2.BORDER_REPLICATE)
        points = self._on_sheet(bend)
        softness = self.shot.softness * self.hold.view.face.span / self.shot.anchor.span
        return self.hold.compose(behind, front, sheet, matrix, points, emits=False, softness=softness)

    def _bent(self, index: int) -> _Bend | None:
        return self.bend.moved(index) if self.bend is not None and self.wobbles else self.bend

    def _on_sheet(self, bend: _Bend | None) -> Points | None:
        if self.shot.points is None:
            return None
        points = self.shot.points + np.array(self.sheet.shift, np.float32)
        return points if bend is None else bend.move(points)

    def _matrix(self, index: int) -> Matrix:
        return self.hold.homography(index, self.face, self.zoom)


@dataclass(frozen=True, slots=True, eq=False)
class _Bend:
    """Paper curved about one axis in its plane: nearer parts look larger, slopes catch more or less light."""

    size: tuple[int, int]
    amount: float
    angle: float
    phase: float
    shading: float

    @classmethod
    def draw(cls, rng: np.random.Generator, sheet: Sheet, amount: float, shading: float) -> _Bend:
        sign = float(rng.choice([-1, 1]))
        size = sheet.canvas.shape[:2]
        return cls(size, sign * amount, float(rng.normal(0, 0.35)), float(rng.uniform(-0.5, 0.5)), shading)

    def moved(self, index: int) -> _Bend:
        """Bent a little further, as somebody who wants a flat face to look round does."""
        wave = float(np.sin(index * 0.35 + self.phase * 6))
        return _Bend(self.size, self.amount * (1 + 0.45 * wave), self.angle, self.phase + 0.12 * wave, self.shading)

    def _height(self, x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        along = np.cos(self.angle) * x + np.sin(self.angle) * y + self.phase
        return self.amount * np.cos(1.6 * along), -1.6 * self.amount * np.sin(1.6 * along)

    def apply(self, sheet: Sheet, light: Light) -> tuple[Sheet, Light]:
        high, wide = self.size
        half = max(self.size) / 2
        y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
        x, y = (x - wide / 2) / half, (y - high / 2) / half
        rise, slope = self._height(x, y)
        shrink = 1 / (1 + 0.22 * rise)
        map_x = (x * shrink * half + wide / 2).astype(np.float32)
        map_y = (y * shrink * half + high / 2).astype(np.float32)
        shade = np.maximum(1 + self.shading * slope / max(abs(self.amount), 1e-3), 0.2).astype(np.float32)
        bent = remap(light, map_x, map_y, border=cv2.BORDER_REPLICATE)
        masks = [remap(m, map_x, map_y) for m in (sheet.alpha, sheet.spoof)]
        return Sheet(sheet.canvas, masks[0], masks[1], sheet.shift), bent * shade[..., None]

    def move(self, points: Points) -> Points:
        """Where points of the flat sheet go."""
        half = max(self.size) / 2
        centre = np.array([self.size[1] / 2, self.size[0] / 2])
        flat = (points - centre) / half
        moved = flat.copy()
        for _ in range(4):
            rise, _slope = self._height(moved[:, 0], moved[:, 1])
            moved = flat * (1 + 0.22 * rise)[:, None]
        return np.asarray(moved * half + centre, np.float32)
