import pytest
import torch
from torch import nn
from torch.nn import functional as F

from sincera.nets import multiply_adds, parameters
from sincera.nets.detector import Outputs
from sincera.nets.dtn import dtn, ways


@pytest.fixture
def faces(crops):
    return torch.cat([crops, crops.flip(3), 1 - crops, crops**3, crops.roll(1, 1) * torch.rand(3, 3, 1, 1)])


@pytest.fixture
def balanced(faces):
    """A small tree whose nodes have their means among the faces, so that it parts them."""
    network = dtn(4).eval()
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight)  # the owners' start tells hardly one face from another
    with torch.no_grad():
        network.mu.copy_(network.tree(faces).features.mean(0))
    return network


def test_counts_and_costs_of_the_table():
    with torch.device("meta"):  # shapes alone
        network = dtn()
    assert parameters(network) == 2_296_096
    assert round(multiply_adds(network, 256) / 1e6, 1) == 4_801.7


@pytest.mark.parametrize(("size", "side"), [(256, 32), (64, 8)])
def test_shapes_of_what_training_needs(size, side):
    with torch.device("meta"):
        outputs = dtn().tree(torch.empty(3, 3, size, size))
    shapes = {name: tuple(value.shape) for name, value in outputs._asdict().items()}
    assert shapes == {
        "map": (3, 1, side, side),
        "logit": (3,),
        "leaf_maps": (3, 8, 2, side, side),
        "leaf_classes": (3, 8),
        "routes": (3, 8),
        "visits": (3, 7),
        "projections": (3, 7),
        "features": (3, 7, 2048),
        "directions": (7, 2048),
        "means": (7, 2048),
    }


def walk(network, crop):
    """One face down the tree, as one would write it for one face: only the branches on its way."""
    maps = network.root(crop[None])
    node, nodes = 0, []
    while node < 7:
        maps = network.crus[node](maps)
        seen = network.trus[node](maps)
        if seen.shape[2:] == (16, 16):
            seen = F.avg_pool2d(F.pad(seen, (0, 1, 0, 1)), 3, 2) * 9
            seen = seen / F.avg_pool2d(F.pad(torch.ones(1, 1, 16, 16), (0, 1, 0, 1)), 3, 2) / 9  # a border counts less
        else:
            seen = F.adaptive_avg_pool2d(seen, 8)
        v = network.v[node] / network.v[node].norm()
        nodes.append(node)
        node = 2 * node + (1 if (seen.flatten() - network.mu[node]) @ v >= 0 else 2)
    shown, told = network.leaves[node - 7](maps)
    return nodes, node - 7, shown, told


def test_masks_choose_what_a_walk_down_the_tree_meets(balanced, faces):
    with torch.no_grad():
        outputs = balanced.tree(faces)
        for number, face in enumerate(faces):
            nodes, leaf, shown, told = walk(balanced, face)
            assert outputs.visits[number].nonzero().flatten().tolist() == nodes
            assert outputs.routes[number].nonzero().flatten().tolist() == [leaf]
            torch.testing.assert_close(outputs.map[number], shown[0, 1:], rtol=1e-4, atol=1e-5)
            torch.testing.assert_close(outputs.logit[number], told[0], rtol=1e-4, atol=1e-5)
    assert outputs.routes.sum(0).count_nonzero() >= 3  # else nothing was chosen


def test_the_same_at_256_px():
    network = dtn(2).eval()
    faces = torch.rand(2, 3, 256, 256)
    with torch.no_grad():
        network.mu.copy_(network.tree(faces).features.mean(0))
        outputs = network.tree(faces)
        for number, face in enumerate(faces):
            nodes, _, shown, _ = walk(network, face)
            assert outputs.visits[number].nonzero().flatten().tolist() == nodes
            torch.testing.assert_close(outputs.map[number], shown[0, 1:], rtol=1e-4, atol=1e-5)


def test_every_way_leads_to_one_leaf_of_its_own():
    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 7)
    visits, routes = ways(signs)
    assert torch.equal(routes.sum(1), torch.ones(128))
    assert torch.equal(routes.sum(0), torch.full((8,), 16.0))
    for level in (slice(0, 1), slice(1, 3), slice(3, 7)):
        assert torch.equal(visits[:, level].sum(1), torch.ones(128))
    # a leaf's number, read as three bits, is the sides taken: 0 left, 1 right
    taken = ((signs < 0) * visits)[:, [0]], ((signs < 0) * visits)[:, 1:3].sum(1), ((signs < 0) * visits)[:, 3:].sum(1)
    assert torch.equal(routes.argmax(1).float(), 4 * taken[0][:, 0] + 2 * taken[1] + taken[2])


