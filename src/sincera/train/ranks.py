"""Several processes under torchrun: who this one is, what all share, the gradient step, and layers that see all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.modules.batchnorm import _BatchNorm

T = TypeVar("T")
PATIENCE = timedelta(days=1)  # the others wait while the first rank prepares or scores


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    """Number of ranks; 1 without torchrun."""
    return dist.get_world_size() if dist.is_initialized() else 1


@contextmanager
def process_group(device: torch.device) -> Iterator[torch.device]:
    """Join the group that torchrun announces, and leave it at the end; nothing happens without torchrun.

    Gives the rank's own device: with several accelerators, the one of its local rank.
    """
    if not dist.is_torchelastic_launched() or dist.is_initialized():
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=PATIENCE)
    try:
        yield device
    finally:
        dist.destroy_process_group()


def wait_for_all() -> None:
    """Return when every rank has come here."""
    if world() > 1:
        dist.barrier()


def from_first_rank(make: Callable[[], T]) -> T:
    """Call on the first rank first, then on the others, which find on disk what it made."""
    if rank() == 0:
        made = make()
        wait_for_all()
        return made
    wait_for_all()
    return make()


def told_by_first_rank(make: Callable[[], T]) -> T:
    """Call on the first rank alone, and tell the others what it gave: small plain values. They wait for it."""
    if world() == 1:
        return make()
    told: list[Any] = [make() if rank() == 0 else None]
    dist.broadcast_object_list(told)
    made: T = told[0]
    return made


def of_first_rank(tensor: Tensor) -> Tensor:
    """The first rank's numbers, in the place of this rank's own: each rank gives a tensor of one shape and type.

    The generators of the first rank are seeded as those of one process are. So what every rank draws for the whole
    batch and then takes from the first is what one process would have drawn.
    """
    if world() > 1:
        tensor = tensor.contiguous()
        dist.broadcast(tensor, 0)
    return tensor


def dealt(whole: Tensor) -> Tensor:
    """This rank's rows of (B, …) for a whole batch, or a whole part of one, as the feeder deals out its faces."""
    return whole[rank() :: world()]


def gathered(mine: Tensor) -> Tensor:
    """The inverse of `dealt`: (B / ranks, …) of each rank → (B, …) in the order of the whole batch; no gradient."""
    if world() == 1:
        return mine
    parts = [torch.empty_like(mine, memory_format=torch.contiguous_format) for _ in range(world())]
    dist.all_gather(parts, mine.detach().contiguous())
    return torch.stack(parts, 1).flatten(0, 1)


def mean_over_ranks(tensors: Sequence[Tensor]) -> list[Tensor]:
    """The mean over ranks of each tensor, by one all-reduce of all of them laid flat; all of one type and device."""
    if world() == 1 or not tensors:
        return list(tensors)
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    dist.all_reduce(flat)
    pieces = torch.split(flat.div_(world()), [tensor.numel() for tensor in tensors])
    return [piece.view_as(tensor) for piece, tensor in zip(pieces, tensors, strict=True)]


def descend(loss: Tensor, optimiser: torch.optim.Optimizer) -> None:
    """Backward, the mean of the gradients over ranks, and the optimiser's step.

    Works where DistributedDataParallel does not: it needs no forward hook, so a method may call its networks as it
    likes. The loss is a mean over this rank's faces; with parts of equal size the mean over ranks is that over all.
    """
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast(loss.device.type, enabled=False):  # backward follows the types that forward chose
        loss.backward()  # type: ignore[no-untyped-call]
    if world() > 1:
        _average_gradients([p for group in optimiser.param_groups for p in group["params"]])
    optimiser.step()


def _average_gradients(parameters: Sequence[nn.Parameter]) -> None:
    """A parameter that got a gradient on no rank keeps none: weight decay must not move it."""
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    seen = grads[0].new_tensor([p.grad is not None for p in parameters])
    *means, seen = mean_over_ranks([*grads, seen])
    for parameter, mean, share in zip(parameters, means, seen.tolist(), strict=True):
        parameter.grad = mean.clone() if share > 0 else None


