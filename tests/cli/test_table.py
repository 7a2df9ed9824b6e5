"""`sincera table` as users type it: the Markdown, the object, and one line for each mistake."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sincera.cli.app import app
from sincera.errors import ProtocolError, RecipeError, RunError, StoreError, UsageError
from sincera.papers.tables import TABLES

SINCERA = Path(sys.executable).with_name("sincera")
BRIEF = ("network=small", "length=2 steps", "batch=8", "evaluate_every=1", "domain.length=2 steps")


def call(*words):
    done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(scope="module")
def crops(mini_world, tmp_path_factory):
    from sincera.data.prepare import Preparation, prepare
    from sincera.data.sources import parse_roots, read_clips
    from sincera.faces.spec import CropSpec
    from sincera.media import Sampling

    folder = tmp_path_factory.mktemp("table") / "crops"
    clips = [clip for root in parse_roots(f"{d}={mini_world / d}" for d in "OCIM") for clip in read_clips(*root).clips]
    prepare(clips, folder, Preparation(Sampling(1), {"face": CropSpec(size=96)}, "mtcnn", None), workers=1)
    return folder


def test_a_table_on_a_simulated_world_is_printed_written_and_read_again(crops, tmp_path):
    sets = [word for text in BRIEF for word in ("--set", text)]
    command = ["table", "dtda/2", "--store", crops, "--runs", tmp_path / "runs", "--preset", "demo", "--device", "cpu"]
    command += ["--seeds", "0", "--protocols", "OCI:M", "--rows", "V1,V5", *sets]
    page = call(*command, "--out", tmp_path / "page" / "two.md")
    assert (tmp_path / "page" / "two.md").read_text() == page
    assert "simulated data" in page
    assert "| full, FGSM" in page
    assert "11.43" in page
    trained = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    made = json.loads(call(*command, "--json"))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == trained
    assert made["table"] == "dtda/2"
    assert [cell["row"] for cell in made["cells"]] == ["V1", "V5"]
    assert {cell["simulated"] for cell in made["cells"]} == {True}
    assert made["cells"][1]["set"] == ["perturbation.kind=fgsm"]


def test_a_detector_learns_from_a_meta_teacher_and_from_true_depth(crops, tmp_path):
    """MT-FAS's rows on simulated people: the world's truth is what depth supervision learns from."""
    brief = (
        "width=2", "length=2 steps", "batch=8", "evaluate_every=1", "pretrain.length=2 steps", "pretrain.batch=8",
        "bilevel.length=2 steps", "bilevel.train=8", "bilevel.valid=4",
    )  # fmt: skip
    sets = [word for text in brief for word in ("--set", text)]
    command = ["table", "mtfas/5", "--store", crops, "--runs", tmp_path / "runs", "--preset", "demo", "--device", "cpu"]
    made = json.loads(call(*command, "--seeds", "0", "--protocols", "OCI:M", "--rows", "Depth,MT", *sets, "--json"))
    assert [cell["row"] for cell in made["cells"]] == ["Depth", "MT"]
    assert made["cells"][1]["method"] == "mtfas"
    assert {cell["simulated"] for cell in made["cells"]} == {True}
    assert [effect["printed"] for effect in made["effects"]] == [pytest.approx(1 - 11.67 / 13.81)]


def test_counts_of_data_sets_that_were_never_prepared(mini_world, tmp_path):
    rows = json.loads(call("table", "dtda/1", f"M={mini_world / 'M'}", "--store", tmp_path / "none", "--json"))
    found = {(cell["set"], cell["item"]): cell["on_disk"] for cell in rows["cells"]}
    assert found["M", "videos real"] == 8
    assert found["O", "videos real"] is None, "not there, which is not 0"
    assert rows["simulated"] is True
    assert not (tmp_path / "none").exists()


def test_help_has_an_example_and_says_what_each_table_holds():
    printed = " ".join(call("table", "--help").split())
    assert "Example: sincera table dtda/2 --store crops" in printed
    assert all(f"{name} {holds}" in printed for name, (_, holds) in TABLES.items())


@pytest.mark.parametrize("command", ["table", "figure"])
def test_help_waits_for_nothing_heavy(command):
    probe = f"""
