"""Fig. 2 and 3: a finished meta-teacher at work, and how it is trained, drawn from the modules of `mtfas`."""

from __future__ import annotations

from typing import Any

from sincera.papers.dtda.figures.parts import Part, box_of, built, part, protocol_of, short
from sincera.papers.figures import Bench, Drawing
from sincera.papers.mtfas.variants import FASDR_MT
from sincera.plots import Box, Diagram
from sincera.plots.picture import ATTACK_COLOUR, COLOURS, LIVE_COLOUR

PROTOCOL = "oulu/1"
LOWER, HIGHER, JUDGE = COLOURS[0], COLOURS[1], COLOURS[2]
CHOICES = {
    "adam": "the rate β is printed, its optimiser is not: plain descent hardly moves the teacher",
    "sgd": "plain descent at the outer level too, as Eq. 12 is written",
}


def supervision(bench: Bench) -> Drawing:
    """Fig. 2. No training and no faces."""
    return _drawn(bench, supervision_figure)


def framework(bench: Bench) -> Drawing:
    """Fig. 3. No training and no faces."""
    return _drawn(bench, framework_figure)


def _drawn(bench: Bench, figure: Any) -> Drawing:
    protocol = protocol_of(bench, (FASDR_MT,), PROTOCOL)
    (method,) = built(bench, [FASDR_MT], protocol.sources)
    drawing = figure(method)
    return Drawing(drawing.picture, {"protocol": protocol.title, **bench.settings(), **drawing.numbers})


def supervision_figure(method: Any) -> Drawing:
    """Eq. 13: the teacher's map of a face, stretched and masked, is what the detector learns.

    method: with `teacher`, `detector` and a recipe that has `loss_form`.
    """
    teacher, student = part(method, "teacher"), part(method, "detector")
    sheet = Diagram("mtfas-2", 17.6, 7.5)
    sheet.ground(2.5, 4.35, 14.9, 2.95, JUDGE, "meta-teacher, finished and frozen")
    sheet.ground(2.5, 0.75, 14.9, 3.4, LOWER, "detector, trained")
    faces = _faces(sheet, 1.15, 4.25, "faces x")
    upper, low = 5.5, 2.4
    taught = sheet.box(box_of(teacher, 5.0, upper, title="MT$_t$: g$_ω$(x)"), JUDGE, dashed=True)
    stretch = Box(9.3, upper, 3.2, 1.35, "σ, then min to max", "of each face alone:\nits 0 and its 1")
    stretched = sheet.box(stretch, JUDGE)
    masked = sheet.box(Box(13.2, upper, 2.6, 1.35, "P(x), Eq. 13", "live: 0 all over\nattack: the map"), JUDGE)
    learns = sheet.box(box_of(student, 5.0, low, title="detector f$_θ$(x)"), LOWER, fill=LOWER)
    shown = sheet.box(Box(9.3, low, 3.2, 1.35, "map", "an eighth of the face\non a side"), LOWER)
    loss = sheet.box(Box(15.4, 3.3, 2.6, 0.95, "loss", f"{method.recipe.loss_form} of the maps"), HIGHER, fill=HIGHER)
    sheet.arrow(faces.side("right", 0.8), taught.side("left"))
    sheet.arrow(faces.side("right", 0.2), learns.side("left"))
    for start, end in ((taught, stretched), (stretched, masked), (learns, shown)):
        sheet.arrow(start.side("right"), end.side("left"))
    sheet.arrow(masked.side("bottom", 0.7), loss.side("top", 0.3))
    sheet.arrow(shown.side("right"), loss.side("left", 0.3))
    sheet.arrow(loss.side("bottom"), learns.side("bottom", 0.8), colour=HIGHER, dashed=True, bend=-0.17)
    sheet.text(13.3, 1.3, "gradient", size=6.5)
    foot = "dashed box: frozen; dashed arrow: gradient; labels are needed in training alone"
    sheet.text(17.2, 0.4, foot, size=6.5, ha="right")
    alt = (
        f"Faces go to the frozen meta-teacher ({short(teacher.parameters)} parameters) and to the detector "
        f"({short(student.parameters)}). The teacher's sigmoid, stretched on attacks and 0 on live faces, is the map "
        "that the detector learns."
    )
    return Drawing(sheet.picture(alt), {"parts": [teacher.to_dict(), student.to_dict()], "choices": []})


