"""Fig. 2: the attack stage to the left, the distillation to the right, drawn from the modules of `dtda`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sincera.papers.dtda.figures.parts import Part, box_of, built, faces_of_domains, moved_by, part, protocol_of, short
from sincera.papers.dtda.variants import V5
from sincera.papers.figures import Bench, Drawing
from sincera.plots import Box, Diagram
from sincera.plots.picture import COLOURS
from sincera.train import Method

PROTOCOL = "OCI:M"
SHOWN = replace(V5, sources=1, refuses=())  # a diagram shows what the settings leave
ROW = 2.45  # centimetres
TITLES = {"edi": "editing teacher T$_{fa}$", "rec": "recognition teacher T$_{fr}$"}
HEADS = {"edi": "head E$_e$", "rec": "head E$_r$", "fas": "head E$_c$, live or attack"}
LOSSES = {"edi": "L$_{fa}$", "rec": "L$_{fr}$", "fas": "L$_{fas}$"}
STUDENT, TEACHER, ATTACK = COLOURS[0], COLOURS[2], COLOURS[1]


def draw(bench: Bench) -> Drawing:
    """No training and no faces: the method is built for the protocol's sources, with its teachers."""
    protocol = protocol_of(bench, (SHOWN,), PROTOCOL)
    (method,) = built(bench, [SHOWN], protocol.sources)
    drawing = architecture_figure(method, protocol.sources)
    return Drawing(
        drawing.picture,
        {"protocol": protocol.title, **bench.settings(), **drawing.numbers},
    )


def architecture_figure(method: Method, domains: tuple[str, ...]) -> Drawing:
    """A method with `network`, perhaps `domain`, and `teachers()` by the head that each teaches."""
    of: Any = method
    teachers = dict(of.teachers())
    height = 0.85 + ROW * (len(teachers) + 1)
    sheet = Diagram("dtda-2", 20.4, height)
    left, seen = _attack_stage(sheet, of, domains, height)
    right = _distillation(sheet, of, teachers, seen, height)
    student, trunk, fas = (part(of, path).parameters for path in ("network", "network.trunk", "network.heads.fas"))
    numbers = {
        "domains": list(domains),
        "parts": [one.to_dict() for one in (*left, *right)],
        "teachers": {
            key: {"name": one.name, "width": one.width, "sha256": one.sha256} for key, one in teachers.items()
        },
        "student_parameters": student,
        "deployed_parameters": trunk + fas,
    }
    told = "; ".join(f"{one.path} {short(one.parameters)}" for one in (*left, *right))
    alt = (
        "To the left the attack moves each domain's faces against the domain classifier; to the right teachers and "
        f"student see the moved faces. {student:,} parameters are trained, {trunk + fas:,} deployed. {told}."
    )
    return Drawing(sheet.picture(alt), numbers)


def _attack_stage(sheet: Diagram, method: Any, domains: tuple[str, ...], height: float) -> tuple[tuple[Part, ...], Box]:
    """Faces, E_d and the moved faces; gives the parts and the box that the distillation starts from."""
    sheet.ground(0.2, 0.2, 8.7, height - 0.4, ATTACK, "attack stage")
    middle = height / 2 - 0.6
    faces = faces_of_domains(sheet, 1.3, middle, domains, title="faces x", below=True)
    if method.domain is None:
        sheet.text(5.0, middle, "no domain classifier", size=8)
        return (), faces
    classifier = part(method, "domain")
    frozen = sheet.box(box_of(classifier, 4.3, height - 1.9, title="domain classifier E$_d$"), ATTACK, dashed=True)
    moved = faces_of_domains(sheet, 7.8, middle, domains, title="moved faces x̃", below=True)
    kind, _, size = moved_by(method.recipe.perturbation).rpartition(", ")
    step = sheet.box(Box(4.55, middle, 2.8, 1.35, "+ ε sign ∇$_x$L$_d$", f"perturbation: {kind}\n{size}"), ATTACK)
    sheet.arrow(faces.side("top", 0.15), frozen.side("left"), bend=-0.3)
    sheet.arrow(frozen.side("bottom", 0.56), step.side("top"), "gradient", colour=ATTACK, dashed=True)
    sheet.arrow(faces.side("right"), step.side("left"))
    sheet.arrow(step.side("right"), moved.side("left"))
    return (classifier,), moved


def _distillation(
    sheet: Diagram, method: Any, teachers: Mapping[str, Any], seen: Box, height: float
) -> tuple[Part, ...]:
    """A row for each teacher with the head that it teaches, then the student's trunk with the head that stays."""
    sheet.ground(9.1, 0.2, 11.1, height - 0.4, STUDENT, "distillation")
    recipe = method.recipe
    top = height - 1.55
    low = top - ROW * len(teachers)
    trunk, fas = part(method, "network.trunk"), part(method, "network.heads.fas")
    student = sheet.box(box_of(trunk, 11.7, low, title="student S"), STUDENT, fill=STUDENT)
    sheet.arrow(seen.side("right", 0.3), student.side("left"))
    parts = [trunk]
    for number, (name, teacher) in enumerate(teachers.items()):
        y = top - ROW * number
        weight = recipe.editing.weight if name == "edi" else recipe.recognition.weight
        count = sum(parameter.numel() for parameter in teacher.parameters())
        detail = f"{_shortened(teacher.name)}\n{short(count)} parameters"
        taught = sheet.box(Box(11.7, y, 3.7, 1.35, TITLES.get(name, name), detail), TEACHER, dashed=True)
        head = part(method, f"network.heads.{name}")
        learnt = sheet.box(box_of(head, 16.4, y - 0.85, title=HEADS.get(name, name)), STUDENT, dashed=True)
        loss = (19.1, y)
        sheet.arrow(seen.side("right", 0.9 - 0.25 * number), taught.side("left"))
        sheet.arrow(
            taught.side("right", 0.72), (loss[0], y + 0.3), f"{teacher.width} numbers, τ = {recipe.tau:g}", at=0.42
        )
        sheet.arrow(student.side("right", 0.9 - 0.2 * number), learnt.side("left"))
        sheet.arrow(learnt.side("right", 0.7), (loss[0], y - 0.1))
        sheet.text(loss[0] + 0.15, y + 0.1, f"{weight:g} · {LOSSES[name]}", ha="left")
        parts += [Part(teacher.name, type(teacher.network).__name__, count), head]
    stays = sheet.box(box_of(fas, 16.4, low - 0.35, title=HEADS["fas"]), STUDENT, fill=STUDENT)
    sheet.arrow(student.side("right", 0.3), stays.side("left"))
    sheet.arrow(stays.side("right"), (19.1, stays.y))
    sheet.text(19.25, stays.y, LOSSES["fas"], ha="left")
    sheet.text(20.0, 0.35, "filled: what is deployed; dashed: frozen, or dropped afterwards", size=6.5, ha="right")
    return (*parts, fas)


def _shortened(name: str, length: int = 26) -> str:
    """A file's name as far as a box has room for it.

    >>> _shortened("recognition:ms1mv3_arcface_r18_fp16.pth", 20)
    'recognition:ms1mv3_…'
    """
    return name if len(name) <= length else name[: length - 1] + "…"
