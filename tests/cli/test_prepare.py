"""`sincera prepare` as users type it: exit codes, one line for each mistake, and what stands in the store."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sincera.cli.app import app
from sincera.clip import Label
from sincera.data.prepare import chunks, run
from sincera.data.sources import replay
from sincera.data.store import Store
from sincera.errors import MissingExtraError, SinceraError
from sincera.faces.mesh import DepthSpec, MeshDepth
from sincera.media import write_video

SINCERA = Path(sys.executable).with_name("sincera")


def noise(frames):
    rng = np.random.default_rng(5)
    return [rng.integers(0, 255, (72, 96, 3), np.uint8) for _ in range(frames)]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A corner of Replay-Attack: some of its videos, with its annotations; one of them damaged."""
    folder = tmp_path_factory.mktemp("replay")
    cells = [cell for cell in replay.grid() if cell.split == "test"][:6]
    for number, cell in enumerate(cells):
        path = folder / replay.path(cell)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_video(path, noise(5), fps=25, codec="mjpeg")
        marks = folder / replay.annotation_path(cell)
        marks.parent.mkdir(parents=True, exist_ok=True)
        marks.write_text("".join(f"{frame} 20 10 40 44\n" for frame in range(5)))
        if number == 3:
            path.write_bytes(path.read_bytes()[:64])
    return folder


def sincera(*arguments):
    return subprocess.run([SINCERA, *map(str, arguments)], capture_output=True, text=True, check=False)


def inside(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_videos_become_crops_and_a_damaged_one_is_set_aside(root, tmp_path):
    done = sincera(
        "prepare", f"I={root}", "--store", tmp_path / "s", "--frames", 3, "--size", 64, "--detector", "annotated"
    )
    assert done.returncode == 1, done.stderr
    assert "6 clips, 15 of 15 frames with a face, 0 clips without any, 1 set aside" in done.stdout
    assert "set aside: I/test/" in done.stderr
    assert "Traceback" not in done.stderr
    store = Store.open(tmp_path / "s")
    assert store.outcomes.count("unreadable") == 1
    assert store.crops(store.rows()).shape == (15, 64, 64, 3)
    assert store.box[0].tolist() == [20, 10, 60, 54]


def test_again_with_other_settings_is_one_clear_line(root, tmp_path):
    options = ("prepare", f"I={root}", "--store", tmp_path / "s", "--detector", "annotated", "--workers", 1)
    assert inside(*options, "--context-view", "--json").exit_code == 1
    assert Store.open(tmp_path / "s").views == ("face", "context")
    done = sincera(*options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith(f"error: {tmp_path / 's'}: made with other settings (views.context")
    )


def test_the_summary_as_json(root, tmp_path):
    done = inside("prepare", f"I={root}", "--store", tmp_path, "--detector", "annotated", "--workers", 1, "--json")
    found = json.loads(done.stdout)
    assert (found["clips"], found["frames"], found["faces"], found["no_face"], found["before"]) == (6, 25, 25, 0, 0)
    assert len(found["set_aside"]) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["I=nowhere", "--store", "s"], "nowhere"),
        (["nowhere", "--store", "s"], "expected NAME=FOLDER"),
        (["I={root}", "--store", "s", "--sampling", "odd"], "sampling rule 'odd'"),
        (["I={root}", "--store", "s", "--detector", "cascade"], "detector 'cascade'; expected one of"),
        (["I={root}", "--store", "s", "--size", "1"], "size = 1"),
    ],
)
def test_mistakes_are_refused_before_anything_is_made(root, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    done = inside("prepare", *(argument.format(root=root) for argument in arguments))
    assert isinstance(done.exception, SinceraError)  # `main` prints it on one line and exits 2
    assert said in str(done.exception)
    assert not (tmp_path / "s").exists()


def test_a_face_mesh_fills_the_depth_of_lives(root, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    file = tmp_path / "mesh.tflite"
    file.write_bytes(b"points")
    options = ("prepare", f"I={root}", "--store", tmp_path / "s", "--detector", "annotated", "--workers", 1)
    done = inside(*options, "--depth", file)
    assert isinstance(done.exception, MissingExtraError)
    assert not (tmp_path / "s").exists()

    points = np.random.default_rng(0).uniform(20, 170, (468, 3))
    mesh = MeshDepth(lambda picture: (points, 9.0), DepthSpec("facemesh", "e" * 64))
    for room in (run, chunks):
        monkeypatch.setattr(room, "open_mesh", lambda path: mesh)
    assert inside(*options, "--depth", file).exit_code == 1  # the damaged clip
    store = Store.open(tmp_path / "s")
    live = store.rows([clip for clip in store.clips if clip.label is Label.LIVE])
    depth = store.extra("depth", store.rows())
    assert 0 < len(live) < len(depth)
    assert (depth[live].max((1, 2)) > 0.5).all()
    assert (np.delete(depth, live, 0) == 0).all()


def test_help_has_an_example():
    assert "sincera prepare O=" in inside("prepare", "--help").stdout
