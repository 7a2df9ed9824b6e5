"""From a person, a pose, an expression and lights to a picture with its truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sincera.simulate.heads.geometry import follow, place, vertex_normals
from sincera.simulate.heads.glaze import glaze
from sincera.simulate.heads.materials import BEARD, HAIR
from sincera.simulate.heads.occlusion import view_along
from sincera.simulate.heads.pack import Floats, pack
from sincera.simulate.heads.person import Person
from sincera.simulate.heads.raster import draw, draw_depth
from sincera.simulate.heads.records import Expression, Lights, Pose, Rendered
from sincera.simulate.heads.shade import shade
from sincera.simulate.heads.shape import APART, EYES

SHADOW_SIZE, SHADOW_REACH = 192, 1.9
_NECK_PIVOT = np.array([0.0, -1.2, -0.28])
_HEAD_PIVOT = np.array([0.0, -0.15, -0.15])
_MIDDLE = np.array([0.0, EYES[1] - 0.31, EYES[2]])
"""Between eyes and mouth, in the plane of the eyes' centres."""
FRONT = 0.14
"""How far an eye's front lies before its centre, dm."""


def render(
    person: Person,
    pose: Pose,
    expression: Expression,
    lights: Lights,
    *,
    size: tuple[int, int],
    supersample: int = 2,
) -> Rendered:
    """One picture of a person, with alpha, depth, parts and points.

    size: (H, W) pixels.  supersample: samples along each side of a pixel, 1 … 4.  Costs about 20 ms at 256 × 256 on
    one thread; the first call of a process loads or compiles the loops (seconds).
    """
    height, width = size
    mesh, samples = person.mesh, supersample
    vertices = _expressed(person, expression)
    directions = mesh.directions.copy()
    vertex_normals(vertices, mesh.body_triangles, directions[0], mesh.body)
    _turn_eyes(person, expression, vertices, directions)

    apart = pose.scale * min(size)  # pixels between the eyes
    camera, head, body = _view(pose, size, apart)
    points, turned, screen = np.empty_like(vertices), np.empty_like(directions), np.empty_like(vertices)
    in_samples = np.array([camera[0] * samples, *((camera[1:] + 0.5) * samples - 0.5)], np.float32)
    place(vertices, directions, mesh.head_share, head, body, in_samples, points, turned, screen)

    nearness = np.zeros((height * samples, width * samples), np.float32)
    ids = np.full(nearness.shape, -1, np.int32)
    starts = person.covers.at(apart / APART * samples)
    left, right, top, bottom = draw(
        screen, mesh.triangles, mesh.material, mesh.layer, mesh.uv, person.covers.flat, starts, samples, nearness, ids
    )
    rgb, alpha = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    depth, parts = np.zeros((height, width), np.float32), np.zeros((height, width), np.uint8)
    if right >= left:
        box = np.array([left // samples, top // samples, right // samples, bottom // samples], np.int32)
        shadow, shadow_view = _shadow(person, points, head, lights)
        pixels = apart / APART
        shade(
            ids, screen, mesh.triangles, mesh.material, mesh.part, mesh.layer, mesh.uv, points, turned[0], turned[1],
            mesh.occlusion, samples, box,
            _level(person.skin, person.skin_density / pixels),
            _level(person.hair, person.covers.density[HAIR] / pixels / samples),
            _level(person.fur, person.covers.density[BEARD] / pixels / samples),
            _level(person.eye, 260 / pixels), person.teeth, _level(person.cloth, 88 / pixels),
            person.palette, _packed(lights), shadow, shadow_view, pose.distance / 10 + 2.0,
            rgb, alpha, depth, parts,
        )  # fmt: skip
        if person.lenses is not None:
            glaze(
                screen, points, turned[0], person.lenses.triangles, person.lenses.tint, _packed(lights), samples,
                nearness, rgb, alpha,
            )  # fmt: skip
    return Rendered(rgb, alpha, depth, parts, _points(vertices, person, head, camera))


def _level(sheets: list[NDArray[Any]], texels_per_pixel: float) -> NDArray[Any]:
    return sheets[int(np.clip(np.round(np.log2(max(texels_per_pixel, 1e-3))), 0, len(sheets) - 1))]


def _expressed(person: Person, expression: Expression) -> Floats:
    """Vertices (N, 3) of the head with this expression, looking straight ahead."""
    vertices = person.mesh.rest.copy()
    for index, shift in person.targets(_weights(person.habit, expression)):
        vertices[index] += shift
    for part in person.mesh.followers:
        follow(vertices, part.first, part.reference, part.weight, part.offset)
    return vertices


def _weights(habit: dict[str, float], expression: Expression) -> dict[str, float]:
    """Weights of action units: this person's resting face and the expression on top."""
    weights = dict(habit)
    up = expression.gaze[1]

    def add(name: str, amount: float) -> None:
        weights[name] = weights.get(name, 0.0) + amount

    for side in ("Left", "Right"):
        lid = weights.get(f"eyeBlink{side}", 0.0)
        lowered = np.clip(-up / 30, 0, 1) * 0.45
        weights[f"eyeBlink{side}"] = min(1.0, lid + max(expression.blink * (1 - lid), lowered * (1 - lid)))
        add(f"eyeWide{side}", float(np.clip(up / 30, 0, 1)) * 0.5)
        add(f"mouthSmile{side}", expression.smile * 0.9)
        add(f"cheekSquint{side}", expression.smile * 0.5)
        add(f"mouthUpperUp{side}", expression.smile * 0.25)
        add(f"browOuterUp{side}", max(expression.brow, 0.0) * 0.8)
        add(f"browDown{side}", max(-expression.brow, 0.0) * 0.8)
    add("browInnerUp", max(expression.brow, 0.0) * 0.8)
    add("jawOpen", expression.jaw_open)
    add("mouthPucker", expression.pucker)
    return weights


def _turn_eyes(person: Person, expression: Expression, vertices: Floats, directions: Floats) -> None:
    first, left, centres = person.eyes
    last = first + len(left)
    # The closed lids are flatter than the eyeball, which would poke through.
    size = 1 - 0.05 * float(np.clip(expression.blink, 0, 1))
    turn = (size * _rotation(expression.gaze[0], expression.gaze[1], 0.0)).astype(np.float32)
    for side, centre in ((left, centres[0]), (~left, centres[1])):
        vertices[first:last][side] = (person.mesh.rest[first:last][side] - centre) @ turn.T + centre
        directions[0, first:last][side] = person.mesh.directions[0, first:last][side] @ turn.T


def _rotation(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """(3, 3): yaw about y (to the picture's right), pitch about x (up), roll about z (clockwise in the picture)."""
    y, x, z = np.radians(yaw), np.radians(-pitch), np.radians(-roll)
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def _view(pose: Pose, size: tuple[int, int], apart: float) -> tuple[Floats, Floats, Floats]:
    """Camera (focal length, centre x and y in pixels) and the maps (3, 4) of head and shoulders to camera space."""
    height, width = size
    distance = pose.distance / 10  # dm
    focal = apart * distance / APART
    camera = np.array([focal, (width - 1) / 2, (height - 1) / 2], np.float32)
    shift = np.array([
        (pose.centre[0] * width - 0.5 - camera[1]) * (distance - FRONT) / focal,
        (camera[2] - pose.centre[1] * height + 0.5) * (distance - FRONT) / focal,
        0.0,
    ])  # fmt: skip
    origin = shift - _MIDDLE - np.array([0, 0, distance])
    shoulders = pose.yaw / 3 if pose.shoulders is None else pose.shoulders
    body_turn = _rotation(shoulders, 0.0, 0.2 * pose.roll)
    head_turn = _rotation(pose.yaw, pose.pitch, pose.roll)
    body = np.column_stack([body_turn, origin + _NECK_PIVOT - body_turn @ _NECK_PIVOT])
    pivot = body[:, :3] @ _HEAD_PIVOT + body[:, 3]  # the head sits on the moved neck
    head = np.column_stack([head_turn, pivot - head_turn @ _HEAD_PIVOT])
    return camera, head.astype(np.float32), body.astype(np.float32)


def _shadow(person: Person, points: Floats, head: Floats, lights: Lights) -> tuple[Floats, Floats]:
    """Depths seen from the key light (SHADOW_SIZE²), and the view that `shade` needs to look them up."""
    mesh = person.mesh
    centre = head[:, :3] @ np.array([0, 0.1, 0.2], np.float32) + head[:, 3]
    view = view_along(lights.key)
    scale = SHADOW_SIZE / (2 * SHADOW_REACH)
    buffer = np.full((SHADOW_SIZE, SHADOW_SIZE), -99.0, np.float32)
    draw_depth(
        ((points - centre) @ view.T).astype(np.float32), mesh.triangles, mesh.shadeless, SHADOW_SIZE, scale, buffer
    )
    packed = np.zeros((4, 4), np.float32)
    packed[:3, :3], packed[:3, 3] = view, centre
    packed[3, :2] = scale, 0.6 + 3.4 * lights.softness
    return buffer, packed


def _packed(lights: Lights) -> Floats:
    rows = [lights.key, lights.key_colour]
    for direction, colour in zip(lights.soft, lights.soft_colour, strict=True):
        rows += [direction, colour]
    return np.stack(rows).astype(np.float32)


def _points(vertices: Floats, person: Person, head: Floats, camera: Floats) -> Floats:
    """The five points (5, 2) in pixels: eyes at the front of the eyeballs, tip of the nose, corners of the mouth."""
    assets = pack()
    front = person.eyes[2] + np.array([0, 0, FRONT])
    marks = np.stack([front[1], front[0], vertices[assets.nose], vertices[assets.mouth[1]], vertices[assets.mouth[0]]])
    seen = marks @ head[:, :3].T + head[:, 3]
    found: Floats = (camera[1:] + camera[0] * seen[:, :2] * np.array([1, -1]) / -seen[:, 2:]).astype(np.float32)
    return found