class SumOverRanks(torch.autograd.Function):
    """All-reduce by sum that gradients and tangents pass through, by sum as well."""

    @staticmethod
    def forward(tensor: Tensor) -> Tensor:
        total = tensor.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        """Nothing has to be kept."""

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # noqa: ARG004
        return _total(gradient)

    @staticmethod
    def jvp(ctx: Any, tangent: Tensor) -> Tensor:  # noqa: ARG004
        return _total(tangent)


def _total(tensor: Tensor) -> Tensor:
    """The sum over ranks, differentiable again for gradients of gradients."""
    total: Tensor = SumOverRanks.apply(tensor)
    return total


class _NormOverRanks(_BatchNorm):
    """The part of the two layers below that knows nothing of their input's dimensions."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        return self.over_ranks(input) if self.training and world() > 1 else super().forward(input)

    def over_ranks(self, input: Tensor) -> Tensor:  # noqa: A002
        """The training pass, by statistics of all ranks' faces.  input: (B, C, …)."""
        given, shape = input.dtype, (1, -1, *(1 for _ in input.shape[2:]))
        over = (0, *range(2, input.ndim))
        if given in (torch.bfloat16, torch.float16):
            input = input.float()  # noqa: A001
        count = input.numel() // input.shape[1] * world()  # every rank holds equally many
        mean = _total(input.sum(over)) / count
        centred = input - mean.view(shape)
        variance = _total(centred.square().sum(over)) / count
        if self.track_running_stats:
            self._remember(mean.detach(), variance.detach() * count / max(count - 1, 1))
        normal = centred * (variance + self.eps).rsqrt().view(shape)
        if self.affine:
            normal = normal * self.weight.view(shape) + self.bias.view(shape)
        return normal.to(given)

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        share = self.momentum if self.momentum is not None else 1.0 / float(self.num_batches_tracked)
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), share)
        self.running_var.lerp_(variance.to(self.running_var.dtype), share)


def total_over_ranks(tensor: Tensor) -> Tensor:
    """The sum over ranks, through which gradients and tangents pass; the tensor itself without torchrun."""
    return _total(tensor) if world() > 1 else tensor


class RankBatchNorm(_NormOverRanks, nn.BatchNorm2d):
    """Batch normalisation over the faces of all ranks, on any device; torch's own refuses the CPU.

    Two all-reduces a forward pass: the mean first, then the mean square distance from it, which keeps precision where
    the mean is large. Keys of the state are those of BatchNorm2d.
    """


class RankBatchNorm1d(_NormOverRanks, nn.BatchNorm1d):
    """The same for vectors: (B, C) or (B, C, L)."""


class RankDropout(nn.Dropout):
    """Dropout by the mask that one process would draw for the whole batch, of which each rank takes its rows.

    Every rank must come here, with equally many faces.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        if not self.training or world() == 1:
            return super().forward(input)
        whole = torch.cat([torch.ones_like(input)] * world())  # in the layout of the input, which decides the draw
        return input * dealt(of_first_rank(dropout(whole, self.p)))


_NORMS: dict[type[nn.Module], type[_NormOverRanks]] = {nn.BatchNorm1d: RankBatchNorm1d, nn.BatchNorm2d: RankBatchNorm}


def synchronise_batch_norm(module: nn.Module) -> None:
    """Where ranks are several, batch norms inside come to see all ranks' faces, keeping parameters and buffers."""
    if world() == 1:
        return
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, _BatchNorm) and type(child) in _NORMS:
                setattr(parent, name, _twin(child, _NORMS[type(child)]))


def synchronise_dropout(module: nn.Module) -> None:
    """Replace every Dropout inside by RankDropout, which is the same where ranks are not several."""
    for parent in list(module.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Dropout:
                setattr(parent, name, RankDropout(child.p, child.inplace).train(child.training))


def _twin(norm: _BatchNorm, kind: type[_NormOverRanks]) -> _NormOverRanks:
    twin = kind(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats, device="meta")
    for store in ("_parameters", "_buffers"):
        getattr(twin, store).update(getattr(norm, store))
    return twin.train(norm.training)
