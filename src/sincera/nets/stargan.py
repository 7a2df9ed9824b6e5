"""StarGAN (Choi et al. 2018) under its own keys: the discriminator, its projection to one vector, the generator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import instance_norm

from sincera.errors import UsageError, WeightsError
from sincera.nets.weights import WeightsInfo, load_exactly, without_module_prefix


class StarganDiscriminator(nn.Module):
    """(B, 3, size, size), RGB in [-1, 1] → patch map (B, 1, h, w), and logits of the attributes (B, attributes)."""

    def __init__(self, *, size: int, width: int, repeat: int, attributes: int) -> None:
        super().__init__()
        self.size, self.width, self.repeat, self.attributes = size, width, repeat, attributes
        self.channels = tuple(width * 2**number for number in range(repeat))  # of the hidden maps
        layers: list[nn.Module] = []
        for inputs, outputs in zip((3, *self.channels), self.channels, strict=False):
            layers += [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.LeakyReLU(0.01)]
        self.main = nn.Sequential(*layers)
        self.conv1 = nn.Conv2d(self.channels[-1], 1, 3, 1, 1, bias=False)
        self.conv2 = nn.Conv2d(self.channels[-1], attributes, size // 2**repeat, bias=False)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.main(pixels)
        return self.conv1(hidden), self.conv2(hidden).flatten(1)

    def maps(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """The hidden maps (B, channels[n], size / 2^(n+1), …), from fine to coarse."""
        return hidden_maps(self.main, pixels)

    def trunk_maps(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """The last two hidden maps, which the projection reads."""
        fine, coarse = self.maps(pixels)[-2:]
        return fine, coarse


def hidden_maps(main: nn.Sequential, pixels: Tensor) -> tuple[Tensor, ...]:
    """What follows each convolution and its leaky ReLU, from fine to coarse."""
    maps: list[Tensor] = []
    for position, layer in enumerate(main):
        pixels = layer(pixels)
        if position % 2:
            maps.append(pixels)
    return tuple(maps)


def stargan_discriminator(
    *, size: int = 128, width: int = 64, repeat: int = 6, attributes: int = 5
) -> StarganDiscriminator:
    """StarGAN's discriminator with weights from torch's generator.

    size: side of the picture, a multiple of 2**repeat.  width: of the first map; each further one has twice as many.
    repeat: number of halvings, two or more.  Raises UsageError for any other layout.

    >>> sum(parameter.numel() for parameter in stargan_discriminator().parameters())
    44762048
    """
    if repeat < 2 or min(width, attributes) < 1:
        raise UsageError(
            f"stargan: width {width}, repeat {repeat}, attributes {attributes}; at least 1, 2 and 1 are needed."
        )
    if size < 2**repeat or size % 2**repeat:
        raise UsageError(f"stargan: size {size} with {repeat} halvings; a multiple of {2**repeat} is needed.")
    return StarganDiscriminator(size=size, width=width, repeat=repeat, attributes=attributes)


def discriminator_of(tensors: Mapping[str, Tensor], *, path: str | Path = "these weights") -> StarganDiscriminator:
    """The discriminator that the keys and shapes of these tensors tell, loaded with all of them.

    path: what an error calls the tensors.  Raises WeightsError with the first key that does not fit.

    >>> small = stargan_discriminator(size=96, width=16, repeat=5)
    >>> found = discriminator_of(small.state_dict())
    >>> found.size, found.width, found.repeat, found.attributes
    (96, 16, 5, 5)
    """
    tensors = without_module_prefix(tensors)
    for key in ("main.0.weight", "conv2.weight"):
        if key not in tensors:
            raise WeightsError(
                f"{path}: {key} is missing; StarganDiscriminator needs it. Are these another network's weights?"
            )
        if tensors[key].dim() != 4:
            shape = tuple(tensors[key].shape)
            raise WeightsError(
                f"{path}: {key} has shape {shape}; StarganDiscriminator needs 4 dimensions in its place."
            )
    positions = [int(match[1]) for key in tensors if (match := re.fullmatch(r"main\.(\d+)\.weight", key))]
    repeat = max(positions) // 2 + 1
    if repeat < 2:
        raise WeightsError(f"{path}: main.2.weight is missing; StarganDiscriminator has two convolutions or more.")
    attributes, _, side, _ = tensors["conv2.weight"].shape
    width = len(tensors["main.0.weight"])
    network = stargan_discriminator(size=side * 2**repeat, width=width, repeat=repeat, attributes=attributes)
    load_exactly(network, tensors, path)
    return network


class Projection(nn.Module):
    """(B, 3, size, size), RGB in [-1, 1] → (B, width): DTDA's 512 numbers of the editing teacher.

    The discriminator's convolutions without its two heads; the last two maps, flattened, each through a linear layer,
    joined, and through a third. FRT-PAD's three linear layers stand in no file and are never trained: a random
    projection, whose seed and weights must be kept with whatever was distilled from it.
    """

    def __init__(self, discriminator: StarganDiscriminator, width: int, generator: torch.Generator | None) -> None:
        super().__init__()
        self.size, self.width, self.channels = discriminator.size, width, discriminator.channels
        self.weights: WeightsInfo | None = None  # of the discriminator, where they come from a file
        self.main = discriminator.main
        side = self.size // 2**discriminator.repeat
        self.fine = _frozen_linear(self.channels[-2] * (2 * side) ** 2, width, generator)
        self.coarse = _frozen_linear(self.channels[-1] * side**2, width, generator)
        self.joint = _frozen_linear(2 * width, width, generator)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.project(self.maps(pixels))

    def maps(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """The hidden maps of the discriminator, from fine to coarse."""
        return hidden_maps(self.main, pixels)

    def project(self, maps: tuple[Tensor, ...]) -> Tensor:
        """The vector (B, width) of the last two of the hidden maps."""
        fine, coarse = maps[-2:]
        vector: Tensor = self.joint(torch.cat((self.fine(fine.flatten(1)), self.coarse(coarse.flatten(1))), 1))
        return vector


def stargan_projection(
    discriminator: StarganDiscriminator, width: int = 512, *, generator: torch.Generator | None = None
) -> Projection:
    """A projection of this discriminator, whose convolutions it shares, by three frozen random layers.

    generator: what the three layers are drawn from; None is torch's own.

    >>> projection = stargan_projection(stargan_discriminator(), generator=torch.Generator().manual_seed(0))
    >>> sum(parameter.numel() for parameter in projection.parameters())
    57811392
    """
    return Projection(discriminator, width, generator)


def _frozen_linear(inputs: int, outputs: int, generator: torch.Generator | None) -> nn.Linear:
    layer = nn.Linear(inputs, outputs, device="meta").to_empty(device="cpu")  # moves no other generator
    bound = inputs**-0.5  # as nn.Linear begins
    for parameter in layer.parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
        parameter.requires_grad = False
    return layer


class PictureNorm(nn.InstanceNorm2d):
    """Instance norm by each picture's own statistics in train and eval mode alike.

    Departs from the owner's code in eval mode alone: it never leaves train mode, so nothing reads the running
    statistics that its files hold.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, affine=True, track_running_stats=True)

    def forward(self, x: Tensor) -> Tensor:
        return instance_norm(x, weight=self.weight, bias=self.bias, eps=self.eps)


