"""The tree's losses against loops in float64 with explicit covariances, and in what they teach."""

import math

import pytest
import torch
from torch.nn.functional import normalize

from sincera.errors import UsageError
from sincera.losses.tree import follow_means, leaf_loss, route_loss, tree_loss, uniqueness_loss
from sincera.nets.dtn import DtnOutputs, dtn, ways

LEVEL_WEIGHTS = [1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]
FACES, WIDTH = 14, 5


def of_tree(features, v, means, leaf_maps=None, leaf_classes=None):
    directions = normalize(v)
    projections = torch.einsum("bnf,nf->bn", features - means, directions)
    visits, routes = ways(projections)
    if leaf_maps is None:
        leaf_maps, leaf_classes = torch.zeros(len(features), 8, 2, 3, 3).to(features), torch.zeros_like(routes)
    chosen = routes.argmax(1)
    rows = torch.arange(len(features))
    return DtnOutputs(
        map=leaf_maps[rows, chosen, 1:],
        logit=leaf_classes[rows, chosen],
        leaf_maps=leaf_maps,
        leaf_classes=leaf_classes,
        routes=routes,
        visits=visits,
        projections=projections,
        features=features,
        directions=directions,
        means=means,
    )


@pytest.fixture
def made():
    dice = torch.Generator().manual_seed(4)

    def draw(*shape):
        return torch.randn(*shape, generator=dice, dtype=torch.float64)

    outputs = of_tree(
        3 * draw(FACES, 7, WIDTH), draw(7, WIDTH), draw(7, WIDTH), draw(FACES, 8, 2, 3, 3).sigmoid(), draw(FACES, 8)
    )
    labels = torch.tensor([1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 0])
    return outputs, labels, draw(FACES, 2, 3, 3).sigmoid()


def on_the_way(outputs, node, face):
    """Whether a face passes a node, found from the leaf upwards."""
    place = 7 + int(outputs.routes[face].argmax())
    while place > 0:
        place = (place - 1) // 2
        if place == node:
            return True
    return False


def slow_nodes(outputs, labels, alpha, beta):
    route, uniqueness = 0.0, 0.0
    for node in range(7):
        mine = [face for face in range(len(labels)) if labels[face] == 1 and on_the_way(outputs, node, face)]
        if len(mine) < 2:
            continue
        others = [face for face in range(len(labels)) if face not in mine]
        v = outputs.directions[node]
        centred = torch.stack([outputs.features[face, node] - outputs.means[node] for face in mine])
        covariance = centred.T @ centred / len(mine)
        spread = float(v @ covariance @ v)
        route += LEVEL_WEIGHTS[node] * (math.exp(-alpha * spread) + beta * float(covariance.trace()))
        away = [float((outputs.features[face, node] - outputs.means[node]) @ v) ** 2 for face in others]
        own = [float(one @ v) ** 2 for one in centred]
        uniqueness += LEVEL_WEIGHTS[node] * ((sum(away) / len(away) if away else 0.0) - sum(own) / len(own))
    return route / 7, uniqueness / 7


def slow_leaves(predicted, target, routes, labels):
    total = 0.0
    for leaf in range(8):
        attacks, lives = [], []
        for face in range(len(labels)):
            distance = float((predicted[face, leaf] - target[face]).abs().mean())
            if labels[face] == 0:
                lives.append(distance)
            elif routes[face, leaf] == 1:
                attacks.append(distance)
        if attacks:
            total += (sum(attacks) / len(attacks) + (sum(lives) / len(lives) if lives else 0.0)) / 2
    return total / 8


@pytest.mark.parametrize(("alpha", "beta"), [(1e-3, 1e-2), (0.2, 0.5)])
def test_nodes_equal_the_loop_with_covariances(made, alpha, beta):
    outputs, labels, _ = made
    route, uniqueness = slow_nodes(outputs, labels, alpha, beta)
    labels = labels.double()
    assert float(route_loss(outputs, labels, spread_scale=alpha, trace_weight=beta)) == pytest.approx(route, rel=1e-12)
    assert float(uniqueness_loss(outputs, labels)) == pytest.approx(uniqueness, rel=1e-12)


