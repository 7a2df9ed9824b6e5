import pytest
import torch
from torch.nn.functional import batch_norm, conv2d, linear, prelu

from sincera.errors import UsageError, WeightsError
from sincera.nets import iresnet, iresnet_of, multiply_adds, parameters, read_tensors

LAYOUT = {"blocks": (1, 2, 1, 1), "channels": (4, 6, 8, 10), "width": 12, "size": 48}


@pytest.fixture
def network():
    return iresnet(**LAYOUT).eval()


@pytest.fixture
def pixels():
    return torch.rand(3, 3, 48, 48) * 2 - 1


def test_counts_of_the_official_depths():
    """The frozen scale of the last norm included."""
    assert parameters(iresnet(18)) == 24_025_600
    assert parameters(iresnet(50)) == 43_590_848


def test_multiply_adds_at_112_pixels():
    assert round(multiply_adds(iresnet(18), 112) / 1e9, 2) == 2.61
    assert round(multiply_adds(iresnet(50), 112) / 1e9, 2) == 6.31


def norm(name):
    return {f"{name}.{part}" for part in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")}


def block(name, *, first):
    keys = norm(f"{name}.bn1") | norm(f"{name}.bn2") | norm(f"{name}.bn3")
    keys |= {f"{name}.conv1.weight", f"{name}.conv2.weight", f"{name}.prelu.weight"}
    return keys | ({f"{name}.downsample.0.weight"} | norm(f"{name}.downsample.1") if first else set())


@pytest.mark.parametrize(("depth", "blocks"), [(18, (2, 2, 2, 2)), (34, (3, 4, 6, 3))])
def test_keys_are_those_of_the_owner_s_files(depth, blocks):
    expected = {"conv1.weight", "prelu.weight", "fc.weight", "fc.bias"} | norm("bn1") | norm("bn2") | norm("features")
    for stage, count in enumerate(blocks, start=1):
        for number in range(count):
            expected |= block(f"layer{stage}.{number}", first=number == 0)
    assert set(iresnet(depth, channels=(4, 4, 4, 4), width=8, size=16).state_dict()) == expected


def by_hand(tensors, pixels):
    """The owner's network written out with functions, from a file's tensors alone."""

    def normed(name, x):
        state = [tensors[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
        return batch_norm(x, *state, eps=1e-5)

    x = conv2d(pixels, tensors["conv1.weight"], padding=1)
    x = prelu(normed("bn1", x), tensors["prelu.weight"])
    for stage, count in enumerate(LAYOUT["blocks"], start=1):
        for number in range(count):
            name, stride = f"layer{stage}.{number}", 2 if number == 0 else 1
            out = conv2d(normed(f"{name}.bn1", x), tensors[f"{name}.conv1.weight"], padding=1)
            out = prelu(normed(f"{name}.bn2", out), tensors[f"{name}.prelu.weight"])
            out = normed(f"{name}.bn3", conv2d(out, tensors[f"{name}.conv2.weight"], stride=stride, padding=1))
            if number == 0:
                x = normed(f"{name}.downsample.1", conv2d(x, tensors[f"{name}.downsample.0.weight"], stride=2))
            x = x + out
    x = normed("bn2", x).flatten(1)
    return normed("features", linear(x, tensors["fc.weight"], tensors["fc.bias"]))


def test_the_embedding_agrees_with_one_computed_by_hand(network, pixels):
    for tensor in network.state_dict().values():  # no norm may be the identity
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1).mul_(0.3) if tensor.dim() > 1 else tensor.uniform_(0.5, 1.5)
    torch.testing.assert_close(network(pixels), by_hand(network.state_dict(), pixels), rtol=1e-4, atol=1e-4)
    assert network(pixels).shape == (3, 12)
    assert [tuple(level.shape[1:]) for level in network.maps(pixels)] == [
        (4, 24, 24), (6, 12, 12), (8, 6, 6), (10, 3, 3),
    ]  # fmt: skip


def test_the_scale_of_the_embedding_is_one_and_frozen(network):
    assert not network.features.weight.requires_grad
    assert network.features.weight.eq(1).all()
    assert all(value.requires_grad for name, value in network.named_parameters() if name != "features.weight")


def test_dropout_acts_in_training_alone(pixels):
    network = iresnet(**LAYOUT, dropout=0.5).eval()
    assert torch.equal(network(pixels), network(pixels))
    network.dropout.train()
    assert not torch.equal(network(pixels), network(pixels))


def test_an_untrained_network_answers_in_numbers_of_ordinary_size():
    assert iresnet(18).eval()(torch.rand(2, 3, 112, 112) * 2 - 1).abs().max() < 1000


@pytest.mark.parametrize(
    "layout",
    [
        {"blocks": (1, 1, 1, 1), "channels": (16, 32, 64, 128), "width": 128, "size": 96},
        {"blocks": (3, 1, 2, 1), "channels": (4, 8, 4, 2), "width": 5, "size": 16},
        {"blocks": (3, 4, 14, 3), "channels": (2, 2, 2, 2), "width": 3, "size": 32},
    ],
)
def test_the_layout_is_told_by_keys_and_shapes(layout):
    network = iresnet(**layout)
    found = iresnet_of(network.state_dict())
    assert {name: getattr(found, name) for name in layout} == layout
    assert all(torch.equal(found.state_dict()[key], tensor) for key, tensor in network.state_dict().items())


def test_files_as_their_owners_write_them(network, pixels, tmp_path):
    """DataParallel's prefix, a state_dict within, half precision, no counters."""
    tensors = {
        f"module.{key}": tensor.half()
        for key, tensor in network.state_dict().items()
        if "num_batches_tracked" not in key
    }
    torch.save({"state_dict": tensors}, tmp_path / "backbone.pth")
    found = iresnet_of(read_tensors(tmp_path / "backbone.pth")).eval()
    assert found.fc.weight.dtype == torch.float32
    torch.testing.assert_close(found(pixels), network(pixels), rtol=0.02, atol=0.02)
    assert iresnet_of(tensors).blocks == LAYOUT["blocks"]


def changed(**changes):
    def change(tensors):
        named = {key.replace("__", "."): tensor for key, tensor in changes.items()}
        return {key: tensor for key, tensor in (tensors | named).items() if tensor is not None}

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            changed(layer2__1__bn2__weight=None),
            r"layer2\.1\.bn2\.weight is missing; IResNet needs it with shape \(6,\)",
        ),
        (changed(fc__weight=None), r"fc\.weight is missing"),
        (changed(layer3__0__conv1__weight=None), r"layer3\.0\.conv1\.weight is missing"),
        (changed(prelu__weight=torch.ones(1)), r"prelu\.weight has shape \(1,\), IResNet needs \(4,\)"),
        (changed(fc__weight=torch.ones(12, 91)), r"fc\.weight has shape \(12, 91\); IResNet needs 10 times a square"),
        (changed(fc__weight=torch.ones(12)), r"fc\.weight has shape \(12,\); IResNet needs 2 dimensions"),
        (changed(weight=torch.ones(5)), r"weight does not exist in IResNet \(1 such keys\)"),
    ],
)
def test_the_first_key_that_does_not_fit_is_named(network, change, message):
    with pytest.raises(WeightsError, match=rf"backbone\.pth: {message}"):
        iresnet_of(change(network.state_dict()), path="backbone.pth")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 20}, "depth 20 does not exist; there are 18, 34, 50, 100"),
        ({"blocks": (1, 1, 1)}, r"blocks \(1, 1, 1\), .* four stages"),
        ({"channels": (4, 4, 0, 4)}, "nothing below 1"),
        ({"size": 100}, "size 100; a multiple of 16"),
        ({"size": 0}, "size 0; a multiple of 16"),
    ],
)
def test_layouts_that_cannot_be(arguments, message):
    with pytest.raises(UsageError, match=message):
        iresnet(**arguments)


def test_the_gradient_reaches_everything_that_is_not_frozen(network, pixels):
    network.train()(pixels).square().mean(0)[0].backward()
    assert [name for name, value in network.named_parameters() if value.grad is None] == ["features.weight"]
