"""From clips to crops: each clip is decoded once, its faces found, cut out and put into the store."""

from sincera.data.prepare.run import Summary, prepare
from sincera.data.store import Preparation

__all__ = ["Preparation", "Summary", "prepare"]
