"""Rows: the paper's names, one thing different from the row that they belong to, one recipe for both supervisions."""

import tomllib
from importlib.resources import files

import pytest

from sincera.errors import RecipeError
from sincera.methods import load_method
from sincera.papers.grid import Plan
from sincera.papers.mtfas.tasks import FOUR_GROUPS, OULU_GROUPS, SIWM_GROUPS, groups_of, protocols_of
from sincera.papers.mtfas.variants import (
    CDCN_MT,
    CURVE,
    DTN_MT,
    FASDR_DEPTH,
    FASDR_MT,
    GAMMAS,
    ONE,
    OWN,
    SIX,
    THREE,
    TWO,
    controls,
    rivals,
)
from sincera.papers.mtfas.wording import own_presets, unequal
from sincera.papers.published import values_of

TABLES = {
    "mtfas/1": (ONE, OULU_GROUPS),
    "mtfas/2": (TWO, SIWM_GROUPS),
    "mtfas/3": (THREE, FOUR_GROUPS),
    "mtfas/4": (rivals("fasdr"), OULU_GROUPS[3:]),
    "mtfas/5": (rivals("fasdr_bc"), FOUR_GROUPS),
    "mtfas/6": (SIX, OULU_GROUPS[:1]),
}


@pytest.mark.parametrize("name", TABLES)
def test_every_row_and_group_has_a_printed_figure(name):
    rows, groups = TABLES[name]
    printed = {(task, method) for task, method, _ in values_of(name)}
    assert all((group.printed, row.printed) in printed for group in groups for row in rows)
    assert {task for task, _ in printed} == {group.printed for group in groups}


@pytest.mark.parametrize("name", ["mtfas/4", "mtfas/5", "mtfas/6"])
def test_every_printed_row_is_trained_in_the_papers_order(name):
    rows, _ = TABLES[name]
    assert [row.printed for row in rows] == list(dict.fromkeys(method for _, method, _ in values_of(name)))


@pytest.mark.parametrize("preset", ["paper", "tuned"])
@pytest.mark.parametrize("name", TABLES)
def test_supervision_is_all_that_differs(name, preset):
    """Detector, optimiser, length, batch and sampling are the same whoever teaches."""
    rows, _ = TABLES[name]
    recipes = Plan(preset=preset).recipes((*rows, *controls("fasdr")) if name == "mtfas/4" else rows)
    shared = ("width", "loss_form", "batch", "length", "sampler", "unit", "augment", "optimiser", "tree", "episode")
    by_detector = {}
    for row, recipe in recipes.items():
        if row not in ("32", "64"):
            by_detector.setdefault(recipe.detector, set()).add(str([getattr(recipe, key) for key in shared]))
    assert {detector: len(forms) for detector, forms in by_detector.items()} == dict.fromkeys(by_detector, 1)


def test_a_table_says_where_detectors_are_not_trained_alike():
    """`demo` gives those with a meta-teacher fewer steps, so that all take as long."""
    assert unequal(Plan(preset="paper"), ONE) == ()
    (line,) = unequal(Plan(preset="demo"), (FASDR_DEPTH, FASDR_MT, DTN_MT))
    assert "FAS-DR(Depth) 310 steps of 16 faces; FAS-DR(MT) 150 steps of 16 faces." in line
    assert unequal(Plan(preset="demo", sets=("length=5 steps",)), ONE) == ()


def test_detectors_with_a_recipe_of_their_own_have_it_under_both_supervisions():
    presets = [
        tomllib.loads(files("sincera.methods").joinpath(f"{name}.toml").read_text("utf-8"))
        for name in ("pixel", "metateacher")
    ]
    assert [presets[0][name] for name in OWN] == [presets[1][name] for name in OWN]
    assert Plan(preset="paper").recipes((CDCN_MT,))["CDCN-MT"].optimiser.lr == 1e-4
    assert own_presets(Plan(preset="paper"), (FASDR_MT, CDCN_MT)) == ("Instead of preset paper: CDCN(MT) by `cdcn`.",)
    assert own_presets(Plan(preset="demo"), (CDCN_MT,)) == ()
    assert Plan(preset="demo").recipes((CDCN_MT,))["CDCN-MT"].length.endswith(" steps")


def test_ablations_differ_from_the_full_teacher_in_one_setting():
    recipes = {name: recipe.model_dump() for name, recipe in Plan(preset="paper").recipes((*SIX, *CURVE)).items()}
    full = recipes.pop("MT")
    changed = {
        name: {
            f"{key}.{inner}" if isinstance(value, dict) else key
            for key, value in recipe.items()
            for inner in (value if isinstance(value, dict) else [key])
            if value != full.get(key) and (not isinstance(value, dict) or value[inner] != full[key][inner])
        }
        for name, recipe in recipes.items()
        if name != "Depth"
    }
    assert changed.pop("gamma-0.999") == set(), "the default"
    assert {name: found for name, found in changed.items() if not name.startswith("gamma")} == {
        "no-MT_v": {"bilevel.gamma"},
        "no-pre": {"pretrain.on"},
        "no-adapt": {"bilevel.adapt"},
        "resnet": {"teacher.network"},
        "64": {"width"},
        "32": {"width"},
    }
    assert [recipes[row.name]["bilevel"]["gamma"] for row in CURVE] == list(GAMMAS)


@pytest.mark.parametrize("setting", ["bilevel.gamma=0.0", "pretrain.on=false", "bilevel.adapt=false"])
def test_the_full_teacher_is_whole(setting):
    with pytest.raises(RecipeError, match=r"row FAS-DR-MT \(FAS-DR\(MT\)\): found "):
        Plan(preset="demo", sets=(setting,)).recipes((FASDR_MT,))


def test_groups_hold_all_splits_and_kinds():
    assert [len(group.protocols) for group in OULU_GROUPS] == [1, 1, 6, 6]
    assert len(protocols_of(OULU_GROUPS)) == 14
    assert [len(group.protocols) for group in SIWM_GROUPS] == [1] * 13 + [13]
    assert len(protocols_of(SIWM_GROUPS)) == 13


def test_protocols_that_are_asked_for_keep_their_groups():
    assert groups_of(OULU_GROUPS, ()) == OULU_GROUPS
    assert groups_of(OULU_GROUPS, ("oulu/4",)) == OULU_GROUPS[3:], "its splits, all of them"
    found = groups_of(SIWM_GROUPS, ("siwm/Print", "siwm/Replay", "O:W"))
    assert [(group.title, group.printed) for group in found] == [
        ("Replay", "SiW-M Replay"),
        ("Print", "SiW-M Print"),
        ("Average, 2 of 13 parts", ""),
        ("O→W", ""),
    ]
    assert [group.title for group in groups_of(SIWM_GROUPS, ("siwm/Print",))] == ["Print"], "no mean of one"


def test_the_methods_exist():
    for row in (*ONE, *TWO, *THREE, *SIX, *CURVE, *rivals("fasdr"), *controls("fasdr_bc")):
        load_method(row.method)
