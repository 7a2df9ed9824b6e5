import math

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, elu, interpolate, leaky_relu

from sincera.errors import UsageError
from sincera.nets import STUDENTS, multiply_adds, parameters, stargan_discriminator, student
from sincera.nets.frtpad import Shrink, frtpad
from sincera.nets.graph import GraphAttention, GraphNetwork, adjacency


def small(name="small", **options):
    return frtpad(name, stargan_discriminator(size=32, width=4, repeat=4, attributes=3), **options)


def official():
    return frtpad("resnet18", stargan_discriminator())


def test_counts_of_the_paper():
    """Table VII prints 75.56 M: a profiler by layers skips the attention's bare parameters."""
    network = official()
    attention = sum(parameters(one) for one in network.modules() if isinstance(one, GraphAttention))
    assert attention == 2 * (512 * 512 + 1024) + 1024 * 512 + 1024
    assert network.printed_parameters() == 75_559_810
    assert parameters(network) == 75_559_810 + attention


@pytest.mark.parametrize(("size", "trunk"), [(224, 1_813_561_344), (256, 2_368_733_184)])
def test_multiply_adds_and_what_of_them_the_paper_prints(size, trunk):
    """3,001.1 M in three parts at 224 px; our counter adds the attention's matrix products and the classifier."""
    network = official()
    teacher = multiply_adds(network.teacher, 128)
    maps = (64, 32, 16, 8)
    adapters = sum(
        conv.weight.numel() * (side // 2 ** (number + 1)) ** 2
        for side, shrink in zip(maps, network.adapter.shrink, strict=True)
        for number, conv in enumerate(one for one in shrink.modules() if isinstance(one, nn.Conv2d))
    )
    assert multiply_adds(network.student.trunk, size) == trunk
    assert (round(teacher / 1e6, 1), round(adapters / 1e6, 1)) == (696.8, 490.7)
    nodes, width, heads = 5, 512, 2
    one_head = nodes * width * width + nodes * 2 * width + nodes * nodes * width  # mix, pair, weighted mean
    joint = nodes * heads * width * width + nodes * 2 * width + nodes * nodes * width
    classifier = 2 * (512 + width)
    assert multiply_adds(network, size) == trunk + teacher + adapters + heads * one_head + joint + classifier
    if size == 224:
        assert round((trunk + teacher + adapters) / 1e6, 1) == 3001.1


def test_adjacency():
    assert adjacency(4, "direct").int().tolist() == [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]]
    assert adjacency(4, "dense").all()
    with pytest.raises(UsageError, match="graph 'tree' does not exist; there are direct, dense"):
        adjacency(4, "tree")


def attended(head, nodes, linked):
    """One face, one pair of nodes at a time."""
    mixed = [node @ head.mix for node in nodes]
    width = len(mixed[0])
    here, there = head.pair[:width, 0], head.pair[width:, 0]
    out = []
    for i in range(len(nodes)):
        near = [j for j in range(len(nodes)) if linked[i, j]]
        energies = [leaky_relu(mixed[i] @ here + mixed[j] @ there, head.slope).exp() for j in near]
        out.append(sum(energy * mixed[j] for energy, j in zip(energies, near, strict=True)) / sum(energies))
    return torch.stack(out)


@pytest.mark.parametrize("graph", ["direct", "dense"])
def test_the_graph_agrees_with_one_walked_node_by_node(graph):
    linked = adjacency(5, graph)
    network = GraphNetwork(linked, 6, heads=2, slope=0.2, chance=0.6).eval()
    faces = torch.randn(3, 5, 6)
    for nodes, found in zip(faces, network(faces), strict=True):
        joined = torch.cat([elu(attended(head, nodes, linked)) for head in network.heads], -1)
        torch.testing.assert_close(found, elu(attended(network.joint, joined, linked)))


def test_a_map_is_halved_until_it_is_wide_enough():
    halvings = [sum(isinstance(one, nn.Conv2d) for one in Shrink(c, 512).modules()) for c in (64, 128, 256, 512)]
    assert halvings == [3, 2, 1, 1]
    assert Shrink(12, 32)(torch.rand(2, 12, 9, 9)).shape == (2, 32)


