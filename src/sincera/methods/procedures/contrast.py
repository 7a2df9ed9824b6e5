"""CDCN's procedure: FAS-DR's, and the contrast of neighbouring pixels beside it."""

from __future__ import annotations

from torch import Tensor

from sincera.losses.maps import contrast_depth_loss
from sincera.methods.procedures.plain import Plain
from sincera.nets.detector import Outputs
from sincera.train import Losses


class Contrast(Plain):
    """CDCN and CDCN++ (Yu et al. 2020), with the contrast depth loss under every supervision.

    Departs from the owners' code: the score is the mean of the map, where they divide its sum by that of the face's
    map, which needs depth at test time; and crops are mirrored alone, where they change them in five ways.
    """

    def of(self, outputs: Outputs, labels: Tensor, maps: Tensor) -> Losses:
        plain = super().of(outputs, labels, maps)
        contrast = contrast_depth_loss(outputs.map, maps)
        return Losses(
            plain.total + self.recipe.contrast_weight * contrast, {**(plain.logged or {}), "loss_contrast": contrast}
        )
