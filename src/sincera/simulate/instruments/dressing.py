"""A person made over: paint on the skin, things on the face, and for each pixel of a picture whether it shows them.

What is put on becomes part of the mesh and of its sheets before anything is rendered, so that light, lens and codec
treat it as they treat skin. The truth comes from a second rendering of the same mesh, on which everything that was
put on is yellow and everything else green: the share of red in it is the share of the pixel that is spoofed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sincera.simulate.heads import PARTS, Lights, Person, Rendered
from sincera.simulate.heads import materials as kinds
from sincera.simulate.heads.glasses import Lenses
from sincera.simulate.heads.mesh import Mesh, halves
from sincera.simulate.heads.occlusion import bake_occlusion
from sincera.simulate.heads.pack import Floats, pack
from sincera.simulate.instruments.outlines import Outline, places
from sincera.simulate.instruments.shells import Surface, cut, normals_of

PAPER, HARD, RUBBER = kinds.CLOTH, kinds.TEETH, kinds.SKIN
"""Materials to put on: dull with a page's picture; hard and glossy with a picture; like skin, painted on its sheet."""
PLASTIC, METAL = 0, kinds.FRAME
"""Glossy materials of one colour; the mesh has nothing of material 0, and METAL is only free where glasses came off."""
BEHIND = PARTS.index("skin")
Drawn = Mapping[str, float | str | bool]
_LEVEL, _FULL = 32768.0, 65535.0
# Light without shadows and of no colour: the truth must not depend on the lamps.
_EVEN = Lights(
    key=np.array([0, 0, 1], np.float32), key_colour=np.zeros(3, np.float32),
    soft=np.array([[0, 0, 1], [0.9, 0, 0.44], [-0.9, 0, 0.44], [0, 0.9, 0.44]], np.float32),
    soft_colour=np.ones((4, 3), np.float32),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Disguise:
    """person: as seen.  truth: the same mesh in yellow and green.  freedom: 0 … 1, how much of an expression shows.
    blinks: the wearer's own lids are seen.  parameters: what was drawn, for the truth file."""

    person: Person
    truth: Person
    freedom: float
    blinks: bool
    parameters: Drawn


@dataclass(slots=True, eq=False)
class _Piece:
    surface: Surface
    kind: int
    part: int
    share: Floats
    occlusion: Floats


@dataclass(slots=True, eq=False)
class Dressing:
    """A person to whom things are being put on; `finished` gives the result.

    body: (6324, 3) the head's vertices with this person's resting face.  albedo: (H, W, 3), slopes: (H, W, 2) and
    oil: (H, W) the skin's sheet, to be painted in place.  painted: (H, W) how much of it is put on, 0 … 1.
    """

    person: Person
    body: Floats = field(init=False)
    normals: Floats = field(init=False)
    albedo: Floats = field(init=False)
    slopes: Floats = field(init=False)
    oil: Floats = field(init=False)
    painted: Floats = field(init=False)
    palette: Floats = field(init=False)
    _mesh: Mesh = field(init=False)
    _pieces: list[_Piece] = field(default_factory=list)
    _clear: list[Surface] = field(default_factory=list)
    _over: Outline | None = None
    _tint: Floats = field(default_factory=lambda: np.ones(3, np.float32))
    _page: Floats | None = None
    _hard: Floats | None = None
    _bared: bool = False  # hair came off: what it shaded lies in the light
    _spoofed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._mesh = self.person.mesh
        rest = self._mesh.rest.copy()
        for index, shift in self.person.targets(self.person.habit):
            rest[index] += shift
        self.body = rest[: self._mesh.body]
        self.normals = normals_of(self.body, pack().triangles)
        sheet = self.person.skin[0].astype(np.float32)
        self.albedo = (sheet[..., :3] / _FULL) ** 2
        self.slopes = sheet[..., 3:5] - _LEVEL
        self.oil = sheet[..., 5] / _LEVEL
        self.painted = np.zeros(self.oil.shape, np.float32)
        self.palette = self.person.palette.copy()

    def skin_triangles(self) -> np.ndarray:
        """Which triangles of the mesh are the head's own skin."""
        mesh = self._mesh
        found: np.ndarray = (mesh.material == kinds.SKIN) & (mesh.triangles < mesh.body).all(1)
        return found

    def of_skin(self) -> tuple[Any, Any]:
        """Triangles (T, 3) of the head's skin and their uv (T, 3, 2) on its sheet."""
        chosen = self.skin_triangles()
        return self._mesh.triangles[chosen], self._mesh.uv[chosen]

    def off(self, *materials: int, within: Outline | None = None) -> None:
        """Take away what is made of these materials: all of it, or what grows within an outline."""
        gone = np.isin(self._mesh.material, materials)
        self._bared |= kinds.HAIR in materials
        if within is not None:
            gone &= within(self._mesh.rest[self._mesh.triangles].mean(1)) > 0
        self._keep(~gone)

    def trim(self, material: int, within: Outline) -> None:
        """Cut off what lies within an outline of a piece that follows no expression, as hair: along a clean line."""
        mesh = self._mesh
        self._bared |= material == kinds.HAIR
        chosen = mesh.material == material
        left = cut(mesh.triangles[chosen], -within(mesh.rest))
        surface = Surface(
            left.of_vertices(mesh.rest), left.of_vertices(mesh.directions[0]), left.triangles,
            left.of_corners(mesh.uv[chosen]),
        )  # fmt: skip
        share, occlusion = (left.of_vertices(row[:, None])[:, 0] for row in (mesh.head_share, mesh.occlusion))
        layer, part = mesh.layer[chosen][left.source], mesh.part[chosen][left.source]
        self._keep(~chosen)
        piece = _Piece(surface, material, 0, share, occlusion)
        grown = _joined(self._mesh, [piece])
        count = len(left.triangles)
        grown.layer[len(grown.layer) - count :], grown.part[len(grown.part) - count :] = layer, part
        grown.directions[1, len(mesh.rest) :] = left.of_vertices(mesh.directions[1])
        self._mesh = grown

    def hide_skin(self, within: Outline, margin: float) -> None:
        """Take away skin that lies deeper than `margin` dm inside an outline: it would only poke through."""
        depth = np.full(len(self._mesh.rest), -1.0, np.float32)
        depth[: self._mesh.body] = within(places())
        inner = (depth[self._mesh.triangles] > margin).all(1)
        self._keep(~(inner & self.skin_triangles()))

    def _keep(self, kept: np.ndarray) -> None:
        mesh = self._mesh
        self._mesh = replace(
            mesh, triangles=mesh.triangles[kept], material=mesh.material[kept], part=mesh.part[kept],
            layer=mesh.layer[kept], uv=mesh.uv[kept], shadeless=mesh.shadeless[kept],
        )  # fmt: skip

    def remake(self, material: int, into: int) -> None:
        """Let everything of one material be of another one."""
        changed = np.where(self._mesh.material == material, into, self._mesh.material).astype(np.uint8)
        self._mesh = replace(self._mesh, material=changed)

    def spoof(self, *materials: int) -> None:
        """Everything of these materials counts as put on."""
        self._spoofed |= set(materials)

    def take_off_glasses(self) -> None:
        self.off(kinds.FRAME)
        self.person = replace(self.person, lenses=None)

    def put(
        self, surface: Surface, kind: int, *, part: int = BEHIND, share: Floats | None = None,
        occlusion: Floats | None = None,
    ) -> None:  # fmt: skip
        """Add a surface of a material; it moves with the head.  share, occlusion: (N,) as in `Mesh`."""
        count = len(surface.vertices)
        ones = np.ones(count, np.float32)
        self._pieces.append(_Piece(surface, kind, part, ones if share is None else share,
                                   0.9 * ones if occlusion is None else occlusion))  # fmt: skip

    def put_clear(self, surface: Surface, tint: Floats, *, over: Outline | None = None) -> None:
        """Add a surface that is seen by its reflections and tint (3,) only.  over: the skin that it covers, should a
        nose touch it."""
        self._clear.append(surface)
        self._tint, self._over = tint, over

    def print_on(self, page: Floats) -> None:
        """The picture (h, w, 3), linear, of everything made of PAPER; at most as wide as the cloth's, 512."""
        self._page = page

    def paint_hard(self, sheet: Floats) -> None:
        """The picture (h, w, 3), linear, of everything made of HARD; there are no teeth then."""
        self._hard = sheet
        self.off(kinds.TEETH, kinds.TONGUE)

    def plain_eyes(self, sheet: Floats) -> None:
        """The picture of the eyeballs: all ones leaves the palette's colour."""
        self.person = replace(self.person, eye=[sheet])

    def occlusion(self) -> Floats:
        """(6324,) how open the sky is over each vertex of the head."""
        return np.asarray(self._mesh.occlusion[: self._mesh.body], np.float32)

    def head_share(self) -> Floats:
        """(6324,) how far each vertex of the head turns with it."""
        return np.asarray(self._mesh.head_share[: self._mesh.body], np.float32)

    def finished(self, parameters: Drawn, *, freedom: float = 1.0, blinks: bool = True) -> Disguise:
        """The person as made over."""
        person, page = self.person, self._page
        cloth = person.cloth[0]
        if page is not None:
            self._mesh = replace(self._mesh, uv=_shared(self._mesh, cloth, page))
        mesh = self._mesh
        if self._bared:
            mesh = self._mesh = replace(mesh, occlusion=_baked(mesh))
        added = [self._paged(piece, cloth) for piece in self._pieces]
        sheet = np.concatenate(
            [np.sqrt(self.albedo.clip(0.0008, 0.95)) * _FULL, (self.slopes + _LEVEL).clip(0, _FULL),
             (self.oil[..., None] * _LEVEL).clip(0, _FULL)], 2,
        ).astype(np.uint16)  # fmt: skip
        lenses = person.lenses
        clear = Surface.joined(*self._clear) if self._clear else None
        seen = _joined(mesh, added)
        if clear is not None:
            seen, first = _loose(seen, clear)
            lenses = Lenses((clear.triangles + first).astype(np.int32), self._tint)
        made = replace(
            person, mesh=seen, palette=self.palette, skin=halves(sheet, 3), lenses=lenses,
            cloth=person.cloth if page is None else halves(_stacked(cloth, page), 3),
            teeth=person.teeth if self._hard is None else np.ascontiguousarray(self._hard, np.float32),
        )  # fmt: skip
        if clear is not None:
            ones = np.ones(len(clear.vertices), np.float32)
            added = [*added, _Piece(clear, PLASTIC, BEHIND, ones, ones)]
        if self._over is not None:
            self.hide_skin(self._over, 0.01)
            self.off(kinds.BROW, within=self._over)
            mesh = self._mesh
        truth = self._truth(_joined(mesh, added), cloth, page)
        return Disguise(made, truth, freedom, blinks, parameters)

    def _paged(self, piece: _Piece, cloth: Floats) -> _Piece:
        if piece.kind != PAPER or self._page is None:
            return piece
        high, wide = self._page.shape[:2]
        at = piece.surface.uv * np.array([wide / cloth.shape[1], high / (cloth.shape[0] + high)], np.float32)
        at[..., 1] += cloth.shape[0] / (cloth.shape[0] + high)
        return replace(piece, surface=replace(piece.surface, uv=at))

    def _truth(self, mesh: Mesh, cloth: Floats, page: Floats | None) -> Person:
        person = self.person
        palette = np.zeros_like(person.palette)
        palette[:, 1], palette[:, 3] = 1.0, 0.5
        put_on = {piece.kind for piece in self._pieces} - {PAPER, RUBBER}
        palette[sorted(self._spoofed | put_on | {PLASTIC}), 0] = 1.0
        sheet = np.zeros((*self.painted.shape, 6), np.uint16)
        sheet[..., 0] = np.sqrt(self.painted.clip(0, 1)) * _FULL
        sheet[..., 1], sheet[..., 3:5] = _FULL, _LEVEL
        two = np.zeros_like(cloth)
        two[..., 1] = 1.0
        if page is not None:
            yellow = np.ones_like(page)
            yellow[..., 2] = 0.0
            two = _stacked(two, yellow)
        palette[PAPER] = 1.0, 1.0, 1.0, 0.7
        plain = np.ones((8, 8, 3), np.float32)
        mesh = replace(mesh, occlusion=np.ones_like(mesh.occlusion))  # the darkest corner has its truth too
        return replace(
            person, mesh=mesh, palette=palette, skin=halves(sheet, 3), lenses=None, cloth=halves(two, 3), teeth=plain,
            eye=[plain],
        )  # fmt: skip


def even_lights() -> Lights:
    """The light in which `Disguise.truth` is to be rendered."""
    return _EVEN


def spoofed(truth: Rendered) -> Floats:
    """(H, W) share of each pixel that shows what was put on, from a rendering of `Disguise.truth`."""
    gloss = truth.rgb[..., 2]
    green = truth.rgb[..., 1] - gloss
    share = (truth.rgb[..., 0] - gloss) / np.maximum(green, 1e-6)
    return np.asarray(np.where(green > 1e-4, share.clip(0, 1), 0) * truth.alpha, np.float32)


def _stacked(cloth: Floats, page: Floats) -> Floats:
    """Cloth above and page below, as wide as the cloth."""
    below = np.repeat(page[:, -1:], cloth.shape[1] - page.shape[1], 1)
    return np.ascontiguousarray(np.concatenate([cloth, np.concatenate([page, below], 1)]), np.float32)


def _shared(mesh: Mesh, cloth: Floats, page: Floats) -> Floats:
    """The mesh's uv where the cloth is the upper part of a taller sheet."""
    uv = mesh.uv.copy()
    uv[mesh.material == kinds.CLOTH, :, 1] *= cloth.shape[0] / (cloth.shape[0] + page.shape[0])
    return uv


def _baked(mesh: Mesh) -> Floats:
    """How open the sky is over each vertex: under a wig that came off it was closed.  Skin keeps what it had, or more:
    eyes and mouth were made lighter by hand."""
    skip = np.isin(mesh.material, (kinds.LASH, kinds.BROW, kinds.BEARD)).astype(np.uint8)
    return np.maximum(mesh.occlusion, bake_occlusion(mesh.rest, mesh.directions[0], mesh.triangles, skip))


def _joined(mesh: Mesh, pieces: Iterable[_Piece]) -> Mesh:
    """The mesh and what was put on it."""
    for piece in pieces:
        surface, count = piece.surface, len(piece.surface.triangles)
        mesh, first = _loose(mesh, surface, piece.share, piece.occlusion)
        mesh = replace(
            mesh,
            triangles=np.concatenate([mesh.triangles, surface.triangles + first]).astype(np.int32),
            material=np.concatenate([mesh.material, np.full(count, piece.kind, np.uint8)]),
            part=np.concatenate([mesh.part, np.full(count, piece.part, np.uint8)]),
            layer=np.concatenate([mesh.layer, np.zeros(count, np.uint8)]),
            uv=np.concatenate([mesh.uv, surface.uv]).astype(np.float32),
            shadeless=np.concatenate([mesh.shadeless, np.zeros(count, np.uint8)]),
        )
    return mesh


def _loose(
    mesh: Mesh, surface: Surface, share: Floats | None = None, occlusion: Floats | None = None
) -> tuple[Mesh, int]:
    """The mesh with a surface's vertices and none of its triangles, and the number of the first of them."""
    ones = np.ones(len(surface.vertices), np.float32)
    directions = np.stack([surface.normals, np.zeros_like(surface.normals)])
    grown = replace(
        mesh,
        rest=np.concatenate([mesh.rest, surface.vertices]).astype(np.float32),
        directions=np.concatenate([mesh.directions, directions], 1).astype(np.float32),
        head_share=np.concatenate([mesh.head_share, ones if share is None else share]).astype(np.float32),
        occlusion=np.concatenate([mesh.occlusion, ones if occlusion is None else occlusion]).astype(np.float32),
    )
    return grown, len(mesh.rest)