class GeneratorBlock(nn.Module):
    """Two 3×3 convolutions with instance norm, added to their input."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            PictureNorm(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            PictureNorm(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.main(x)
        return out


class StarganGenerator(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1] and wished attributes (B, attributes) → pictures; H and W multiples of 4."""

    def __init__(self, *, width: int, repeat: int, attributes: int) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3 + attributes, width, 7, 1, 3, bias=False), *_norm_relu(width)]
        for wide in (2 * width, 4 * width):
            layers += [nn.Conv2d(wide // 2, wide, 4, 2, 1, bias=False), *_norm_relu(wide)]
        layers += [GeneratorBlock(4 * width) for _ in range(repeat)]
        for wide in (4 * width, 2 * width):
            layers += [nn.ConvTranspose2d(wide, wide // 2, 4, 2, 1, bias=False), *_norm_relu(wide // 2)]
        layers += [nn.Conv2d(width, 3, 7, 1, 3, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)

    def forward(self, pixels: Tensor, attributes: Tensor) -> Tensor:
        planes = attributes[:, :, None, None].expand(-1, -1, *pixels.shape[2:])
        edited: Tensor = self.main(torch.cat((pixels, planes), 1))
        return edited


def stargan_generator(*, width: int = 64, repeat: int = 6, attributes: int = 5) -> StarganGenerator:
    """StarGAN's generator with weights from torch's generator.

    width: of the first map.  repeat: number of residual blocks.  attributes: how many can be wished.

    >>> edit = stargan_generator(width=8, repeat=1, attributes=2)
    >>> edit(torch.zeros(1, 3, 32, 32), torch.ones(1, 2)).shape
    torch.Size([1, 3, 32, 32])
    """
    if min(width, repeat, attributes) < 1:
        raise UsageError(f"stargan: width {width}, repeat {repeat}, attributes {attributes}; at least 1 is needed.")
    return StarganGenerator(width=width, repeat=repeat, attributes=attributes)


def _norm_relu(width: int) -> list[nn.Module]:
    return [PictureNorm(width), nn.ReLU(inplace=True)]
