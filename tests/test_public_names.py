"""docs/api.md lists every public name with its first sentence; this compares the page with what can be imported."""

import importlib
import inspect
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
PUBLIC = (
    "sincera",
    "sincera.clip",
    "sincera.errors",
    "sincera.measures",
    "sincera.media",
    "sincera.faces",
    "sincera.model",
    "sincera.model.compose",
    "sincera.judge",
    "sincera.fit.calibrate",
    "sincera.fit.captures",
    "sincera.fit.points",
    "sincera.fit.ridge",
    "sincera.fit.adapt",
    "sincera.fit.adapted",
    "sincera.serve",
    "sincera.data.audit",
    "sincera.data.card",
    "sincera.data.cues",
    "sincera.data.prepare",
    "sincera.data.protocols",
    "sincera.data.sources",
    "sincera.data.store",
    "sincera.simulate.recapture",
    "sincera.simulate.world",
    "sincera.simulate.heads",
    "sincera.runs",
    "sincera.recipe",
    "sincera.nets",
    "sincera.train",
    "sincera.losses.distillation",
    "sincera.losses.perturbation",
    "sincera.teachers",
    "sincera.teachers.files",
    "sincera.methods",
    "sincera.methods.dtda",
    "sincera.methods.dann",
    "sincera.methods.frtpad",
    "sincera.evaluate",
    "sincera.experiments",
    "sincera.export",
    "sincera.plots",
    "sincera.report",
    "sincera.papers.published",
    "sincera.papers.tables",
    "sincera.papers.figures",
    "sincera.papers.gradcam",
)


def public_names(module_name: str) -> list[str]:
    module = importlib.import_module(module_name)
    if hasattr(module, "__all__"):
        return sorted(module.__all__)
    return sorted(
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == module_name
    )


def line(module_name: str, name: str) -> str:
    thing = getattr(importlib.import_module(module_name), name)
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        return f"- `{name}`"
    text = inspect.getdoc(thing) or ""
    own = text if not inspect.isclass(thing) or thing.__doc__ else ""
    first = own.split("\n\n")[0].replace("\n", " ").strip()
    return f"- `{name}`: {first}" if first and not first.startswith(f"{name}(") else f"- `{name}`"


def expected_page() -> str:
    parts = [
        "# Public names",
        "",
        "Checked against the package by a test; `python tests/test_public_names.py` writes this page anew.",
        "",
    ]
    for module_name in PUBLIC:
        names = public_names(module_name)
        assert names, f"{module_name} has no public names"
        parts += [f"## {module_name}", "", *(line(module_name, name) for name in names), ""]
    return "\n".join(parts)


def test_the_page_lists_what_can_be_imported():
    assert PAGE.read_text() == expected_page()


def test_every_public_thing_says_what_it_is():
    silent = [
        f"{module_name}.{name}"
        for module_name in PUBLIC
        for name in public_names(module_name)
        if (inspect.isclass(thing := getattr(importlib.import_module(module_name), name)) or inspect.isfunction(thing))
        and not thing.__doc__
    ]
    assert silent == []


if __name__ == "__main__":
    PAGE.write_text(expected_page())
