"""What ranks share, on one rank: the sum and its derivatives; two ranks are tested with the trainer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn

from sincera.train import descend, mean_over_ranks
from sincera.train.ranks import (
    RankBatchNorm,
    RankBatchNorm1d,
    SumOverRanks,
    dealt,
    gathered,
    of_first_rank,
    rank,
    synchronise_batch_norm,
    synchronise_dropout,
    told_by_first_rank,
    world,
)


@pytest.fixture
def group(tmp_path: Path) -> Iterator[None]:
    dist.init_process_group("gloo", init_method=f"file://{tmp_path}/meet", rank=0, world_size=1)
    yield
    dist.destroy_process_group()


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:FutureWarning")  # torch's own, on its first tangent
def test_the_sum_passes_gradients_and_tangents(group: None) -> None:
    values = torch.rand(5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(SumOverRanks.apply, values, check_forward_ad=True)
    assert torch.autograd.gradgradcheck(SumOverRanks.apply, values)
    assert (rank(), world()) == (0, 1)


@pytest.mark.parametrize(
    ("plain", "ours", "shape"),
    [
        (nn.BatchNorm2d(3), RankBatchNorm(3), (4, 3, 5, 5)),
        (nn.BatchNorm1d(3), RankBatchNorm1d(3), (100, 3)),
        (nn.BatchNorm1d(3), RankBatchNorm1d(3), (4, 3, 25)),
    ],
)
def test_statistics_over_ranks_are_those_of_batch_norm(
    group: None, plain: nn.Module, ours: RankBatchNorm | RankBatchNorm1d, shape: tuple[int, ...]
) -> None:
    """The two all-reduces give what torch's own layer gives, in outputs, gradients and running statistics."""
    torch.manual_seed(0)
    plain.double()
    ours.double()
    with torch.no_grad():
        ours.weight.copy_(plain.weight.uniform_(0.5, 2))
    faces = 1000 + torch.rand(shape, dtype=torch.float64)
    outputs = []
    for norm in (plain, ours):
        given = faces.clone().requires_grad_()
        out = norm(given) if norm is plain else ours.over_ranks(given)
        (out**2 * torch.arange(300, dtype=torch.float64).view_as(out)).sum().backward()
        outputs.append((out, given.grad, norm.running_mean, norm.running_var, norm.weight.grad))
    for one, other in zip(*outputs, strict=True):
        assert one is not None
        assert other is not None
        assert torch.allclose(one, other, rtol=1e-7, atol=1e-7)


def test_one_rank_changes_nothing() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))
    synchronise_batch_norm(net)
    assert type(net[1]) is nn.BatchNorm2d
    faces, outputs = torch.rand(4, 3, 5, 5), []
    for _ in range(2):
        torch.manual_seed(1)
        outputs.append(net(faces))
        synchronise_dropout(net)
    assert torch.equal(*outputs)
    for same in (dealt, gathered, of_first_rank):
        assert torch.equal(same(faces), faces)
    assert told_by_first_rank(lambda: 3) == 3
    tensors = [torch.rand(2, 3), torch.rand(4)]
    assert all(torch.equal(a, b) for a, b in zip(mean_over_ranks(tensors), tensors, strict=True))


def test_descend_is_backward_and_a_step() -> None:
    weights = [nn.Parameter(torch.tensor([1.0, 2.0])) for _ in range(2)]
    ours, theirs = (torch.optim.SGD([weight], 0.1) for weight in weights)
    for _ in range(3):
        descend((weights[0] ** 2).sum(), ours)
        theirs.zero_grad()
        (weights[1] ** 2).sum().backward()
        theirs.step()
    assert torch.equal(*weights)