def framework_figure(method: Any) -> Drawing:
    """One iteration of Algorithm 1: the lower level above, the higher level below.

    method: with `teacher`, `average`, `surrogate` and a recipe that has `bilevel`.
    """
    how = method.recipe.bilevel
    teacher, judge, student = (part(method, path) for path in ("teacher", "average", "surrogate"))
    sheet = Diagram("mtfas-3", 17.8, 12.4)
    top, low = 9.55, 3.45
    sheet.ground(0.2, 7.15, 17.4, 5.05, LOWER, "lower level: the surrogate learns from MT$_t$")
    sheet.ground(0.2, 0.8, 17.4, 6.1, HIGHER, "higher level")
    sheet.text(9.8, 6.55, "MT$_t$ answers for what it taught", size=9)
    seen = _faces(sheet, 1.5, top, f"Φ$_t$, {how.train} faces")
    unseen = _faces(sheet, 1.5, low, f"Φ$_v$, {how.valid} others")
    learns = sheet.box(box_of(student, 5.4, top + 1.0, title="surrogate f$_θ$"), LOWER)
    taught = sheet.box(box_of(teacher, 5.4, top - 1.15, title="MT$_t$: g$_ω$"), HIGHER, fill=HIGHER)
    told = f"{how.loss_form}, maps\n2σ(g), 0 on live"
    loss = sheet.box(Box(9.9, top - 0.2, 2.5, 1.2, "L$_t$", told), LOWER, fill=LOWER)
    steps = f"{how.inner_steps} step{'s' if how.inner_steps > 1 else ''}, α = {how.alpha:g}"
    moved = Box(15.0, top + 1.0, 4.0, 1.35, "f$_{θ*}$, θ* = θ$_K$(ω)", f"plain descent of L$_t$,\n{steps}")
    after = sheet.box(moved, LOWER, fill=LOWER)
    judges = sheet.box(box_of(judge, 5.4, low - 0.85, title="MT$_v$, constant here"), JUDGE, dashed=True)
    judged = Box(14.2, low + 0.85, 3.0, 1.2, "L$_v$(θ*)", "against MT$_v$'s maps\nof Φ$_v$")
    verdict = sheet.box(judged, HIGHER, fill=HIGHER)
    update = sheet.box(Box(5.4, low + 1.75, 3.7, 0.95, "ω ← ω − β · step", f"{how.outer}, β = {how.beta:g}"), HIGHER)
    sheet.arrow(seen.side("right", 0.8), learns.side("left"))
    sheet.arrow(seen.side("right", 0.2), taught.side("left"))
    sheet.arrow(learns.side("right", 0.25), loss.side("left", 0.75))
    sheet.arrow(taught.side("right", 0.6), loss.side("left", 0.25))
    sheet.arrow(learns.side("right", 0.75), after.side("left", 0.75))
    sheet.arrow(loss.side("right", 0.6), after.side("left", 0.25))
    sheet.arrow(after.side("bottom", 0.3), verdict.side("top"))
    sheet.arrow(unseen.side("right", 0.2), judges.side("left"))
    sheet.arrow(judges.side("right"), verdict.side("left", 0.1))
    sheet.arrow(unseen.side("right", 0.8), verdict.side("left", 0.45))
    sheet.arrow(verdict.side("left", 0.85), update.side("right"), colour=HIGHER, dashed=True)
    sheet.text(10.0, low + 1.95, "∇$_ω$, through all steps", size=6.5)
    sheet.arrow(update.side("top"), taught.side("bottom"), colour=HIGHER, dashed=True)
    _rules(sheet, how)
    choice = f"[choice] {CHOICES[how.outer]}"
    sheet.text(0.3, 0.4, choice, size=6.5, ha="left")
    parts = [one.to_dict() for one in (teacher, judge, student)]
    numbers = {"parts": parts, "bilevel": how.model_dump(mode="json"), "choices": [choice]}
    alt = (
        f"The surrogate ({_told(student)}) takes {steps}, towards the maps of the meta-teacher ({_told(teacher)}). "
        f"MT_v, its average with γ = {how.gamma:g}, judges the result on other faces, and the meta-teacher descends "
        f"that loss by {how.outer}."
    )
    return Drawing(sheet.picture(alt), numbers)


def _rules(sheet: Diagram, how: Any) -> None:
    """What happens between two iterations, by the recipe."""
    follow = f"θ ← θ* every {how.period} iterations" if how.adapt else "θ stays as pre-trained"
    lines = (
        f"step: ∇$_ω$(L$_v$ − μ R), μ = {how.mu:g}; R: mean σ(g) over Φ$_t$",
        f"MT$_v$: ω̂ ← γ ω̂ + (1 − γ) ω, γ = {how.gamma:g}; statistics too",
        follow,
    )
    for number, line in enumerate(lines):
        sheet.text(17.3, 2.2 - 0.45 * number, line, size=6.5, ha="right")


def _faces(sheet: Diagram, x: float, y: float, title: str) -> Box:
    """A tile of live faces over one of attacks; gives the box around both."""
    for shift, colour, word in ((0.33, LIVE_COLOUR, "live"), (-0.33, ATTACK_COLOUR, "attack")):
        sheet.box(Box(x, y + shift, 1.3, 0.58, word), colour, fill=colour)
    sheet.text(x, y - 0.9, title, size=7)
    return Box(x, y, 1.3, 1.24, "")


def _told(one: Part) -> str:
    return f"{one.kind}, {short(one.parameters)} parameters"
