"""Small networks and faces for the meta-gradient's tests."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from sincera.nets.fasdr import fasdr_light


@pytest.fixture(params=["rough", "smooth"])
def networks(request: pytest.FixtureRequest) -> tuple[nn.Module, nn.Module]:
    """Surrogate and teacher, float64, batch norms in training mode; `smooth` meets no kink."""
    torch.manual_seed(3)
    smooth = request.param == "smooth"
    surrogate = fasdr_light((3, 4, 5), head=4, smooth=smooth)
    teacher = fasdr_light((3, 4, 5), head=4, ending="teacher", smooth=smooth)
    return surrogate.double().train(), teacher.double().train()


@pytest.fixture
def phi() -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Phi_t: 8 faces and labels; Phi_v: 6 faces and finished maps, of live faces 0."""
    dice = torch.Generator().manual_seed(4)
    faces = torch.rand(14, 3, 32, 32, dtype=torch.float64, generator=dice)
    maps = 2 * torch.rand(6, 1, 4, 4, dtype=torch.float64, generator=dice)
    maps[:3] = 0
    return (faces[:8], torch.tensor([0, 1] * 4)), (faces[8:], maps)
