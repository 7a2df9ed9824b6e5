"""The instruments of the four data sets, under the words that their owners use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sincera.simulate.instruments.handling import Handling
from sincera.simulate.instruments.print import PrintModel
from sincera.simulate.instruments.screen import ScreenModel

Instrument = PrintModel | ScreenModel

# Within one data set printers, displays and distances stay the same: narrow spans where the defaults are wide.
_OFFICE = PrintModel(
    saturation=(0.7, 1.0), gamma=(0.85, 1.2), black=(0.03, 0.08), white=(0.7, 0.9), grey=0.0, grainy=1.0,
    grain=(0.05, 0.08), grain_size=(1.0, 1.4), banded=0.6, halftoned=0.0,
)  # fmt: skip
_PHOTO = PrintModel(
    saturation=(0.85, 1.15), black=(0.01, 0.04), white=(0.8, 0.95), grey=0.0, mixing=(0.0, 0.08), grainy=0.6,
    grain=(0.02, 0.04), banded=0.0, halftoned=1.0,
)  # fmt: skip
_TABLET = ScreenModel(contrast=(1.0, 1.5), offset=(-0.04, 0.08), rim=(0.06, 0.12), grid=1.0, lines=0.0)

SPECIES: Mapping[str, Instrument] = {
    # O: two printers, two monitors; the sheet or the monitor stands in view or is held.
    "print/1": replace(_OFFICE, bent=0.3),
    "print/2": replace(_PHOTO, halftone=(3.6, 4.2), dots=(0.10, 0.16), handling=Handling(glare=0.6)),
    "display/1": replace(_TABLET, pitch=(2.7, 3.2), amplitude=(0.05, 0.11), blue=(1.05, 1.35), black=(0.02, 0.05)),
    "display/2": replace(_TABLET, pitch=(1.08, 1.18), amplitude=(0.04, 0.09), gamma=(2.0, 2.6), black=(0.002, 0.02)),
    # C: photographs bent as if round, or with the eyes cut out; videos on a tablet.
    "warped": replace(_OFFICE, bent=1.0, bend=(0.35, 0.8), shading=(0.2, 0.45), wobbles=True, banded=0.0,
                      grain_size=(1.4, 2.0)),
    "cut": replace(_OFFICE, bent=0.5, eyes_cut=True, banded=0.0, grain_size=(1.4, 2.0)),
    "video": replace(_TABLET, still=0.0, pitch=(2.3, 2.8), amplitude=(0.05, 0.12), coded=0.8),
    # I: office paper, a small old telephone, a tablet.
    "print": replace(_OFFICE, mixing=(0.08, 0.2), grain=(0.06, 0.10)),
    "mobile": replace(_TABLET, coded=1.0, quality=(12, 35), pitch=(2.6, 3.2), amplitude=(0.08, 0.16),
                      blue=(1.05, 1.35)),
    "highdef": replace(_TABLET, pitch=(1.1, 1.2), amplitude=(0.05, 0.11), contrast=(1.2, 1.8)),
    # M: a tablet, a telephone, a large colour print.
    "ipad_video": replace(_TABLET, still=0.0, pitch=(0.88, 0.93), amplitude=(0.05, 0.10)),
    "iphone_video": replace(_TABLET, still=0.0, pitch=(1.45, 1.6), amplitude=(0.07, 0.14), rim=(0.08, 0.16), coded=0.7),
    "printed_photo": replace(_PHOTO, margin=0.8, halftone=(4.2, 5.0), dots=(0.08, 0.14)),
}  # fmt: skip


def instrument(species: str) -> Instrument:
    """The instrument of a species.

    >>> instrument("warped").wobbles
    True
    """
    return SPECIES[species]
