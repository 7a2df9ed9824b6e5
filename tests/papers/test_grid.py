"""Which settings reach which method, and which rows are trained."""

import pytest

from sincera.errors import RecipeError, UsageError
from sincera.methods import load_method
from sincera.papers.dtda.variants import EXTRA, FIVE, FORMS, FRT_PAD, V1, V5
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
