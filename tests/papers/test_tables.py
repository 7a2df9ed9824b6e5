"""The list of tables, and their shape on paper."""

from importlib import import_module

import pytest

from sincera.errors import UsageError
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


def test_a_table_is_markdown_with_even_columns():
    block = Block("one", ("", "ST"), (("V1", "12.5 ± 1.0"), ("V2", "")), ("a note",))
    page = PaperTable("x/1", "X", (block, block), ("first", "second"), {"cells": [1]})
    lines = page.markdown().splitlines()
    assert lines[0] == "## X"
    assert "- first" in lines
    assert len({len(line) for line in lines if line.startswith("|")}) == 1
    assert page.markdown().endswith("|\n")
    assert page.to_dict() == {"table": "x/1", "title": "X", "notes": ["first", "second"], "cells": [1]}
