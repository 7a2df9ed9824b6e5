"""The episode against one written out layer by layer in float64, and its gradient against finite differences."""

import pytest
import torch
from torch.nn import functional as F

from sincera.errors import UsageError
from sincera.losses.episode import divide_sources, episode_loss
from sincera.nets.rfmetafas import rfmetafas

RATE = 0.3  # great enough for the second order to be seen


def faces(sources, each=4):
    dice = torch.Generator().manual_seed(sources)
    count = sources * each
    order = torch.randperm(count, generator=dice)
    return {
        "crops": torch.rand(count, 3, 16, 16, generator=dice, dtype=torch.float64),
        "labels": (torch.arange(count) % 2)[order],
        "domains": (torch.arange(count) // each)[order],
        "target": torch.rand(count, 1, 2, 2, generator=dice, dtype=torch.float64),
    }


@pytest.fixture
def network():
    torch.manual_seed(6)
    return rfmetafas(2).double()


def embedded(weights, maps):
    """The embedder in train mode, with its weights given one by one."""
    for layer, pooled in (("0", True), ("2", True), ("4", False)):
        maps = F.conv2d(maps, weights[f"{layer}.0.weight"], weights[f"{layer}.0.bias"], padding=1)
        mean, var = maps.mean((0, 2, 3), keepdim=True), maps.var((0, 2, 3), keepdim=True, unbiased=False)
        scale, shift = (weights[f"{layer}.1.{name}"].view(1, -1, 1, 1) for name in ("weight", "bias"))
        maps = torch.relu((maps - mean) / (var + 1e-5).sqrt() * scale + shift)
        maps = F.max_pool2d(maps, 2, ceil_mode=True) if pooled else maps
    return maps.mean((2, 3)) @ weights["7.weight"][0] + weights["7.bias"]


def entropy(logits, labels):
    return -torch.stack(
        [p.log() if label else (1 - p).log() for p, label in zip(logits.sigmoid(), labels.tolist(), strict=True)]
    ).mean()


def plain(network, batch, held, second_order=True):
    """The owners' order of things: each source that teaches, then the one held back under each step."""
    weights = dict(network.embedder.named_parameters())
    classes_train, maps_train, classes_test = 0.0, 0.0, 0.0
    steps = []
    for source in sorted(set(batch["domains"].tolist()) - {held}):
        rows = [row for row, domain in enumerate(batch["domains"].tolist()) if domain == source]
        levels = network.levels(batch["crops"][rows])
        loss = entropy(embedded(weights, levels["pool3"]), batch["labels"][rows])
        classes_train = classes_train + loss
        maps_train = maps_train + (levels["map"] - batch["target"][rows]).square().mean()
        slopes = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
        slopes = slopes if second_order else [slope.detach() for slope in slopes]
        steps.append({name: weights[name] - RATE * slope for name, slope in zip(weights, slopes, strict=True)})
    rows = [row for row, domain in enumerate(batch["domains"].tolist()) if domain == held]
    levels = network.levels(batch["crops"][rows])
    for step in steps:
        classes_test = classes_test + entropy(embedded(step, levels["pool3"]), batch["labels"][rows])
    maps_test = (levels["map"] - batch["target"][rows]).square().mean()
    terms = {"class_train": classes_train, "map_train": maps_train, "class_test": classes_test, "map_test": maps_test}
    return classes_train + 10 * maps_train + classes_test + 10 * maps_test, terms


def gradients(network, total):
    return torch.autograd.grad(total, tuple(network.parameters()))


@pytest.mark.parametrize("sources", [2, 3, 4])
def test_loss_and_gradient_equal_the_plain_loop(network, sources):
    batch = faces(sources)
    total, terms = episode_loss(network, **batch, seed=11, inner_rate=RATE)
    slow, slow_terms = plain(network, batch, divide_sources(batch["domains"], 11)[1])
    assert total.item() == pytest.approx(slow.item(), rel=1e-12)
    assert {k: float(v) for k, v in terms.items()} == pytest.approx({k: v.item() for k, v in slow_terms.items()})
    for ours, theirs in zip(gradients(network, total), gradients(network, slow), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-8, atol=1e-10)


def test_the_gradient_goes_through_the_step(network):
    batch = faces(3)
    total, _ = episode_loss(network, **batch, seed=11, inner_rate=RATE)
    first, _ = plain(network, batch, divide_sources(batch["domains"], 11)[1], second_order=False)
    assert total.item() == pytest.approx(first.item(), rel=1e-12)
    flat, cut = (torch.cat([g.flatten() for g in gradients(network, value)]) for value in (total, first))
    assert (flat - cut).norm() > 1e-3 * flat.norm()


@pytest.mark.parametrize("part", ["stem", "blocks", "head", "embedder"])
def test_the_gradient_equals_finite_differences(network, part):
    batch = faces(3)
    weights = list(getattr(network, part).parameters())
    directions = [torch.randn_like(weight) for weight in weights]

    def value():
        return episode_loss(network, **batch, seed=11, inner_rate=RATE)[0].item()

    def moved(step):
        with torch.no_grad():
            for weight, direction in zip(weights, directions, strict=True):
                weight += step * direction
        return value()

    slopes = torch.autograd.grad(episode_loss(network, **batch, seed=11, inner_rate=RATE)[0], weights)
    expected = sum((slope * direction).sum().item() for slope, direction in zip(slopes, directions, strict=True))
    step = 1e-7
    above = moved(step)
    below = moved(-2 * step)
    assert (above - below) / (2 * step) == pytest.approx(expected, rel=1e-5)


def test_steps_of_zero_leave_the_embedder_as_it_is(network):
    batch = faces(3)
    train, test = divide_sources(batch["domains"], 4)
    _, terms = episode_loss(network, **batch, seed=4, inner_rate=0.0)
    held = batch["domains"] == test
    logits = network.outputs(batch["crops"][held]).logit
    assert float(terms["class_test"]) == pytest.approx(len(train) * entropy(logits, batch["labels"][held]).item())


def test_the_step_that_was_tried_leaves_nothing_behind(network):
    before = {name: value.clone() for name, value in network.named_parameters()}
    total, _ = episode_loss(network, **faces(4), seed=0, inner_rate=RATE)
    total.backward()
    assert all(torch.equal(value, before[name]) for name, value in network.named_parameters())
    passes = {name: int(value) for name, value in network.named_buffers() if name.endswith("num_batches_tracked")}
    for name, count in passes.items():
        assert count == (3 if name.startswith("embedder") else 4)


def test_every_source_is_held_back_in_turn_and_a_seed_decides():
    domains = torch.tensor([7, 2, 2, 9, 7, 9])
    for seed in range(20):
        train, test = divide_sources(domains, seed)
        assert sorted([*train, test]) == [2, 7, 9]
        assert divide_sources(domains.flip(0), seed) == (train, test)
    assert {divide_sources(domains, seed)[1] for seed in range(20)} == {2, 7, 9}


def test_the_drawing_leaves_torchs_own_generator_alone(network):
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    divide_sources(torch.tensor([0, 1]), 5)
    assert torch.equal(torch.rand(1), expected)


def test_a_lone_source_is_refused(network):
    batch = faces(2)
    batch["domains"] = torch.zeros(8, dtype=torch.int64)
    with pytest.raises(UsageError, match="found 1 in the batch, at least 2 are needed"):
        episode_loss(network, **batch, seed=0)


def test_a_short_training_tells_attacks_from_lives():
    torch.manual_seed(2)
    network = rfmetafas(4)
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    dice = torch.Generator().manual_seed(1)

    def batch():
        labels, domains = torch.arange(18) % 2, torch.arange(18) // 6
        crops = 0.4 * torch.rand(18, 3, 32, 32, generator=dice) + 0.1 * domains.view(-1, 1, 1, 1)
        crops[labels == 1, 0] += 0.3
        depth = (1.0 - labels).view(-1, 1, 1, 1).expand(-1, 1, 4, 4)
        return crops, labels, domains, depth

    losses = []
    for step in range(40):
        total, _ = episode_loss(network, *batch(), seed=step)
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        losses.append(total.item())
    assert sum(losses[-5:]) < 0.6 * sum(losses[:5])
    crops, labels, _, _ = batch()
    with torch.no_grad():
        logits = network.eval().outputs(crops).logit
    assert logits[labels == 1].min() > logits[labels == 0].max()
