import pytest
import torch
from torch.func import functional_call
from torch.nn import functional as F

from sincera.errors import UsageError
from sincera.nets import multiply_adds, parameters
from sincera.nets.fasdr import fasdr, fasdr_light

TABLE = {  # of 256×256: parameters, millions of multiply-adds
    "16": (fasdr, {}, 140_017, 2_930.4),
    "32": (fasdr, {"width": 32}, 556_513, 11_664.7),
    "64": (fasdr, {"width": 64}, 2_218_945, 46_544.8),
    "deep": (fasdr, {"deep": True}, 202_657, 4_714.0),
    "branch": (fasdr, {"branch": True}, 172_434, 2_937.8),
    "light": (fasdr_light, {}, 14_401, 60.3),
    "light teacher": (fasdr_light, {"ending": "teacher"}, 14_401, 60.3),
    "light smooth": (fasdr_light, {"smooth": True}, 14_401, 60.3),
}


@pytest.mark.parametrize(("make", "settings", "count", "cost"), TABLE.values(), ids=TABLE)
def test_counts_and_costs_of_the_table(make, settings, count, cost):
    with torch.device("meta"):  # shapes alone
        network = make(**settings)
    assert parameters(network) == count
    assert round(multiply_adds(network, 256) / 1e6, 1) == cost


def plain_map(state, crops, blocks, head):
    """The slow way, layer by layer as AIM-FAS writes it, in evaluation mode."""

    def layer(maps, key, number):
        conv, norm = f"{key}.{3 * number}.", f"{key}.{3 * number + 2}."
        maps = F.conv2d(maps, state[conv + "weight"], state[conv + "bias"], padding=1).clamp(min=0)
        mean, variance, scale, shift = (
            state[norm + name][:, None, None] for name in ("running_mean", "running_var", "weight", "bias")
        )
        return (maps - mean) / (variance + 1e-5).sqrt() * scale + shift

    maps, pools = 2 * crops - 1, []
    for number, depth in enumerate(blocks):
        for step in range(depth):
            maps = layer(maps, f"blocks.{number}", step)
        maps = F.max_pool2d(maps, 2)
        pools.append(maps)
    maps = torch.cat([F.avg_pool2d(pools[0], 4), F.avg_pool2d(pools[1], 2), pools[2]], 1)
    for step in range(head):
        maps = layer(maps, "head", step)
    return F.conv2d(maps, state["last.conv.weight"], state["last.conv.bias"], padding=1)


@pytest.mark.parametrize(
    ("network", "blocks", "head"),
    [
        (fasdr(4), (4, 3, 3), 2),
        (fasdr(4, deep=True), (5, 4, 4), 2),
        (fasdr(4, branch=True), (4, 3, 3), 2),
        (fasdr_light(), (1, 1, 1), 1),
        (fasdr_light(ending="teacher"), (1, 1, 1), 1),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_map_is_the_one_of_the_layers_written_out(network, blocks, head, crops):
    network.train()(crops)  # running statistics other than 0 and 1
    network.eval()
    raw = plain_map(network.state_dict(), crops, blocks, head)
    expected = raw if network.last.ending == "teacher" else raw.clamp(min=0)
    torch.testing.assert_close(network(crops), expected)


def test_levels_come_down_to_the_map_by_their_mean_or_their_maximum(crops):
    mean, most = fasdr(4).eval(), fasdr(4, fuse_pool="max").eval()
    most.load_state_dict(mean.state_dict())
    levels, others = mean.levels(crops), most.levels(crops)
    tiles = levels["pool1"].unflatten(3, (8, 4)).unflatten(2, (8, 4))  # (B, C, 8, 4, 8, 4)
    torch.testing.assert_close(levels["fused"][:, :8], tiles.mean((3, 5)))
    torch.testing.assert_close(others["fused"][:, :8], tiles.amax((3, 5)))
    assert torch.equal(levels["fused"][:, 16:], levels["pool3"])
    with pytest.raises(UsageError, match="fuse_pool 'median' does not exist; there are avg, max"):
        fasdr(4, fuse_pool="median")


def test_the_branch_reads_the_joined_levels_and_leaves_the_map_alone(crops):
    network = fasdr(4, branch=True).eval()
    shown, logit = network.outputs(crops)
    assert logit.shape == (3,)
    fused = network.levels(crops)["fused"]
    torch.testing.assert_close(logit, network.branch(fused))
    alone = fasdr(4).eval()
    alone.load_state_dict({key: value for key, value in network.state_dict().items() if not key.startswith("branch")})
    assert torch.equal(alone(crops), shown)
    assert alone.outputs(crops).logit is None
    convolutions = [layer for layer in network.branch.modules() if isinstance(layer, torch.nn.Conv2d)]
    assert [layer.stride for layer in convolutions] == [(2, 2), (2, 2)]


def test_the_smooth_variant_agrees_with_central_differences():
    network = fasdr_light((3, 4, 5), head=4, smooth=True).double()
    kinds = {type(layer) for layer in network.modules()}
    assert not kinds & {torch.nn.ReLU, torch.nn.MaxPool2d}
    crops = torch.rand(4, 3, 16, 16, dtype=torch.float64)
    weights = {key: value.detach() for key, value in network.named_parameters()}
    way = {key: torch.randn_like(value) for key, value in weights.items()}

    def loss(weights):
        buffers = {key: value.clone() for key, value in network.named_buffers()}
        return functional_call(network, (weights, buffers), (crops,)).square().mean()

    slope = sum((grad * way[key]).sum() for key, grad in torch.func.grad(loss)(weights).items())
    ahead, behind = (loss({key: value + step * way[key] for key, value in weights.items()}) for step in (1e-5, -1e-5))
    torch.testing.assert_close((ahead - behind) / 2e-5, slope, rtol=1e-6, atol=1e-9)


def test_names_tell_the_variant():
    made = (fasdr(2), fasdr(2, branch=True), fasdr(2, deep=True), fasdr_light((1, 1, 1), head=1))
    assert [network.name for network in made] == ["fasdr", "fasdr_bc", "fasdr_deep", "fasdr_light"]
