import shutil

import cv2
import numpy as np
from typer.testing import CliRunner

from sincera.cli.app import app
from sincera.errors import UsageError


def run(*arguments):
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


def test_a_finished_world_is_left_alone_and_its_roots_are_printed(mini_world, tmp_path):
    world = tmp_path / "world"
    shutil.copytree(mini_world, world)
    done = run(world, "--scale", "mini", "--seed", 1, "--workers", 1, "--sheet", tmp_path / "sheet.png")
    assert done.exit_code == 0, done.output
    assert done.stdout.split() == [f"{domain}={world / domain}" for domain in "OCIM"]
    sheet = cv2.imread(str(tmp_path / "sheet.png"))
    assert sheet.shape[0] > 1000
    assert sheet.std() > 30


def test_people_and_own_pictures_are_jobs_of_their_own(tmp_path):
    assert run(tmp_path / "p", "--people", 1, "--pictures", 1, "--size", 64).exit_code == 0
    assert (tmp_path / "p" / "live" / "p00000" / "000.jpg").exists()
    (tmp_path / "mine").mkdir()
    picture = np.random.default_rng(0).integers(0, 255, (96, 96, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "mine" / "a.png"), picture)
    assert run(tmp_path / "r", "--live", tmp_path / "mine", "--each", 1).exit_code == 0
    assert len(list((tmp_path / "r" / "attack").rglob("*.jpg"))) == 1


def test_two_jobs_at_once_and_unknown_scales_are_refused(tmp_path):
    assert isinstance(run(tmp_path, "--live", tmp_path, "--people", 3).exception, UsageError)
    assert isinstance(run(tmp_path, "--live", tmp_path, "--sheet", tmp_path / "a.png").exception, UsageError)
    failed = run(tmp_path / "w", "--scale", "vast")
    assert "mini, tiny, small, paper" in str(failed.exception)
    assert not (tmp_path / "w").exists()


def test_help_has_an_example_and_the_scales():
    text = " ".join(run("--help").output.split())
    assert "Example: sincera simulate" in text
    assert "7,030 clips" in text
