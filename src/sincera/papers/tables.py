"""The papers' tables by name; a new one is a function and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from sincera.errors import UsageError
from sincera.progress import Track, silent
from sincera.recipe import nearest

if TYPE_CHECKING:
    from sincera.papers.faces import Faces
    from sincera.papers.grid import Plan
    from sincera.papers.table import PaperTable

__all__ = ["TABLES", "make_table"]

_DTDA = "sincera.papers.dtda.tables"
_MTFAS = "sincera.papers.mtfas.tables"
TABLES: Mapping[str, tuple[str, str]] = {
    "dtda/1": (f"{_DTDA}.counts:table", "people and clips on disk beside the printed counts"),
    "dtda/2": (f"{_DTDA}.ablation:table", "the five variants on the leave-one-out tasks"),
    "dtda/3": (f"{_DTDA}.rivals:three", "leave-one-out tasks, beside the rivals' printed rows"),
    "dtda/4": (f"{_DTDA}.rivals:four", "two source domains, beside the rivals' printed rows"),
    "dtda/5": (f"{_DTDA}.celeba:five", "CelebA-Spoof, every part"),
    "dtda/6": (f"{_DTDA}.celeba:six", "CelebA-Spoof, beside the rivals' printed rows"),
    "dtda/7": (f"{_DTDA}.cost:table", "FRT-PAD beside DTDA: parameters, multiply-adds, speed, averages"),
    "dtda/forms": (f"{_DTDA}.forms:table", "projection against logits, literal against standard distillation"),
    "mtfas/1": (f"{_MTFAS}.oulu:table", "OULU-NPU 1 to 4: FAS-DR and CDCN under depth and a meta-teacher"),
    "mtfas/2": (f"{_MTFAS}.siwm:table", "SiW-M, one kind of attack held back: FAS-DR and DTN"),
    "mtfas/3": (f"{_MTFAS}.domains:three", "leave-one-out tasks: FAS-DR-BC and RFMetaFAS"),
    "mtfas/4": (f"{_MTFAS}.cost:table", "every teacher on OULU-NPU 4: errors, multiply-adds, hours"),
    "mtfas/5": (f"{_MTFAS}.domains:five", "every teacher on the leave-one-out tasks"),
    "mtfas/6": (f"{_MTFAS}.ablation:table", "parts of the meta-teacher on OULU-NPU 1; --extra: the curve over gamma"),
}

_AS_OPTIONS = {"variants": "rows", "teacher_scope": "teacher-scope"}  # what the command line calls otherwise
_SCOPED = ("mtfas/1", "mtfas/4")  # with protocols whose meta-teacher may learn on another
_NO_USE: Mapping[str, tuple[str, ...]] = {  # what changes nothing in a table
    "dtda/1": ("lists", "protocols", "variants", "extra"),
    "dtda/3": ("extra",),
    "dtda/4": ("extra",),
    "dtda/5": ("lists", "variants", "extra"),
    "dtda/6": ("lists", "protocols", "variants", "extra"),
    "dtda/7": ("extra",),
    "dtda/forms": ("extra",),
    "mtfas/1": ("lists", "extra"),
    "mtfas/2": ("lists",),
    "mtfas/3": ("extra",),
    "mtfas/4": ("lists",),
    "mtfas/6": ("lists",),
}


def make_table(name: str, faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """The table of that name; what it lacks is trained first.  UsageError with the nearest name where there is none.

    UsageError too for a part of the plan that would change nothing in it.
    """
    if name not in TABLES:
        raise UsageError(f"no table {name!r}{nearest(name, TABLES) or '.'} There are {', '.join(TABLES)}.")
    usual = type(plan)()
    for part in (*_NO_USE.get(name, ()), *(() if name in _SCOPED else ("teacher_scope",))):
        if getattr(plan, part) != getattr(usual, part):
            raise UsageError(f"table {name} has no use for --{_AS_OPTIONS.get(part, part)}: leave it out.")
    module, _, function = TABLES[name][0].partition(":")
    made: PaperTable = getattr(import_module(module), function)(faces, plan, track=track)
    return made
