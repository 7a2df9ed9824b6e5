import pytest
import torch
from torch.func import functional_call, grad, jvp
from torch.nn.functional import interpolate

from sincera.errors import UsageError
from sincera.nets import parameters
from sincera.nets.detectors import DETECTORS, MAP_TEACHERS, detector, map_teacher

each = pytest.mark.parametrize("name", DETECTORS)
BRANCHED = {"fasdr_bc", "dtn", "rfmetafas"}
UNTOLD = {"dtn"}  # leaves that no face comes to, and the ways to them, learn from the tree's own losses alone


def small(name):
    return detector(name, width=2)


@each
def test_maps_are_an_eighth_of_the_crops(name, crops):
    network = small(name)
    outputs = network.outputs(crops)
    assert outputs.map.shape == (3, 1, 8, 8)
    assert torch.equal(outputs.map, network.levels(crops)["map"])
    assert network(torch.rand(2, 3, 77, 90)).shape == (2, 1, 9, 11)
    assert (outputs.logit is not None) == (name in BRANCHED)
    with torch.device("meta"):  # shapes alone
        assert detector(name)(torch.empty(2, 3, 256, 256)).shape == (2, 1, 32, 32)


@each
def test_levels_halve_the_crops_down_to_the_map(name, crops):
    levels = small(name).levels(crops)
    assert list(levels)[:3] == ["pool1", "pool2", "pool3"]
    assert list(levels)[-1] == "map"
    assert [maps.shape[2] for maps in levels.values()] == [32, 16, 8, *[8] * (len(levels) - 3)]


@each
def test_a_detectors_map_is_never_negative(name, crops):
    assert small(name)(crops).min() >= 0


@each
def test_a_face_does_not_depend_on_its_neighbours(name, crops):
    network = small(name)
    network.outputs(crops)  # so that running statistics are not those of a new network
    network.eval()
    with torch.no_grad():
        together = network.outputs(crops)
        alone = [network.outputs(crop[None]) for crop in crops]
    torch.testing.assert_close(together.map, torch.cat([one.map for one in alone]), atol=1e-5, rtol=1e-4)
    if together.logit is not None:
        torch.testing.assert_close(together.logit, torch.cat([one.logit for one in alone]), atol=1e-5, rtol=1e-4)


@each
@pytest.mark.parametrize("seed", range(5))
def test_a_fresh_detector_has_a_gradient_everywhere(name, seed):
    torch.manual_seed(seed)
    network = detector(name, width=4)
    faces = interpolate(torch.rand(4, 3, 8, 8), (32, 32), mode="bilinear").requires_grad_()
    shown, logit = network.outputs(faces)
    loss = (shown - 1).square().mean() + (0.0 if logit is None else logit.square().mean())
    loss.backward()
    without = [key for key, value in network.named_parameters() if value.grad is None or not value.grad.any()]
    assert without == [] or name in UNTOLD
    assert faces.grad.any()
    assert (shown > 0).float().mean() > 0.1


def training_loss(network, crops, target):
    """Weights → mean square distance of the map, by batch statistics; the network's own buffers stay as they are."""

    def loss(weights):
        buffers = {key: value.clone() for key, value in network.named_buffers()}
        shown = functional_call(network, (weights, buffers), (crops,))
        return (shown - target).square().mean()  # torch's mse_loss has no tangent of its gradient

    return loss


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:FutureWarning")  # torch's own, on its first tangent
@each
def test_forward_over_reverse_gives_the_hessian_of_a_training_step(name):
    network = small(name).double().train()
    crops = torch.rand(3, 3, 16, 16, dtype=torch.float64)
    weights = {key: value.detach() for key, value in network.named_parameters()}
    direction = {key: torch.randn_like(value) for key, value in weights.items()}
    before = {key: value.clone() for key, value in network.state_dict().items()}
    loss = training_loss(network, crops, torch.rand(3, 1, 2, 2, dtype=torch.float64))
    _, product = jvp(grad(loss), (weights,), (direction,))
    assert any(one.any() for one in product.values())
    # the other way: twice in reverse
    watched = {key: value.clone().requires_grad_() for key, value in weights.items()}
    once = torch.autograd.grad(loss(watched), tuple(watched.values()), create_graph=True, materialize_grads=True)
    slope = sum((one * direction[key]).sum() for key, one in zip(watched, once, strict=True))
    twice = torch.autograd.grad(slope, tuple(watched.values()), materialize_grads=True)
    for ours, theirs in zip(product.values(), twice, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


@each
def test_double_precision_gives_the_same_map(name, crops):
    network = small(name).eval()
    single = network(crops)
    double = network.double()(crops.double())
    assert double.dtype == torch.float64
    torch.testing.assert_close(single.double(), double, atol=1e-4, rtol=1e-4)


@each
def test_widths_scale(name):
    thin, twice = (detector(name, width=width) for width in (8, 16))
    first = [next(p for p in network.parameters() if p.ndim == 4).shape[0] for network in (thin, twice)]
    assert first == [8, 16]
    assert 3 < parameters(twice) / parameters(thin) < 4.1
    with torch.device("meta"):
        assert parameters(detector(name)) == parameters(DETECTORS[name]())


@each
def test_a_seed_gives_the_same_network(name):
    torch.manual_seed(5)
    first = small(name).state_dict()
    torch.manual_seed(5)
    again = small(name).state_dict()
    other = small(name).state_dict()
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert any(not torch.equal(first[key], other[key]) for key in first)


@each
def test_a_trace_gives_the_same_map_on_other_crops(name, crops):
    network = small(name).eval()
    program = torch.export.export(network, (torch.rand_like(crops),))
    with torch.no_grad():
        torch.testing.assert_close(program.module()(crops), network(crops))


@pytest.mark.parametrize("name", MAP_TEACHERS)
def test_a_map_teacher_is_the_detector_of_its_name_without_the_last_relu(name, crops):
    torch.manual_seed(3)
    teacher, clipped = map_teacher(name, width=2), detector(name, width=2)
    clipped.load_state_dict(teacher.state_dict())
    raw = teacher(crops)
    assert raw.min() < 0
    torch.testing.assert_close(clipped(crops), raw.clamp(min=0))


def test_an_unknown_name_or_width_is_refused():
    with pytest.raises(UsageError, match=r"detector 'fasdr_lite' does not exist; did you mean 'fasdr_light'\?"):
        detector("fasdr_lite")
    with pytest.raises(UsageError, match=r"map teacher 'cdcn' does not exist\. There are fasdr_light, resnet8"):
        map_teacher("cdcn")
    with pytest.raises(UsageError, match="detector fasdr: width 0; it is the number of filters"):
        detector("fasdr", width=0)
