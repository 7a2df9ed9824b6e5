"""Lenses over a finished picture: they take a little light and throw the lamps back."""

from __future__ import annotations

import numpy as np

from sincera.simulate.heads.jit import compiled
from sincera.simulate.heads.pack import Floats, Ints


@compiled
def glaze(
    screen: Floats,
    points: Floats,
    normals: Floats,
    triangles: Ints,
    tint: Floats,
    lights: Floats,
    samples: int,
    nearness: Floats,
    rgb: Floats,
    alpha: Floats,
) -> None:
    """Multiply by the tint and add reflections where a lens lies before everything else.

    screen: (N, 3) in samples; nearness: (H · samples, W · samples) of what was drawn.  rgb, alpha: (H, W).
    """
    height, width = alpha.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ax, ay = (screen[a, 0] + 0.5) / samples - 0.5, (screen[a, 1] + 0.5) / samples - 0.5
        bx, by = (screen[b, 0] + 0.5) / samples - 0.5, (screen[b, 1] + 0.5) / samples - 0.5
        cx, cy = (screen[c, 0] + 0.5) / samples - 0.5, (screen[c, 1] + 0.5) / samples - 0.5
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == 0:
            continue
        x0, x1 = max(int(np.ceil(min(ax, bx, cx))), 0), min(int(np.floor(max(ax, bx, cx))), width - 1)
        y0, y1 = max(int(np.ceil(min(ay, by, cy))), 0), min(int(np.floor(max(ay, by, cy))), height - 1)
        for py in range(y0, y1 + 1):
            for px in range(x0, x1 + 1):
                wb = ((px - ax) * (cy - ay) - (py - ay) * (cx - ax)) / area
                wc = ((py - ay) * (bx - ax) - (px - ax) * (by - ay)) / area
                wa = 1.0 - wb - wc
                # Half-open, so that two triangles never both draw a pixel on their common edge.
                if wa < 0 or wb <= 0 or wc < 0:
                    continue
                near = wa * screen[a, 2] + wb * screen[b, 2] + wc * screen[c, 2]
                middle = samples // 2
                if near <= nearness[py * samples + middle, px * samples + middle]:
                    continue
                x = wa * points[a, 0] + wb * points[b, 0] + wc * points[c, 0]
                y = wa * points[a, 1] + wb * points[b, 1] + wc * points[c, 1]
                z = wa * points[a, 2] + wb * points[b, 2] + wc * points[c, 2]
                nx = wa * normals[a, 0] + wb * normals[b, 0] + wc * normals[c, 0]
                ny = wa * normals[a, 1] + wb * normals[b, 1] + wc * normals[c, 1]
                nz = wa * normals[a, 2] + wb * normals[b, 2] + wc * normals[c, 2]
                scale = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz + 1e-9)
                nx, ny, nz = nx * scale, ny * scale, nz * scale
                scale = 1.0 / np.sqrt(x * x + y * y + z * z)
                vx, vy, vz = -x * scale, -y * scale, -z * scale
                facing = nx * vx + ny * vy + nz * vz
                rx, ry, rz = 2 * facing * nx - vx, 2 * facing * ny - vy, 2 * facing * nz - vz
                edge = 1.0 - min(abs(facing), 1.0)
                reflect = 0.04 + 0.5 * edge * edge * edge * edge
                r, g, b_ = 0.0, 0.0, 0.0
                for k in range(5):
                    close = rx * lights[2 * k, 0] + ry * lights[2 * k, 1] + rz * lights[2 * k, 2]
                    # A lamp is a bright window about 25° wide; the rest of the room a soft glow.
                    glow = min(max((close - 0.86) * 14.0, 0.0), 1.0) * 2.4 + max(close, 0.0) * 0.10
                    r += glow * lights[2 * k + 1, 0]
                    g += glow * lights[2 * k + 1, 1]
                    b_ += glow * lights[2 * k + 1, 2]
                cover = alpha[py, px]
                rgb[py, px, 0] = rgb[py, px, 0] * tint[0] + reflect * r * cover
                rgb[py, px, 1] = rgb[py, px, 1] * tint[1] + reflect * g * cover
                rgb[py, px, 2] = rgb[py, px, 2] * tint[2] + reflect * b_ * cover
