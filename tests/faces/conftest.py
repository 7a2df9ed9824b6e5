"""Faces of people who do not exist, drawn by the simulator, with the true points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from sincera.simulate.heads import Expression, Pose, front_lights, make_person, render


@dataclass(frozen=True)
class Scene:
    """A picture (H, W, 3) uint8 RGB and the five points (5, 2) of each face in it."""

    image: np.ndarray
    points: tuple[np.ndarray, ...]


def draw(seed: int, size: tuple[int, int], pose: Pose) -> Scene:
    rendered = render(make_person(seed), pose, Expression(), front_lights(), size=size, supersample=1)
    rows, columns = np.mgrid[0 : size[0], 0 : size[1]]
    wall = 0.15 + 0.1 * np.sin(columns / 17) * np.cos(rows / 23)
    linear = np.clip(rendered.rgb + wall[..., None] * (1 - rendered.alpha[..., None]), 0, 1)
    image = np.round(255 * linear ** (1 / 2.2)).astype(np.uint8)
    return Scene(image, (rendered.points,))


@pytest.fixture(scope="session")
def portrait() -> Scene:
    """One face of about 120 pixels."""
    return draw(3, (240, 320), Pose(scale=0.25))


@pytest.fixture(scope="session")
def pair() -> Scene:
    """A face of about 120 pixels beside one of about 50."""
    near, far = draw(3, (240, 320), Pose(scale=0.25)), draw(8, (240, 160), Pose(scale=0.2))
    image = np.hstack([near.image, far.image])
    return Scene(image, (near.points[0], far.points[0] + [320, 0]))


@pytest.fixture(scope="session")
def other() -> Scene:
    """One more face of about 130 pixels."""
    return draw(8, (240, 320), Pose(scale=0.25))


@pytest.fixture(scope="session")
def tilted() -> Scene:
    """One face, turned in the picture's plane."""
    return draw(5, (240, 240), Pose(scale=0.3, roll=20))
