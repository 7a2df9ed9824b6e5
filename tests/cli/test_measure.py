"""`sincera measure` as it is typed."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from sincera.cli import measure as command
from sincera.errors import ScoreError, UsageError
from sincera.measures import SourceScores, fit_threshold, hter, read_scores


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in an empty folder; a user's error is raised."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.callback()(lambda: None)
    command.register(app)

    def call(*arguments):
        done = CliRunner().invoke(app, ["measure", *map(str, arguments)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done

    return call


@pytest.fixture
def files(tmp_path):
    """scores.csv, dev.csv and other.csv: 12 people each, two frames a clip."""

    def write(name, first, seed, noise=0.2):
        random = np.random.default_rng(seed)
        with (tmp_path / name).open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["clip", "domain", "subject", "attack", "label", "score", "frame", "sex"])
            for person in range(first, first + 12):
                for attack in ("", "print", "mask"):
                    own = (0.7 if attack else 0.3) - 0.1 * (attack == "mask") + random.normal(0, noise)
                    for frame in (0, 1):
                        score = repr(own + random.normal(0, 0.02))
                        label = "attack" if attack else "live"
                        writer.writerow(
                            [f"{person}-{attack}", "M", person, attack, label, score, frame, "fm"[person % 2]]
                        )

    write("scores.csv", 20, 1)
    write("dev.csv", 0, 2)
    write("other.csv", 20, 3)
    return tmp_path


def test_without_dev_the_target_tunes_itself_and_that_is_said(run, files):
    page = run("scores.csv").stdout
    assert "12 live and 24 attack clips, 12 subjects" in page
    assert "rule target-eer, fitted on scores.csv (36 clips of 12 subjects)" in page
    assert "TT: the threshold is tuned on the labels it is judged by" in page


def test_with_dev_the_threshold_comes_from_there(run, files):
    found = json.loads(run("scores.csv", "--dev", "dev.csv", "--json").stdout)
    threshold = fit_threshold(read_scores(files / "dev.csv", kind=SourceScores))
    clips = read_scores(files / "scores.csv").by_clip()
    assert (found["rule"], found["threshold"]) == ("eer", threshold.value)
    assert found["origin"]["fitted_on"] == "dev.csv, domains M"
    assert found["hter"] == pytest.approx(hter(clips.score, clips.label, threshold))
    assert (found["n_live"], found["n_attack"], found["by"]) == (12, 24, {})


@pytest.mark.parametrize(("rule", "rate"), [("bpcer=0.2", "bpcer"), ("apcer=0.2", "apcer_max")])
def test_rules_are_kept_as_typed_and_hold_on_dev(run, files, rule, rate):
    assert json.loads(run("scores.csv", "--dev", "dev.csv", "--rule", rule, "--json").stdout)["rule"] == rule
    on_itself = json.loads(run("dev.csv", "--dev", "dev.csv", "--rule", rule, "--json").stdout)
    assert on_itself[rate] <= 0.2


def test_groups_and_frames(run, files):
    found = json.loads(run("scores.csv", "--by", "sex", "--unit", "frame", "--json").stdout)
    assert (found["unit"], found["n_live"]) == ("frame", 24)
    assert {name: group["n_live"] for name, group in found["by"].items()} == {"f": 12, "m": 12}
    assert "groups, the worst first" in run("scores.csv", "--by", "sex").stdout


def test_results_go_to_stdout_and_warnings_to_stderr(run, files):
    done = run("scores.csv", "--dev", "scores.csv", "--json")
    json.loads(done.stdout)
    assert "warning: clips that stand in scores.csv too: 36" in done.stderr
    assert "warning: subjects that stand in scores.csv too: 12" in done.stderr
    assert "none of them may err" in run("scores.csv", "--dev", "dev.csv", "--rule", "bpcer=0.01").stderr
    assert "is not used" in run("scores.csv", "--dev", "dev.csv", "--rule", "target-eer").stderr
    assert run("scores.csv", "--dev", "dev.csv").stderr == ""


def test_scores_that_rise_with_live(run, files):
    rows = (files / "scores.csv").read_text().splitlines()
    at = rows[0].split(",").index("score")
    turned = [
        ",".join(repr(-float(cell)) if n == at else cell for n, cell in enumerate(row.split(","))) for row in rows[1:]
    ]
    (files / "turned.csv").write_text("\n".join([rows[0], *turned]) + "\n")
    assert "--live-is-high" in run("turned.csv").stderr
    straight = json.loads(run("scores.csv", "--json").stdout)
    again = json.loads(run("turned.csv", "--live-is-high", "--json").stdout)
    assert {name: again[name] for name in ("auc", "eer", "threshold", "intervals")} == {
        name: straight[name] for name in ("auc", "eer", "threshold", "intervals")
    }


def test_two_files_are_compared_pair_by_pair(run, files):
    done = run("scores.csv", "--against", "other.csv")
    assert "scores.csv (a) against other.csv (b): 36 clips that both answered, 12 subjects redrawn" in done.stdout
    found = json.loads(run("scores.csv", "--against", "scores.csv", "--json").stdout)["against"]
    assert set(found) == {"hter", "auc", "apcer_max", "bpcer"}
    assert found["hter"]["difference"] == 0
    with_dev = ("scores.csv", "--dev", "dev.csv", "--against", "other.csv")
    assert "judged at the same threshold" in run(*with_dev).stderr
    assert run(*with_dev, "--against-dev", "dev.csv").stderr == ""


def test_label_and_score_are_enough(run, files):
    (files / "bare.csv").write_text("label,score\n0,0.1\n0,0.2\n1,0.9\n1,0.15\n1,\n")
    page = run("bare.csv").stdout
    assert "no subject column, so the intervals resample rows" in page
    found = json.loads(run("bare.csv", "--json").stdout)
    assert (found["apcer"], found["non_response"]) == ({"attack": 0.5}, 0.2)


def test_the_seed_repeats_the_page(run, files):
    assert run("scores.csv", "--seed", 3).stdout == run("scores.csv", "--seed", 3).stdout
    assert "intervals:" not in run("scores.csv", "--rounds", 0).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rule", "eer"], "give them by --dev FILE"),
        (["--rule", "bpcer=0.01"], "give them by --dev FILE"),
        (["--rule", "best"], "expected eer"),
        (["--against-dev", "dev.csv"], "give --against FILE too"),
        (["--against", "other.csv", "--against-dev", "dev.csv"], "give --dev too"),
        (["--against", "other.csv", "--rounds", "0"], "at least --rounds 1"),
    ],
)
def test_wrong_use_is_refused(run, files, arguments, message):
    with pytest.raises(UsageError, match=message):
        run("scores.csv", *arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label,score\nlive,0.1\nattack,nan\n", r"bad\.csv, line 3: score 'nan'"),
        ("label,score\nlive,0.1\n", "no attack score"),
        ("clip,label,score\na,live,0.1\na,attack,0.2\n", "line 3: clip 'a' has label"),
    ],
)
def test_bad_input_is_one_clear_error(run, files, text, message):
    (files / "bad.csv").write_text(text)
    with pytest.raises(ScoreError, match=message):
        run("bad.csv")


def test_the_installed_command_ends_a_mistake_in_one_line(files):
    sincera = Path(sys.executable).with_name("sincera")
    for arguments in (["absent.csv"], ["scores.csv", "--by", "age"], ["scores.csv", "--rule", "eer"]):
        done = subprocess.run([sincera, "measure", *arguments], cwd=files, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
