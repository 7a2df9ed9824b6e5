"""The rows of MT-FAS's tables: a detector under a supervision, as settings over one recipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sincera.papers.grid import Variant

TEACHER = "teacher"  # what all rows with the same meta-teacher share
OFF: tuple[tuple[str, object], ...] = (  # each takes away a part of the full teacher, as Table 6's rows do
    ("bilevel.gamma", 0.0),
    ("pretrain.on", False),
    ("bilevel.adapt", False),
)
LABELS: Mapping[str, str] = {
    "fasdr": "FAS-DR",
    "fasdr_bc": "FAS-DR-BC",
    "cdcn": "CDCN",
    "dtn": "DTN",
    "rfmetafas": "RFMetaFAS",
}
OWN = ("cdcn", "dtn", "rfmetafas")  # detectors with presets of their own name
GAMMAS = (0.9, 0.99, 0.995, 0.999, 0.9995, 0.9999, 1.0)


def _presets(detector: str) -> tuple[tuple[str, str], ...]:
    return tuple((preset, detector) for preset in ("paper", "tuned")) if detector in OWN else ()


def under(
    detector: str,
    supervision: str,
    *,
    name: str,
    title: str,
    printed: str | None = None,
    against: str | None = None,
) -> Variant:
    """A detector under one of the supervisions of `pixel`."""
    return Variant(
        name,
        title,
        method="pixel",
        sets=(f"detector={detector}", f"supervision={supervision}"),
        printed=printed,
        against=against,
        presets=_presets(detector),
    )


def taught(
    detector: str,
    *,
    name: str,
    title: str,
    printed: str | None = None,
    sets: Iterable[str] = (),
    refuses: tuple[tuple[str, object], ...] = OFF,
) -> Variant:
    """A detector under a meta-teacher.  sets: what makes the row beside the detector."""
    return Variant(
        name,
        title,
        method="mtfas",
        sets=(f"detector={detector}", *sets),
        shares=TEACHER,
        printed=printed,
        refuses=refuses,
        presets=_presets(detector),
    )


def _pair(detector: str, depth: str, meta: str, *, against: str | None = None) -> tuple[Variant, Variant]:
    """Depth and MT.  depth, meta: how the paper calls the two rows.  against: with what depth is compared."""
    label = LABELS[detector]
    return (
        under(detector, "depth", name=f"{label}-Depth", title=f"{label}(Depth)", printed=depth, against=against),
        taught(detector, name=f"{label}-MT", title=f"{label}(MT)", printed=meta),
    )


FASDR_DEPTH, FASDR_MT = _pair("fasdr", "FAS-DR(Depth)", "FAS-DR(MT)")
CDCN_DEPTH, CDCN_MT = _pair("cdcn", "CDCN(Depth) [56]", "CDCN(MT)")
DTN_DEPTH, DTN_MT = _pair("dtn", "DTN [19]", "DTN(MT)")
BC_DEPTH, BC_MT = _pair("fasdr_bc", "FAS-DR-BC(Depth)", "FAS-DR-BC(MT)", against="RFMetaFAS-Depth")
RF_DEPTH, RF_MT = _pair("rfmetafas", "RFMetaFAS*", "RFMetaFAS(MT)*")

ONE = (FASDR_DEPTH, FASDR_MT, CDCN_DEPTH, CDCN_MT)
TWO = (DTN_DEPTH, DTN_MT, FASDR_DEPTH, FASDR_MT)
THREE = (RF_DEPTH, RF_MT, BC_DEPTH, BC_MT)

_RIVALS: Mapping[str, tuple[str, str]] = {  # supervision: the row's name, the paper's reference
    "distill": ("Distill", " [24]"),
    "bans": ("BANs", " [26]"),
    "fitnet": ("Fitnet", " [25]"),
    "distill_light": ("Distill_Light", ""),
}


def rivals(detector: str) -> tuple[Variant, ...]:
    """Tables 4 and 5: depth, every rival, and the meta-teacher, in the paper's order."""
    label = LABELS[detector]
    several = [
        under(detector, supervision, name=name, title=f"{label}({name})", printed=f"{label}({name}){reference}")
        for supervision, (name, reference) in _RIVALS.items()
    ]
    return (
        under(detector, "depth", name="Depth", title=f"{label}(Depth)", printed=f"{label}(Depth)"),
        *several,
        Variant(
            "OKDDip",
            f"{label}(OKDDip)",
            method="okddip",
            sets=(f"detector={detector}",),
            printed=f"{label}(OKDDip) [31]",
            refuses=(("weight", 0.0),),
        ),
        taught(detector, name="MT", title=f"{label}(MT)", printed=f"{label}(MT)"),
    )


def controls(detector: str) -> tuple[Variant, ...]:
    """What the paper does not print: the label as a map, and where an attack covers the face."""
    label = LABELS[detector]
    return tuple(under(detector, name.lower(), name=name, title=f"{label}({name})") for name in ("Binary", "Mask"))


def _without(name: str, printed: str, setting: str) -> Variant:
    left = tuple((key, value) for key, value in OFF if not setting.startswith(f"{key}="))
    return taught("fasdr", name=name, title=printed, printed=printed, sets=(setting,), refuses=left)


SIX = (
    _without("no-MT_v", "FAS-DR(MT_w/o_MT_v)", "bilevel.gamma=0.0"),
    _without("no-pre", "FAS-DR(MT_w/o_pre)", "pretrain.on=false"),
    _without("no-adapt", "FAS-DR(MT_w/o_adapt)", "bilevel.adapt=false"),
    under("fasdr", "depth", name="Depth", title="FAS-DR(Depth)", printed="FAS-DR(Depth)"),
    _without("resnet", "FAS-DR(MT_resnet)", "teacher.network=resnet8"),
    _without("64", "FAS-DR(MT)_64", "width=64"),
    _without("32", "FAS-DR(MT)_32", "width=32"),
    taught("fasdr", name="MT", title="FAS-DR(MT)", printed="FAS-DR(MT)"),
)
CURVE = tuple(
    taught(
        "fasdr",
        name=f"gamma-{gamma:g}",
        title=f"FAS-DR(MT) γ {gamma:g}",
        printed=f"FAS-DR(MT) gamma={gamma:g}",
        sets=(f"bilevel.gamma={gamma}",),
        refuses=OFF[1:],
    )
    for gamma in GAMMAS
)
