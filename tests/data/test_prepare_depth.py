"""Depth in a store: the truth where a clip tells it, else a face mesh's on lives and none at all on attacks."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import squares

from sincera.data.prepare import Preparation, chunks, prepare, run
from sincera.data.store import Store
from sincera.errors import StoreError, WeightsError
from sincera.faces.mesh import DepthSpec, MeshDepth


def made_up(picture):
    """Stands for the network: a dome over the whole of its picture, and no face where that is dark."""
    across, down = (axis.ravel() for axis in np.meshgrid(np.linspace(20, 170, 22), np.linspace(20, 170, 22)))
    points = np.column_stack([across, down, ((across - 95) ** 2 + (down - 95) ** 2) / 200])
    return points, float(picture.mean() - 0.2)


def opened(path):
    return MeshDepth(made_up, DepthSpec("facemesh", hashlib.sha256(Path(path).read_bytes()).hexdigest()))


@pytest.fixture(autouse=True)
def pretended(monkeypatch):
    """Open any file as a mesh, and open it anew for each test."""
    for module in (run, chunks):
        monkeypatch.setattr(module, "open_mesh", opened)
    monkeypatch.setattr(chunks, "_MESHES", {})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mesh.tflite"
    path.write_bytes(b"points")
    return path


@pytest.fixture
def clips(tmp_path):
    """Pictures 0 and 2 are live, 1 and 3 attacks; 1 has no face, 2 is damaged; so is video 0 live and 1 an attack."""
    return squares.make_set(tmp_path / "set", pictures=4, videos=2)


def prepared(clips, folder, depth=None):
    settings = replace(squares.PREPARATION, depth=None if depth is None else str(depth))
    return prepare(clips, folder, settings, workers=1, opener=squares.open_squares)


def tell_depth(clip, value, frames=9):
    """A sidecar that gives the whole frame one depth."""
    np.savez(
        clip.path.with_suffix(".truth.npz"),
        depth=np.full((frames, 18, 24), value, np.uint8),
        size=np.array(squares.SIZE, np.int32),
        attributes=np.array(json.dumps({})),
        instrument=np.array("{}"),
    )


def test_lives_get_the_meshs_depth_in_every_view_and_attacks_are_flat(clips, file, tmp_path):
    prepared(clips, tmp_path / "store", file)
    store = Store.open(tmp_path / "store")
    assert {record.clip.key: record.extras for record in store.records if record.rows} == dict.fromkeys(
        ("A/000.png", "A/003.png", "B/0.avi", "B/1.avi"), ("depth",)
    )
    for view in squares.PREPARATION.views:
        for clip in (clips[0], clips[4]):
            depth = store.extra("depth", store.rows([clip], view))
            assert depth.max() == pytest.approx(1, abs=0.02)
            assert depth.min() == 0
        for clip in (clips[3], clips[5]):
            assert (store.extra("depth", store.rows([clip], view)) == 0).all()
    tight, wide = (store.extra("depth", store.rows([clips[0]], view))[0] for view in squares.PREPARATION.views)
    assert (tight > 0).sum() > (wide > 0).sum()  # the wider crop shows the same face smaller


def test_what_a_clip_tells_is_believed(clips, file, tmp_path):
    tell_depth(clips[4], 51)
    tell_depth(clips[5], 102, frames=5)
    prepared(clips, tmp_path / "store", file)
    store = Store.open(tmp_path / "store")
    np.testing.assert_allclose(store.extra("depth", store.rows([clips[4]])), 0.2, atol=1e-6)
    told, untold = (store.extra("depth", store.rows([clips[5]]))[which] for which in (slice(0, 2), slice(2, 4)))
    np.testing.assert_allclose(told, 0.4, atol=1e-6)
    assert (untold == 0).all()


def test_depth_is_unknown_where_the_mesh_sees_no_face_and_without_a_mesh(clips, file, tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "open_mesh", lambda path: MeshDepth(lambda _: (None, -1.0), opened(path).spec))
    prepared(clips, tmp_path / "unseen", file)
    unseen = Store.open(tmp_path / "unseen")
    assert np.isnan(unseen.extra("depth", unseen.rows([clips[0], clips[4]]))).all()
    assert (unseen.extra("depth", unseen.rows([clips[3], clips[5]])) == 0).all()
    prepared(clips, tmp_path / "without")
    assert not Store.open(tmp_path / "without").has("depth")


def test_the_store_names_its_source_and_takes_no_other(clips, file, tmp_path):
    digest = hashlib.sha256(b"points").hexdigest()
    some = clips[:4]
    prepared(some, tmp_path / "store", file)
    kept = Store.open(tmp_path / "store").preparation
    assert kept.depth_spec == DepthSpec("facemesh", digest)
    assert kept.to_dict()["depth"] == {"name": "facemesh", "sha256": digest}
    other = tmp_path / "other.tflite"
    other.write_bytes(b"other points")
    with pytest.raises(StoreError, match=f"depth.sha256: {digest} in the store, "):
        prepared(clips, tmp_path / "store", other)
    with pytest.raises(StoreError, match=r"depth.name: facemesh in the store, absent asked for.*--depth FILE"):
        prepared(clips, tmp_path / "store")
    moved = file.rename(tmp_path / "moved.tflite")
    assert prepared(clips, tmp_path / "store", moved).before == 4

    prepared(some, tmp_path / "without")
    assert "depth" not in Store.open(tmp_path / "without").preparation.to_dict()
    with pytest.raises(StoreError, match=r"depth.name: absent in the store, facemesh asked for"):
        prepared(some, tmp_path / "without", moved)


def test_settings_from_a_record_keep_the_source_but_know_no_file(clips, file, tmp_path):
    prepared(clips, tmp_path / "store", file)
    kept = Store.open(tmp_path / "store").preparation
    assert Preparation.from_dict(kept.to_dict()).to_dict() == kept.to_dict()
    assert kept.depth is None
    prepare(clips, tmp_path / "again", kept, workers=1, opener=squares.open_squares)  # as a run scores new clips
    assert not Store.open(tmp_path / "again").has("depth")


def test_a_file_that_is_replaced_meanwhile_is_refused(clips, file, tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "open_mesh", lambda path: MeshDepth(made_up, DepthSpec("facemesh", "f" * 64)))
    with pytest.raises(StoreError, match="this process opened the depth source"):
        prepared(clips, tmp_path / "store", file)


def test_a_missing_file_is_refused_before_anything_is_made(clips, tmp_path, monkeypatch):
    monkeypatch.undo()
    with pytest.raises(WeightsError, match="cannot be read"):
        prepared(clips, tmp_path / "store", tmp_path / "absent.tflite")
    assert not (tmp_path / "store").exists()
