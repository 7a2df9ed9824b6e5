"""All of one person's triangles in one list, ready to be moved and drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from sincera.simulate.heads.geometry import vertex_normals
from sincera.simulate.heads.materials import BROW, EYE, HAIR, INSIDE, LASH, MATERIALS, TEETH, TONGUE
from sincera.simulate.heads.pack import Bytes, Floats, Ints, Proxy

LEVELS = 4


@dataclass(frozen=True, slots=True, eq=False)
class Follower:
    """Vertices of the mesh from `first` on that are carried by vertices of the body."""

    first: int
    reference: Ints
    weight: Floats
    offset: Floats


@dataclass(slots=True, eq=False)
class Mesh:
    """Vertices (N) and triangles (T) of body, eyes, hair and the rest.

    rest: (N, 3) dm.  directions: (2, N, 3) normals and strands at rest.  head_share: (N,) 1 = turns with the head.
    triangles: (T, 3).  material, part, layer: (T,).  uv: (T, 3, 2).  body: how many vertices come first and are the
    head itself, whose normals follow the expression.  shadeless: (T,) 1 = casts no shadow worth drawing.
    """

    rest: Floats
    directions: Floats
    head_share: Floats
    triangles: Ints
    material: Bytes
    part: Bytes
    layer: Bytes
    uv: Floats
    body: int
    body_triangles: Ints
    shadeless: Bytes
    followers: list[Follower] = field(default_factory=list)
    occlusion: Floats = field(default_factory=lambda: np.ones(0, np.float32))


@dataclass(slots=True, eq=False)
class Builder:
    """Collects pieces and joins them to one Mesh."""

    body: Floats
    triangles_of_body: Ints
    vertices: list[Floats] = field(default_factory=list)
    normals: list[Floats] = field(default_factory=list)
    strands: list[Floats] = field(default_factory=list)
    triangles: list[Ints] = field(default_factory=list)
    material: list[Bytes] = field(default_factory=list)
    part: list[Bytes] = field(default_factory=list)
    layer: list[Bytes] = field(default_factory=list)
    uv: list[Floats] = field(default_factory=list)
    followers: list[Follower] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        normals = np.zeros_like(self.body)
        vertex_normals(self.body, self.triangles_of_body, normals, len(self.body))
        self._extend(self.body, normals, np.zeros_like(self.body))

    def _extend(self, vertices: Floats, normals: Floats, strands: Floats) -> int:
        first = self.count
        self.vertices.append(vertices.astype(np.float32))
        self.normals.append(normals.astype(np.float32))
        self.strands.append(strands.astype(np.float32))
        self.count += len(vertices)
        return first

    def faces(
        self, triangles: Ints, uv: Floats, material: Bytes | int, *, layer: Bytes | int = 0, part: int = 0
    ) -> None:
        """Triangles over vertices that are there already; part 0 = as the material."""
        numbers = np.zeros(len(triangles), np.uint8)
        kind = (numbers + np.asarray(material, np.uint8)).astype(np.uint8)
        self.triangles.append(triangles.astype(np.int32))
        self.uv.append(uv.astype(np.float32))
        self.material.append(kind)
        self.part.append((numbers + part).astype(np.uint8) if part else kind)
        self.layer.append((numbers + np.asarray(layer, np.uint8)).astype(np.uint8))

    def piece(
        self,
        vertices: Floats,
        triangles: Ints,
        uv: Floats,
        material: int,
        *,
        strands: Floats | None = None,
        layer: Bytes | int = 0,
        proxy: Proxy | None = None,
        keep_back: float = -2.0,
    ) -> int:
        """A mesh of its own; with its proxy it follows the expression. keep_back: smallest z of a face's normal.

        Gives the number of its first vertex.
        """
        normals = np.zeros_like(vertices)
        vertex_normals(vertices, triangles, normals, len(vertices))
        first = self._extend(vertices, normals, np.zeros_like(vertices) if strands is None else strands)
        front = normals[triangles].mean(1)[:, 2] > keep_back
        sheet = layer[front] if isinstance(layer, np.ndarray) else layer
        self.faces(triangles[front] + first, uv[front], material, layer=sheet)
        if proxy is not None:
            self.followers.append(Follower(first, proxy.reference, proxy.weight, proxy.offsets(self.body)))
        return first

    def shell(
        self,
        shift: Floats,
        carriers: Ints,
        triangles: Ints,
        uv: Floats,
        material: int,
        *,
        strands: Floats,
        layer: int,
        part: int,
    ) -> None:
        """A copy of some of the body's surface, shifted from its carriers (vertex numbers), that follows them."""
        first = self._extend(self.body[carriers] + shift, self.normals[0][carriers], strands)
        self.faces(triangles + first, uv, material, layer=layer, part=part)
        alone = np.zeros((len(carriers), 3), np.float32)
        alone[:, 0] = 1.0
        reference = np.repeat(carriers[:, None], 3, 1).astype(np.int32)
        self.followers.append(Follower(first, reference, alone, shift.astype(np.float32)))

    def loose(self, vertices: Floats) -> int:
        """Vertices without triangles that move with the head, with normals to the front; gives the first's number."""
        towards = vertices - np.array([0, 0.29, -1.2], np.float32)
        towards /= np.linalg.norm(towards, axis=1, keepdims=True)
        return self._extend(vertices, towards, np.zeros_like(vertices))

    def mesh(self) -> Mesh:
        rest = np.concatenate(self.vertices)
        share = np.clip((rest[:, 1] + 1.45) / 0.85, 0, 1)
        share = share * share * (3 - 2 * share)
        material = np.concatenate(self.material)
        # Long hair falls on the shoulders but hangs from the head.
        hair = np.unique(np.concatenate(self.triangles)[material == HAIR])
        share[hair] = np.clip((rest[hair, 1] + 2.6) / 1.9, 0.0, 1.0)
        return Mesh(
            rest=rest,
            directions=np.stack([np.concatenate(self.normals), np.concatenate(self.strands)]),
            head_share=share.astype(np.float32),
            triangles=np.concatenate(self.triangles),
            material=material,
            part=np.concatenate(self.part),
            layer=np.concatenate(self.layer),
            uv=np.concatenate(self.uv),
            body=len(self.body),
            body_triangles=self.triangles_of_body,
            shadeless=np.isin(material, (INSIDE, EYE, TEETH, TONGUE, BROW, LASH)).astype(np.uint8),
            followers=self.followers,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Covers:
    """The alpha of every material at several sizes, in one flat array."""

    flat: Bytes
    table: Ints  # (materials, LEVELS, 3): offset, height, width
    density: Floats  # (materials,) texels per dm at level 0

    def at(self, samples_per_dm: float) -> Ints:
        """The rows (materials, 3) whose texels are about as large as the picture's samples."""
        wanted = np.log2(np.maximum(self.density / samples_per_dm, 1e-3))
        level = np.clip(np.round(wanted), 0, LEVELS - 1).astype(int)
        return np.ascontiguousarray(self.table[np.arange(len(level)), level])


def stack_covers(alphas: dict[int, Bytes], mesh: Mesh) -> Covers:
    """Covers of some materials, halved again and again; the mesh says how large a texel is on the head."""
    table, density = np.zeros((MATERIALS, LEVELS, 3), np.int32), np.zeros(MATERIALS, np.float32)
    parts, offset = [], 0
    for kind, alpha in alphas.items():
        for level in range(LEVELS):
            table[kind, level] = offset, alpha.shape[0], alpha.shape[1]
            parts.append(alpha.ravel())
            offset += alpha.size
            if level == 0:
                density[kind] = texels_per_dm(mesh, kind, alpha.shape)
            alpha = np.asarray(cv2.resize(alpha, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    return Covers(np.concatenate(parts) if parts else np.zeros(1, np.uint8), table, density)


def texels_per_dm(mesh: Mesh, kind: int, shape: tuple[int, ...]) -> float:
    """Texels along one decimetre of a material's triangles, on the mean."""
    chosen = mesh.material == kind
    corners, uv = mesh.rest[mesh.triangles[chosen]], mesh.uv[chosen] * np.array([shape[1], shape[0]], np.float32)
    if not len(corners):
        return 1.0
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum()
    d1, d2 = uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]
    covered = np.abs(d1[:, 0] * d2[:, 1] - d2[:, 0] * d1[:, 1]).sum()
    return float(np.sqrt(covered / max(float(area), 1e-9)))


def halves(sheet: np.ndarray, levels: int) -> list[np.ndarray]:
    """A texture at full size, half, quarter, …"""
    sheets = [np.ascontiguousarray(sheet)]
    for _ in range(levels - 1):
        last = sheets[-1]
        sheets.append(cv2.resize(last, (last.shape[1] // 2, last.shape[0] // 2), interpolation=cv2.INTER_AREA))
    return sheets
