"""What a network costs: its parameters, and its multiply-adds at a size of crop."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def parameters(network: nn.Module) -> int:
    """Number of parameters, frozen ones included."""
    return sum(parameter.numel() for parameter in network.parameters())


def multiply_adds(network: nn.Module, size: int) -> int:
    """Multiply-adds of convolutions and matrix products for one crop of size×size; norms and sums are not counted.

    >>> from sincera.nets import student
    >>> round(multiply_adds(student("resnet18"), 256) / 1e6, 1)
    2368.7
    """
    was_training = network.training
    device = next(network.parameters()).device
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.eval()(torch.zeros(1, 3, size, size, device=device))
    network.train(was_training)
    return int(counter.get_total_flops()) // 2
