"""What the paper leaves open in its distillation: what the editing teacher gives, and which softmax is meant."""

from __future__ import annotations

from sincera.papers.dtda.tables.ablation import compared
from sincera.papers.dtda.variants import FORMS
from sincera.papers.faces import Faces
from sincera.papers.grid import Plan
from sincera.papers.table import PaperTable
from sincera.progress import Track, silent


def table(faces: Faces, plan: Plan, *, track: Track = silent) -> PaperTable:
    """Projection against logits, literal against standard, both teachers and no attack (variant 4)."""
    return compared(
        "dtda/forms",
        "DTDA: output of the editing teacher, and form of the distillation",
        plan.chosen(FORMS),
        faces,
        plan,
        printed_in=None,
        track=track,
    )