def test_the_logits_are_those_of_one_layer_over_all_features(crops):
    network = small().eval()
    features = network.features(crops)
    own = network.student.heads["fas"]
    weight = torch.cat((own.weight, network.head.weight), 1)
    torch.testing.assert_close(network(crops), features @ weight.T + own.bias)


def test_features_agree_with_the_parts_they_are_made_of(crops):
    network = small(teacher_norm="none").eval()
    resized = interpolate(crops, (32, 32), mode="bilinear", align_corners=True)
    maps = network.teacher.maps(resized)
    nodes = [shrink(level) for shrink, level in zip(network.adapter.shrink, maps, strict=True)]
    nodes = network.adapter.graph(torch.stack([*nodes, network.teacher(resized)], 1))
    expected = (nodes[:, 0] + nodes[:, 1] + nodes[:, 2] + nodes[:, 3]) / 4 * nodes[:, 4]
    torch.testing.assert_close(network.features(crops), torch.cat((network.student.features(crops), expected), 1))


@pytest.mark.parametrize(("norm", "black"), [("symmetric", -1.0), ("none", 0.0)])
def test_the_teacher_sees_the_range_that_is_asked_for(norm, black):
    seen = {}
    network = small(teacher_norm=norm).eval()
    network.teacher.main[0].register_forward_pre_hook(lambda module, inputs: seen.update(pixels=inputs[0]))
    network(torch.stack((torch.zeros(3, 64, 64), torch.ones(3, 64, 64))))
    assert seen["pixels"].shape == (2, 3, 32, 32)
    torch.testing.assert_close(seen["pixels"][0], torch.full((3, 32, 32), black))
    torch.testing.assert_close(seen["pixels"][1], torch.ones(3, 32, 32))


@pytest.mark.parametrize("name", STUDENTS)
def test_any_student_learns_and_the_teacher_does_not(name, crops):
    network = small(name).train()
    cross_entropy(network(crops), torch.tensor([0, 1, 0])).backward()
    without = {key for key, value in network.named_parameters() if value.grad is None}
    assert without == {key for key, _ in network.named_parameters() if key.startswith("teacher.")}
    assert all(math.isfinite(float(value.grad.sum())) for value in network.parameters() if value.grad is not None)


def test_running_statistics_of_a_teacher_never_move(crops):
    network = small()
    network.teacher.main[1] = nn.Sequential(nn.BatchNorm2d(4), nn.LeakyReLU(0.01))  # StarGAN's own has none
    before = {key: tensor.clone() for key, tensor in network.teacher.state_dict().items()}
    network.train()
    moved = network.adapter.shrink[0].layers[1].running_mean.clone()
    network(crops)
    assert network.adapter.shrink[0].training
    assert not torch.equal(network.adapter.shrink[0].layers[1].running_mean, moved)
    assert not any(module.training for module in network.teacher.modules())
    assert all(torch.equal(tensor, before[key]) for key, tensor in network.teacher.state_dict().items())


def test_a_face_is_judged_alone(crops):
    network = small().eval()
    together = network(crops)
    alone = torch.cat([network(crop[None]) for crop in crops])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


def test_dropout_acts_in_training_alone(crops):
    network = small().eval()
    assert torch.equal(network(crops), network(crops))
    network.train()
    network.student.eval()
    network.adapter.eval()
    assert not torch.equal(network(crops), network(crops))  # before the classifier
    still = small(dropout=0.0, attention_dropout=0.0).train()
    torch.testing.assert_close(still(crops), still(crops))


def test_a_teacher_needs_four_maps():
    with pytest.raises(UsageError, match="a teacher of 3 convolutions; 4 or more"):
        frtpad("small", stargan_discriminator(size=32, width=4, repeat=3))


def test_only_the_student_s_trunk_is_counted_as_one():
    """11,176,512 + 57,811,392 + the adapter's convolutions + a classifier of 1024 inputs."""
    network = official()
    convolutions = sum(parameters(shrink) for shrink in network.adapter.shrink)
    assert parameters(student("resnet18").trunk) + parameters(network.teacher) == 11_176_512 + 57_811_392
    assert convolutions == 6_569_856
    assert 11_176_512 + 57_811_392 + convolutions + 1024 * 2 + 2 == network.printed_parameters()
