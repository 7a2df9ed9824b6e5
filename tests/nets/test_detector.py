import pytest
import torch
from torch import nn

from sincera.errors import UsageError
from sincera.nets.detector import Detector, LastLayer, Outputs, draw_as_xavier


class Tiny(Detector):
    def __init__(self, ending="detector"):
        super().__init__("tiny")
        self.wide = nn.Conv2d(3, 300, 3)
        self.narrow = nn.Conv2d(300, 300, 1)
        self.linear = nn.Linear(300, 2)
        self.last = LastLayer(300, ending)
        draw_as_xavier(self)

    def levels(self, crops):
        pooled = self.narrow(self.wide(crops))
        return {"pool1": pooled, "map": self.last(pooled)}


def test_a_detector_without_a_branch_says_a_map_alone(crops):
    network = Tiny()
    outputs = network.outputs(crops)
    assert isinstance(outputs, Outputs)
    assert outputs.logit is None
    assert torch.equal(outputs.map, network.levels(crops)["map"])
    assert torch.equal(network(crops), outputs.map)


def test_an_ending_clips_at_zero_or_leaves_the_map_raw():
    maps = torch.randn(2, 5, 8, 8)
    clipped, raw = LastLayer(5, "detector"), LastLayer(5, "teacher")
    raw.load_state_dict(clipped.state_dict())
    assert raw(maps).min() < 0
    assert torch.equal(clipped(maps), raw(maps).clamp(min=0))


def test_an_unknown_ending_is_refused():
    with pytest.raises(UsageError, match="ending 'student' does not exist; there are detector, teacher"):
        LastLayer(5, "student")


def test_weights_are_drawn_between_xaviers_bounds():
    network = Tiny()
    bounds = {  # sqrt(6 / (inputs + outputs)), taps counted; a bias of n counts as n × n, over 127.5 in the first layer
        network.wide.weight: (6 / (27 + 2700)) ** 0.5,
        network.wide.bias: (3 / 300) ** 0.5 / 127.5,
        network.narrow.weight: (6 / 600) ** 0.5,
        network.narrow.bias: (3 / 300) ** 0.5,
        network.linear.weight: (6 / 302) ** 0.5,
        network.last.conv.weight: (6 / (2700 + 9)) ** 0.5,
    }
    for weights, bound in bounds.items():
        assert 0.95 * bound < weights.abs().max() <= bound
        assert weights.std().item() == pytest.approx(bound / 3**0.5, rel=0.1)
    assert not network.linear.bias.any()


def test_the_last_bias_starts_at_a_half_above_a_relu_and_at_zero_without():
    assert Tiny("detector").last.conv.bias.item() == 0.5
    assert Tiny("teacher").last.conv.bias.item() == 0.0
