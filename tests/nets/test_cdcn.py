import pytest
import torch
from torch.nn import functional as F

from sincera.nets import multiply_adds, parameters
from sincera.nets.cdcn import CentralDifference, SpatialAttention, cdcn, cdcnpp


@pytest.mark.parametrize(
    ("make", "count", "cost"), [(cdcn, 2_245_016, 47_337.5), (cdcnpp, 2_257_352, 50_784.5)], ids=["cdcn", "cdcnpp"]
)
def test_counts_and_costs_of_the_table(make, count, cost):
    with torch.device("meta"):  # shapes alone
        network = make()
    assert parameters(network) == count
    assert round(multiply_adds(network, 256) / 1e6, 1) == cost


@pytest.mark.parametrize("theta", [0.0, 0.7, 1.0])
def test_the_folded_kernel_gives_the_literal_difference(theta):
    layer = CentralDifference(3, 4, theta).double()
    maps = torch.rand(2, 3, 7, 6, dtype=torch.float64, requires_grad=True)
    weight = layer.weight
    literal = F.conv2d(maps, weight, padding=1) - theta * F.conv2d(maps, weight.sum((2, 3))[:, :, None, None])
    folded = layer(maps)
    torch.testing.assert_close(folded, literal, rtol=1e-13, atol=1e-13)
    cotangent = torch.rand_like(folded)
    for ours, theirs in zip(
        torch.autograd.grad(folded, (weight, maps), cotangent),
        torch.autograd.grad(literal, (weight, maps), cotangent),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


def test_at_theta_one_a_flat_picture_gives_nothing_but_its_border():
    out = CentralDifference(3, 4, 1.0)(torch.full((1, 3, 6, 6), 0.8))
    assert out[..., 1:-1, 1:-1].abs().max() < 1e-6
    assert out.abs().max() > 0.01


def test_theta_reaches_every_layer(crops):
    network = cdcn(0.3, width=2)
    layers = [layer for layer in network.modules() if isinstance(layer, torch.nn.Conv2d)]
    assert len(layers) == 13
    assert all(isinstance(layer, CentralDifference) and layer.theta == 0.3 for layer in layers)
    plain = cdcn(0.0, width=2)
    plain.load_state_dict(network.state_dict())
    assert not torch.allclose(plain(crops), network(crops))


def test_attention_weighs_places_by_mean_and_maximum():
    attention = SpatialAttention(5)
    maps = torch.randn(2, 6, 8, 9)
    told = torch.stack([maps.mean(1), maps.max(1).values], 1)
    weight = F.conv2d(told, attention.conv.weight, padding=2).sigmoid()
    torch.testing.assert_close(attention(maps), maps * weight)
    assert [layer.conv.kernel_size[0] for layer in cdcnpp(width=2).attention] == [7, 5, 3]


@pytest.mark.parametrize("make", [cdcn, cdcnpp])
def test_levels_are_resized_after_their_attention_and_joined(make, crops):
    network = make(width=2).eval()
    levels = network.levels(crops)
    assert levels["pool1"].shape[2:] == (32, 32)
    assert levels["pool3"].shape[2:] == (8, 8)
    first = network.attention[0](levels["pool1"])
    # bilinear without smoothing: each pixel of the map lies between the two middle pixels of a 4×4 tile
    middle = first.unflatten(3, (8, 4)).unflatten(2, (8, 4))[:, :, :, 1:3, :, 1:3].mean((3, 5))
    torch.testing.assert_close(levels["fused"][:, :4], middle)
    torch.testing.assert_close(levels["fused"][:, 8:], network.attention[2](levels["pool3"]))
    torch.testing.assert_close(levels["map"], network.last(network.head(levels["fused"])))


def test_pixels_are_normalised_as_bytes_less_127_5_over_128():
    network = cdcn(width=2).eval()
    seen = []
    network.stem.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    grey = torch.tensor([0.0, 100 / 255, 1.0]).view(3, 1, 1, 1).expand(3, 3, 16, 16)
    network(grey)
    torch.testing.assert_close(seen[0][:, 0, 0, 0], torch.tensor([-127.5 / 128, -27.5 / 128, 127.5 / 128]))


def test_widths_of_the_paper():
    def widths(network):
        return [layer.out_channels for layer in network.modules() if isinstance(layer, CentralDifference)]

    assert widths(cdcn()) == [64, *[128, 196, 128] * 3, 128, 64, 1]
    assert widths(cdcnpp()) == [64, 128, 204, 128, 153, 128, 179, 128, 128, 153, 128, 128, 1]
