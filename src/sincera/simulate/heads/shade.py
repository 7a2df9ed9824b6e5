"""The colour of every pixel: one sample per material and pixel, in one flat compiled loop."""

from __future__ import annotations

import numpy as np

from sincera.simulate.heads.jit import compiled
from sincera.simulate.heads.materials import BEARD, BROW, CLOTH, EYE, HAIR, INSIDE, LASH, NECK, SKIN, TEETH, TONGUE
from sincera.simulate.heads.pack import Bytes, Floats, Ints

SLOPE = 8192.0
"""Steps of the skin's uint16 channels per unit of slope; 32768 is flat."""


@compiled
def _two_lobes(half: float, tilt: float, facing: float, facing_eye: float, rough: float, spread: float) -> float:
    """Gloss of one light, GGX with F0 0.028 in a wide and a narrow lobe; spread makes a soft light a wide one.

    half, tilt: cosines of the half vector to the normal and to the eye.  facing, facing_eye: of light and eye.
    """
    fresnel = 1.0 - tilt
    square = fresnel * fresnel
    reflect = 0.028 + 0.972 * square * square * fresnel
    power = 0.0
    for lobe in range(2):
        width = rough if lobe == 0 else rough * 0.55
        width *= width
        width = width * width + spread
        base = half * half * (width - 1.0) + 1.0
        power += (0.72 if lobe == 0 else 0.28) * width / (base * base)
    return reflect * power * 0.25 / (facing * (facing_eye + 0.3) + 0.06)


@compiled
def _across(tx: float, ty: float, tz: float, hx: float, hy: float, hz: float) -> float:
    """Kajiya and Kay: squared sine between a hair's direction (unit) and the half vector (of any length)."""
    along = tx * hx + ty * hy + tz * hz
    return max(1.0 - along * along / (hx * hx + hy * hy + hz * hz + 1e-9), 0.0)


@compiled
def _unshadowed(shadow: Floats, view: Floats, x: float, y: float, z: float) -> float:
    """Share of the key light that reaches a point: nine looks at the shadow map, each between four of its cells."""
    size = shadow.shape[0]
    edge = view[3, 1]
    x, y, z = x - view[0, 3], y - view[1, 3], z - view[2, 3]
    across = (view[0, 0] * x + view[0, 1] * y + view[0, 2] * z) * view[3, 0] + size * 0.5
    up = (view[1, 0] * x + view[1, 1] * y + view[1, 2] * z) * view[3, 0] + size * 0.5
    near = view[2, 0] * x + view[2, 1] * y + view[2, 2] * z + 0.03
    lit = 0.0
    for j in range(3):
        for i in range(3):
            fx, fy = across + (i - 1) * edge, up + (j - 1) * edge
            ix, iy = int(fx), int(fy)
            if fx < 0 or fy < 0 or ix >= size - 1 or iy >= size - 1:
                lit += 1.0
                continue
            fx, fy = fx - ix, fy - iy
            s00 = 1.0 if shadow[iy, ix] < near else 0.0
            s01 = 1.0 if shadow[iy, ix + 1] < near else 0.0
            s10 = 1.0 if shadow[iy + 1, ix] < near else 0.0
            s11 = 1.0 if shadow[iy + 1, ix + 1] < near else 0.0
            lit += (s00 * (1 - fx) + s01 * fx) * (1 - fy) + (s10 * (1 - fx) + s11 * fx) * fy
    return lit / 9.0


