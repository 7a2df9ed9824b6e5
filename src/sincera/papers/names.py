"""The papers' figures by name: what draws one, and what it shows. Light, since a command's help lists them."""

from __future__ import annotations

from collections.abc import Mapping

_DTDA = "sincera.papers.dtda.figures"
_MTFAS = "sincera.papers.mtfas.figures"
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
    "mtfas/1": (f"{_MTFAS}.annotation:draw", "faces, what covers them, and the meta-teacher's maps"),
    "mtfas/2": (f"{_MTFAS}.teaching:supervision", "a finished meta-teacher and the detector that it teaches"),
    "mtfas/3": (f"{_MTFAS}.teaching:framework", "the two levels of the meta-teacher's training"),
    "mtfas/4": (f"{_MTFAS}.networks:light", "the layers of FAS-DR-Light"),
    "mtfas/5": (f"{_MTFAS}.samples:draw", "faces of each data set, live and attacks"),
    "mtfas/6": (f"{_MTFAS}.networks:depth_regressor", "the layers of FAS-DR and FAS-DR-BC"),
    "mtfas/7": (f"{_MTFAS}.gamma:draw", "the detector's error against γ"),
    "mtfas/8": (f"{_MTFAS}.networks:residual", "the layers of ResNet-8"),
    "mtfas/9": (f"{_MTFAS}.benchmarks:draw", "the meta-teacher's maps of attacks, a teacher for each benchmark"),
    "mtfas/10": (f"{_MTFAS}.ablations:draw", "the maps of teachers that lack a part"),
    "mtfas/11": (f"{_MTFAS}.confusion:draw", "faces judged rightly and wrongly, with both networks' maps"),
    "mtfas/gradients": (f"{_MTFAS}.gradients:draw", "what moves the meta-teacher, over its bi-level steps"),
    "mtfas/outer": (f"{_MTFAS}.gradients:outer", "how far plain descent moves the meta-teacher, and how far Adam"),
}

SIMULATED: Mapping[str, str] = {  # domains of the world that is made where nothing is given; of the others four
    "mtfas/1": "W",
    "mtfas/5": "OCIMW",
    "mtfas/7": "O",
    "mtfas/9": "OCIMW",
    "mtfas/10": "O",
    "mtfas/11": "O",
    "mtfas/gradients": "O",
    "mtfas/outer": "O",
}
