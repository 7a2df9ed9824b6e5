"""Everything that sincera raises on bad input, as one tree.

    SinceraError               catch this one; the command line prints it on one line and exits 2
    ├── UsageError             an option, name or setting that does not exist or does not fit
    │   ├── RecipeError        a recipe's key, type or value
    │   └── ProtocolError      a protocol's name, or clips that it cannot divide
    ├── MissingExtraError      an optional library that is not installed
    ├── LayoutError            a folder that is not the data set it was said to be
    ├── MediaError             a picture or video that cannot be decoded, or is over the limits
    ├── ScoreError             scores that cannot be measured: NaN, one class missing, two labels in a clip
    ├── StoreError             a crop store that is absent, unfinished or made otherwise
    ├── RunError               a run folder or checkpoint that cannot be read or does not match
    ├── WeightsError           a weights file that is absent, unsafe or of another network
    ├── FitError               own captures on which a model cannot be fitted, or a fit that does not help
    └── ModelError             a model file that is absent, cut short, changed, or without what is asked of it

A message says what was found, what was expected, where, and what to do.
"""

from __future__ import annotations


class SinceraError(Exception):
    """Base of all errors that a user can mend."""


class UsageError(SinceraError):
    """An option, name or setting that does not exist or does not fit."""


class RecipeError(UsageError):
    """A key, type or value of a recipe."""


class ProtocolError(UsageError):
    """A protocol that does not exist, or clips that it cannot divide."""


class MissingExtraError(SinceraError):
    """An optional library is not installed."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(f"{library} is not installed; the extra {extra!r} brings it: pip install 'sincera[{extra}]'")
        self.library = library
        self.extra = extra


class LayoutError(SinceraError):
    """A folder that is not the data set it was said to be."""


class MediaError(SinceraError):
    """A picture or video that cannot be decoded, or is over the limits."""


class ScoreError(SinceraError):
    """Scores that cannot be measured."""


class StoreError(SinceraError):
    """A crop store that is absent, unfinished or made with other settings."""


class RunError(SinceraError):
    """A run folder or checkpoint that cannot be read or does not match."""


class WeightsError(SinceraError):
    """A weights file that is absent, unsafe or of another network."""


class ModelError(SinceraError):
    """A model file that is absent, cut short, changed, of another version, or without what is asked of it."""


class FitError(SinceraError):
    """Own captures on which a model cannot be fitted, or a fit that does not help."""