import sys
sys.argv = ["sincera", "{command}", "--help"]
from sincera.cli.app import main
try:
    main()
finally:
    print([name for name in ("torch", "matplotlib", "cv2", "pyarrow") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["dtda/8"], UsageError, "did you mean dtda/"),
        (["dtda/2", "--rows", "V6"], UsageError, "no row 'V6'"),
        (["dtda/2", "--preset", "tund"], RecipeError, "did you mean tuned"),
        (["dtda/2", "--set", "tua=1"], RecipeError, "did you mean tau"),
        (["dtda/2", "--rows", "V4", "--set", "editing.teacher=none"], RecipeError, "row V4 "),
        (["dtda/2", "--rows", "V5", "--set", "perturbation.kind=none"], UsageError, "would change nothing"),
        (["dtda/2", "--ray", "127.0.0.1:1"], RunError, "no Ray cluster answers"),
        (["dtda/2", "--seeds", "0,one"], UsageError, "whole numbers"),
        (["dtda/2", "--seeds", "0,²"], UsageError, "whole numbers"),
        (["dtda/2", "--seeds", "99999999999999999999"], UsageError, "whole numbers from 0 to 4294967295"),
        (["dtda/2", "--protocols", "OC:M,OC:M"], UsageError, "protocols OC:M, OC:M: each once"),
        (["dtda/2", "--lists", "all,half"], UsageError, "'half' is none of all, whole, split"),
        (["mtfas/1", "--teacher-scope", "protocol2"], UsageError, "expected split or protocol1"),
        (["mtfas/5", "--teacher-scope", "protocol1"], UsageError, "mtfas/5 has no use for --teacher-scope"),
        (["mtfas/6", "--set", "detector=cdcn"], UsageError, "would change nothing"),
        (["mtfas/2"], ProtocolError, "no clips of domain W"),
        (["dtda/2", "--protocols", "OC"], ProtocolError, "OC"),
        (["dtda/2", "--protocols", "OC+X:M"], ProtocolError, "no clips of domain X"),
        (["dtda/5"], ProtocolError, "no clips of domain S"),
    ],
)
def test_a_mistake_is_one_clear_error_before_anything_is_trained(crops, tmp_path, words, error, message):
    with pytest.raises(error, match=message):
        call("table", *words, "--store", crops, "--runs", tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("option", "place", "message"),
    [
        ("--out", "folder", "is a folder; name a file in it"),
        ("--out", "file/page.md", "file is a file, expected a folder"),
        ("--runs", "file", "file is a file, expected a folder"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is_trained(
    crops, tmp_path, monkeypatch, option, place, message
):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"{option} .*{message}"):
        call("table", "dtda/2", "--store", crops, option, place)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_world_where_a_file_lies_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"--world .*file is a file"):
        call("table", "dtda/1", "--world", tmp_path / "file", "--runs", tmp_path / "runs")


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["dtda/3", "--preset", "tund"], RecipeError, "did you mean tuned"),
        (["dtda/forms", "--set", "tau=2"], UsageError, "would change nothing"),
        (["dtda/4", "--protocols", "OC+X:M"], ProtocolError, "no clips of domain X"),
        (["dtda/5", "--protocols", "OC:M"], ProtocolError, "no clips of domain O"),
        (["dtda/7", "--ray", "ray://127.0.0.1:1"], RunError, "no Ray cluster answers"),
    ],
)
def test_a_mistake_is_told_before_a_world_is_simulated(tmp_path, words, error, message):
    with pytest.raises(error, match=message):
        call("table", *words, "--world", tmp_path / "world", "--runs", tmp_path / "runs")
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_none_is_exit_code_two(tmp_path):
    done = subprocess.run(
        [SINCERA, "table", "dtda/2", "--store", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    with pytest.raises(StoreError):
        call("table", "dtda/3", "--store", tmp_path)
