import pytest
import torch
from torch.nn.functional import conv2d, leaky_relu

from sincera.errors import UsageError, WeightsError
from sincera.nets import (
    discriminator_of,
    multiply_adds,
    parameters,
    read_tensors,
    stargan_discriminator,
    stargan_generator,
    stargan_projection,
)

LAYOUT = {"size": 48, "width": 3, "repeat": 3, "attributes": 4}


@pytest.fixture
def discriminator():
    return stargan_discriminator(**LAYOUT)


@pytest.fixture
def pixels():
    return torch.rand(2, 3, 48, 48) * 2 - 1


def test_counts_of_the_official_layout():
    discriminator = stargan_discriminator()
    assert parameters(discriminator) == 44_762_048
    assert parameters(stargan_projection(discriminator)) == 57_811_392
    assert parameters(stargan_generator()) == 8_430_528


def test_multiply_adds_at_128_pixels():
    discriminator = stargan_discriminator()
    assert round(multiply_adds(discriminator, 128) / 1e6) == 684
    assert round(multiply_adds(stargan_projection(discriminator), 128) / 1e6, 1) == 696.8


def test_keys_of_the_discriminator_are_those_of_the_owner_s_files():
    main = {f"main.{2 * number}.{part}" for number in range(6) for part in ("weight", "bias")}
    shapes = {key: tuple(tensor.shape) for key, tensor in stargan_discriminator().state_dict().items()}
    assert set(shapes) == main | {"conv1.weight", "conv2.weight"}
    assert (shapes["main.0.weight"], shapes["main.10.weight"]) == ((64, 3, 4, 4), (2048, 1024, 4, 4))
    assert (shapes["conv1.weight"], shapes["conv2.weight"]) == ((1, 2048, 3, 3), (5, 2048, 2, 2))


def test_maps_and_outputs_agree_with_those_computed_by_hand(discriminator, pixels):
    tensors = discriminator.state_dict()
    maps, x = [], pixels
    for number in range(3):
        x = conv2d(x, tensors[f"main.{2 * number}.weight"], tensors[f"main.{2 * number}.bias"], stride=2, padding=1)
        x = leaky_relu(x, 0.01)
        maps.append(x)
    for found, expected in zip(discriminator.maps(pixels), maps, strict=True):
        torch.testing.assert_close(found, expected)
    assert [tuple(level.shape[1:]) for level in maps] == [(3, 24, 24), (6, 12, 12), (12, 6, 6)]
    patches, logits = discriminator(pixels)
    torch.testing.assert_close(patches, conv2d(x, tensors["conv1.weight"], padding=1))
    torch.testing.assert_close(logits, torch.einsum("bchw,kchw->bk", x, tensors["conv2.weight"]))
    for found, expected in zip(discriminator.trunk_maps(pixels), maps[-2:], strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    "layout",
    [
        LAYOUT,
        {"size": 96, "width": 16, "repeat": 5, "attributes": 9},
        {"size": 8, "width": 2, "repeat": 2, "attributes": 1},
    ],
)
def test_the_layout_is_told_by_keys_and_shapes(layout, tmp_path):
    discriminator = stargan_discriminator(**layout)
    wrapped = {f"module.{key}": tensor for key, tensor in discriminator.state_dict().items()}
    torch.save(wrapped, tmp_path / "200000-D.ckpt")
    found = discriminator_of(read_tensors(tmp_path / "200000-D.ckpt"))
    assert {name: getattr(found, name) for name in layout} == layout
    assert all(torch.equal(found.state_dict()[key], tensor) for key, tensor in discriminator.state_dict().items())


def changed(**changes):
    def change(tensors):
        named = {key.replace("__", "."): tensor for key, tensor in changes.items()}
        return {key: tensor for key, tensor in (tensors | named).items() if tensor is not None}

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed(conv2__weight=None), r"conv2\.weight is missing"),
        (changed(main__2__weight=None), r"main\.2\.weight is missing; StarganDiscriminator needs it with shape \(6, 3"),
        (changed(main__4__bias=torch.ones(7)), r"main\.4\.bias has shape \(7,\), StarganDiscriminator needs \(12,\)"),
        (changed(main__0__weight=torch.ones(3)), r"main\.0\.weight has shape \(3,\); .* 4 dimensions"),
        (changed(conv3__weight=torch.ones(3)), r"conv3\.weight does not exist in StarganDiscriminator"),
        (lambda tensors: {key: value for key, value in tensors.items() if key[:6] in ("main.0", "conv2.")}, "two conv"),
    ],
)
def test_the_first_key_that_does_not_fit_is_named(discriminator, change, message):
    with pytest.raises(WeightsError, match=rf"D\.ckpt: .*{message}"):
        discriminator_of(change(discriminator.state_dict()), path="D.ckpt")


