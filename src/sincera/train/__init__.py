"""The one loop that trains every method; knows none of them by name."""

from sincera.train.batch import Batch, Facts, Losses, Scores
from sincera.train.feed import Augment, Feed
from sincera.train.method import Method, Stage, Stateful, Stop, build_method
from sincera.train.ranks import descend, mean_over_ranks
from sincera.train.supervised import Optimiser, Schedule, SupervisedRecipe, supervised_stage
from sincera.train.trainer import Trainer

__all__ = [
    "Augment",
    "Batch",
    "Facts",
    "Feed",
    "Losses",
    "Method",
    "Optimiser",
    "Schedule",
    "Scores",
    "Stage",
    "Stateful",
    "Stop",
    "SupervisedRecipe",
    "Trainer",
    "build_method",
    "descend",
    "mean_over_ranks",
    "supervised_stage",
]
