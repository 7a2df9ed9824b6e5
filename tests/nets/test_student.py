import pytest
import torch
from torch.nn.functional import cross_entropy

from sincera.errors import UsageError
from sincera.nets import STUDENTS, Normalise, multiply_adds, parameters, resnet18_student, student

COUNTS = {  # trunk, with one head of two
    "small": (280_424, 280_618),
    "mobilefacenet": (1_003_136, 1_003_394),
    "mobilenet_v2": (2_223_872, 2_226_434),
    "resnet18": (11_176_512, 11_177_538),
}

each = pytest.mark.parametrize("name", STUDENTS)


@each
def test_counts_of_parameters(name):
    network = student(name)
    assert (parameters(network.trunk), parameters(network)) == COUNTS[name]


def test_counts_of_the_paper():
    assert parameters(resnet18_student()) == 11_702_850
    assert parameters(resnet18_student({"edi": 512, "rec": 5, "fas": 2})) == 11_442_759
    assert parameters(resnet18_student().deployed()) == 11_177_538
    assert parameters(student("resnet18", {"domain": 3})) == 11_178_051


def convolution_multiply_adds(network, size):
    """The slow way: watch each layer and count the products of its outputs."""
    total = 0

    def count(layer, inputs, output):
        nonlocal total
        per_output = layer.weight[0].numel()
        total += per_output * output.numel()

    hooks = [
        layer.register_forward_hook(count)
        for layer in network.modules()
        if isinstance(layer, (torch.nn.Conv2d, torch.nn.Linear))
    ]
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return total


@each
def test_multiply_adds_agree_with_a_count_by_layer(name):
    network = student(name)
    assert multiply_adds(network, 64) == convolution_multiply_adds(network, 64)


def test_the_small_student_stays_small():
    network = student("small")
    assert parameters(network) <= 300_000
    assert multiply_adds(network, 128) <= 25_000_000


def test_counting_leaves_the_mode_and_the_running_statistics_alone():
    network = student("small").train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    multiply_adds(network, 64)
    assert network.training
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


@each
def test_shapes_of_logits_and_levels(name, crops):
    network = student(name, {"rec": 7, "fas": 2})
    assert network(crops).shape == (3, 2)
    assert {head: logits.shape for head, logits in network.logits(crops).items()} == {"rec": (3, 7), "fas": (3, 2)}
    levels = network.levels(crops)
    assert levels.pop("features").shape == (3, network.feature_width)
    assert len(levels) == 4
    for level, maps in levels.items():
        stride = int(level.removeprefix("stride"))
        assert maps.shape[2:] == (64 // stride, 64 // stride)


@each
def test_crops_need_not_be_square_nor_a_multiple_of_the_stride(name):
    assert student(name)(torch.rand(2, 3, 75, 90)).shape == (2, 2)


@each
def test_the_gradient_reaches_everything_and_the_crops(name, crops):
    network = student(name, {"rec": 7, "fas": 2}).train()
    crops.requires_grad_()
    logits = network.logits(crops)
    (cross_entropy(logits["fas"], torch.tensor([0, 1, 0])) + logits["rec"].square().mean()).backward()
    without = [name for name, value in network.named_parameters() if value.grad is None or not value.grad.any()]
    assert without == []
    assert crops.grad.abs().sum() > 0


@each
def test_scores_do_not_depend_on_the_neighbours_in_the_batch(name, crops):
    network = student(name)
    network(crops)  # so that running statistics are not those of a new network
    network.eval()
    with torch.no_grad():
        together = network(crops)
        alone = torch.cat([network(crop[None]) for crop in crops])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-4)


@each
def test_a_seed_gives_the_same_network(name):
    torch.manual_seed(5)
    first = student(name).state_dict()
    torch.manual_seed(5)
    again = student(name).state_dict()
    other = student(name).state_dict()
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@each
def test_a_trace_gives_the_same_scores_on_other_crops(name, crops):
    network = student(name).eval()
    program = torch.export.export(network, (torch.rand_like(crops),))
    with torch.no_grad():
        torch.testing.assert_close(program.module()(crops), network(crops))


@each
def test_main_head_is_the_one_of_the_named_heads(name, crops):
    network = student(name, {"rec": 7, "fas": 2}).eval()
    torch.testing.assert_close(network(crops), network.logits(crops)["fas"])
    torch.testing.assert_close(network(crops), network.heads["fas"](network.features(crops)))
    assert student(name, {"domain": 3})(crops).shape == (3, 3)


def test_the_deployed_network_gives_the_same_scores_with_the_main_head_alone(crops):
    network = resnet18_student().eval()
    alone = network.deployed()
    assert list(alone.heads) == ["fas"]
    assert not alone.training
    assert torch.equal(alone(crops), network(crops))


def test_normalisation():
    white = torch.ones(1, 3, 1, 1)
    assert Normalise("symmetric")(white).flatten().tolist() == [1, 1, 1]
    assert Normalise("none")(white * 0.25).flatten().tolist() == [0.25] * 3
    expected = [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    assert Normalise("imagenet")(white).flatten().tolist() == pytest.approx(expected)
    assert Normalise("imagenet").state_dict() == {}


def test_normalisation_lies_inside_the_network(crops):
    torch.manual_seed(3)
    plain = student("small", norm="none").eval()
    torch.manual_seed(3)
    wrapped = student("small", norm="imagenet").eval()
    torch.testing.assert_close(wrapped(crops), plain(Normalise("imagenet")(crops)))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: student("resnet81"), r"'resnet81' does not exist; did you mean 'resnet18'\? There are small,"),
        (lambda: student("nothing like it"), "'nothing like it' does not exist. There are small,"),
        (lambda: student("small", {}), "network small: heads {}; at least one"),
        (lambda: student("small", {"fas": 0}), "heads {'fas': 0}; at least one"),
        (lambda: student("small", norm="minmax"), "'minmax' does not exist; there are imagenet, symmetric, none"),
    ],
)
def test_wrong_use_is_named(build, message):
    with pytest.raises(UsageError, match=message):
        build()


def test_the_small_student_learns(crops):
    """Stripes against plain colour: the network must tell them apart within a few steps."""
    generator = torch.Generator().manual_seed(2)
    labels = torch.arange(32) % 2
    pictures = torch.rand(32, 3, 1, 1, generator=generator).expand(32, 3, 64, 64).clone()
    pictures[labels == 1, :, ::4] *= 0.7
    network = student("small").train()
    optimiser = torch.optim.SGD(network.parameters(), 0.05, momentum=0.9)
    for _ in range(15):
        optimiser.zero_grad()
        cross_entropy(network(pictures), labels).backward()
        optimiser.step()
    assert (network(pictures).argmax(1) == labels).float().mean() > 0.95