def test_the_generator_s_file_is_no_discriminator():
    with pytest.raises(WeightsError, match=r"conv2\.weight is missing; .*another network"):
        discriminator_of(stargan_generator(width=2, repeat=1).state_dict())


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: stargan_discriminator(size=100), "size 100 with 6 halvings; a multiple of 64"),
        (lambda: stargan_discriminator(size=0), "size 0 with 6 halvings"),
        (lambda: stargan_discriminator(repeat=1), "repeat 1, .* at least 1, 2 and 1"),
        (lambda: stargan_generator(attributes=0), "attributes 0; at least 1"),
    ],
)
def test_layouts_that_cannot_be(build, message):
    with pytest.raises(UsageError, match=message):
        build()


def test_the_projection_agrees_with_one_computed_by_hand(discriminator, pixels):
    projection = stargan_projection(discriminator, 7)
    fine, coarse = discriminator.trunk_maps(pixels)
    state = projection.state_dict()
    first = fine.flatten(1) @ state["fine.weight"].T + state["fine.bias"]
    second = coarse.flatten(1) @ state["coarse.weight"].T + state["coarse.bias"]
    expected = torch.cat((first, second), 1) @ state["joint.weight"].T + state["joint.bias"]
    torch.testing.assert_close(projection(pixels), expected)
    assert projection(pixels).shape == (2, 7)
    assert not any(key.startswith(("conv1", "conv2")) for key in state)


def test_a_projection_is_random_frozen_and_seeded(discriminator):
    def drawn(seed):
        projection = stargan_projection(discriminator, 7, generator=torch.Generator().manual_seed(seed))
        return {key: value for key, value in projection.named_parameters() if not key.startswith("main.")}

    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    first, again, other = drawn(0), drawn(0), drawn(1)
    assert torch.equal(torch.rand(3), expected)  # with a generator of its own it moves no other
    assert len(first) == 6
    for key, value in first.items():
        assert not value.requires_grad
        assert torch.equal(value, again[key])
        assert not torch.equal(value, other[key])
    inputs = first["fine.weight"].shape[1]
    torch.testing.assert_close(first["fine.weight"].std(), torch.tensor((3 * inputs) ** -0.5), rtol=0.05, atol=0)


def test_the_projection_shares_the_discriminator_s_convolutions(discriminator, pixels):
    projection = stargan_projection(discriminator, 7)
    assert projection.main is discriminator.main
    assert all(parameter.requires_grad for parameter in projection.main.parameters())
    projection(pixels).sum().backward()
    assert all(parameter.grad is not None for parameter in discriminator.main.parameters())


def test_keys_of_the_generator_are_those_of_the_owner_s_files():
    def norm(name):
        parts = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
        return {f"{name}.{part}" for part in parts}

    expected = {"main.0.weight"} | norm("main.1")
    for convolution in (3, 6, 15, 18):
        expected |= {f"main.{convolution}.weight"} | norm(f"main.{convolution + 1}")
    for block in range(9, 15):
        for convolution in (0, 3):
            name = f"main.{block}.main"
            expected |= {f"{name}.{convolution}.weight"} | norm(f"{name}.{convolution + 1}")
    expected |= {"main.21.weight"}
    assert set(stargan_generator(width=2).state_dict()) == expected


def test_generated_pictures_depend_on_the_wish_and_on_no_running_statistic(pixels):
    generator = stargan_generator(width=4, repeat=2, attributes=3).train()
    wish = torch.tensor([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    before = {key: tensor.clone() for key, tensor in generator.state_dict().items()}
    trained = generator(pixels, wish)
    assert trained.shape == pixels.shape
    assert trained.abs().max() <= 1
    assert all(torch.equal(tensor, before[key]) for key, tensor in generator.state_dict().items())
    torch.testing.assert_close(generator.eval()(pixels, wish), trained)
    torch.testing.assert_close(generator(pixels[:1], wish[:1]), trained[:1])  # each picture's own statistics
    assert not torch.allclose(generator(pixels, 1 - wish), trained)


def test_instance_norm_is_each_channel_s_mean_and_deviation():
    norm = stargan_generator(width=2, repeat=1).main[1]
    x = torch.rand(3, 2, 5, 4)
    expected = (x - x.mean((2, 3), keepdim=True)) / (x.var((2, 3), keepdim=True, unbiased=False) + 1e-5).sqrt()
    torch.testing.assert_close(norm(x), expected, rtol=1e-4, atol=1e-5)
