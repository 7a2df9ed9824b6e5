"""Recipes refuse what nobody reads, and every setting is read by somebody."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import BaseModel

import sincera
from sincera.errors import RecipeError
from sincera.methods import METHODS, load_method
from sincera.recipe import Recipe, Settings, load_recipe, parse_recipe, presets


class Inner(Settings):
    rate: float = 0.1
    steps: tuple[int, ...] = (1, 2)


class Example(Recipe):
    batch: int = 8
    inner: Inner = Inner()


def test_later_sources_override_earlier_ones(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text("batch = 4\n[inner]\nrate = 2\nsteps = [3]\n")
    recipe = load_recipe(Example, toml=path, sets=["inner.rate=0.5", "precision=bf16"])
    assert (recipe.batch, recipe.inner.rate, recipe.inner.steps, recipe.precision) == (4, 0.5, (3,), "bf16")


def test_a_recipe_survives_the_way_through_json() -> None:
    recipe = Example(batch=3, inner=Inner(steps=(9,)))
    assert parse_recipe(Example, recipe.model_dump(mode="json")) == recipe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bach=3", "no setting 'bach'; did you mean batch?"),
        ("inner.rat=3", "no setting 'inner.rat'; did you mean rate?"),
        ("batch=3.5", "batch = 3.5"),
        ("batch=true", "batch = True"),
        ('batch="3"', "batch = '3'"),
        ("inner=3", "inner = 3"),
        ("evaluate_every=0", "greater than or equal to 1"),
        ("precision=half", "'native' or 'bf16'"),
        ("inner.rate=nan", "finite"),
        ("batch", "expected KEY=VALUE"),
        (".batch=1", "expected KEY=VALUE"),
    ],
)
def test_a_mistake_is_named_with_its_repair(text: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe(Example, sets=[text])
    assert message in str(caught.value)


def test_files_that_are_no_recipe(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        load_recipe(Example, toml=tmp_path / "absent.toml")
    (tmp_path / "broken.toml").write_text("batch = ")
    with pytest.raises(RecipeError, match="not valid TOML"):
        load_recipe(Example, toml=tmp_path / "broken.toml")


def test_a_part_of_a_group_leaves_the_recipe_s_own_defaults_of_the_rest() -> None:
    """A recipe may begin a group otherwise than its class does; one setting changed must not put the class's back."""

    class Inner(Settings):
        kind: str = "sgd"
        lr: float = 0.01

    class Outer(Recipe):
        optimiser: Inner = Inner(kind="adam")

    changed = load_recipe(Outer, sets=["optimiser.lr=0.1"]).optimiser
    assert (changed.kind, changed.lr) == ("adam", 0.1)


def test_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Example().batch = 3  # type: ignore[misc]


@pytest.mark.parametrize("name", METHODS)
def test_every_preset_is_a_whole_recipe(name: str) -> None:
    cls = load_method(name).recipe_type
    assert {"paper", "tuned", "demo"} <= presets(cls).keys()
    for preset in presets(cls):
        load_recipe(cls, preset=preset)
    with pytest.raises(RecipeError, match="did you mean demo"):
        load_recipe(cls, preset="dmo")


def _fields(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found = {}
    for name, field in model.model_fields.items():
        found[name] = model
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found.update(_fields(field.annotation))
    return found


@pytest.mark.parametrize("name", METHODS)
def test_every_setting_is_read_by_some_code(name: str) -> None:
    import_module(METHODS[name].partition(":")[0])
    code = "\n".join(path.read_text() for path in Path(sincera.__file__).parent.rglob("*.py"))
    fields = _fields(load_method(name).recipe_type)
    assert not [field for field in fields if not re.search(rf"\.{field}\b(?!\s*=[^=])", code)]
