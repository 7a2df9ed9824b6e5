"""Every figure from runs of two steps: a picture, and numbers that a reader can check; no face without leave."""

import json
from pathlib import Path

import pytest

from sincera.errors import ProtocolError, RecipeError, RunError, UsageError
from sincera.papers.figures import FIGURES, Bench, draw, find_figure
from sincera.papers.grid import Plan

DTDA = tuple(name for name in FIGURES if name.startswith("dtda/"))
DIAGRAMS = ("dtda/1", "dtda/2")
WITH_FACES = ("dtda/5", "dtda/6", "dtda/attack")


@pytest.fixture(scope="module")
def bench(store, brief, tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")

    def made(**options):
        sets, seeds = (*brief, *options.pop("more", ())), options.pop("seeds", (0,))
        plan = Plan(preset=None, sets=sets, seeds=seeds, runs=runs, device="cpu", rounds=20, **options)
        return Bench(lambda: (store, None), plan, faces=True)

    return made


@pytest.mark.parametrize("name", DTDA)
def test_each_figure_from_missing_runs_to_numbers(name, bench, store, tmp_path):
    protocols = ("OMI:C",) if name == "dtda/3" else ()
    drawing = draw(name, bench(protocols=protocols))
    numbers = json.loads(drawing.save(tmp_path / "deep" / "figure.svg").read_text())
    assert numbers["figure"] == name
    assert (tmp_path / "deep" / "figure.svg").read_text().startswith("<svg")
    assert drawing.picture.alt.endswith(".")
    if name in DIAGRAMS:
        return
    assert numbers["runs"]
    assert numbers["store"] == store.digest
    assert numbers["seeds"] == [0]
    assert numbers["simulated"] is False


@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_diagram_opens_no_store(name, brief, tmp_path):
    def unwanted():
        raise AssertionError("a diagram asked for faces")

    plan = Plan(preset=None, sets=brief, seeds=(0,), runs=tmp_path, device="cpu")
    assert draw(name, Bench(unwanted, plan)).numbers["parts"]


@pytest.mark.parametrize("name", WITH_FACES)
def test_real_faces_are_not_printed_unasked(name, bench):
    shy = bench()
    shy.faces = False
    with pytest.raises(UsageError, match="Give --faces"):
        draw(name, shy)


def test_curves_and_points_need_no_leave(bench):
    shy = bench()
    shy.faces = False
    assert draw("dtda/4", shy).numbers["silhouette_of_target"]


def test_a_run_is_trained_once(bench):
    one, other = bench(), bench()
    first, again = draw("dtda/epsilon", one), draw("dtda/epsilon", other)
    assert one.used[0].folder == other.used[0].folder
    assert first.numbers == again.numbers


def test_seeds_are_trainings_of_their_own(bench):
    numbers = draw("dtda/4", bench(seeds=(0, 1))).numbers
    found = numbers["silhouette_of_target"]["after (variant 5)"]["live"]
    assert len(found["values"]) == 2
    assert found["sd"] > 0
    assert len(numbers["runs"]) == 4


def test_more_protocols_than_a_figure_shows(bench):
    with pytest.raises(UsageError, match=r"found 2 protocols \(OMI:C, OCI:M\); this figure shows 1"):
        draw("dtda/4", bench(protocols=("OMI:C", "OCI:M")))


def test_an_unknown_figure():
    with pytest.raises(UsageError, match="did you mean dtda/attack"):
        find_figure("dtda/atack")


def test_a_suffix_that_cannot_be_written(bench, tmp_path):
    with pytest.raises(UsageError, match=r"\.svg, \.png, \.pdf"):
        draw("dtda/1", bench()).save(tmp_path / "figure.gif")
    assert not (tmp_path / "figure.json").exists()


def test_the_architecture_counts_what_is_there(bench, store):
    from sincera.methods.dtda import DTDA
    from sincera.papers.dtda.figures.parts import built
    from sincera.papers.dtda.variants import V5

    one = bench()
    (method,) = built(one, [V5], ("O", "C", "I"))
    assert isinstance(method, DTDA)
    numbers = draw("dtda/2", one).numbers
    assert numbers["student_parameters"] == sum(p.numel() for p in method.network.parameters())
    assert numbers["deployed_parameters"] == sum(p.numel() for p in method.network.deployed().parameters())
    told = {part["path"]: part["parameters"] for part in numbers["parts"]}
    assert told["domain"] == sum(p.numel() for p in method.domain.parameters())
    assert numbers["teachers"]["rec"]["width"] == 12


@pytest.mark.parametrize(
    "name", ["dtda/1", "dtda/3", "dtda/4", "dtda/6", "dtda/attack", "dtda/epsilon", "dtda/stability"]
)
def test_one_source_has_nothing_to_hide_from(name, bench):
    with pytest.raises(UsageError, match="its source is O alone"):
        draw(name, bench(protocols=("O:C",)))


def test_an_attack_of_no_size_is_no_variant_5(bench):
    with pytest.raises(RecipeError, match=r"row V5 .*perturbation\.epsilon = 0"):
        draw("dtda/epsilon", bench(more=("perturbation.epsilon=0.0",)))


def test_a_diagram_shows_what_the_settings_leave(bench):
    numbers = draw("dtda/2", bench(protocols=("O+elsewhere:M",), more=("recognition.teacher=none",))).numbers
    assert list(numbers["teachers"]) == ["edi"]
    assert numbers["domains"] == ["O", "elsewhere"]
    assert "domain" not in {part["path"] for part in draw("dtda/2", bench(protocols=("O:M",))).numbers["parts"]}


@pytest.mark.parametrize("name", [name for name in DTDA if name not in DIAGRAMS])
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"preset": "tund"}, RecipeError, "did you mean tuned"),
        ({"sets": ("bach=8",)}, RecipeError, "did you mean batch"),
        ({"sets": ("optimiser.lr=fast",)}, RecipeError, "optimiser.lr"),
        ({"recipe": Path("absent.toml")}, RecipeError, "absent.toml"),
        ({"protocols": ("OC",)}, ProtocolError, "OC"),
        ({"protocols": ("OC+mine:M",)}, ProtocolError, "no clips of domain mine"),
        ({"ray": "head:port"}, RunError, "head:port"),
    ],
)
def test_a_mistake_is_told_before_the_faces_are_asked_for(name, options, error, message, tmp_path):
    """They may have to be simulated and prepared first, which takes minutes."""

    def unwanted():
        raise AssertionError("asked for faces before it looked at the settings")

    plan = Plan(**{"preset": "demo", "seeds": (0,), "runs": tmp_path, "device": "cpu"} | options)
    with pytest.raises(error, match=message):
        draw(name, Bench(unwanted, plan, domains="OCIM"))
