"""Every figure of MT-FAS from trainings of two steps; mistakes told before a face is made, no face without leave."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mtfas_toys import BRIEF, META

from sincera.errors import ProtocolError, RecipeError, RunError, UsageError
from sincera.nets.detectors import detector, map_teacher
from sincera.papers.figures import FIGURES, Bench, draw, simulated_domains
from sincera.papers.grid import Plan
from sincera.papers.mtfas.figures.gradients import course_of
from sincera.papers.mtfas.figures.teachers import ABLATIONS, FULL
from sincera.runs import Run

MTFAS = tuple(name for name in FIGURES if name.startswith("mtfas/"))
DIAGRAMS = ("mtfas/2", "mtfas/3", "mtfas/4", "mtfas/6", "mtfas/8")
WITH_FACES = ("mtfas/1", "mtfas/5", "mtfas/9", "mtfas/10", "mtfas/11")
TRAINED = tuple(name for name in MTFAS if name not in (*DIAGRAMS, "mtfas/5"))
LENGTH = "length=2 steps"  # which rows without a detector set themselves


@pytest.fixture(scope="module")
def bench(mapped_store, kept_runs):
    def made(name, *more, faces=True, store=mapped_store, clips=None, **options):
        sets = (*(one for one in BRIEF if one != LENGTH or name in ("mtfas/7", "mtfas/11")), *META, *more)
        options = {"seeds": (0,), "runs": kept_runs} | options
        plan = Plan(preset="demo", sets=sets, device="cpu", rounds=20, **options)
        return Bench(lambda: (store, clips), plan, faces=faces)

    return made


def unwanted():
    raise AssertionError("asked for faces")


@pytest.mark.parametrize("name", MTFAS)
def test_each_figure_from_missing_runs_to_numbers(name, bench, mapped_store, tmp_path):
    drawing = draw(name, bench(name))
    numbers = json.loads(drawing.save(tmp_path / "figure.svg").read_text())
    assert numbers["figure"] == name
    assert (tmp_path / "figure.svg").read_text().startswith("<svg")
    assert drawing.picture.alt.endswith(".")
    if name in DIAGRAMS:
        assert numbers["parts"]
        return
    assert numbers["store"] == mapped_store.digest
    if name in TRAINED:
        assert numbers["runs"]
        assert numbers["seeds"] == [0]


@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_diagram_opens_no_store(name, tmp_path):
    assert draw(name, Bench(unwanted, Plan(preset="demo", seeds=(0,), runs=tmp_path, device="cpu"))).numbers["parts"]


@pytest.mark.parametrize(
    ("name", "network", "parameters", "macs"),
    [
        ("mtfas/4", map_teacher("fasdr_light"), 14_401, 60.3e6),
        ("mtfas/6", detector("fasdr_bc"), 172_434, 2_937.8e6),
        ("mtfas/8", map_teacher("resnet8"), 306_673, 888.3e6),
    ],
)
def test_a_networks_diagram_tells_the_layers_that_it_has(name, network, parameters, macs, tmp_path):
    """The paper's widths, although the demo trains others."""
    numbers = draw(name, Bench(unwanted, Plan(preset="demo", runs=tmp_path, device="cpu"))).numbers
    assert numbers["parameters"] == parameters
    assert numbers["multiply_adds"] == pytest.approx(macs, rel=1e-3)
    modules = dict(network.named_modules())
    convolutions = {part["path"]: part["filters"] for part in numbers["parts"] if part["kind"] == "Conv2d"}
    assert convolutions == {
        path: module.out_channels for path, module in modules.items() if type(module).__name__ == "Conv2d"
    }
    norms = sum(p.numel() for m in modules.values() if "Norm" in type(m).__name__ for p in m.parameters())
    assert sum({part["path"]: part["parameters"] for part in numbers["parts"]}.values()) + norms == parameters
    assert all(part["size"] <= 256 for part in numbers["parts"])
    assert numbers["choices"]


