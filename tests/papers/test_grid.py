"""Which settings reach which method, and which rows are trained."""

from functools import reduce

import pytest

from sincera.errors import ProtocolError, RecipeError, RunError, UsageError
from sincera.methods import load_method
from sincera.papers.dtda.variants import EXTRA, FIVE, FORMS, FRT_PAD, V1, V3, V4, V5
from sincera.papers.grid import Plan


def test_every_variant_is_a_recipe_of_its_own():
    recipes = Plan(preset="demo").recipes((*FIVE, *EXTRA, *FORMS))
    assert len({variant.name for variant in (*FIVE, *EXTRA, *FORMS)}) == len(recipes)
    assert len({(type(recipe), recipe.model_dump_json()) for recipe in recipes.values()}) == len(recipes) - 1, (
        "variant 4 is one of the forms"
    )
    five = {name: recipes[name] for name in ("V1", "V2", "V3", "V4", "V5", "V5-pgd")}
    taught = {name: (r.recognition.teacher != "none", r.editing.teacher != "none") for name, r in five.items()}
    assert list(taught.values()) == [(False, False), (True, False), (False, True), *[(True, True)] * 3]
    kinds = [recipe.perturbation.kind for recipe in five.values()]
    assert kinds == ["none"] * 4 + ["fgsm", "pgd"]
    assert recipes["attack-alone"].recognition.teacher == recipes["attack-alone"].editing.teacher == "none"
    assert recipes["student-only"].perturbation.of == "student"
    assert recipes["noise"].perturbation.kind == "noise"
    assert recipes["random-teachers"].recognition.teacher == recipes["random-teachers"].editing.teacher == "random"


def test_variants_compare_with_rows_that_exist():
    names = {variant.name for variant in FIVE}
    assert all(variant.against in names for variant in EXTRA)


