import hashlib
from urllib.error import URLError

import pytest
import torch
from safetensors.torch import save_file

from sincera.errors import WeightsError
from sincera.nets import STUDENTS, load_exactly, load_imagenet, load_weights, read_tensors, sha256_of, student


def trunk_tensors(name):
    return {key: tensor.clone() for key, tensor in student(name).trunk.state_dict().items()}


def equal_trunks(network, tensors):
    return all(torch.equal(network.trunk.state_dict()[key], tensor) for key, tensor in tensors.items())


@pytest.mark.parametrize("name", STUDENTS)
def test_a_file_of_its_own_trunk_loads(name, tmp_path):
    tensors = trunk_tensors(name)
    path = tmp_path / "trunk.safetensors"
    save_file(tensors, path)
    network = student(name, weights=path)
    assert equal_trunks(network, tensors)
    assert network.weights.to_dict() == {
        "file": "trunk.safetensors",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "tensors": len(tensors),
        "ignored": [],
    }


@pytest.mark.parametrize("wrap", [dict, lambda tensors: {"state_dict": tensors, "epoch": 3}])
def test_files_of_pytorch_load(wrap, tmp_path):
    tensors = trunk_tensors("small")
    torch.save(wrap(tensors), tmp_path / "trunk.pth")
    assert equal_trunks(student("small", weights=str(tmp_path / "trunk.pth")), tensors)


def test_the_classifier_of_imagenet_is_left_out_knowingly_and_heads_stay(tmp_path):
    tensors = trunk_tensors("mobilenet_v2")
    path = tmp_path / "imagenet.safetensors"
    save_file(tensors | {"classifier.1.weight": torch.ones(1000, 1280), "classifier.1.bias": torch.ones(1000)}, path)
    network = student("mobilenet_v2")
    head = network.heads["fas"].weight.clone()
    assert load_weights(network, path).ignored == ("classifier.1.bias", "classifier.1.weight")
    assert torch.equal(network.heads["fas"].weight, head)
    assert network.deployed().weights == network.weights


def test_counters_of_batches_may_be_absent(tmp_path):
    tensors = {key: tensor for key, tensor in trunk_tensors("small").items() if "num_batches" not in key}
    save_file(tensors, tmp_path / "trunk.safetensors")
    assert student("small", weights=tmp_path / "trunk.safetensors").weights.tensors == len(tensors)


def test_any_module_is_loaded_exactly_and_what_is_ignored_is_told():
    layer = torch.nn.Linear(2, 3)
    tensors = {"weight": torch.ones(3, 2, dtype=torch.float16), "bias": torch.zeros(3), "head.b": torch.ones(1)}
    assert load_exactly(layer, tensors | {"head.a": torch.ones(1)}, "a file", ignored=("head.",)) == (
        "head.a",
        "head.b",
    )
    assert layer.weight.dtype == torch.float32
    assert layer.weight.eq(1).all()
    assert load_exactly(layer, {"weight": torch.zeros(3, 2), "bias": torch.zeros(3)}, "a file") == ()
    with pytest.raises(WeightsError, match=r"a file: head\.b does not exist in Linear"):
        load_exactly(layer, tensors, "a file")
    with pytest.raises(WeightsError, match="does not exist in the layer"):
        load_exactly(layer, tensors, "a file", name="the layer")
    assert layer.weight.eq(0).all()


@pytest.mark.parametrize("write", [save_file, torch.save])
def test_the_prefix_of_a_parallel_training_is_cut_off_where_all_keys_have_it(write, tmp_path):
    path = tmp_path / ("w.safetensors" if write is save_file else "w.pth")
    write({"module.fc.weight": torch.ones(2), "module.fc.bias": torch.ones(1)}, path)
    assert sorted(read_tensors(path)) == ["fc.bias", "fc.weight"]
    write({"module.fc.weight": torch.ones(2), "bias": torch.ones(1)}, path)
    assert sorted(read_tensors(path)) == ["bias", "module.fc.weight"]
    assert sha256_of(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def without(key):
    return lambda tensors: {name: tensor for name, tensor in tensors.items() if name != key}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("stem.0.0.weight"), r"stem.0.0.weight is missing; small needs it"),
        (lambda t: t | {"stem.0.0.weight": torch.zeros(16, 3, 5, 5)}, r"shape \(16, 3, 5, 5\), small needs \(16, 3, 3"),
        (lambda t: t | {"fc.weight": torch.zeros(2)}, r"fc.weight does not exist in small \(1 such keys\)"),
    ],
)
def test_the_first_key_that_does_not_fit_is_named_and_nothing_changes(change, message, tmp_path):
    path = tmp_path / "other.safetensors"
    save_file(change(trunk_tensors("small")), path)
    network = student("small")
    before = {key: tensor.clone() for key, tensor in network.trunk.state_dict().items()}
    with pytest.raises(WeightsError, match=message):
        load_weights(network, path)
    assert equal_trunks(network, before)
    assert network.weights is None


class Dangerous:
    def __reduce__(self):
        return print, ("this must never run",)


@pytest.mark.parametrize(
    ("write", "name", "message"),
    [
        (lambda path: None, "absent.safetensors", "no such file of weights; .* --weights FILE"),
        (lambda path: path.write_bytes(b"not weights"), "broken.safetensors", "cannot be read as weights"),
        (lambda path: path.write_bytes(b""), "empty.pth", "cannot be read as weights"),
        (lambda path: torch.save({"weight": Dangerous()}, path), "unsafe.pth", "cannot be read as weights"),
        (lambda path: torch.save([1, 2], path), "list.pth", "holds no mapping of names to tensors, but a list"),
        (lambda path: torch.save({0: torch.ones(1)}, path), "numbers.pth", "holds no mapping of names to tensors"),
    ],
)
def test_files_that_hold_no_weights(write, name, message, tmp_path, capsys):
    write(tmp_path / name)
    with pytest.raises(WeightsError, match=message):
        student("small", weights=tmp_path / name)
    assert "must never run" not in capsys.readouterr().out


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    return tmp_path / "checkpoints"


def test_without_a_network_one_line_says_what_to_do(cache, monkeypatch):
    def offline(*arguments, **options):
        raise URLError("no route")

    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    with pytest.raises(WeightsError, match=r"resnet18-f37072fd.pth are not in .* \(.*no route.*\); .*--weights FILE"):
        student("resnet18", weights="imagenet")


def test_what_was_downloaded_once_is_taken_from_the_cache(cache):
    cache.mkdir()
    tensors = trunk_tensors("resnet18")
    torch.save(
        tensors | {"fc.weight": torch.ones(1000, 512), "fc.bias": torch.ones(1000)}, cache / "resnet18-f37072fd.pth"
    )
    network = student("resnet18", weights="imagenet")
    assert equal_trunks(network, tensors)
    assert network.weights.file == "resnet18-f37072fd.pth"


def test_a_download_is_checked_by_its_hash(cache, monkeypatch):
    asked = {}

    def download(url, path, hash_prefix, progress):
        asked.update(url=url, hash_prefix=hash_prefix)
        torch.save(trunk_tensors("mobilenet_v2"), path)

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    assert load_imagenet(student("mobilenet_v2")).file == asked["url"].rsplit("/", 1)[-1]
    assert asked["hash_prefix"] in asked["url"]


def test_networks_of_our_own_have_no_imagenet_weights():
    with pytest.raises(WeightsError, match="small has no ImageNet weights"):
        student("small", weights="imagenet")