def test_a_width_that_is_asked_for_is_drawn(tmp_path):
    plan = Plan(preset="paper", sets=("width=32", "teacher.width=4"), runs=tmp_path, device="cpu")
    assert draw("mtfas/6", Bench(unwanted, plan)).numbers["parts"][0]["filters"] == 32
    assert draw("mtfas/4", Bench(unwanted, plan)).numbers["parts"][0]["filters"] == 4


def test_the_framework_shows_what_the_settings_leave(bench):
    changed = ("bilevel.outer=sgd", "bilevel.inner_steps=1", "bilevel.gamma=0.5")
    drawing = draw("mtfas/3", bench("mtfas/3", *changed))
    assert "1 step," in drawing.picture.alt
    assert "γ = 0.5" in drawing.picture.alt
    assert "plain descent" in drawing.numbers["choices"][0]
    assert drawing.numbers["bilevel"]["outer"] == "sgd"


@pytest.mark.parametrize("name", WITH_FACES)
def test_real_faces_are_not_printed_unasked_and_nothing_is_trained_for_them(name, bench, tmp_path):
    with pytest.raises(UsageError, match="Give --faces"):
        draw(name, bench(name, faces=False, runs=tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"preset": "tund"}, RecipeError, "did you mean tuned"),
        ({"sets": ("bach=8",)}, RecipeError, "did you mean batch"),
        ({"sets": ("bilevel.gamma=much",)}, (RecipeError, UsageError), r"bilevel\.gamma"),
        ({"recipe": Path("absent.toml")}, RecipeError, "absent.toml"),
        ({"protocols": ("OC",)}, ProtocolError, "OC"),
        ({"protocols": ("OC+mine:M",)}, ProtocolError, "no clips of domain mine"),
        ({"ray": "head:port"}, RunError, "head:port"),
    ],
)
def test_a_mistake_is_told_before_the_faces_are_asked_for(name, options, error, message, tmp_path):
    plan = Plan(**{"preset": "demo", "seeds": (0,), "runs": tmp_path, "device": "cpu"} | options)
    with pytest.raises(error, match=message):
        draw(name, Bench(unwanted, plan, domains="OCIMW"))


@pytest.mark.parametrize("name", ["mtfas/7", "mtfas/10", "mtfas/gradients", "mtfas/outer"])
def test_a_teacher_from_a_file_is_no_training_to_look_at(name, tmp_path):
    (tmp_path / "teacher.pt").touch()
    plan = Plan(preset="demo", sets=(f"teacher.origin={tmp_path / 'teacher.pt'}",), runs=tmp_path, device="cpu")
    with pytest.raises(UsageError, match=r"teacher\.origin"):
        draw(name, Bench(unwanted, plan, domains="OCIMW"))


def test_without_siwm_others_stand_in_and_that_is_said(bench, mapped_store):
    clips = [clip for clip in mapped_store.clips if clip.domain == "O"]
    drawing = draw("mtfas/1", bench("mtfas/1", clips=clips))
    assert drawing.numbers["protocol"] == bench("mtfas/1").protocol("oulu/1").title
    assert "others stand in" in drawing.numbers["instead"]
    assert "others stand in" in drawing.picture.alt
    assert drawing.numbers["shown"][0] == "live"
    assert set(drawing.numbers["shown"][1:]) <= {clip.attack for clip in clips}


def test_the_paper_kinds_of_siwm_are_shown_in_its_order(bench):
    numbers = draw("mtfas/1", bench("mtfas/1")).numbers
    assert numbers["shown"] == [
        "live", "FunnyeyeGlasses", "PaperMask", "TransparentMask", "Impersonation", "PaperGlasses",
    ]  # fmt: skip
    assert "instead" not in numbers
    assert not numbers["attacks"]["W Replay"]["trained_on"], "the kind that the protocol holds back"
    assert numbers["attacks"]["W PaperMask"]["trained_on"]


