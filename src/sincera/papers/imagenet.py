"""A file of ImageNet weights with its own classifier, as a student with one head."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from sincera.nets import Norm, Student, load_imagenet, load_weights, student
from sincera.nets.weights import read_tensors

HEAD = "imagenet"


def imagenet_classifier(name: str, weights: str, *, norm: Norm = "imagenet") -> Student | None:
    """The network `name` with ImageNet's classes as its head, in eval mode; None where the file has no classifier.

    weights: `imagenet` (torchvision's) or a file.  WeightsError as for any file of weights.
    """
    network = student(name, {HEAD: 1}, norm=norm)
    info = load_imagenet(network) if weights == "imagenet" else load_weights(network, weights)
    path = Path(torch.hub.get_dir()) / "checkpoints" / info.file if weights == "imagenet" else Path(weights)
    tensors = read_tensors(path)
    classifier = {key.rsplit(".", 1)[-1]: tensors[key].float() for key in info.ignored}
    weight, bias = classifier.get("weight"), classifier.get("bias")
    if weight is None or weight.ndim != 2 or weight.shape[1] != network.feature_width:
        return None
    network.heads[HEAD] = _linear(weight, bias)
    return network.eval()


def _linear(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    layer.load_state_dict({"weight": weight} | ({} if bias is None else {"bias": bias}))
    return layer
