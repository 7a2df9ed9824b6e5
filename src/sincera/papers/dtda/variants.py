"""The variants of DTDA's Table II and the further cells that its claims call for, as settings over one recipe."""

from __future__ import annotations

from sincera.papers.grid import Variant

NO_ATTACK = "perturbation.kind=none"
NO_RECOGNITION = "recognition.teacher=none"
NO_EDITING = "editing.teacher=none"
FGSM, PGD, NOISE = (f"perturbation.kind={kind}" for kind in ("fgsm", "pgd", "noise"))
DOMAIN = "domain"  # the stage that all cells with an attack share
FULL = "Full Baseline+FR+FAE+DAA"

RECOGNITION: tuple[tuple[str, object], ...] = (("recognition.teacher", "none"), ("recognition.weight", 0.0))
EDITING: tuple[tuple[str, object], ...] = (("editing.teacher", "none"), ("editing.weight", 0.0))
BOTH = (*RECOGNITION, *EDITING)
ATTACK: tuple[tuple[str, object], ...] = (("perturbation.epsilon", 0.0),)
ALL = (*BOTH, *ATTACK)

V1 = Variant("V1", "baseline", sets=(NO_RECOGNITION, NO_EDITING, NO_ATTACK), printed="Variant1 Baseline")
V2 = Variant("V2", "+ recognition", sets=(NO_EDITING, NO_ATTACK), printed="Variant2 Baseline+FR", refuses=RECOGNITION)
V3 = Variant("V3", "+ attributes", sets=(NO_RECOGNITION, NO_ATTACK), printed="Variant3 Baseline+FAE", refuses=EDITING)
V4 = Variant("V4", "+ both teachers", sets=(NO_ATTACK,), printed="Variant4 Baseline+FR+FAE", refuses=BOTH)
V5 = Variant("V5", "full, FGSM", sets=(FGSM,), shares=DOMAIN, printed=FULL, against="V4", sources=2, refuses=ALL)
V5_PGD = Variant("V5-pgd", "full, PGD", sets=(PGD,), shares=DOMAIN, printed=FULL, against="V4", sources=2, refuses=ALL)
FIVE = (V1, V2, V3, V4, V5, V5_PGD)  # the last printed row is run under the attack of Eq. 2 and under that of the text

ATTACK_ALONE = Variant(
    "attack-alone",
    "attack, no teacher",
    sets=(NO_RECOGNITION, NO_EDITING, FGSM),
    shares=DOMAIN,
    against="V1",
    sources=2,
    refuses=ATTACK,
)
STUDENT_ONLY = Variant(
    "student-only", "full, attack on the student only", sets=(FGSM, "perturbation.of=student"), shares=DOMAIN,
    against="V5", sources=2, refuses=ALL,
)  # fmt: skip
RANDOM_SIGNS = Variant(
    "noise", "full, random signs for the attack", sets=(NOISE,), against="V5", sources=2, refuses=ALL
)
DANN = Variant(
    "dann", "gradient reversal (DANN)", method="dann", against="V1", sources=2, refuses=(("domain_weight", 0.0),)
)
RANDOM_TEACHERS = Variant(
    "random-teachers",
    "both teachers random",
    sets=(NO_ATTACK, "recognition.teacher=random", "editing.teacher=random"),
    against="V4",
    refuses=BOTH,
)
EXTRA = (ATTACK_ALONE, STUDENT_ONLY, RANDOM_SIGNS, DANN, RANDOM_TEACHERS)

TAUS = {"literal": 1.0, "standard": 4.0, "standard_tau2": 4.0}  # each at the temperature that it is meant for
FORMS = tuple(
    Variant(
        f"{output}-{form}",
        f"{output}, {form}, τ {tau:g}",
        sets=(NO_ATTACK, f"editing.output={output}", f"kd_form={form}", f"tau={tau}"),
        refuses=BOTH,
    )
    for output in ("projection", "logits")
    for form, tau in TAUS.items()
)  # without the attack, which concerns neither

FRT_PAD = Variant("frtpad", "FRT-PAD", method="frtpad", printed="FRT-PAD [28]")