def test_teachers_share_what_they_have_in_common(bench, kept_runs):
    """The pre-training of all but two of the seven, and with the gradients' figure the whole teacher."""
    used = bench("mtfas/10")
    draw("mtfas/10", used)
    runs = {run.name: run for run in used.used}.values()
    pretrained = [{path.name for path in run.checkpoints.glob("pretrain-*.pt")} for run in runs]
    assert len(set().union(*pretrained)) == 2, "one of FAS-DR-Light and one of ResNet-8"
    assert [bool(names) for names in pretrained].count(False) == 1, "w/o pre-training"
    assert len({path.name for run in runs for path in run.checkpoints.glob("bilevel-*.pt")}) == len(ABLATIONS)


def test_the_log_of_a_teacher_that_another_run_trained(bench, kept_runs):
    one = bench("mtfas/gradients")
    (run,) = one.runs([(FULL, "oulu/1", 0)])
    (other,) = one.runs([(replace(FULL, sets=(*FULL.sets[:-1], "length=1 steps", "augment.flip=0.25")), "oulu/1", 0)])
    assert course_of(run, kept_runs)
    (taken,) = one.runs([(replace(FULL, name="again", sets=(*FULL.sets, "contrast_weight=0.5")), "oulu/1", 0)])
    assert not [line for line in taken.log() if line["stage"] == "bilevel"]
    assert course_of(taken, kept_runs) == course_of(run, kept_runs)
    assert course_of(other, kept_runs) != []
    with pytest.raises(RunError, match="no longer below"):
        course_of(taken, taken.folder)


def test_a_training_that_diverges_is_told_and_does_not_take_the_others_along(bench):
    """Its detector has no score, so that its run can never be finished."""
    one = bench("mtfas/outer", "bilevel.alpha=1e9")
    drawing = draw("mtfas/outer", one)
    diverged = {title: found["diverged"] for title, found in drawing.numbers["outer"].items()}
    assert diverged["plain descent, sumsq"] == 1
    assert "plain descent, sumsq diverges" in drawing.picture.alt
    assert drawing.numbers["outer"]["plain descent, sumsq"]["distance"]["last"]["mean"] is None


def test_the_verdicts_are_those_of_the_run(bench):
    one = bench("mtfas/11")
    numbers = draw("mtfas/11", one).numbers
    measured = Run(one.used[0].folder).measures()["policies"]["ST"]
    assert numbers["threshold"] == measured["threshold"]
    groups = {name: group["clips"] for name, group in numbers["groups"].items()}
    live, attack = measured["measures"]["n_live"], measured["measures"]["n_attack"]
    assert groups["live → live"] + groups["live → attack"] == live
    assert groups["attack → live"] + groups["attack → attack"] == attack
    assert groups["live → attack"] / live == pytest.approx(measured["measures"]["bpcer"])
    assert groups["attack → live"] / attack == pytest.approx(measured["measures"]["apcer_pooled"])
    assert sum(one["missed"] for one in numbers["by_attack"].values()) == groups["attack → live"]


def test_a_world_of_what_is_asked_for():
    assert simulated_domains("mtfas/1") == "W"
    assert simulated_domains("mtfas/9") == "OCIMW"
    assert simulated_domains("mtfas/10", ["siwm/Print"]) == "W"
    assert simulated_domains("dtda/4", ["O:C"]) == "OCIM"
    assert simulated_domains("dtda/4", ["mine:C"]) == "C", "the figure then says that mine is missing"


def test_each_data_set_is_a_row(bench, mapped_store):
    numbers = draw("mtfas/5", bench("mtfas/5")).numbers
    assert set(numbers["domains"]) == {clip.domain for clip in mapped_store.clips}
    for domain, one in numbers["domains"].items():
        mine = [clip for clip in mapped_store.clips if clip.domain == domain]
        assert one["live"] + sum(one["attacks"].values()) == len(mine)
        assert one["simulated"] is False
    assert np.all([len(kinds) <= 5 for kinds in numbers["shown"].values()])
