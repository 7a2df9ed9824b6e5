"""Teachers' files: what goes in comes out, official checkpoints are known by their keys, nothing is run."""

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from sincera.errors import WeightsError
from sincera.nets.iresnet import iresnet
from sincera.nets.stargan import stargan_discriminator, stargan_generator
from sincera.teachers.files import CELEBA, read_teacher, save_teacher

FACTS = {"seed": 3, "command": "sincera teach", "measures": {"auc": 0.9}}


def small_iresnet() -> torch.nn.Module:
    torch.manual_seed(0)
    network = iresnet(blocks=(1, 2, 1, 1), channels=(4, 6, 8, 10), width=12, size=32)
    network.train()(torch.randn(8, 3, 32, 32))  # statistics that are not those of the start
    return network.eval()


def small_discriminator(attributes: int = 5) -> torch.nn.Module:
    torch.manual_seed(0)
    return stargan_discriminator(size=32, width=4, repeat=3, attributes=attributes).eval()


def test_a_recognition_teacher_comes_back(tmp_path: Path) -> None:
    network, path = small_iresnet(), tmp_path / "fr.safetensors"
    save_teacher(path, network, kind="recognition", facts=FACTS)
    back, facts = read_teacher(path)
    assert (facts.kind, facts.size, facts.width, facts.attributes) == ("recognition", 32, 12, ())
    assert facts.recorded["measures"] == {"auc": 0.9}
    assert not back.training
    assert {p.dtype for p in back.parameters()} == {torch.float32}
    faces = torch.rand(3, 3, 32, 32) * 2 - 1
    torch.testing.assert_close(back(faces), network(faces), rtol=0.02, atol=0.02)
    kinds = {tensor.ndim >= 2: tensor.dtype for tensor in load_file(path).values() if tensor.is_floating_point()}
    assert kinds == {True: torch.float16, False: torch.float32}


def test_an_attribute_teacher_comes_back_with_its_names(tmp_path: Path) -> None:
    path = tmp_path / "fa.safetensors"
    save_teacher(path, small_discriminator(2), kind="attributes", facts={**FACTS, "attributes": ["Male", "Young"]})
    back, facts = read_teacher(path)
    assert (facts.kind, facts.size, facts.width, facts.attributes) == ("attributes", 32, 2, ("Male", "Young"))
    logits = back(torch.zeros(1, 3, 32, 32))[1]
    torch.testing.assert_close(logits, small_discriminator(2)(torch.zeros(1, 3, 32, 32))[1], rtol=0.01, atol=0.001)


def test_the_same_teacher_is_the_same_file(tmp_path: Path) -> None:
    one, two = tmp_path / "1.safetensors", tmp_path / "2.safetensors"
    save_teacher(one, small_iresnet(), kind="recognition", facts=FACTS)
    save_teacher(two, small_iresnet(), kind="recognition", facts=dict(reversed(FACTS.items())))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".ckpt"])
def test_an_official_checkpoint_of_arcface_is_known_by_its_keys(tmp_path: Path, suffix: str) -> None:
    network = small_iresnet()
    torch.save({f"module.{key}": tensor for key, tensor in network.state_dict().items()}, tmp_path / f"x{suffix}")
    back, facts = read_teacher(tmp_path / f"x{suffix}")
    assert (facts.kind, facts.recorded) == ("recognition", {})
    faces = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(back(faces), network(faces))


def test_an_official_discriminator_carries_celebas_names(tmp_path: Path) -> None:
    torch.save(small_discriminator().state_dict(), tmp_path / "200000-D.ckpt")
    assert read_teacher(tmp_path / "200000-D.ckpt")[1].attributes == CELEBA
    torch.save(small_discriminator(7).state_dict(), tmp_path / "7-D.ckpt")
    assert read_teacher(tmp_path / "7-D.ckpt")[1].attributes == ()


def test_a_generator_is_no_teacher(tmp_path: Path) -> None:
    torch.save(stargan_generator(width=4, repeat=1).state_dict(), tmp_path / "200000-G.ckpt")
    with pytest.raises(WeightsError, match="generator"):
        read_teacher(tmp_path / "200000-G.ckpt")


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    tensors = small_iresnet().state_dict()
    del tensors["layer2.1.bn2.running_var"]
    torch.save(tensors, tmp_path / "x.pth")
    with pytest.raises(WeightsError, match=r"layer2\.1\.bn2\.running_var"):
        read_teacher(tmp_path / "x.pth")


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1 / 0",)


def test_nothing_in_a_file_is_run(tmp_path: Path) -> None:
    (tmp_path / "x.pth").write_bytes(pickle.dumps({"conv1.weight": Trap()}, protocol=2))
    with pytest.raises(WeightsError, match="cannot be read"):
        read_teacher(tmp_path / "x.pth")


@pytest.mark.parametrize("name", ["absent.safetensors", "notes.txt"])
def test_what_is_no_file_of_a_teacher_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WeightsError, match=name):
        read_teacher(tmp_path / name)


def test_a_file_that_says_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_teacher(path, small_discriminator(), kind="recognition", facts={})
    with pytest.raises(WeightsError, match="keys are those of attributes"):
        read_teacher(path)


def test_another_suffix_and_diverged_weights_are_refused(tmp_path: Path) -> None:
    network = small_discriminator()
    with pytest.raises(WeightsError, match="safetensors"):
        save_teacher(tmp_path / "x.pth", network, kind="attributes", facts={})
    with torch.no_grad():
        network.conv1.weight[0, 0] = 1e9
    with pytest.raises(WeightsError, match=r"conv1\.weight"):
        save_teacher(tmp_path / "x.safetensors", network, kind="attributes", facts={})