def test_a_projection_of_zero_goes_left():
    assert ways(torch.zeros(1, 7))[1].argmax() == 0


def test_a_direction_counts_and_not_its_length(balanced, faces):
    with torch.no_grad():
        before = balanced.tree(faces)
        balanced.v *= 5
        after = balanced.tree(faces)
    torch.testing.assert_close(before.projections, after.projections)
    torch.testing.assert_close(after.directions.norm(dim=1), torch.ones(7))


def test_the_map_teaches_the_leaf_that_it_came_from(balanced, faces):
    outputs = balanced.tree(faces)
    outputs.map.sum().backward()
    taught = [leaf.map[1].weight.grad is not None and bool(leaf.map[1].weight.grad.any()) for leaf in balanced.leaves]
    assert taught == (outputs.routes.sum(0) > 0).tolist()
    assert balanced.v.grad is None


def test_outputs_are_those_of_any_detector(balanced, faces):
    outputs, tree = balanced.outputs(faces), balanced.tree(faces)
    assert isinstance(outputs, Outputs)
    assert torch.equal(outputs.map, tree.map)
    assert torch.equal(outputs.logit, tree.logit)
    assert torch.equal(balanced(faces), tree.map)
    assert tree.map.min() >= 0
    assert tree.map.max() <= 1


def test_levels_are_those_of_the_way_taken(balanced, faces):
    levels = balanced.levels(faces)
    assert [tuple(maps.shape[1:]) for maps in levels.values()] == [(4, 32, 32), (4, 16, 16), (4, 8, 8), (1, 8, 8)]
    visits = balanced.tree(faces).visits
    first = balanced.crus[0](balanced.root(faces))
    torch.testing.assert_close(levels["pool1"], first)
    for number in range(len(faces)):
        side = balanced.crus[1 if visits[number, 1] else 2]
        torch.testing.assert_close(levels["pool2"][number], side(first)[number])


def test_an_exported_tree_parts_other_crops_as_the_network_does(balanced, faces):
    program = torch.export.export(balanced, (torch.rand(15, 3, 64, 64),)).module()
    with torch.no_grad():
        torch.testing.assert_close(program(faces), balanced(faces))


def test_layers_of_the_reference():
    with torch.device("meta"):
        network = dtn()
    assert all(layer.bias is None for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear))
    strides = [[layer.stride[0] for layer in tru if isinstance(layer, nn.Conv2d)] for tru in network.trus]
    assert strides == [[2, 2, 2], [2, 2], [2, 2], [2], [2], [2], [2]]
    leaf = network.leaves[0]
    widths = [layer.out_channels for layer in [*leaf.down, *leaf.classify] if isinstance(layer, nn.Conv2d)]
    assert widths == [32, 32, 64, 128]
    assert [layer.out_features for layer in leaf.classify if isinstance(layer, nn.Linear)] == [256, 1]
    assert [layer.p for layer in leaf.classify if isinstance(layer, nn.Dropout)] == [0.3]
    assert {layer.negative_slope for layer in network.modules() if isinstance(layer, nn.LeakyReLU)} == {0.2}
    # every convolution is normed but the root's and the eight that end in a map
    convolutions, norms = (
        sum(isinstance(part, kind) for part in network.modules()) for kind in (nn.Conv2d, nn.BatchNorm2d)
    )
    assert convolutions - norms == 9


def test_a_residual_block_written_out(crops):
    cru = dtn(3).eval().crus[1]
    maps = x = torch.randn(2, 3, 12, 12)
    for block in cru[0].blocks:
        inner = F.leaky_relu(block[1](F.conv2d(x, block[0].weight, padding=1)), 0.2)
        x = F.leaky_relu(block[4](F.conv2d(inner, block[3].weight, padding=1)) + x, 0.2)
    # 3×3 of stride 2 that starts at the corner: what lies over the right and lower border is never the maximum
    expected = F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-torch.inf), 3, 2)
    torch.testing.assert_close(cru(maps), expected)


def test_means_of_a_new_tree_have_not_started():
    network = dtn(2)
    assert not network.started.any()
    assert not network.mu.any()
    assert {"mu", "started"} <= set(network.state_dict())
