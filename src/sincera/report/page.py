"""The page: everything that was gathered, put into one HTML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sincera import __version__
from sincera.plots import Picture
from sincera.progress import Track, silent
from sincera.report.examples import examples
from sincera.report.pictures import score_curves, score_histograms, training_curves
from sincera.report.results import Group, Result, read_results
from sincera.report.table import RATES, best_cue, cue_rows, notes, rows
from sincera.report.verdict import verdict
from sincera.runs import write_atomically

MEANINGS = {
    "ST": "source-tuned, the headline: checkpoint and threshold are chosen on the sources' validation people; "
    "nothing of the target is looked at.",
    "LE": "last evaluations: no checkpoint is chosen, mean and standard deviation of the last ones, each with the "
    "target's own threshold of equal errors.",
    "TT": "target-tuned: the best of all evaluations on the target with its own threshold of equal errors; "
    "optimistic, as papers report it.",
}


def write_report(
    folders: Sequence[Path],
    out: Path,
    *,
    faces: bool = False,
    store: Path | None = None,
    further: Mapping[str, Picture] = MappingProxyType({}),
    track: Track = silent,
) -> Path:
    """One self-contained page on these runs; those that differ in their seed alone are shown as one training.

    faces: show crops of real people too, instead of simulated ones alone.  store: where the crops lie, where the runs
    do not say.  further: more pictures, by what is said below them.  Raises RunError for folders that are no
    measured runs.
    """
    groups = read_results(folders)
    sections = dict(track(_sections(groups, store, faces=faces), "report", 4))
    environment = Environment(
        loader=PackageLoader("sincera.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("report.html").render(
        groups=groups,
        verdict=verdict(groups),
        simulated=all(result.info.get("simulated") is True for group in groups for result in group.results),
        meanings=_meanings(groups),
        settings=list(dict.fromkeys(group.first.setting for group in groups)),
        rates=RATES,
        rows={group.name: list(rows(group)) for group in groups},
        notes={group.name: notes(group) for group in groups},
        best_cues={group.name: (best_cue(group.first) or ("",))[0] for group in groups},
        cues={group.name: cue_rows(group.first) for group in groups},
        lists={group.name: _lists(group.first) for group in groups},
        environments={group.name: dict(_environment(group.first)) for group in groups},
        recipes={group.name: dict(_flat(group.first.info.get("recipe") or {})) for group in groups},
        further={caption: _inline(picture) for caption, picture in further.items()},
        version=__version__,
        **sections,
    )
    write_atomically(out, page.encode())
    return out


def _sections(groups: Sequence[Group], store: Path | None, *, faces: bool) -> Iterator[tuple[str, Any]]:
    """The slow parts, one after the other."""
    curves = score_curves(groups)
    yield "curves", [_inline(picture) for picture in curves]
    yield "histograms", [_inline(picture) for picture in score_histograms(groups)]
    yield "training", [_inline(picture) for picture in training_curves(groups)]
    yield "examples", {group.name: examples(group.first, store, faces=faces) for group in groups}


def _inline(picture: Picture) -> Markup:
    return Markup(picture.svg())  # matplotlib escapes the texts, Picture its label


def _meanings(groups: Sequence[Group]) -> dict[str, str]:
    used = {policy for group in groups for result in group.results for policy in result.policies}
    return {policy: meaning for policy, meaning in MEANINGS.items() if policy in used}


def _lists(result: Result) -> list[tuple[str, str]]:
    """Counts of each list as printed: (train, "120 live, 360 attack, 30 people, 960 crops")."""
    counts = result.info.get("counts") or {}
    return [(name, _counted(counts[name])) for name in ("train", "dev", "test") if counts.get(name)]


def _counted(counts: Mapping[str, Any]) -> str:
    parts = [f"{counts[name]:,} {word}" for name, word in _WORDS.items() if counts.get(name) is not None]
    species = ", ".join(f"{name} {number:,}" for name, number in (counts.get("attacks") or {}).items())
    return ", ".join(parts) + (f" (attacks: {species})" if species else "")


_WORDS = {"live": "live clips", "attack": "attack clips", "subjects": "people", "crops": "crops"}


def _environment(result: Result) -> Iterator[tuple[str, str]]:
    info = result.info
    yield "commit", str(info.get("commit") or "not recorded")
    yield "device", str(info.get("device") or "not recorded")
    weights = info.get("weights") or []
    files = [f"{one.get('file')} (SHA-256 {one.get('sha256')})" for one in weights]
    yield "weights", "; ".join(files) or "none: trained from scratch"
    for name, version in (info.get("versions") or {}).items():
        yield str(name), str(version)


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings as the names that `--set` takes."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", "none" if value is None else str(value)
