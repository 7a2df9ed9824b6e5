"""The instruments of the four data sets, under the words that their owners use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sincera.simulate.instruments.handling import Handling
from sincera.simulate.instruments.print import PrintModel
from sincera.simulate.instruments.screen import ScreenModel

Instrument = PrintModel | ScreenModel

_OFFICE = PrintModel(saturation=(0.75, 1.15), black=(0.02, 0.08), grain=(0.02, 0.06), grainy=0.9, banded=0.35)
_PHOTO = PrintModel(saturation=(0.8, 1.2), black=(0.01, 0.05), white=(0.8, 0.95), grain=(0.008, 0.04), grey=0.0)
_TABLET = ScreenModel(pitch=(0.6, 2.4), contrast=(0.9, 1.6), rim=(0.06, 0.12))

SPECIES: Mapping[str, Instrument] = {
    # O: two printers, two monitors; the sheet or the monitor stands in view or is held.
    "print/1": replace(_OFFICE, bent=0.3),
    "print/2": replace(_PHOTO, halftoned=0.0, handling=Handling(glare=0.6)),
    "display/1": ScreenModel(pitch=(1.2, 3.2), contrast=(0.9, 1.7), blue=(0.95, 1.35), black=(0.01, 0.05)),
    "display/2": ScreenModel(pitch=(0.45, 1.4), contrast=(1.0, 1.7), gamma=(2.0, 2.6), black=(0.002, 0.02)),
    # C: photographs bent as if round, or with the eyes cut out; videos on a tablet.
    "warped": replace(_PHOTO, bent=1.0, bend=(0.35, 0.8), shading=(0.15, 0.45), wobbles=True),
    "cut": replace(_PHOTO, bent=0.6, eyes_cut=True),
    "video": replace(_TABLET, still=0.0),
    # I: office paper, a small old telephone, a tablet.
    "print": replace(_OFFICE, mixing=(0.05, 0.2), gamma=(0.8, 1.3)),
    "mobile": ScreenModel(coded=0.9, quality=(15, 55), pitch=(1.5, 3.2), amplitude=(0.02, 0.16), blue=(1.0, 1.35), still=0.5),
    "highdef": replace(_TABLET, still=0.5),
    # M: a tablet, a telephone, a large colour print.
    "ipad_video": replace(_TABLET, still=0.0, pitch=(0.45, 1.2)),
    "iphone_video": ScreenModel(still=0.0, pitch=(0.5, 1.6), contrast=(1.0, 1.7), rim=(0.08, 0.16), coded=0.7),
    "printed_photo": replace(_PHOTO, margin=0.8, halftoned=0.15),
}  # fmt: skip


def instrument(species: str) -> Instrument:
    """The instrument of a species.

    >>> instrument("warped").wobbles
    True
    """
    return SPECIES[species]
