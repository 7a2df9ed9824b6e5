"""Rooms behind people: a wall with light fall-off, and shelves, pictures, windows, doors and lamps, out of focus."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from sincera.simulate.light import Light, Span, chance, draw


@dataclass(frozen=True, slots=True)
class RoomStyle:
    """What the rooms of one data set have in common. Spans are drawn evenly, shares are probabilities."""

    wall: Span = (0.18, 0.55)
    tint: float = 0.12
    clutter: tuple[int, int] = (1, 5)
    blur: Span = (1.5, 5.0)
    window: float = 0.2
    lamp: float = 0.25


def draw_room(rng: np.random.Generator, size: tuple[int, int], style: RoomStyle) -> Light:
    """A room (H, W, 3) in linear light."""
    height, width = size
    base = draw(rng, style.wall) * (1 + style.tint * rng.normal(size=3))
    room = np.empty((height, width, 3), np.float32)
    room[:] = np.clip(base, 0.02, 0.95)
    if chance(rng, 0.4):  # a skirting, a sofa's back or a second wall
        line = int(height * draw(rng, (0.45, 0.85)))
        room[line:] = np.clip(base * draw(rng, (0.3, 0.8)) * (1 + 0.15 * rng.normal(size=3)), 0.01, 0.9)
    things = (_shelf, _frame, _door, _frame, _shelf)
    for _ in range(int(rng.integers(style.clutter[0], style.clutter[1] + 1))):
        things[int(rng.integers(len(things)))](rng, room)
    if chance(rng, style.window):
        _window(rng, room)
    room *= _fall_off(rng, size)
    if chance(rng, style.lamp):
        _lamp(rng, room)
    mottle = cv2.resize(rng.normal(1.0, 0.05, (height // 12 + 2, width // 12 + 2)).astype(np.float32), (width, height))
    room *= mottle[..., None]
    sigma = draw(rng, style.blur) * min(size) / 300
    return np.maximum(cv2.GaussianBlur(room, (0, 0), max(sigma, 0.4)), 0.0)


def _fall_off(rng: np.random.Generator, size: tuple[int, int]) -> Light:
    """(H, W, 1): the room's light comes from somewhere and fades away from there."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    cx, cy = rng.uniform(-0.2, 1.2) * width, rng.uniform(-0.4, 0.7) * height
    distance = np.hypot(x - cx, y - cy) / max(size)
    fade: Light = (1.15 / (1.0 + draw(rng, (0.2, 1.3)) * distance**2))[..., None]
    return fade


def _colour(rng: np.random.Generator, low: float, high: float) -> tuple[float, ...]:
    grey = rng.uniform(low, high)
    return tuple(float(v) for v in np.clip(grey * (1 + 0.35 * rng.normal(size=3)), 0.01, 1.5))


def _shelf(rng: np.random.Generator, room: Light) -> None:
    height, width = room.shape[:2]
    x0, y0 = int(rng.uniform(-0.1, 0.8) * width), int(rng.uniform(-0.1, 0.6) * height)
    wide, high = int(rng.uniform(0.2, 0.5) * width), int(rng.uniform(0.08, 0.16) * height)
    for row in range(int(rng.integers(1, 4))):
        top = y0 + row * int(high * 1.2)
        cv2.rectangle(room, (x0, top), (x0 + wide, top + high), _colour(rng, 0.02, 0.08), -1)
        x = x0
        while x < x0 + wide:
            book = max(2, int(rng.uniform(0.008, 0.025) * width))
            tall = int(high * rng.uniform(0.6, 0.98))
            cv2.rectangle(room, (x, top + high - tall), (x + book - 1, top + high), _colour(rng, 0.03, 0.4), -1)
            x += book
        cv2.rectangle(room, (x0, top + high), (x0 + wide, top + int(high * 1.12)), _colour(rng, 0.1, 0.4), -1)


def _frame(rng: np.random.Generator, room: Light) -> None:
    height, width = room.shape[:2]
    x0, y0 = int(rng.uniform(-0.1, 0.9) * width), int(rng.uniform(-0.05, 0.5) * height)
    wide, high = int(rng.uniform(0.1, 0.3) * width), int(rng.uniform(0.1, 0.3) * height)
    cv2.rectangle(room, (x0, y0), (x0 + wide, y0 + high), _colour(rng, 0.02, 0.3), -1)
    rim = max(2, wide // 12)
    patch = room[max(y0 + rim, 0) : max(y0 + high - rim, 0), max(x0 + rim, 0) : max(x0 + wide - rim, 0)]
    if patch.size:
        rough = rng.uniform(0.05, 0.6, (4, 4, 1)) * (1 + 0.18 * rng.normal(size=(4, 4, 3)) + 0.15 * rng.normal(size=3))
        rough = rough.clip(0.02, 0.8).astype(np.float32)
        patch[:] = cv2.resize(rough, (patch.shape[1], patch.shape[0]), interpolation=cv2.INTER_CUBIC).clip(0.01, 1)


def _door(rng: np.random.Generator, room: Light) -> None:
    height, width = room.shape[:2]
    x0, wide = int(rng.uniform(-0.1, 0.9) * width), int(rng.uniform(0.15, 0.35) * width)
    cv2.rectangle(room, (x0, int(rng.uniform(-0.1, 0.25) * height)), (x0 + wide, height), _colour(rng, 0.08, 0.5), -1)


def _window(rng: np.random.Generator, room: Light) -> None:
    height, width = room.shape[:2]
    x0, y0 = int(rng.uniform(-0.2, 0.8) * width), int(rng.uniform(-0.1, 0.3) * height)
    wide, high = int(rng.uniform(0.2, 0.4) * width), int(rng.uniform(0.25, 0.5) * height)
    sky = np.array([0.9, 1.0, 1.15]) * rng.uniform(0.7, 1.6)
    cv2.rectangle(room, (x0, y0), (x0 + wide, y0 + high), tuple(float(v) for v in sky), -1)
    cv2.line(room, (x0 + wide // 2, y0), (x0 + wide // 2, y0 + high), _colour(rng, 0.1, 0.5), max(2, width // 80))


def _lamp(rng: np.random.Generator, room: Light) -> None:
    height, width = room.shape[:2]
    centre = (int(rng.uniform(0, 1) * width), int(rng.uniform(0, 0.4) * height))
    glow = np.zeros(room.shape[:2], np.float32)
    cv2.circle(glow, centre, max(2, int(rng.uniform(0.02, 0.05) * width)), float(rng.uniform(1.0, 2.5)), -1)
    room += cv2.GaussianBlur(glow, (0, 0), width * 0.01 + 1)[..., None] * np.array([1.0, 0.92, 0.78], np.float32)
