"""Which triangle each sample of the picture shows: a depth buffer with triangle numbers, in compiled loops."""

from __future__ import annotations

import numpy as np

from sincera.simulate.heads.jit import compiled
from sincera.simulate.heads.materials import BEARD, BROW, HAIR, LASH
from sincera.simulate.heads.pack import Bytes, Floats, Ints

FIRST_ALPHA, LAST_ALPHA = min(HAIR, BROW, LASH, BEARD), max(HAIR, BROW, LASH, BEARD)


@compiled
def draw(
    screen: Floats,
    triangles: Ints,
    material: Bytes,
    layer: Bytes,
    uv: Floats,
    covers: Bytes,
    starts: Ints,
    samples: int,
    nearness: Floats,
    ids: Ints,
) -> tuple[int, int, int, int]:
    """Fill `nearness` (1/dm; 0 = nothing) and `ids` (-1 = nothing), both (h, w), and return the filled box.

    screen: (N, 3) x and y in samples, 1 / distance.  triangles: (T, 3).  material, layer: (T,).  uv: (T, 3, 2).
    covers: all materials' alpha (0 … 255), one after the other; starts: (materials, 3) offset, height, width in it.
    Skin, eyes and clothes are culled from behind.  Alpha is turned into coverage: each of the samples² samples of a
    pixel has its own threshold, and the layer shifts the order, so that a hair neither flickers nor needs sorting.
    """
    height, width = ids.shape
    count = samples * samples
    left, right, top, bottom = width, -1, height, -1
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, az = screen[a, 0], screen[a, 1], screen[a, 2]
        bx, by, bz = screen[b, 0], screen[b, 1], screen[b, 2]
        cx, cy, cz = screen[c, 0], screen[c, 1], screen[c, 2]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        kind = material[t]
        clear = kind >= FIRST_ALPHA and kind <= LAST_ALPHA
        # The picture's y grows downwards, so triangles seen from the front have a negative area.
        if area == 0 or (area > 0 and not clear):
            continue
        x0, x1 = int(np.ceil(min(ax, bx, cx))), int(np.floor(max(ax, bx, cx)))
        y0, y1 = int(np.ceil(min(ay, by, cy))), int(np.floor(max(ay, by, cy)))
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width - 1), min(y1, height - 1)
        if x0 > x1 or y0 > y1 or min(az, bz, cz) <= 0:
            continue
        inverse = 1.0 / area
        step_b, step_c = (cy - ay) * inverse, (ay - by) * inverse
        offset, tall, wide, sheet = starts[kind, 0], starts[kind, 1], starts[kind, 2], layer[t]
        for y in range(y0, y1 + 1):
            wb = ((x0 - ax) * (cy - ay) - (y - ay) * (cx - ax)) * inverse
            wc = ((y - ay) * (bx - ax) - (x0 - ax) * (by - ay)) * inverse
            for x in range(x0, x1 + 1):
                wa = 1.0 - wb - wc
                if wa >= 0 and wb >= 0 and wc >= 0:
                    near = wa * az + wb * bz + wc * cz
                    if near > nearness[y, x]:
                        shown = True
                        if clear:
                            u = wa * uv[t, 0, 0] + wb * uv[t, 1, 0] + wc * uv[t, 2, 0]
                            v = wa * uv[t, 0, 1] + wb * uv[t, 1, 1] + wc * uv[t, 2, 1]
                            column, row = min(int(u * wide), wide - 1), min(int(v * tall), tall - 1)
                            order = (y % samples) * samples + x % samples + sheet
                            cover = 1.0 * covers[offset + row * wide + column]
                            if kind == BEARD:  # a shell of fur shows the hairs that reach its height
                                cover = (cover - 24.0 * sheet) * 5.0
                            shown = cover * count > (order % count + 0.5) * 255.0
                        if shown:
                            nearness[y, x] = near
                            ids[y, x] = t
                            left, right = min(left, x), max(right, x)
                            top, bottom = min(top, y), max(bottom, y)
                wb += step_b
                wc += step_c
    return left, right, top, bottom


@compiled
def draw_depth(points: Floats, triangles: Ints, skip: Bytes, size: int, scale: float, buffer: Floats) -> None:
    """Fill `buffer` (size, size) with the largest z of a parallel view: for shadows and occlusion.

    points: (N, 3) with x and y across the view, z towards the light, dm.  skip: (T,) nonzero = casts nothing.
    scale: samples per dm; the view is centred on the origin.
    """
    half = size * 0.5
    for t in range(triangles.shape[0]):
        if skip[t]:
            continue
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay, az = points[a, 0] * scale + half, points[a, 1] * scale + half, points[a, 2]
        bx, by, bz = points[b, 0] * scale + half, points[b, 1] * scale + half, points[b, 2]
        cx, cy, cz = points[c, 0] * scale + half, points[c, 1] * scale + half, points[c, 2]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == 0:
            continue
        x0, x1 = max(int(np.ceil(min(ax, bx, cx))), 0), min(int(np.floor(max(ax, bx, cx))), size - 1)
        y0, y1 = max(int(np.ceil(min(ay, by, cy))), 0), min(int(np.floor(max(ay, by, cy))), size - 1)
        inverse = 1.0 / area
        step_b, step_c = (cy - ay) * inverse, (ay - by) * inverse
        for y in range(y0, y1 + 1):
            wb = ((x0 - ax) * (cy - ay) - (y - ay) * (cx - ax)) * inverse
            wc = ((y - ay) * (bx - ax) - (x0 - ax) * (by - ay)) * inverse
            for x in range(x0, x1 + 1):
                wa = 1.0 - wb - wc
                if wa >= 0 and wb >= 0 and wc >= 0:
                    z = wa * az + wb * bz + wc * cz
                    buffer[y, x] = max(buffer[y, x], z)
                wb += step_b
                wc += step_c


@compiled
def bake(uv: Floats, values: Floats, sheet: Floats, filled: Bytes) -> None:
    """Spread corner values over the atlas: sheet (h, w, C) and filled (h, w) = 1 wherever a triangle lies.

    uv: (T, 3, 2) in pixels of the sheet.  values: (T, 3, C).
    """
    height, width, channels = sheet.shape
    for t in range(uv.shape[0]):
        ax, ay, bx, by = uv[t, 0, 0], uv[t, 0, 1], uv[t, 1, 0], uv[t, 1, 1]
        cx, cy = uv[t, 2, 0], uv[t, 2, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-9:
            continue
        x0, x1 = max(int(min(ax, bx, cx)), 0), min(int(max(ax, bx, cx)) + 1, width - 1)
        y0, y1 = max(int(min(ay, by, cy)), 0), min(int(max(ay, by, cy)) + 1, height - 1)
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                wb = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area
                wc = ((y - ay) * (bx - ax) - (x - ax) * (by - ay)) / area
                wa = 1.0 - wb - wc
                if wa >= -0.02 and wb >= -0.02 and wc >= -0.02:
                    filled[y, x] = 1
                    for k in range(channels):
                        sheet[y, x, k] = wa * values[t, 0, k] + wb * values[t, 1, k] + wc * values[t, 2, k]
