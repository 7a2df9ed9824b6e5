"""From light to a stored picture: one camera for live and attack, so that only what stood before it can differ.

A `CameraModel` is a make of camera as ranges; `CameraModel.draw` gives the camera of one clip; `meter` sets exposure,
white balance, contrast and colour once a clip, as automatic cameras do, from the face and with the same targets
whatever stands there; `Camera.capture` stores frames.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from sincera.simulate import kernels
from sincera.simulate.light import LUMA, Picture, Plane, Span, chance, draw, encode
from sincera.simulate.pixels import blur
from sincera.simulate.scene import Anchor, Scene

NOISE_SIDE = 256
NOTHING = np.empty((0, 0, 3), np.float32)


@dataclass(frozen=True, slots=True)
class CameraModel:
    """A make of camera as spans, drawn evenly for each clip.

    sharpness: σ in pixels at 480 pixels of longer side of all blur together, first capture and medium included.
    face: the face's median luminance after exposure.  red, blue: the face's median red and blue over green.
    contrast: standard deviation of the face's log luminance.  colour: saturation, contrast's share in it included.
    haze: veiling light as a share of the mean.  shot, read: noise variance per unit of light, and at none.
    sharpen: amount of the unsharp mask, in `sharpened` of all clips.  shoulder: where highlights start to bend.
    obedience: how far automatic white balance and contrast move what they meter to their targets, 0 to 1.
    """

    sharpness: Span = (0.9, 1.9)
    face: Span = (0.17, 0.30)
    red: Span = (1.4, 1.95)
    blue: Span = (0.48, 0.76)
    contrast: Span = (0.42, 0.70)
    colour: Span = (0.9, 1.25)
    haze: Span = (0.0, 0.12)
    shot: Span = (0.0004, 0.002)
    read: Span = (0.00001, 0.00006)
    sharpen: Span = (0.2, 0.7)
    sharpened: float = 0.6
    shoulder: Span = (0.55, 0.8)
    vignette: Span = (0.0, 0.25)
    obedience: float = 0.85

    def draw(self, rng: np.random.Generator, size: tuple[int, int]) -> Camera:
        """The camera of one clip with frames of `size` (H, W)."""
        noise = rng.normal(size=(NOISE_SIDE, NOISE_SIDE, 3)).astype(np.float32)
        noise = 0.75 * noise + 0.9 * blur(noise, 0.8)
        return Camera(
            size=size,
            sharpness=draw(rng, self.sharpness) * max(size) / 480,
            face=draw(rng, self.face),
            red=draw(rng, self.red),
            blue=draw(rng, self.blue),
            contrast=draw(rng, self.contrast),
            colour=draw(rng, self.colour),
            haze=draw(rng, self.haze),
            grain=np.array([draw(rng, self.shot), draw(rng, self.read)], np.float32),
            sharpen=draw(rng, self.sharpen) if chance(rng, self.sharpened) else 0.0,
            shoulder=draw(rng, self.shoulder),
            obedience=self.obedience,
            vignette=_vignette(size, draw(rng, self.vignette)),
            noise=noise,
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """What metering fixed for a clip: gains (3,), saturation, veil (3,), noise (2,), and the tone table."""

    gains: NDArray[np.float32]
    saturation: float
    veil: NDArray[np.float32]
    grain: NDArray[np.float32]
    curve: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """One camera on one day; see `CameraModel` for the units."""

    size: tuple[int, int]
    sharpness: float
    face: float
    red: float
    blue: float
    contrast: float
    colour: float
    haze: float
    grain: NDArray[np.float32]
    sharpen: float
    shoulder: float
    obedience: float
    vignette: Plane
    noise: NDArray[np.float32]

    def meter(self, scene: Scene) -> Settings:
        """Exposure, white balance and contrast for a clip that begins with this scene."""
        light = scene.light
        haze = max(self.haze, scene.haze)
        veil = (haze * light.mean((0, 1))).astype(np.float32)
        face = _metered(scene).astype(np.float64) + veil
        median = np.maximum(np.median(face, axis=0), 1e-4)
        contrast = max(float(np.log(np.maximum(face @ LUMA, 1e-4)).std()), 0.05)
        gamma = float(np.clip((self.contrast / contrast) ** self.obedience, 0.55, 1.8))
        saturation = float(np.clip(self.colour / gamma, 0.5, 1.8))
        # Saturation and contrast both widen the face's tint: balance it so that it ends where it is wanted.
        stored = np.array([self.red, 1.0, self.blue])
        wanted = np.maximum(1 + ((stored / (stored @ LUMA)) ** (1 / gamma) - 1) / saturation, 0.05)
        gains = (wanted / (median / (median @ LUMA))) ** self.obedience
        gains *= (self.face / float((median * gains) @ LUMA)) ** 0.9
        luma = np.maximum((face * gains) @ LUMA, 1e-4)
        curve = tone_curve(gamma, float(np.median(luma)), self.shoulder)
        # Contrast lifts noise, and noise reduction takes it back: else pale prints would be told by noise alone.
        return Settings(gains.astype(np.float32), saturation, veil, self.grain / np.float32(gamma**2), curve)

    def capture(self, scene: Scene, settings: Settings, rng: np.random.Generator) -> Picture:
        """What the camera stores of a scene: (H, W, 3) uint8 RGB, before any codec."""
        light = scene.light
        sigma = float(np.sqrt(max(self.sharpness**2 - scene.softness**2, 0.0) + scene.defocus**2))
        if sigma > 0.3:
            light = blur(light, sigma)
        origin = rng.integers(0, NOISE_SIDE, 2)
        modulation = NOTHING if scene.modulation is None else scene.modulation
        picture: Picture = kernels.expose(
            light, modulation, settings.gains, settings.veil, self.vignette, self.noise, origin, settings.grain,
            settings.saturation, settings.curve,
        )  # fmt: skip
        if self.sharpen:
            crisp = cv2.addWeighted(picture, 1 + self.sharpen, blur(picture, 1.2), -self.sharpen, 0)
            picture = np.asarray(crisp, np.uint8)
        return picture

    def photograph(self, scene: Scene, rng: np.random.Generator) -> Picture:
        """`meter` and `capture` of a single picture."""
        return self.capture(scene, self.meter(scene), rng)

    def softened(self, factor: float) -> Camera:
        """The same camera with its blur times `factor`."""
        return replace(self, sharpness=self.sharpness * factor)


def tone_curve(gamma: float, pivot: float, shoulder: float) -> NDArray[np.uint8]:
    """A camera's tone as a table over sqrt(light / 2): contrast about `pivot`, a shoulder for highlights, sRGB.

    >>> table = tone_curve(1.0, 0.2, 0.7)
    >>> int(table[0]), int(table[-1]), bool((np.diff(table.astype(int)) >= 0).all())
    (0, 255, True)
    """
    light = 2.0 * np.linspace(0.0, 1.0, kernels.CURVE) ** 2
    toned = pivot * (light / pivot) ** gamma
    over = np.maximum(toned - shoulder, 0.0)
    room = 1.0 - shoulder
    bent = np.where(toned > shoulder, shoulder + room * (1 - np.exp(-1.1 * over / room)), toned)
    stored = encode(bent)
    return np.asarray(np.rint(255 * np.minimum(stored / stored[-1] if stored[-1] < 1 else stored, 1.0)), np.uint8)


def _metered(scene: Scene) -> NDArray[np.float32]:
    """(N, 3) light of the metering field: the inner face, or the picture's middle where no face is known."""
    height, width = scene.size
    anchor = Anchor.of(scene.points) if scene.points is not None else Anchor.unknown(scene.size)
    reach = max(anchor.span * 0.95, 4.0)
    x0, x1 = (int(np.clip(anchor.x + s * reach, 0, width)) for s in (-1, 1))
    y0, y1 = (int(np.clip(anchor.y + s * reach, 0, height)) for s in (-1, 1))
    field = scene.light[y0:y1:2, x0:x1:2].reshape(-1, 3)
    if field.shape[0] < 16:
        field = scene.light[::4, ::4].reshape(-1, 3)
    return field


def _vignette(size: tuple[int, int], amount: float) -> Plane:
    height, width = size
    y, x = np.mgrid[0:height, 0:width]
    radius = np.hypot((x - width / 2) / width, (y - height / 2) / height) * np.sqrt(2)
    return np.asarray(1 - amount * radius**2, np.float32)


def resolution(size: tuple[int, int], longer: int) -> tuple[int, int]:
    """The (H, W) of the same shape whose longer side is `longer`, both even as video codecs want.

    >>> resolution((1920, 1080), 480)
    (480, 270)
    """
    scale = longer / max(size)
    height, width = (max(2, round(side * scale / 2) * 2) for side in size)
    return height, width
