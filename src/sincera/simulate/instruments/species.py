"""Prints and screens of the data sets of videos, under the words that their owners use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sincera.simulate.instruments.handling import Handling
from sincera.simulate.instruments.print import PrintModel
from sincera.simulate.instruments.screen import ScreenModel

Instrument = PrintModel | ScreenModel

# Within one data set printers, displays and distances stay the same: narrow spans where the defaults are wide. What
# gives the medium away differs between the sets: lines in O, blotches and coding in C, coloured speckle and clipping in
# I, dots and moiré in M. Patterns repeat after 4 to 12 camera pixels (moiré of a display: pitch / |pitch − 1|): finer
# ones would show as sharpness.
_NEAR = Handling(defocus=(0.5, 1.5))
_NEAR_SCREEN = Handling(lit=(0.6, 2.2), defocus=(0.5, 1.5))
_OFFICE = PrintModel(
    saturation=(0.7, 1.0), gamma=(0.85, 1.2), black=(0.03, 0.08), white=(0.7, 0.9), grey=0.0, grainy=1.0,
    grain=(0.02, 0.04), grain_size=(1.2, 1.8), halftoned=0.0, banded=0.0, handling=_NEAR,
)  # fmt: skip
_PHOTO = PrintModel(
    saturation=(0.85, 1.15), black=(0.01, 0.04), white=(0.8, 0.95), grey=0.0, mixing=(0.0, 0.08), grainy=0.5,
    grain=(0.02, 0.04), grain_size=(1.2, 1.8), halftoned=0.0, banded=0.0, handling=_NEAR,
)  # fmt: skip
_DISPLAY = ScreenModel(
    contrast=(1.0, 1.5), offset=(-0.04, 0.08), rim=(0.06, 0.12), grid=1.0, lines=0.0, handling=_NEAR_SCREEN,
)  # fmt: skip
_BY_HAND = replace(_PHOTO, grainy=1.0, grain=(0.13, 0.19), grain_size=(4.0, 6.0), coloured=0.1)

SPECIES: Mapping[str, Instrument] = {
    # O: two printers, two monitors; the sheet or the monitor stands in view or is held.
    "print/1": replace(_OFFICE, banded=1.0, bands=(0.07, 0.11), bent=0.3),
    "print/2": replace(_PHOTO, banded=1.0, bands=(0.05, 0.08)),
    "display/1": replace(_DISPLAY, lines=1.0, ripple=(0.10, 0.16), grid=0.0, blue=(1.05, 1.35), black=(0.02, 0.05)),
    "display/2": replace(_DISPLAY, lines=1.0, ripple=(0.08, 0.12), pitch=(1.08, 1.12), amplitude=(0.04, 0.07)),
    # C: photographs bent as if round, or with the eyes cut out; videos on a tablet.
    "warped": replace(_BY_HAND, bent=1.0, bend=(0.35, 0.8), shading=(0.2, 0.45), wobbles=True),
    "cut": replace(_BY_HAND, bent=0.5, eyes_cut=True),
    "video": replace(_DISPLAY, still=0.0, grid=0.0, coded=1.0, quality=(4, 10), contrast=(1.3, 1.8)),
    # I: office paper, a small old telephone, a tablet.
    "print": replace(_OFFICE, mixing=(0.08, 0.2), grain=(0.12, 0.17), grain_size=(1.5, 2.0), coloured=1.0),
    "mobile": replace(_DISPLAY, coded=1.0, quality=(8, 20), pitch=(1.22, 1.3), amplitude=(0.08, 0.13),
                      blue=(1.05, 1.35)),
    "highdef": replace(_DISPLAY, pitch=(1.1, 1.14), amplitude=(0.07, 0.11), contrast=(1.5, 1.9), offset=(0.0, 0.1)),
    # M: a tablet, a telephone, a large colour print.
    "ipad_video": replace(_DISPLAY, still=0.0, pitch=(0.90, 0.93), amplitude=(0.09, 0.13)),
    "iphone_video": replace(_DISPLAY, still=0.0, pitch=(1.14, 1.2), amplitude=(0.10, 0.14), rim=(0.08, 0.16)),
    "printed_photo": replace(_PHOTO, margin=0.8, halftoned=1.0, halftone=(5.0, 6.0), dots=(0.14, 0.20)),
    # W: screens of all makes, laser and photo prints; what its people wear is in `simulate.siwm`.
    "Replay": replace(_DISPLAY, still=0.0, grid=0.7, pitch=(1.08, 1.2), amplitude=(0.05, 0.11), coded=0.4,
                      quality=(10, 30), lines=0.3, ripple=(0.06, 0.12)),
    "Print": replace(_PHOTO, saturation=(0.7, 1.1), black=(0.02, 0.07), white=(0.7, 0.93), grainy=1.0,
                     grain=(0.03, 0.09), banded=0.3, bands=(0.04, 0.08), bent=0.4, halftoned=0.3, halftone=(4.0, 6.0)),
}  # fmt: skip


def instrument(species: str) -> Instrument:
    """The instrument of a species.

    >>> instrument("warped").wobbles
    True
    """
    return SPECIES[species]
