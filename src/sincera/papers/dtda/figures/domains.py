"""Fig. 1: gradient reversal (a) beside the domain adversarial attack (b), drawn from their modules."""

from __future__ import annotations

from typing import Any

from sincera.papers.dtda.figures.parts import Part, box_of, built, faces_of_domains, moved_by, part, protocol_of, short
from sincera.papers.dtda.variants import ATTACK_ALONE, DANN
from sincera.papers.figures import Bench, Drawing
from sincera.plots import Box, Diagram
from sincera.plots.picture import COLOURS
from sincera.train import Method

PROTOCOL = "OCI:M"
LEARNS, BACK = COLOURS[0], COLOURS[1]


def draw(bench: Bench) -> Drawing:
    """No training and no faces: the methods are built for the protocol's sources."""
    protocol = protocol_of(bench, (DANN, ATTACK_ALONE), PROTOCOL)
    domains = protocol.sources
    dann, dtda = built(bench, [DANN, ATTACK_ALONE], domains)
    drawing = domains_figure(dann, dtda, domains)
    return Drawing(
        drawing.picture,
        {"protocol": protocol.title, **bench.settings(), **drawing.numbers},
    )


def domains_figure(dann: Method, dtda: Method, domains: tuple[str, ...]) -> Drawing:
    """Both ways of hiding the domain. dann: with `network` and `discriminator`; dtda: with `network` and `domain`."""
    sheet = Diagram("dtda-1", 17.8, 12.8)
    reversal = _reversal(sheet, dann, domains, top=12.6)
    attack = _attack(sheet, dtda, domains, top=6.3)
    parts = {"dann": [one.to_dict() for one in reversal], "dtda": [one.to_dict() for one in attack]}
    told = "; ".join(f"{one.path} {short(one.parameters)}" for one in (*reversal, *attack))
    return Drawing(
        sheet.picture(
            "Above, gradient reversal: the trunk is trained against a domain discriminator on its features. Below, "
            f"the attack: a frozen domain classifier's gradient moves the pixels. Parameters: {told}."
        ),
        {"domains": list(domains), "parts": parts},
    )


def _reversal(sheet: Diagram, dann: Any, domains: tuple[str, ...], *, top: float) -> tuple[Part, ...]:
    parts = tuple(part(dann, path) for path in ("network.trunk", "network.heads.fas", "discriminator"))
    trunk, head, discriminator = parts
    sheet.ground(0.2, top - 6.1, 17.4, 6.1, BACK, "(a) adversarial training by gradient reversal: method dann")
    y = top - 2.9
    faces = faces_of_domains(sheet, 1.4, y, domains, title="faces x")
    encoder = sheet.box(box_of(trunk, 5.0, y, title="encoder"), LEARNS)
    classes = sheet.box(box_of(head, 13.4, y + 1.0, title="live or attack"), LEARNS)
    factor = f"× −λ, up to {dann.recipe.domain_weight:g}"
    turn = sheet.box(Box(9.2, y - 1.35, 2.4, 1.05, "reversal", factor), BACK)
    against = sheet.box(box_of(discriminator, 13.4, y - 1.35, title="domain discriminator"), BACK)
    sheet.arrow(faces.side("right"), encoder.side("left"))
    sheet.arrow(encoder.side("right", 0.8), classes.side("left"))
    sheet.arrow(encoder.side("right", 0.3), turn.side("left", 0.75))
    sheet.arrow(turn.side("right", 0.7), against.side("left", 0.65))
    sheet.arrow(against.side("left", 0.3), turn.side("right", 0.2), colour=BACK, dashed=True)
    sheet.arrow(turn.side("left", 0.2), encoder.side("bottom", 0.6), colour=BACK, dashed=True, bend=-0.25)
    sheet.text(5.6, y - 2.35, "the domain loss's gradient comes back turned round", size=6.5)
    _loss(sheet, classes, "L$_{fas}$")
    _loss(sheet, against, "L$_{d}$")
    return parts


def _attack(sheet: Diagram, dtda: Any, domains: tuple[str, ...], *, top: float) -> tuple[Part, ...]:
    parts = tuple(part(dtda, path) for path in ("domain", "network.trunk", "network.heads.fas"))
    classifier, trunk, head = parts
    sheet.ground(0.2, top - 6.1, 17.4, 6.1, LEARNS, "(b) the domain adversarial attack: method dtda")
    y, low = top - 2.2, top - 4.9
    faces = faces_of_domains(sheet, 1.4, y, domains, title="faces x")
    frozen = sheet.box(box_of(classifier, 5.6, y, title="domain classifier E$_d$"), BACK, dashed=True)
    sheet.arrow(faces.side("right"), frozen.side("left"))
    _loss(sheet, frozen, "L$_{d}$")
    step = Box(
        3.7, low, 5.6, 1.2, "x̃ = clip(x + ε sign ∇$_x$L$_d$)", f"perturbation: {moved_by(dtda.recipe.perturbation)}"
    )
    moved = sheet.box(step, BACK)
    sheet.arrow(frozen.side("bottom", 0.5), moved.side("top", 0.84), "gradient of the pixels", colour=BACK, dashed=True)
    sheet.arrow(faces.side("bottom"), moved.side("top", 0.09))
    encoder = sheet.box(box_of(trunk, 9.4, low, title="encoder"), LEARNS)
    classes = sheet.box(box_of(head, 14.0, low, title="live or attack"), LEARNS)
    sheet.arrow(moved.side("right"), encoder.side("left"), "x̃")
    sheet.arrow(encoder.side("right"), classes.side("left"))
    _loss(sheet, classes, "L$_{fas}$")
    sheet.text(17.4, top - 5.95, "dashed: frozen; dashed arrows: gradients", size=6.5, ha="right", va="bottom")
    return parts


def _loss(sheet: Diagram, box: Box, name: str) -> None:
    start = box.side("right")
    end = (start[0] + 0.75, start[1])
    sheet.arrow(start, end)
    sheet.text(end[0] + 0.4, end[1], name)