def test_leaves_equal_the_loop(made):
    outputs, labels, target = made
    slow = slow_leaves(outputs.leaf_maps, target, outputs.routes, labels)
    assert float(leaf_loss(outputs.leaf_maps, target, outputs.routes, labels.double())) == pytest.approx(
        slow, rel=1e-12
    )
    slow = slow_leaves(outputs.leaf_classes, labels, outputs.routes, labels)
    fast = leaf_loss(outputs.leaf_classes, labels.double(), outputs.routes, labels.double())
    assert float(fast) == pytest.approx(slow, rel=1e-12)


def test_the_total_is_the_owners_sum(made):
    outputs, labels, target = made
    route, uniqueness = slow_nodes(outputs, labels, 1e-3, 1e-2)
    maps = slow_leaves(outputs.leaf_maps, target, outputs.routes, labels)
    classes = slow_leaves(outputs.leaf_classes, labels, outputs.routes, labels)
    total, terms = tree_loss(outputs, target, labels, active=True)
    assert float(total) == pytest.approx(maps + 0.001 * classes + 2 * route + 0.001 * uniqueness, rel=1e-12)
    expected = {"map": maps, "class": classes, "route": route, "uniqueness": uniqueness}
    assert {name: float(term) for name, term in terms.items()} == pytest.approx(expected)
    waiting, same = tree_loss(outputs, target, labels, active=False)
    assert float(waiting) == pytest.approx(maps + 0.001 * classes, rel=1e-12)
    assert same.keys() == terms.keys()


def test_a_target_of_one_channel_is_the_mask_alone(made):
    outputs, labels, target = made
    terms = tree_loss(outputs, target[:, 1:], labels, active=False)[1]
    slow = slow_leaves(outputs.leaf_maps[:, :, 1:], target[:, 1:], outputs.routes, labels)
    assert float(terms["map"]) == pytest.approx(slow, rel=1e-12)


def test_a_target_of_another_size_is_refused(made):
    outputs, labels, _ = made
    with pytest.raises(UsageError, match=r"\(14, 8, 1, 3, 3\) and a target \(14, 1, 4, 4\) do not fit"):
        tree_loss(outputs, torch.zeros(FACES, 1, 4, 4), labels, active=True)


@pytest.mark.parametrize("label", [0, 1])
def test_a_batch_of_one_class_has_finite_losses(made, label):
    outputs, _, target = made
    labels = torch.full((FACES,), label)
    total, terms = tree_loss(outputs, target, labels, active=True)
    assert torch.isfinite(total)
    if label == 0:  # nobody walks the tree
        assert float(total) == 0
    else:
        assert float(terms["uniqueness"]) == pytest.approx(slow_nodes(outputs, labels, 1e-3, 1e-2)[1])


def test_a_lone_visitor_says_nothing_of_a_nodes_spread(made):
    outputs, _, _ = made
    labels = torch.zeros(FACES, dtype=torch.float64)
    labels[2] = 1
    assert float(route_loss(outputs, labels)) == 0
    assert float(uniqueness_loss(outputs, labels)) == 0


def test_gradients_equal_finite_differences():
    dice = torch.Generator().manual_seed(7)
    features, v, means = (
        torch.randn(*shape, generator=dice, dtype=torch.float64) for shape in ((6, 7, 3), (7, 3), (7, 3))
    )
    labels = torch.tensor([1, 1, 1, 1, 0, 1]).double()

    def both(features, v):
        outputs = of_tree(features, v, means)
        return route_loss(outputs, labels, spread_scale=0.1), uniqueness_loss(outputs, labels)

    assert torch.autograd.gradcheck(both, (features.requires_grad_(), v.requires_grad_()))


