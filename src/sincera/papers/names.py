"""The papers' figures by name: what draws one, and what it shows. Light, since a command's help lists them."""

from __future__ import annotations

from collections.abc import Mapping

_DTDA = "sincera.papers.dtda.figures"
FIGURES: Mapping[str, tuple[str, str]] = {
    "dtda/1": (f"{_DTDA}.domains:draw", "adversarial training beside the adversarial attack"),
    "dtda/2": (f"{_DTDA}.architecture:draw", "the attack stage and the distillation"),
    "dtda/3": (f"{_DTDA}.roc:draw", "ROC curves of the variants on the leave-one-out tasks"),
    "dtda/4": (f"{_DTDA}.tsne:draw", "features before and after, by t-SNE"),
    "dtda/5": (f"{_DTDA}.teachers_cam:draw", "Grad-CAM of the teachers' variants, by region of the face"),
    "dtda/6": (f"{_DTDA}.domain_cam:draw", "Grad-CAM of the domain classifier, without and with the attack"),
    "dtda/attack": (f"{_DTDA}.attack:draw", "faces before and after the attack, and what it changed"),
    "dtda/epsilon": (f"{_DTDA}.epsilon:draw", "the domain classifier's accuracy against ε"),
    "dtda/stability": (f"{_DTDA}.stability:draw", "gradient reversal against the attack, over steps and seeds"),
}
