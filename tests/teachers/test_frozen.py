"""Frozen teachers: what they are shown, what they answer, and what makes two of them the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch.nn.functional import interpolate

from sincera.errors import WeightsError
from sincera.nets.iresnet import IResNet, iresnet
from sincera.nets.stargan import StarganDiscriminator, stargan_discriminator
from sincera.teachers import open_editing, open_recognition
from sincera.teachers.files import save_teacher

LAYOUT = {"blocks": (1, 1, 1, 1), "channels": (4, 6, 8, 10), "width": 12, "size": 32}


@pytest.fixture
def recognition() -> IResNet:
    torch.manual_seed(0)
    network = iresnet(**LAYOUT)  # type: ignore[arg-type]
    network.train()(torch.randn(8, 3, 32, 32))  # statistics that are not those of the start
    return network.eval()


@pytest.fixture
def editing() -> StarganDiscriminator:
    torch.manual_seed(0)
    return stargan_discriminator(size=32, width=4, repeat=3, attributes=5).eval()


@pytest.fixture
def paths(tmp_path: Path, recognition: IResNet, editing: StarganDiscriminator) -> Iterator[dict[str, str]]:
    """Files as their owners write them, in full precision; the packaged ones too."""
    found = {"recognition": tmp_path / "backbone.pth", "attributes": tmp_path / "D.ckpt"}
    torch.save(recognition.state_dict(), found["recognition"])
    torch.save(editing.state_dict(), found["attributes"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sincera.teachers.frozen.packaged", found.__getitem__)
        yield {kind: str(path) for kind, path in found.items()}


def shown(crops: torch.Tensor) -> torch.Tensor:
    return interpolate(crops, (32, 32), mode="bilinear", align_corners=True)


def test_the_embedding_is_that_of_the_network_on_pixels_from_minus_one(
    paths: dict[str, str], recognition: IResNet
) -> None:
    crops = torch.rand(3, 3, 48, 48)
    teacher = open_recognition(paths["recognition"])
    expected = recognition(2 * shown(crops) - 1)
    torch.testing.assert_close(teacher(crops), expected)
    torch.testing.assert_close(open_recognition("packaged")(crops), expected)
    quirk = open_recognition(paths["recognition"], norm="frtpad")
    torch.testing.assert_close(quirk(crops), recognition(shown(crops)))
    unit = open_recognition(paths["recognition"], normalise=True)(crops)
    torch.testing.assert_close(unit, expected / expected.norm(dim=1, keepdim=True))
    assert not teacher(crops.requires_grad_()).requires_grad


def test_logits_are_the_discriminator_s_and_the_projection_follows_its_seed(
    paths: dict[str, str], editing: StarganDiscriminator
) -> None:
    crops = torch.rand(3, 3, 32, 32)
    logits = open_editing(paths["attributes"], output="logits")
    torch.testing.assert_close(logits(crops), editing(2 * crops - 1)[1])
    first, again, other = (open_editing(paths["attributes"], seed=seed)(crops) for seed in (0, 0, 1))
    assert first.shape == (3, 512)
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_a_teacher_stays_in_eval_mode_and_does_not_drift(paths: dict[str, str]) -> None:
    teacher = open_recognition(paths["recognition"])
    before = {key: tensor.clone() for key, tensor in teacher.state_dict().items()}
    teacher.train()(torch.rand(4, 3, 32, 32))
    assert not any(module.training for module in teacher.modules())
    assert all(torch.equal(tensor, before[key]) for key, tensor in teacher.state_dict().items())


def test_a_random_recognition_teacher_is_the_network_before_its_training(paths: dict[str, str]) -> None:
    torch.manual_seed(4)
    expected = iresnet(**LAYOUT).eval()  # type: ignore[arg-type]
    torch.manual_seed(9)
    following = torch.rand(2)
    torch.manual_seed(9)
    teacher = open_recognition("random", seed=4)
    assert torch.equal(torch.rand(2), following), "no other generator moves"
    crops = torch.rand(3, 3, 32, 32)
    torch.testing.assert_close(teacher(crops), expected(2 * crops - 1))
    assert teacher.sha256 is None


def test_a_random_editing_teacher_is_the_discriminator_before_its_training(paths: dict[str, str]) -> None:
    torch.manual_seed(4)
    expected = stargan_discriminator(size=32, width=4, repeat=3, attributes=5)
    crops = torch.rand(3, 3, 32, 32)
    teacher = open_editing("random", output="logits", seed=4)
    torch.testing.assert_close(teacher(crops), expected(2 * crops - 1)[1])


def test_the_digest_changes_with_weights_and_settings_alone(paths: dict[str, str]) -> None:
    file = paths["recognition"]
    opened = [open_recognition(file), open_recognition(file, norm="frtpad"), open_recognition(file, normalise=True)]
    opened += [open_recognition("random"), open_recognition("random", seed=1)]
    file = paths["attributes"]
    opened += [open_editing(file), open_editing(file, seed=1), open_editing(file, output="logits")]
    assert len({teacher.digest for teacher in opened}) == len(opened)
    assert open_editing(file).digest == opened[5].digest


def test_a_teacher_of_the_other_kind_is_refused(paths: dict[str, str]) -> None:
    with pytest.raises(WeightsError, match="a teacher of recognition, but one of attributes is needed"):
        open_editing(paths["recognition"])
    with pytest.raises(WeightsError, match="a teacher of attributes, but one of recognition is needed"):
        open_recognition(paths["attributes"])


@pytest.mark.parametrize("origin", ["absent.pth", "absent.onnx", "Packaged", ""])
def test_what_is_no_teacher_s_name_or_file_is_told_the_choices(origin: str) -> None:
    with pytest.raises(WeightsError, match=r"no such file\. Expected packaged, random, none or a file"):
        open_recognition(origin)


def test_what_the_package_s_own_files_hold_in_float16_is_asked_in_float32(
    tmp_path: Path, editing: StarganDiscriminator
) -> None:
    path = tmp_path / "fa.safetensors"
    save_teacher(path, editing, kind="attributes", facts={})
    crops = torch.rand(2, 3, 32, 32)
    answer = open_editing(str(path), output="logits")(crops)
    assert answer.dtype == torch.float32
    torch.testing.assert_close(answer, editing(2 * crops - 1)[1], rtol=0.01, atol=0.001)
