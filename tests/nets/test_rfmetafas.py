import colorsys
import itertools

import cv2
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import adaptive_avg_pool2d

from sincera.errors import UsageError
from sincera.nets import multiply_adds, parameters
from sincera.nets.rfmetafas import hsv, rfmetafas


def test_counts_and_costs_of_the_table():
    with torch.device("meta"):  # shapes alone
        network = rfmetafas()
    assert parameters(network) == 3_873_576
    assert round(multiply_adds(network, 256) / 1e6, 1) == 47_752.7


@pytest.mark.parametrize(("size", "side"), [(256, 32), (64, 8)])
def test_a_map_of_an_eighth_and_a_logit(size, side):
    with torch.device("meta"):
        shown, logit = rfmetafas().outputs(torch.empty(2, 3, size, size))
    assert shown.shape == (2, 1, side, side)
    assert logit.shape == (2,)


def colours():
    steps = [0.0, 0.05, 0.2, 0.5, 0.50001, 0.9, 1.0]  # greys, black, white, pure colours and ties among them
    return torch.tensor(list(itertools.product(steps, repeat=3)), dtype=torch.float64)


def test_hue_saturation_and_value_are_those_of_colorsys():
    rgb = colours()
    ours = hsv(rgb.T.reshape(1, 3, 1, -1))[0, :, 0].T
    theirs = torch.tensor([colorsys.rgb_to_hsv(*colour) for colour in rgb.tolist()], dtype=torch.float64)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    assert ours.min() >= 0
    assert ours.max() <= 1


def test_hue_saturation_and_value_are_those_of_opencv():
    crops = torch.rand(2, 3, 16, 16)
    theirs = np.stack([cv2.cvtColor(crop.permute(1, 2, 0).numpy(), cv2.COLOR_RGB2HSV) for crop in crops])
    expected = torch.from_numpy(theirs / np.float32([360, 1, 1])).permute(0, 3, 1, 2)
    torch.testing.assert_close(hsv(crops), expected, rtol=0, atol=1e-5)


def test_colours_have_the_slope_of_finite_differences():
    generator = torch.Generator().manual_seed(2)
    rgb = torch.rand(2, 3, 3, 3, dtype=torch.float64, generator=generator, requires_grad=True)
    assert torch.autograd.gradcheck(hsv, rgb)


def test_no_colour_has_an_infinite_slope():
    rgb = colours().T.reshape(1, 3, 1, -1).requires_grad_()
    hsv(rgb).sum().backward()
    assert torch.isfinite(rgb.grad).all()


def test_the_stem_sees_both_colour_spaces_unchanged(crops):
    network = rfmetafas(2).eval()
    seen = []
    network.stem.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(crops)
    assert torch.equal(seen[0][:, :3], crops)
    assert torch.equal(seen[0][:, 3:], hsv(crops))


def test_levels_are_averaged_and_joined_and_the_last_makes_the_logit(crops):
    network = rfmetafas(2).eval()
    levels = network.levels(crops)
    assert [tuple(levels[name].shape[1:]) for name in ("pool1", "pool2", "pool3")] == [
        (4, 32, 32),
        (4, 16, 16),
        (4, 8, 8),
    ]
    joined = [adaptive_avg_pool2d(levels[name], 8) for name in ("pool1", "pool2", "pool3")]
    torch.testing.assert_close(levels["fused"], torch.cat(joined, 1))
    shown, logit = network.outputs(crops)
    torch.testing.assert_close(shown, network.head(levels["fused"]))
    torch.testing.assert_close(logit, network.embedder(levels["pool3"]))


def test_layers_of_the_reference():
    with torch.device("meta"):
        network = rfmetafas()

    def widths(part):
        return [layer.out_channels for layer in part.modules() if isinstance(layer, nn.Conv2d)]

    assert widths(network.stem) == [64]
    assert [widths(block) for block in network.blocks] == [[128, 196, 128]] * 3
    assert widths(network.head) == [128, 64, 1]
    assert [type(layer) for layer in network.head[-2:]] == [nn.BatchNorm2d, nn.ReLU]
    assert widths(network.embedder) == [128, 256, 512]
    assert all(layer.bias is not None for layer in network.modules() if isinstance(layer, nn.Conv2d))


def test_the_code_remembers_the_last_batch_alone_in_its_embedder(crops):
    torch.manual_seed(3)
    paper = rfmetafas(2)
    torch.manual_seed(3)
    code = rfmetafas(2, faithful="code")
    for network, momentum in ((paper, 0.1), (code, 1.0)):
        momenta = {
            inside: {layer.momentum for layer in part.modules() if isinstance(layer, nn.BatchNorm2d)}
            for inside, part in (("embedder", network.embedder), ("trunk", network.blocks), ("head", network.head))
        }
        assert momenta == {"embedder": {momentum}, "trunk": {0.1}, "head": {0.1}}
        network.outputs(torch.rand(3, 3, 64, 64))
        network.outputs(crops)
    code.train()
    first = code.embedder[0]
    with torch.no_grad():
        maps = first[0](code.levels(crops)["pool3"])
    torch.testing.assert_close(first[1].running_mean, maps.mean((0, 2, 3)))
    assert not torch.allclose(paper.embedder[0][1].running_mean, first[1].running_mean)


def test_small_crops_are_taken():
    shown, logit = rfmetafas(2)(torch.rand(3, 3, 16, 16)), rfmetafas(2).outputs(torch.rand(3, 3, 16, 16)).logit
    assert shown.shape == (3, 1, 2, 2)
    assert logit.shape == (3,)


def test_an_unknown_reading_is_refused():
    with pytest.raises(UsageError, match="faithful 'letter' does not exist; there are paper, code"):
        rfmetafas(2, faithful="letter")
