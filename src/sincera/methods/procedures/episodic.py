"""RFMetaFAS's procedure: each step holds one source back, and learning must help there (`losses.episode`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor

from sincera.losses.episode import episode_loss
from sincera.methods.procedures.plain import Procedure
from sincera.nets.detector import Detector
from sincera.nets.rfmetafas import RFMetaFAS
from sincera.train import Batch, Losses, Scores

if TYPE_CHECKING:
    from sincera.methods.maps import MapRecipe


class Episodic(Procedure):
    """The map learns beside the embedder, and the embedder alone is scored."""

    def __init__(self, detector: Detector, recipe: MapRecipe) -> None:
        super().__init__(detector, recipe)
        assert isinstance(detector, RFMetaFAS)
        self.network = detector
        detector.remember_as(recipe.episode.faithful)

    def losses(self, batch: Batch, maps: Tensor, *, live_high: bool) -> Losses:  # noqa: ARG002
        how = self.recipe.episode
        total, terms = episode_loss(
            self.network,
            batch.crops,
            batch.labels,
            batch.domains,
            maps,
            seed=batch.seed,
            inner_rate=how.rate,
            map_weight=how.map_weight,
        )
        return Losses(total, {f"loss_{name}": term for name, term in terms.items()})

    def score(self, crops: Tensor, *, live_high: bool) -> Scores:
        """The embedder's probability of an attack.

        Departs from the owners' code, which decides frame by frame: a clip's score is the mean over its frames.
        """
        outputs = self.network.outputs(crops)
        assert outputs.logit is not None
        return Scores(outputs.logit.sigmoid(), map=1 - outputs.map if live_high else outputs.map)
