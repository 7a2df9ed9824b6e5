"""The asset pack: whole, listed, and of known origin."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np

from sincera.simulate.heads.pack import linear, pack, picture
from sincera.simulate.heads.shape import APART, EYES, make_shape

ASSETS = files("sincera.simulate.heads") / "assets"


def test_every_file_is_listed_with_its_provenance() -> None:
    index = json.loads((ASSETS / "index.json").read_text("utf-8"))
    provenance = (ASSETS / "PROVENANCE.md").read_text("utf-8")
    arrays = {"mesh.npz", "targets.npz", "proxies.npz"}
    found = {entry.name for entry in ASSETS.iterdir()}
    assert found == set(index["textures"]) | arrays | {"index.json", "PROVENANCE.md"}
    for name in arrays:
        assert name in provenance, name
    for name, entry in index["textures"].items():
        assert entry["source"], name
    for kind in ("mask_", "skin", "hair", "brows", "eyes", "teeth"):
        assert kind in provenance, kind
    assert "CC0" in provenance


def test_the_arrays_hold_what_the_index_says() -> None:
    index = json.loads((ASSETS / "index.json").read_text("utf-8"))
    assets = pack()
    assert assets.vertices.shape == (index["verts"], 3)
    assert assets.triangles.shape == (index["triangles"], 3)
    assert assets.triangles.max() < len(assets.vertices)
    assert {name: len(target.index) for name, target in assets.targets.items()} == {
        target["name"]: target["entries"] for target in index["targets"]
    }
    for entry in index["targets"]:
        target = assets.targets[entry["name"]]
        assert target.index.max() < len(assets.vertices)
        assert (
            np.linalg.norm(target.shift, axis=1).max() == np.float32(entry["max_shift_dm"]).round(4)
            or abs(float(np.linalg.norm(target.shift, axis=1).max()) - entry["max_shift_dm"]) < 0.002
        )
    for name, entry in index["proxies"].items():
        assert assets.proxies[name].triangles.shape == (entry["triangles"], 3)
        assert assets.proxies[name].reference.shape == (entry["verts"], 3)
    for name, entry in index["textures"].items():
        assert list(picture(name.removesuffix(".png")).shape[1::-1]) == entry["size"]


def test_proxies_follow_the_head() -> None:
    assets = pack()
    proxy = assets.proxies["brow_001"]
    moved = proxy.fit(assets.vertices + np.array([0.1, -0.2, 0.3], np.float32))
    np.testing.assert_allclose(moved, proxy.fit(assets.vertices) + np.array([0.1, -0.2, 0.3]), atol=2e-3)
    larger = proxy.fit(assets.vertices * 1.5)
    np.testing.assert_allclose(larger, proxy.fit(assets.vertices) * 1.5, atol=2e-3)


def test_every_head_has_its_eyes_at_the_same_place_and_human_proportions() -> None:
    from sincera.simulate.heads.identity import draw_attributes

    ratios = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        attributes = draw_attributes(rng, {})
        shape = make_shape(attributes, attributes.sex, rng)
        left, right = (shape.vertices[helpers].mean(0) for helpers in pack().eyes)
        np.testing.assert_allclose((left + right) / 2, EYES, atol=1e-4)
        assert abs(float(np.linalg.norm(left - right)) - APART) < 0.01
        mouth = shape.vertices[list(pack().mouth)].mean(0)
        ratios.append((EYES[1] - mouth[1]) / APART)
    assert 1.0 < np.median(ratios) < 1.14  # perspective takes 0.05 of it: portraits measure 1.03


def test_linear_is_the_inverse_of_srgb() -> None:
    bytes_ = np.arange(256, dtype=np.uint8)
    light = linear(bytes_).astype(float)
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    np.testing.assert_allclose(coded * 255, bytes_, atol=0.01)
