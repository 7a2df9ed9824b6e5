"""The asset pack: MakeHuman's head and shoulders as arrays, CC0 (assets/PROVENANCE.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]

ATLAS = (188, 429)
"""Width and height of the skins' atlas; the face lies sideways in it: its down is the atlas' right."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """One morph target: vertices `index` move by `shift` (decimetres) at weight 1."""

    kind: str
    index: Ints
    shift: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Proxy:
    """A mesh that follows the head: each vertex is a weighted sum of three of its vertices plus a scaled offset."""

    kind: str
    reference: Ints  # (N, 3)
    weight: Floats  # (N, 3)
    offset: Floats  # (N, 3)
    scale: Floats  # (3, 3): two vertices and their distance at rest, per axis
    triangles: Ints  # (T, 3)
    uv: Floats  # (T, 3, 2) per corner, 0..1, v downwards
    hides: NDArray[np.bool_]  # which triangles of the body lie below it

    def offsets(self, vertices: Floats) -> Floats:
        """The offsets (N, 3), scaled to the size of this head."""
        scale = np.ones(3, np.float32)
        for axis, (first, second, rest) in enumerate(self.scale):
            if rest:
                scale[axis] = abs(vertices[int(first), axis] - vertices[int(second), axis]) / rest
        return self.offset * scale

    def fit(self, vertices: Floats) -> Floats:
        """Its vertices (N, 3) on the head whose vertices are given."""
        followed: Floats = np.einsum("nk,nkc->nc", self.weight, vertices[self.reference]) + self.offsets(vertices)
        return followed


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """The base mesh with its targets and proxies. Units: decimetres; x to the subject's left, y up, z to the front."""

    vertices: Floats  # (6324, 3)
    triangles: Ints  # (9696, 3)
    part: Bytes  # (9696,) 0 head skin, 1 neck and chest, 2 inside of the mouth and sockets
    uv: Floats  # (9696, 3, 2) of the atlas, per corner
    eyes: tuple[Ints, Ints]  # helper vertices around the subject's left and right eye
    neck: Ints
    skull: Ints
    nose: int
    mouth: tuple[int, int]  # the subject's left and right corner
    targets: dict[str, Target]
    proxies: dict[str, Proxy]


@cache
def pack() -> Pack:
    """The pack, read once per process."""
    index = json.loads((files(__package__) / "assets" / "index.json").read_text("utf-8"))
    mesh, morphs, proxies = _arrays("mesh"), _arrays("targets"), _arrays("proxies")
    bounds = morphs["start"].astype(np.int64)
    targets = {}
    for place, entry in enumerate(index["targets"]):
        part = slice(bounds[place], bounds[place + 1])
        shift = morphs["d"][part].astype(np.float32) * morphs["scale"][place]
        targets[entry["name"]] = Target(entry["kind"], np.cumsum(morphs["didx"][part], dtype=np.int32), shift)
    uv = (mesh["uv"] / 65535).astype(np.float32)
    triangles = mesh["tri"].astype(np.int32)
    return Pack(
        vertices=mesh["verts"],
        triangles=triangles,
        part=mesh["part"],
        uv=uv[mesh["tuv"].astype(np.int32)],
        eyes=(mesh["joint_l_eye"].astype(np.int32), mesh["joint_r_eye"].astype(np.int32)),
        neck=mesh["joint_neck"].astype(np.int32),
        skull=mesh["joint_head"].astype(np.int32),
        nose=int(mesh["lm_nose"]),
        mouth=(int(mesh["lm_mouth"][0]), int(mesh["lm_mouth"][1])),
        targets=targets,
        proxies={
            name: _proxy(name, entry["kind"], proxies, len(triangles)) for name, entry in index["proxies"].items()
        },
    )


def _arrays(name: str) -> dict[str, NDArray[Any]]:
    with as_file(files(__package__) / "assets" / f"{name}.npz") as path, np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _proxy(name: str, kind: str, arrays: dict[str, NDArray[Any]], body: int) -> Proxy:
    uv = (arrays[f"{name}.uv"] / 65535).astype(np.float32)
    return Proxy(
        kind=kind,
        reference=arrays[f"{name}.ref"].astype(np.int32),
        weight=(arrays[f"{name}.w"] / 4096).astype(np.float32),
        offset=(arrays[f"{name}.off"] / 8192).astype(np.float32),
        scale=arrays[f"{name}.scale"],
        triangles=arrays[f"{name}.tri"].astype(np.int32),
        uv=uv[arrays[f"{name}.tuv"].astype(np.int32)],
        hides=np.unpackbits(arrays[f"{name}.hide"], count=body).astype(bool),
    )


@cache
def picture(name: str) -> Bytes:
    """One picture of the pack as it is stored: (H, W) grey or (H, W, 3) RGB, uint8."""
    data = np.frombuffer((files(__package__) / "assets" / f"{name}.png").read_bytes(), np.uint8)
    stored = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if stored is None:
        raise ValueError(f"assets/{name}.png of the head pack cannot be decoded: reinstall sincera")
    return np.asarray(stored if stored.ndim == 2 else stored[:, :, ::-1], np.uint8)


def linear(image: Bytes) -> Floats:
    """sRGB bytes as linear light in [0, 1]."""
    return _LINEAR[image]


_CODE = np.arange(256) / 255
_LINEAR = np.where(_CODE <= 0.04045, _CODE / 12.92, ((_CODE + 0.055) / 1.055) ** 2.4).astype(np.float32)