@compiled
def shade(  # noqa: C901  (one flat loop: helpers that take the arrays double the time)
    ids: Ints,
    screen: Floats,
    triangles: Ints,
    material: Bytes,
    part: Bytes,
    layer: Bytes,
    uv: Floats,
    points: Floats,
    normals: Floats,
    tangents: Floats,
    occlusion: Floats,
    samples: int,
    box: Ints,
    skin: Ints,
    hair: Bytes,
    fur: Bytes,
    eye: Floats,
    teeth: Floats,
    cloth: Floats,
    palette: Floats,
    lights: Floats,
    shadow: Floats,
    shadow_view: Floats,
    back: float,
    rgb: Floats,
    alpha: Floats,
    depth: Floats,
    parts: Bytes,
) -> None:
    """Fill rgb (H, W, 3) multiplied by alpha, alpha, depth and parts (H, W) inside the box (left, top, right, bottom).

    ids: (H · samples, W · samples) triangle numbers, -1 = nothing.  screen, points: what `place` gives.  normals,
    tangents: (N, 3) seen from the camera.  occlusion: (N,) 0 … 1.  skin: (h, w, 6) uint16 square roots of R, G, B,
    slopes along u and v, oil.  hair: (h, w) brightness, 128 = mean.  palette: (materials, 4) R, G, B and roughness.
    lights: (10, 3) key direction, colour, then four soft directions and colours.  shadow: depths from the key;
    shadow_view: (3, 4) rotation rows with centre, then scale, softness in (3, 0:2).  back: distance of depth 0.
    """
    count = samples * samples
    share = 1.0 / count
    for py in range(box[1], box[3] + 1):
        for px in range(box[0], box[2] + 1):
            done = 0
            best = 0
            for first in range(count):
                if (done >> first) & 1:
                    continue
                sy, sx = py * samples + first // samples, px * samples + first % samples
                t = ids[sy, sx]
                if t < 0:
                    continue
                kind = material[t]
                a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
                # Samples of one material that lie close together share one shading.
                near = screen[a, 2]
                members = 0
                for other in range(first, count):
                    o = ids[py * samples + other // samples, px * samples + other % samples]
                    if o >= 0 and material[o] == kind and abs(screen[triangles[o, 0], 2] - near) < 0.08 * near:
                        done |= 1 << other
                        members += 1
                ax, ay, bx, by = screen[a, 0], screen[a, 1], screen[b, 0], screen[b, 1]
                cx, cy = screen[c, 0], screen[c, 1]
                inverse = 1.0 / ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
                wb = ((sx - ax) * (cy - ay) - (sy - ay) * (cx - ax)) * inverse
                wc = ((sy - ay) * (bx - ax) - (sx - ax) * (by - ay)) * inverse
                wa = 1.0 - wb - wc
                x = wa * points[a, 0] + wb * points[b, 0] + wc * points[c, 0]
                y = wa * points[a, 1] + wb * points[b, 1] + wc * points[c, 1]
                z = wa * points[a, 2] + wb * points[b, 2] + wc * points[c, 2]
                nx = wa * normals[a, 0] + wb * normals[b, 0] + wc * normals[c, 0]
                ny = wa * normals[a, 1] + wb * normals[b, 1] + wc * normals[c, 1]
                nz = wa * normals[a, 2] + wb * normals[b, 2] + wc * normals[c, 2]
                scale = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz + 1e-12)
                nx, ny, nz = nx * scale, ny * scale, nz * scale
                u = wa * uv[t, 0, 0] + wb * uv[t, 1, 0] + wc * uv[t, 2, 0]
                v = wa * uv[t, 0, 1] + wb * uv[t, 1, 1] + wc * uv[t, 2, 1]
                open_sky = wa * occlusion[a] + wb * occlusion[b] + wc * occlusion[c]
                scale = 1.0 / np.sqrt(x * x + y * y + z * z)
                vx, vy, vz = -x * scale, -y * scale, -z * scale

                # What it is made of: albedo, roughness, gloss, wrap of the light around its edge.
                red, green, blue, rough = palette[kind, 0], palette[kind, 1], palette[kind, 2], palette[kind, 3]
                gloss, wrap_r, wrap_g, wrap_b = 1.0, 0.1, 0.1, 0.1
                mx, my, mz = nx, ny, nz  # the normal for the gloss
                strand = 0.0
                if kind in (SKIN, NECK):
                    tall, wide = skin.shape[0], skin.shape[1]
                    fu, fv = min(max(u * wide - 0.5, 0.0), wide - 1.001), min(max(v * tall - 0.5, 0.0), tall - 1.001)
                    iu, iv = int(fu), int(fv)
                    fu, fv = fu - iu, fv - iv
                    w00, w01 = (1 - fu) * (1 - fv), fu * (1 - fv)
                    w10, w11 = (1 - fu) * fv, fu * fv
                    p00, p01, p10, p11 = skin[iv, iu], skin[iv, iu + 1], skin[iv + 1, iu], skin[iv + 1, iu + 1]
                    red = (w00 * p00[0] + w01 * p01[0] + w10 * p10[0] + w11 * p11[0]) / 65535.0
                    green = (w00 * p00[1] + w01 * p01[1] + w10 * p10[1] + w11 * p11[1]) / 65535.0
                    blue = (w00 * p00[2] + w01 * p01[2] + w10 * p10[2] + w11 * p11[2]) / 65535.0
                    red, green, blue = red * red, green * green, blue * blue
                    su = (w00 * p00[3] + w01 * p01[3] + w10 * p10[3] + w11 * p11[3] - 32768.0) / SLOPE
                    sv = (w00 * p00[4] + w01 * p01[4] + w10 * p10[4] + w11 * p11[4] - 32768.0) / SLOPE
                    gloss = (w00 * p00[5] + w01 * p01[5] + w10 * p10[5] + w11 * p11[5]) / 32768.0
                    # Directions of growing u and v on this triangle, to tilt the normal by the relief.
                    e1x, e1y, e1z = (
                        points[b, 0] - points[a, 0],
                        points[b, 1] - points[a, 1],
                        points[b, 2] - points[a, 2],
                    )
                    e2x, e2y, e2z = (
                        points[c, 0] - points[a, 0],
                        points[c, 1] - points[a, 1],
                        points[c, 2] - points[a, 2],
                    )
                    d1u, d1v = uv[t, 1, 0] - uv[t, 0, 0], uv[t, 1, 1] - uv[t, 0, 1]
                    d2u, d2v = uv[t, 2, 0] - uv[t, 0, 0], uv[t, 2, 1] - uv[t, 0, 1]
                    turn = 1.0 if d1u * d2v - d2u * d1v > 0 else -1.0
                    tux, tuy, tuz = e1x * d2v - e2x * d1v, e1y * d2v - e2y * d1v, e1z * d2v - e2z * d1v
                    tvx, tvy, tvz = e2x * d1u - e1x * d2u, e2y * d1u - e1y * d2u, e2z * d1u - e1z * d2u
                    lu = turn * su / np.sqrt(tux * tux + tuy * tuy + tuz * tuz + 1e-20)
                    lv = turn * sv / np.sqrt(tvx * tvx + tvy * tvy + tvz * tvz + 1e-20)
                    gx, gy, gz = tux * lu + tvx * lv, tuy * lu + tvy * lv, tuz * lu + tvz * lv
                    # The gloss sees a third of the relief: with all of it skin looks like leather.
                    mx, my, mz = nx - gx * 0.35, ny - gy * 0.35, nz - gz * 0.35
                    scale = 1.0 / np.sqrt(mx * mx + my * my + mz * mz)
                    mx, my, mz = mx * scale, my * scale, mz * scale
                    nx, ny, nz = nx - gx, ny - gy, nz - gz
                    scale = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz)
                    nx, ny, nz = nx * scale, ny * scale, nz * scale
                    wrap_r, wrap_g, wrap_b = 0.42, 0.18, 0.10
                elif kind in (EYE, TEETH, CLOTH):
                    sheet = eye if kind == EYE else (teeth if kind == TEETH else cloth)
                    tall, wide = sheet.shape[0], sheet.shape[1]
                    fu, fv = min(max(u * wide - 0.5, 0.0), wide - 1.001), min(max(v * tall - 0.5, 0.0), tall - 1.001)
                    iu, iv = int(fu), int(fv)
                    fu, fv = fu - iu, fv - iv
                    w00, w01 = (1 - fu) * (1 - fv), fu * (1 - fv)
                    w10, w11 = (1 - fu) * fv, fu * fv
                    p00, p01, p10, p11 = sheet[iv, iu], sheet[iv, iu + 1], sheet[iv + 1, iu], sheet[iv + 1, iu + 1]
                    red *= w00 * p00[0] + w01 * p01[0] + w10 * p10[0] + w11 * p11[0]
                    green *= w00 * p00[1] + w01 * p01[1] + w10 * p10[1] + w11 * p11[1]
                    blue *= w00 * p00[2] + w01 * p01[2] + w10 * p10[2] + w11 * p11[2]
                    if kind == CLOTH:
                        gloss, wrap_r, wrap_g, wrap_b = 0.25, 0.2, 0.2, 0.2
                    else:
                        wrap_r, wrap_g, wrap_b = 0.35, 0.3, 0.3
                        open_sky = open_sky * (0.4 + 0.6 * open_sky)  # lids and lips shade what lies behind them
                        gloss = 0.8
                elif kind in (HAIR, BROW, LASH, BEARD):
                    if nx * vx + ny * vy + nz * vz < 0:
                        nx, ny, nz = -nx, -ny, -nz
                    wrap_r, wrap_g, wrap_b = 0.35, 0.35, 0.35
                    gloss = 0.0
                    if kind == HAIR:
                        row = min(int(v * hair.shape[0]), hair.shape[0] - 1)
                        column = min(int(u * hair.shape[1]), hair.shape[1] - 1)
                        strand = hair[row, column] / 128.0
                        tone = 0.25 + 0.75 * strand
                        red, green, blue = red * tone, green * tone, blue * tone
                    elif kind == BEARD:
                        row = min(int(v * fur.shape[0]), fur.shape[0] - 1)
                        column = min(int(u * fur.shape[1]), fur.shape[1] - 1)
                        strand = fur[row, column] / 140.0
                        tone = (0.30 + 0.12 * layer[t]) * (0.45 + 0.55 * strand)  # less light reaches the roots
                        red, green, blue = red * tone, green * tone, blue * tone
                elif kind in (INSIDE, TONGUE):
                    open_sky = 0.12 + 0.7 * open_sky
                    gloss = 0.5

                # Light: the key with its shadow, the soft ones through the open part of the sky.
                lx, ly, lz = lights[0, 0], lights[0, 1], lights[0, 2]
                cosine = nx * lx + ny * ly + nz * lz
                lit = 1.0
                if cosine > -0.5:
                    # Looked up from a little above the surface, or it would shadow itself.
                    lit = _unshadowed(shadow, shadow_view, x + nx * 0.05, y + ny * 0.05, z + nz * 0.05)
                    # Near the terminator the wrap does the work of the shadow.
                    fade = min(max((cosine + 0.1) * 3.3, 0.0), 1.0)
                    lit = 1.0 - fade * (1.0 - lit)
                lit_r = np.sqrt(lit) if kind in (SKIN, NECK) else lit
                wr = max(cosine + wrap_r, 0.0) / (1.0 + wrap_r)
                wg = max(cosine + wrap_g, 0.0) / (1.0 + wrap_g)
                wbl = max(cosine + wrap_b, 0.0) / (1.0 + wrap_b)
                er = lights[1, 0] * lit_r * wr
                eg = lights[1, 1] * lit * wg
                eb = lights[1, 2] * lit * wbl
                sr, sg, sb = 0.0, 0.0, 0.0
                if kind >= HAIR and kind <= BEARD:
                    # Kajiya-Kay: a hair shines across its own direction.
                    tx = wa * tangents[a, 0] + wb * tangents[b, 0] + wc * tangents[c, 0]
                    ty = wa * tangents[a, 1] + wb * tangents[b, 1] + wc * tangents[c, 1]
                    tz = wa * tangents[a, 2] + wb * tangents[b, 2] + wc * tangents[c, 2]
                    shift = (strand - 1.0) * 0.12
                    tx, ty, tz = tx + nx * shift, ty + ny * shift, tz + nz * shift
                    scale = 1.0 / np.sqrt(tx * tx + ty * ty + tz * tz + 1e-9)
                    tx, ty, tz = tx * scale, ty * scale, tz * scale
                    for k in range(5):
                        across = _across(
                            tx, ty, tz, lights[2 * k, 0] + vx, lights[2 * k, 1] + vy, lights[2 * k, 2] + vz
                        )
                        facing = max(nx * lights[2 * k, 0] + ny * lights[2 * k, 1] + nz * lights[2 * k, 2] + 0.2, 0.0)
                        thin = across * across
                        thin = thin * thin * thin
                        sharp = thin * thin * thin * thin
                        power = (0.045 * sharp * sharp + 0.02 * thin) * facing * (lit if k == 0 else 0.45 * open_sky)
                        power *= (0.5 + strand * 0.5) if kind == HAIR else 0.4
                        sr += power * lights[2 * k + 1, 0] * (0.35 + 2.0 * red)
                        sg += power * lights[2 * k + 1, 1] * (0.35 + 2.0 * green)
                        sb += power * lights[2 * k + 1, 2] * (0.35 + 2.0 * blue)
                else:
                    facing_eye = max(mx * vx + my * vy + mz * vz, 0.05)
                    for k in range(5):
                        kx, ky, kz = lights[2 * k, 0], lights[2 * k, 1], lights[2 * k, 2]
                        facing = mx * kx + my * ky + mz * kz
                        if facing <= 0.0:
                            continue
                        hx, hy, hz = kx + vx, ky + vy, kz + vz
                        scale = 1.0 / np.sqrt(hx * hx + hy * hy + hz * hz + 1e-9)
                        half = max((mx * hx + my * hy + mz * hz) * scale, 0.0)
                        tilt = max((vx * hx + vy * hy + vz * hz) * scale, 0.0)
                        power = _two_lobes(half, tilt, facing, facing_eye, rough, 0.0 if k == 0 else 0.03)
                        power *= facing * gloss * (lit if k == 0 else open_sky * 0.8)
                        sr += power * lights[2 * k + 1, 0]
                        sg += power * lights[2 * k + 1, 1]
                        sb += power * lights[2 * k + 1, 2]
                for k in range(1, 5):
                    cosine = nx * lights[2 * k, 0] + ny * lights[2 * k, 1] + nz * lights[2 * k, 2]
                    half = 0.5 + 0.5 * cosine
                    half = half * half * open_sky
                    er += half * lights[2 * k + 1, 0]
                    eg += half * lights[2 * k + 1, 1]
                    eb += half * lights[2 * k + 1, 2]
                weight = members * share
                rgb[py, px, 0] += weight * (red * er + sr)
                rgb[py, px, 1] += weight * (green * eg + sg)
                rgb[py, px, 2] += weight * (blue * eb + sb)
                alpha[py, px] += weight
                if members > best:
                    best = members
                    depth[py, px] = max(back + z, 0.05)
                    parts[py, px] = part[t]
