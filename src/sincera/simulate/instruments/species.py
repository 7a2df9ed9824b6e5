"""The instruments of the four data sets, under the words that their owners use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sincera.simulate.instruments.handling import Handling
from sincera.simulate.instruments.print import PrintModel
from sincera.simulate.instruments.screen import ScreenModel

Instrument = PrintModel | ScreenModel

# Within one data set printers, displays and distances stay the same: narrow spans where the defaults are wide.
# Patterns repeat after 5 to 12 camera pixels (moiré of a display: pitch / |pitch − 1|): finer ones show as sharpness.
_OFFICE = PrintModel(
    saturation=(0.7, 1.0), gamma=(0.85, 1.2), black=(0.03, 0.08), white=(0.7, 0.9), grey=0.0, grainy=1.0,
    grain=(0.05, 0.08), grain_size=(1.8, 2.4), banded=0.6, halftoned=0.0,
)  # fmt: skip
_PHOTO = PrintModel(
    saturation=(0.85, 1.15), black=(0.01, 0.04), white=(0.8, 0.95), grey=0.0, mixing=(0.0, 0.08), grainy=0.5,
    grain=(0.02, 0.04), grain_size=(1.2, 1.8), banded=0.0, halftoned=1.0,
)  # fmt: skip
_TABLET = ScreenModel(
    contrast=(1.0, 1.5), offset=(-0.04, 0.08), rim=(0.06, 0.12), grid=1.0, lines=0.0,
    handling=Handling(lit=(0.6, 2.2), defocus=(0.5, 1.5)),
)  # fmt: skip
_STAND_OFF = Handling(defocus=(0.5, 1.5))
_MONITOR = replace(_TABLET, handling=Handling(lit=(0.6, 2.2), defocus=(0.5, 1.5)))
_BY_HAND = replace(_OFFICE, banded=0.0, grain_size=(2.2, 3.0))

SPECIES: Mapping[str, Instrument] = {
    # O: two printers, two monitors; the sheet or the monitor stands in view or is held.
    "print/1": replace(_OFFICE, bent=0.3, handling=_STAND_OFF),
    "print/2": replace(_PHOTO, halftone=(5.2, 6.0), dots=(0.10, 0.15), handling=_STAND_OFF),
    "display/1": replace(_MONITOR, pitch=(1.17, 1.24), amplitude=(0.06, 0.10), blue=(1.05, 1.35), black=(0.02, 0.05)),
    "display/2": replace(_MONITOR, pitch=(1.08, 1.12), amplitude=(0.05, 0.09), gamma=(2.0, 2.6), black=(0.002, 0.02)),
    # C: photographs bent as if round, or with the eyes cut out; videos on a tablet.
    "warped": replace(_BY_HAND, bent=1.0, bend=(0.35, 0.8), shading=(0.2, 0.45), wobbles=True),
    "cut": replace(_BY_HAND, bent=0.5, eyes_cut=True),
    "video": replace(_TABLET, still=0.0, pitch=(0.84, 0.88), amplitude=(0.06, 0.11), coded=0.8),
    # I: office paper, a small old telephone, a tablet.
    "print": replace(_OFFICE, mixing=(0.08, 0.2), grain=(0.07, 0.11), grain_size=(1.6, 2.2)),
    "mobile": replace(_TABLET, coded=1.0, quality=(12, 35), pitch=(1.22, 1.3), amplitude=(0.05, 0.10),
                      blue=(1.05, 1.35)),
    "highdef": replace(_TABLET, pitch=(1.1, 1.14), amplitude=(0.05, 0.11), contrast=(1.2, 1.8)),
    # M: a tablet, a telephone, a large colour print.
    "ipad_video": replace(_TABLET, still=0.0, pitch=(0.90, 0.93), amplitude=(0.05, 0.10)),
    "iphone_video": replace(_TABLET, still=0.0, pitch=(1.14, 1.2), amplitude=(0.07, 0.12), rim=(0.08, 0.16), coded=0.7),
    "printed_photo": replace(_PHOTO, margin=0.8, halftone=(4.6, 5.4), dots=(0.08, 0.14)),
}  # fmt: skip


def instrument(species: str) -> Instrument:
    """The instrument of a species.

    >>> instrument("warped").wobbles
    True
    """
    return SPECIES[species]
