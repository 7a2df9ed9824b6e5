"""`sincera judge` as it is typed, with the model that comes along, on faces that do not exist."""

import csv
import io
import json
import shutil

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from sincera.cli.app import app
from sincera.errors import MediaError, ModelError, UsageError
from sincera.judge import Judge
from sincera.media import read_picture, write_video
from sincera.simulate.heads import Expression, Pose, front_lights, make_person, render


def run(*arguments, code=0):
    done = CliRunner().invoke(app, ["judge", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


@pytest.fixture(scope="module")
def face():
    rendered = render(make_person(3), Pose(scale=0.25), Expression(), front_lights(), size=(240, 320), supersample=1)
    linear = rendered.rgb + 0.2 * (1 - rendered.alpha[..., None])
    return np.round(255 * np.clip(linear, 0, 1) ** (1 / 2.2)).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(face, tmp_path_factory):
    """face.png, clip.mp4, blank.png and, one level down, face.png again; beside a text."""
    root = tmp_path_factory.mktemp("judged")
    (root / "deep").mkdir()
    for path in (root / "face.png", root / "deep" / "face.png"):
        cv2.imwrite(str(path), face[:, :, ::-1])
    cv2.imwrite(str(root / "blank.png"), np.full((90, 120, 3), 128, np.uint8))
    write_video(root / "clip.mp4", [np.roll(face, 2 * number, axis=1) for number in range(10)], fps=10)
    (root / "notes.txt").write_text("no picture")
    return root


@pytest.fixture(scope="module")
def judge():
    return Judge.load()


def objects(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_line_and_the_json_are_the_librarys_verdict(folder, judge):
    path = folder / "face.png"
    expected = judge.verdict(path)
    assert run(path).stdout.strip() == str(expected)
    assert objects(run(path, "--json")) == [json.loads(json.dumps(expected.to_dict()))]


def test_a_folder_gives_a_line_for_each_picture_and_video_below_it(folder):
    done = run(folder, "--json")
    found = {one["path"]: one["outcome"] for one in objects(done)}
    names = ["blank.png", "clip.mp4", "face.png", "deep/face.png"]
    assert list(found) == [str(folder / name) for name in names]
    assert found[str(folder / "blank.png")] == "no_face"
    assert "passed over 1" in done.stderr
    assert "judging: 4/4" in done.stderr


def test_csv_is_a_table(folder):
    rows = list(csv.DictReader(io.StringIO(run(folder / "face.png", folder / "blank.png", "--csv").stdout)))
    assert [row["outcome"] for row in rows][1] == "no_face"
    assert rows[1]["score"] == rows[1]["label"] == ""
    assert float(rows[0]["score"]) == pytest.approx(objects(run(folder / "face.png", "--json"))[0]["score"])
    assert rows[0]["frames"] == "1"


@pytest.mark.parametrize(("threshold", "outcome", "code"), [("-1", "attack", 1), ("2", "live", 0)])
def test_thresholds_beyond_all_scores(folder, threshold, outcome, code):
    files = (folder / "face.png", folder / "clip.mp4")
    done = run(*files, "--threshold", threshold, "--require-live", "--json", code=code)
    assert [one["outcome"] for one in objects(done)] == [outcome, outcome]
    done = run("--camera", files[1], "--threshold", threshold, "--require-live", "--json", code=code)
    assert [one["outcome"] for one in objects(done)] == [outcome]


def test_a_blank_picture_counts_as_answered_but_never_as_live(folder):
    run(folder / "blank.png")
    run(folder / "blank.png", "--threshold", 2, "--require-live", code=1)


def test_what_cannot_be_read_outranks_all(folder, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    done = run(
        folder / "blank.png", tmp_path / "broken.jpg", tmp_path / "absent.mp4", "--require-live", "--json", code=2
    )
    assert [one["outcome"] for one in objects(done)] == ["no_face", "unreadable", "unreadable"]
    assert all(one["error"] for one in objects(done)[1:])


def test_operating_points_go_by_name(folder, judge):
    name, point = next(
        (name, one) for name, one in judge.model.spec.points.items() if name != judge.model.spec.threshold
    )
    found = objects(run(folder / "face.png", "--threshold", name, "--json"))[0]
    assert found["threshold"] == point.to_dict()


def test_a_video_plays_a_camera(folder):
    assert len(objects(run("--camera", folder / "clip.mp4", "--seconds", 0.4, "--json"))) == 1
    many = objects(run("--camera", folder / "clip.mp4", "--seconds", 0.4, "--watch", "--json"))
    assert len(many) > 1
    assert {one["path"] for one in many} == {None}


def test_early_exit_is_told(folder):
    found = objects(run(folder / "clip.mp4", "--threshold", "2", "--early-exit", "--json"))[0]
    assert (found["early"], len(found["frames"])) == (True, 3)


def test_annotated_pictures_are_written(folder, tmp_path):
    run(folder, "--annotate", tmp_path / "drawn")
    names = sorted(path.name for path in (tmp_path / "drawn").iterdir())
    assert names == ["blank.png.jpg", "clip.mp4.jpg", "face.png-2.jpg", "face.png.jpg"]
    run(folder / "face.png", "--annotate", tmp_path / "one.png")
    drawn, before = read_picture(tmp_path / "one.png"), read_picture(folder / "face.png")
    assert drawn.shape == before.shape
    assert (drawn != before).any()
    run(folder, "--annotate", tmp_path / "drawn")
    assert len(list((tmp_path / "drawn").iterdir())) == 4


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["x.png", "--camera", "0"],
        ["x.png", "--json", "--csv"],
        ["--camera", "0", "--annotate", "out"],
        ["x.png", "--watch"],
        ["x.png", "y.png", "--annotate", "one.png"],
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments):
    with pytest.raises(UsageError):
        run(*arguments)


def test_other_mistakes_are_told(folder, tmp_path):
    with pytest.raises(ModelError):
        run(folder / "face.png", "--model", tmp_path / "absent.onnx")
    with pytest.raises(UsageError, match="operating point"):
        run(folder / "face.png", "--threshold", "strict")
    with pytest.raises(MediaError):
        run("--camera", tmp_path / "absent.mp4")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no picture"):
        run(tmp_path / "empty")
    shutil.copy(folder / "notes.txt", tmp_path / "empty")
    with pytest.raises(UsageError, match="holds no picture"):
        run(tmp_path / "empty")
