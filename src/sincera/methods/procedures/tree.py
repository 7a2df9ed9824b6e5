"""DTN's procedure (Liu et al. 2019): losses at the leaves that a face comes to, and of the tree (`losses.tree`).

Departs from the owners' code: one Adam throughout, where they make it anew every 1,000 steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from sincera.losses.tree import follow_means, tree_loss
from sincera.methods.procedures.plain import Procedure
from sincera.nets.detector import Detector
from sincera.nets.dtn import DTN, DtnOutputs
from sincera.train import Batch, Losses, Scores
from sincera.train.ranks import total_over_ranks

if TYPE_CHECKING:
    from sincera.methods.maps import MapRecipe

OWNERS = 40  # their rate times their number of steps


class Tree(Procedure):
    """A leaf has two maps. Depth supervision teaches the depth, and the label the mask; any other the mask alone."""

    def __init__(self, detector: Detector, recipe: MapRecipe) -> None:
        super().__init__(detector, recipe)
        assert isinstance(detector, DTN)
        self.network = detector
        self._seen: DtnOutputs | None = None

    def losses(self, batch: Batch, maps: Tensor, *, live_high: bool) -> Losses:
        how = self.recipe.tree
        if live_high:
            # Departs from the owners' code, whose attacks have annotated masks: those are known of few sets.
            mask = batch.labels.view(-1, 1, 1, 1).to(maps.dtype).expand_as(maps)
            maps = torch.cat([maps, mask], 1)
        self._seen = self.network.tree(batch.crops)
        total, terms = tree_loss(
            self._seen,
            maps,
            batch.labels,
            active=batch.step >= how.start * batch.steps,
            class_weight=how.classes,
            route_weight=how.route,
            uniqueness_weight=how.unique,
        )
        return Losses(total, {f"loss_{name}": term for name, term in terms.items()})

    def after(self, batch: Batch) -> None:
        """The nodes' running means follow the attacks that passed."""
        assert self._seen is not None
        # Departs from the owners' fixed rate: a shorter training would end before the means have moved.
        rate = self.recipe.tree.memory or min(1.0, OWNERS / batch.steps)
        follow_means(self.network, self._seen, batch.labels, rate=rate, total=total_over_ranks)
        self._seen = None

    def score(self, crops: Tensor, *, live_high: bool) -> Scores:  # noqa: ARG002
        """The mean of the mask of the leaf that a face comes to: attack-high under every supervision.

        Departs from the owners' code, which decides by maps and classes together: MT-FAS leaves it open.
        """
        shown = self.network.outputs(crops).map
        return Scores(shown.mean((1, 2, 3)), map=shown)
