"""The list of tables, and their shape on paper."""

from importlib import import_module

import pytest

from sincera.errors import RecipeError, UsageError
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan
from sincera.papers.table import Block, PaperTable
from sincera.papers.tables import TABLES, make_table


@pytest.mark.parametrize("name", TABLES)
def test_every_table_of_the_list_can_be_loaded(name):
    module, _, function = TABLES[name][0].partition(":")
    assert callable(getattr(import_module(module), function))


def test_a_wrong_name_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean dtda/forms"):
        make_table("dtda/form", Faces(), Plan())


@pytest.mark.parametrize(
    ("name", "given", "option"),
    [
        ("dtda/1", {"variants": ("V1",)}, "--rows"),
        ("dtda/5", {"variants": ("V9",)}, "--rows"),
        ("dtda/5", {"lists": ("whole",)}, "--lists"),
        ("dtda/6", {"protocols": ("celeba/1",)}, "--protocols"),
        ("dtda/3", {"extra": True}, "--extra"),
    ],
)
def test_what_a_table_would_pass_over_is_refused(name, given, option, tmp_path):
    with pytest.raises(UsageError, match=f"{name} has no use for {option}:"):
        make_table(name, Faces(world=tmp_path / "world"), Plan(**given))
    assert not (tmp_path / "world").exists()


@pytest.mark.parametrize("name", [name for name in TABLES if name != "dtda/1"])
@pytest.mark.parametrize(("given", "error"), [({"sets": ("bach=1",)}, RecipeError), ({"preset": "tund"}, RecipeError)])
def test_settings_are_looked_at_before_a_world_is_made(name, given, error, tmp_path):
    with pytest.raises(error, match="did you mean"):
        make_table(name, Faces(world=tmp_path / "world"), Plan(**{"preset": "demo"} | given))
    assert not (tmp_path / "world").exists()


def test_a_row_that_would_be_another_is_refused_before_a_world_is_made(tmp_path):
    """One source leaves nothing to hide: the full variant was variant 4 under its name, with no difference to it."""
    plan = Plan(preset="demo", protocols=("O:M",), variants=("V4", "V5"))
    with pytest.raises(UsageError, match=r"its source is O alone, and V5 \(full, FGSM\) hides"):
        make_table("dtda/2", Faces(world=tmp_path / "world"), plan)
    assert not (tmp_path / "world").exists()


def test_a_table_is_markdown_with_even_columns():
    block = Block("one", ("", "ST"), (("V1", "12.5 ± 1.0"), ("V2", "")), ("a note",))
    page = PaperTable("x/1", "X", (block, block), ("first", "second"), {"cells": [1]})
    lines = page.markdown().splitlines()
    assert lines[0] == "## X"
    assert "- first" in lines
    assert len({len(line) for line in lines if line.startswith("|")}) == 1
    assert page.markdown().endswith("|\n")
    assert page.to_dict() == {"table": "x/1", "title": "X", "notes": ["first", "second"], "cells": [1]}