def test_settings_go_to_the_methods_that_have_them(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('batch = 8\ntau = 2.0\n[editing]\nteacher = "random"\n[perturbation]\nepsilon = 0.01\n')
    plan = Plan(preset="demo", recipe=file, sets=("optimiser.lr=0.5", "editing.size=64", "domain_weight=0.25"))
    dann = next(variant for variant in EXTRA if variant.method == "dann")
    recipes = plan.recipes((V5, dann, FRT_PAD))
    assert (recipes["V5"].tau, recipes["V5"].perturbation.epsilon, recipes["V5"].batch) == (2.0, 0.01, 8)
    assert (recipes["frtpad"].editing.size, recipes["frtpad"].editing.teacher, recipes["frtpad"].batch) == (
        64,
        "random",
        8,
    )
    assert recipes["dann"].domain_weight == 0.25
    assert {recipe.optimiser.lr for recipe in recipes.values()} == {0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [("bach=8", "did you mean batch"), ("editing.size=64", "editing.size"), ("tau", "KEY=VALUE"), ("tau=x", "tau")],
)
def test_what_no_method_of_the_table_has_is_refused(text, message):
    with pytest.raises(RecipeError, match=message):
        Plan(preset="demo", sets=(text,)).recipes((V1,))


NAMED_AFTER = {
    "V2": ("recognition",),
    "V3": ("editing",),
    "V4": ("recognition", "editing"),
    "V5": ("recognition", "editing", "perturbation"),
    "V5-pgd": ("recognition", "editing", "perturbation"),
    "attack-alone": ("perturbation",),
    "student-only": ("recognition", "editing", "perturbation"),
    "noise": ("recognition", "editing", "perturbation"),
    "random-teachers": ("recognition", "editing"),
    **{form.name: ("recognition", "editing") for form in FORMS},
}
OFF = {
    "recognition": ("recognition.teacher=none", "recognition.weight=0", "recognition.weight=0.0"),
    "editing": ("editing.teacher=none", "editing.weight=0.0"),
    "perturbation": ("perturbation.epsilon=0", "perturbation.kind=none"),
}


@pytest.mark.parametrize(("part", "setting"), [(part, setting) for part, several in OFF.items() for setting in several])
@pytest.mark.parametrize("variant", [row for row in (*FIVE, *EXTRA, *FORMS) if row.method == "dtda"])
def test_no_row_is_named_after_what_its_settings_leave_out(variant, part, setting):
    """V5 under `--set recognition.teacher=none` was printed as the full model."""
    plan = Plan(preset="demo", sets=(setting,))
    key = setting.partition("=")[0]
    if part in NAMED_AFTER.get(variant.name, ()) and key not in variant.own:
        with pytest.raises(RecipeError, match=rf"row {variant.name} \(.*found {key} = .*leave {variant.name} out"):
            plan.recipes((variant,))
    else:  # it is not named after it, or decides it itself, and that comes last
        recipe = plan.recipes((variant,))[variant.name]
        assert variant.own.get(key, setting.partition("=")[2]) in str(reduce(getattr, key.split("."), recipe))


def test_gradient_reversal_without_weight_is_none():
    (dann,) = (row for row in EXTRA if row.method == "dann")
    with pytest.raises(RecipeError, match=r"row dann .*found domain_weight"):
        Plan(preset="demo", sets=("domain_weight=0",)).recipes((dann,))


def test_a_file_or_preset_that_leaves_it_out_is_refused_too(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[editing]\nteacher = "none"\n')
    with pytest.raises(RecipeError, match=r"row V4 .*editing\.teacher = none"):
        Plan(preset="demo", recipe=file).recipes((V4,))


@pytest.mark.parametrize(
    ("setting", "rows", "told"),
    [
        ("perturbation.kind=none", (V5,), "V5 fgsm"),
        ("perturbation.kind=pgd", FIVE, "V1 none, V2 none, V3 none, V4 none, V5 fgsm, V5-pgd pgd"),
        ("perturbation.kind=noise", (V5, FRT_PAD), "V5 fgsm"),
        ("tau=2", FORMS, "projection-literal 1.0"),
    ],
)
def test_a_setting_that_every_row_decides_itself_is_refused(setting, rows, told):
    """`--set perturbation.kind=none` with V5 trained with FGSM and said nothing."""
    with pytest.raises(UsageError, match=f"--set {setting} would change nothing: .*{told}"):
        Plan(preset="demo", sets=(setting,)).check(rows, ("OC:M",))


@pytest.mark.parametrize(
    ("setting", "rows"),
    [
        ("perturbation.kind=fgsm", (V5,)),
        ("recognition.teacher=random", (V1, V4)),
        ("recognition.teacher=random", (V1, V3)),
        ("editing.size=64", (V5, FRT_PAD)),
        ("batch=8", FIVE),
    ],
)
def test_a_setting_that_some_row_takes_or_none_has_is_let_through(setting, rows):
    Plan(preset="demo", sets=(setting,)).check(rows, ("OC:M",))


def test_domains_that_will_not_be_there_are_named_before_they_are_looked_for():
    plan = Plan(preset="demo")
    plan.check((V1,), ("OC:M", "OMI:C"), "OCIM")
    plan.check((V1,), ("OC+mine:M",))
    with pytest.raises(ProtocolError, match=r"no clips of domain mine; there are C, I, M, O\. Give mine=FOLDER"):
        plan.check((V1,), ("OC:M", "OC+mine:M"), "OCIM")


def test_a_cluster_where_nobody_listens_is_told_with_the_settings(free_port):
    with pytest.raises(RunError, match="no Ray cluster answers"):
        Plan(preset="demo", ray=f"127.0.0.1:{free_port}").check((V1,), ("OC:M",))


def test_a_recipe_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(RecipeError, match="cannot be read"):
        Plan(recipe=tmp_path / "absent.toml").recipes((V1,))


def test_rows_are_chosen_by_name_in_the_table_s_order():
    assert [variant.name for variant in Plan(variants=("v5", "V1")).chosen(FIVE)] == ["V1", "V5"]
    assert Plan().chosen(FIVE) == FIVE
    with pytest.raises(UsageError, match="did you mean v5-pgd"):
        Plan(variants=("v5-pdg",)).chosen(FIVE)


def test_a_date_in_a_recipe_is_a_wrong_value(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text("batch = 2020-01-01\n")
    with pytest.raises(RecipeError, match="batch = '2020-01-01'"):
        Plan(preset="demo", recipe=file).recipes((V1,))


@pytest.mark.parametrize("variant", [*FIVE, *EXTRA, *FORMS, FRT_PAD])
def test_what_hides_the_domain_wants_two_sources(variant):
    """Every row whose method does nothing where there is one domain, and no other."""
    recipe = Plan(preset="demo").recipes((variant,))[variant.name]
    perturbs = getattr(recipe, "perturbation", None) is not None and recipe.perturbation.kind != "none"
    assert (variant.sources == 2) == (perturbs or variant.method == "dann")
    assert list(Plan(preset="demo").cells((variant,), ("OC:M",)))
    if variant.sources == 2:
        with pytest.raises(UsageError, match="its source is O alone"):
            Plan(preset="demo").cells((variant,), ("O:M",))


def test_protocols_stand_once_each():
    with pytest.raises(UsageError, match="protocols OC:M, OC:M: each once"):
        Plan(protocols=("OC:M", "OC:M"))


@pytest.mark.parametrize("seeds", [(), (1, 1)])
def test_seeds_stand_once_each(seeds):
    with pytest.raises(UsageError, match="at least one, each once"):
        Plan(seeds=seeds)


def test_the_methods_exist():
    for variant in (*FIVE, *EXTRA, *FORMS, FRT_PAD):
        load_method(variant.method)
