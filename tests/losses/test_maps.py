"""Map losses against loops, and maps made smaller."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from sincera.errors import UsageError
from sincera.losses.maps import contrast_depth_loss, map_loss, shrink


@pytest.fixture
def pair() -> tuple[Tensor, Tensor]:
    dice = torch.Generator().manual_seed(0)
    shown, wanted = torch.rand(2, 3, 1, 5, 4, dtype=torch.float64, generator=dice)
    return shown, wanted


def test_each_form_is_its_sum_over_faces_and_pixels(pair: tuple[Tensor, Tensor]) -> None:
    shown, wanted = pair
    squares = [0.0] * 3
    for face in range(3):
        for row in range(5):
            for column in range(4):
                squares[face] += float(shown[face, 0, row, column] - wanted[face, 0, row, column]) ** 2
    assert float(map_loss(shown, wanted)) == pytest.approx(sum(squares) / 60)
    assert float(map_loss(shown, wanted, "l2")) == pytest.approx(sum(s**0.5 for s in squares) / 3)
    assert float(map_loss(shown, wanted, "sumsq")) == pytest.approx(sum(squares) / 3)


def test_a_face_that_agrees_exactly_has_no_gradient_and_no_nan(pair: tuple[Tensor, Tensor]) -> None:
    shown, wanted = pair[0].requires_grad_(), pair[1].clone()
    wanted[1] = shown[1].detach()
    (slope,) = torch.autograd.grad(map_loss(shown, wanted, "l2"), shown, create_graph=True)
    (curved,) = torch.autograd.grad(slope.sum(), shown)
    assert torch.equal(slope[1], torch.zeros_like(slope[1]))
    assert bool(slope[0].abs().min() > 0)
    assert bool(curved.isfinite().all())


def test_contrast_loss_is_that_of_eight_neighbours(pair: tuple[Tensor, Tensor]) -> None:
    shown, wanted = pair
    squares = []
    for face in range(3):
        for row in range(1, 4):
            for column in range(1, 3):
                for down in (-1, 0, 1):
                    for right in (-1, 0, 1):
                        if (down, right) != (0, 0):
                            a, b = (
                                m[face, 0, row + down, column + right] - m[face, 0, row, column]
                                for m in (shown, wanted)
                            )
                            squares.append(float(a - b) ** 2)
    assert float(contrast_depth_loss(shown, wanted)) == pytest.approx(sum(squares) / len(squares))


def test_shrinking_is_the_mean_over_areas(pair: tuple[Tensor, Tensor]) -> None:
    whole = torch.rand(2, 1, 32, 32, dtype=torch.float64)
    torch.testing.assert_close(shrink(whole, (8, 8)), avg_pool2d(whole, 4))
    torch.testing.assert_close(shrink(whole[:, 0], (8, 8)), avg_pool2d(whole, 4))
    assert shrink(whole, (32, 32)) is whole
    for size in ((14, 9), (64, 48), (1, 1)):  # a pixel that lies on a border goes to both sides by its parts
        torch.testing.assert_close(shrink(whole, size).mean((1, 2, 3)), whole.mean((1, 2, 3)))
    torch.testing.assert_close(shrink(torch.tensor([[[[0.0, 3.0, 6.0]]]]), (1, 2)), torch.tensor([[[[1.0, 5.0]]]]))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match=r"found prediction \(2, 1, 8, 8\), target \(2, 8, 8\)"):
        map_loss(torch.zeros(2, 1, 8, 8), torch.zeros(2, 8, 8))
    with pytest.raises(UsageError, match="loss form 'mae' does not exist; there are mse, l2, sumsq"):
        map_loss(torch.zeros(2, 1, 8, 8), torch.zeros(2, 1, 8, 8), "mae")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="3 pixels or more"):
        contrast_depth_loss(torch.zeros(2, 1, 2, 2), torch.zeros(2, 1, 2, 2))
    with pytest.raises(UsageError, match=r"found \(2, 3, 8, 8\)"):
        shrink(torch.zeros(2, 3, 8, 8), (4, 4))
