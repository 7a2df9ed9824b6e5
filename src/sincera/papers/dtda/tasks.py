"""DTDA's tasks, as protocols and as the paper spells them."""

from __future__ import annotations

from collections.abc import Mapping

DOMAINS = "OCIM"
ONE_OUT: Mapping[str, str] = {  # in the order of the paper's columns
    "OCI:M": "O&C&I to M",
    "OMI:C": "O&M&I to C",
    "OCM:I": "O&C&M to I",
    "ICM:O": "I&C&M to O",
}
TWO_SOURCES: Mapping[str, str] = {"MI:C": "M&I to C", "MI:O": "M&I to O"}
OURS = "Ours (DTDA)"
RATES: Mapping[str, str] = {"hter": "HTER(%)", "auc": "AUC(%)"}
