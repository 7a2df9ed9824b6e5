"""Grad-CAM against a slow version that watches the network by hooks, picture by picture."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from sincera.errors import UsageError
from sincera.nets import Student, student
from sincera.papers.gradcam import grad_cam
from sincera.papers.imagenet import imagenet_classifier


@pytest.fixture
def network() -> Student:
    torch.manual_seed(3)
    made = student("small", {"fas": 2, "edi": 7}).double().eval()
    for module in made.modules():  # statistics as after a training, not 0 and 1
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2.0)
    return made


@pytest.fixture
def crops() -> Tensor:
    return torch.rand(5, 3, 64, 96, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def slow(network: Student, crop: Tensor, stage: str, head: str, target: int | None) -> np.ndarray:
    """One picture, by a forward and a backward hook on the stage's module, in loops."""
    seen: dict[str, Tensor] = {}
    module = network.trunk.get_submodule(stage)

    def keep(_: torch.nn.Module, __: tuple[Tensor, ...], output: Tensor) -> None:
        seen["maps"] = output
        output.register_hook(lambda gradient: seen.update(gradient=gradient))

    handle = module.register_forward_hook(keep)
    logits = network.logits(crop[None])[head][0]
    handle.remove()
    network.zero_grad()
    logits[int(logits.argmax()) if target is None else target].backward()
    maps, gradient = seen["maps"][0].detach().numpy(), seen["gradient"][0].numpy()
    cam = np.zeros(maps.shape[1:])
    for k in range(len(maps)):
        cam += gradient[k].mean() * maps[k]
    cam = np.maximum(cam, 0)
    fine = interpolate(torch.from_numpy(cam)[None, None], crop.shape[-2:], mode="bilinear", align_corners=False)[0, 0]
    return (fine / fine.max()).numpy() if fine.max() > 0 else fine.numpy()


@pytest.mark.parametrize(
    ("level", "stage", "head", "target"),
    [("stride32", "stage4", "fas", None), ("stride16", "stage3", "fas", 1), ("stride32", "stage4", "edi", None)],
)
def test_equals_the_slow_version(network, crops, level, stage, head, target):
    found = grad_cam(network, crops, level=level, head=head, target=target).numpy()
    assert found.shape == (5, 64, 96)
    for one, crop in zip(found, crops, strict=True):
        np.testing.assert_allclose(one, slow(network, crop, stage, head, target), atol=1e-12)
    assert found.max(axis=(1, 2)).tolist() == pytest.approx([1] * 5)


def test_one_class_for_each_picture(network, crops):
    classes = torch.tensor([0, 1, 1, 0, 1])
    found = grad_cam(network, crops, target=classes)
    for i, one in enumerate(classes.tolist()):
        torch.testing.assert_close(found[i], grad_cam(network, crops[i : i + 1], target=one)[0])


def test_a_frozen_network_gains_no_gradient_and_none_is_needed(network, crops):
    network.requires_grad_(requires_grad=False)
    with torch.no_grad():
        found = grad_cam(network, crops)
    assert not found.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())


def test_no_evidence_for_the_class_is_an_empty_map(network, crops):
    with torch.no_grad():
        network.heads["fas"].weight.copy_(torch.tensor([[1.0], [-1.0]]).expand(2, 96))
    maps = grad_cam(network, crops, target=1)  # the maps are not below 0, the weights of class 1 are
    assert maps.eq(0).all()
    assert grad_cam(network, crops, target=0).amax() == 1


@pytest.mark.parametrize(
    ("how", "message"),
    [({"head": "domain"}, "no head 'domain'"), ({"level": "features"}, "no map 'features'.*stride4, stride8")],
)
def test_unknown_names(network, crops, how, message):
    with pytest.raises(UsageError, match=message):
        grad_cam(network, crops, **how)


def test_training_mode_is_refused(network, crops):
    with pytest.raises(UsageError, match="eval mode"):
        grad_cam(network.train(), crops)


def test_imagenet_weights_with_their_own_classes(tmp_path, crops):
    from safetensors.torch import save_file

    torch.manual_seed(0)
    trunk = student("resnet18").trunk
    weight = torch.randn(10, 512)
    save_file({**trunk.state_dict(), "fc.weight": weight, "fc.bias": torch.zeros(10)}, tmp_path / "with.safetensors")
    network = imagenet_classifier("resnet18", str(tmp_path / "with.safetensors"))
    assert network is not None
    assert not network.training
    torch.testing.assert_close(
        network(crops.float()), trunk.eval()(network.normalise(crops.float()))["features"] @ weight.T
    )
    assert grad_cam(network, crops.float()).shape == (5, 64, 96)
    save_file(trunk.state_dict(), tmp_path / "without.safetensors")
    assert imagenet_classifier("resnet18", str(tmp_path / "without.safetensors")) is None