def test_a_nodes_direction_turns_to_where_attacks_differ_most():
    dice = torch.Generator().manual_seed(5)
    features = 0.3 * torch.randn(40, 7, 6, generator=dice)
    features[:, :, 2] += 3 * torch.tensor([-1.0, 1.0]).repeat(20).unsqueeze(1)  # two kinds of attack
    v = torch.randn(7, 6, generator=dice).requires_grad_()
    means = features.mean(0)
    optimiser = torch.optim.Adam([v], lr=0.05)
    for _ in range(150):
        optimiser.zero_grad()
        loss = route_loss(of_tree(features, v, means), torch.ones(40), spread_scale=0.1)
        loss.backward()
        optimiser.step()
    assert normalize(v)[0, 2].abs() > 0.98
    routes = of_tree(features, v, means).routes
    left = routes[:, :4].sum(1)
    assert left[::2].mean() in (0, 1)  # one kind goes one way
    assert left[1::2].mean() == 1 - left[::2].mean()


def test_means_follow_the_visiting_attacks(made):
    outputs, labels, _ = made
    network = dtn(1).double()
    network.mu = torch.randn(7, WIDTH, dtype=torch.float64)
    network.started = torch.tensor([True, True, False, True, False, True, False])
    before, started = network.mu.clone(), network.started.clone()
    follow_means(network, outputs, labels, rate=0.25)
    met = 0
    for node in range(7):
        mine = [face for face in range(FACES) if labels[face] == 1 and on_the_way(outputs, node, face)]
        if len(mine) < 2:
            assert torch.equal(network.mu[node], before[node])
            assert network.started[node] == started[node]
            continue
        met += 1
        mean = torch.stack([outputs.features[face, node] for face in mine]).mean(0)
        expected = 0.75 * before[node] + 0.25 * mean if started[node] else mean
        torch.testing.assert_close(network.mu[node], expected)
        assert network.started[node]
    assert 3 <= met < 7


def test_means_over_ranks_are_those_of_one_process(made):
    outputs, labels, _ = made
    whole, part = dtn(1).double(), dtn(1).double()
    whole.mu = part.mu = torch.zeros(7, WIDTH, dtype=torch.float64)
    follow_means(whole, outputs, labels)
    halves = [DtnOutputs(*(value[start::2] for value in outputs)) for start in (0, 1)]
    sums = []
    follow_means(part, halves[1], labels[1::2], total=lambda tensor: sums.append(tensor) or tensor)
    there = iter(sums)  # what the other rank would add
    part.started.zero_()
    follow_means(part, halves[0], labels[::2], total=lambda tensor: tensor + next(there))
    torch.testing.assert_close(part.mu, whole.mu)
    assert torch.equal(part.started, whole.started)


def test_a_short_training_tells_attacks_from_lives():
    torch.manual_seed(0)
    network = dtn(4).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3, betas=(0.5, 0.999))
    dice = torch.Generator().manual_seed(1)

    def batch():
        labels = torch.arange(16) % 2
        crops = 0.4 * torch.rand(16, 3, 32, 32, generator=dice) + 0.3
        crops[1::4, 0] += 0.3  # two kinds of attack: reddish, and bright along one side
        crops[3::4, :, :, 16:] += 0.3
        return crops, labels, labels.float().view(-1, 1, 1, 1).expand(-1, 1, 4, 4)

    losses = []
    for step in range(50):
        crops, labels, target = batch()
        outputs = network.tree(crops)
        total, terms = tree_loss(outputs, target, labels, active=step >= 12)
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        follow_means(network, outputs, labels, rate=0.1)
        losses.append(float(terms["map"]))
    assert network.started.sum() >= 3
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    crops, labels, _ = batch()
    with torch.no_grad():
        scores = network.eval()(crops).mean((1, 2, 3))
    assert scores[labels == 1].min() > scores[labels == 0].max()
