"""Model files: whole ones come back equal, and any cut, edit or other kind of file is refused with its reason."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import onnx
import pytest

from sincera.errors import ModelError
from sincera.measures import Threshold
from sincera.model import ModelId, file, plain_graph, read_model, with_spec, write_model
from sincera.model.wire import entry


def test_a_written_file_comes_back_equal(tmp_path, graph, spec):
    written = write_model(tmp_path / "new" / "m.onnx", graph, spec)
    content = (tmp_path / "new" / "m.onnx").read_bytes()
    for read in (
        read_model(tmp_path / "new" / "m.onnx"),
        read_model(str(tmp_path / "new" / "m.onnx")),
        read_model(content),
    ):
        assert read == written
    assert written.spec == spec
    assert written.graph == content
    assert written.id == ModelId("toy", "1", hashlib.sha256(content).hexdigest())
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["m.onnx"]


def test_any_onnx_tool_still_opens_it(model):
    proto = onnx.load_model_from_string(model.graph)
    onnx.checker.check_model(proto)
    assert [one.key for one in proto.metadata_props] == ["sincera", "sincera.sha256"]


def test_writing_the_same_twice_gives_the_same_bytes(graph, spec):
    assert with_spec(graph, spec) == with_spec(graph, spec)


def test_unicode_in_the_record(graph, spec):
    named = replace(spec, name="Gesichts­prüfung 顔 🙂", measures={"where": "\u0000 \u2028 ¼"})
    assert read_model(with_spec(graph, named)).spec == named


def test_another_record_leaves_the_graph_as_it_is(graph, model, spec):
    again = read_model(with_spec(model, spec.with_point("mine", Threshold(0.3, "eer", "my camera"))))
    assert again.spec.operating_point.value == 0.3
    assert again.sha256 != model.sha256
    assert plain_graph(again) == plain_graph(model) == graph
    assert with_spec(again, spec) == model.graph


def test_metadata_of_others_stay(graph, spec):
    foreign = graph + entry("made by", "someone else")
    assert plain_graph(with_spec(foreign, spec)) == foreign


def test_a_file_that_onnx_rewrote_takes_a_new_record(model, spec):
    proto = onnx.load_model_from_string(model.graph)
    proto.metadata_props.add(key="note", value="x")
    rewritten = proto.SerializeToString()
    with pytest.raises(ModelError, match="changed by another program"):
        read_model(rewritten)
    assert read_model(with_spec(rewritten, spec)).spec == spec


def test_a_cut_at_any_place_is_refused(model):
    content, bare = model.graph, len(plain_graph(model))
    reasons = {end: _refusal(content[:end]) for end in range(len(content))}
    assert all("cut short" in reasons[end] for end in range(bare + 1, len(content)))
    # Without the whole record, nothing tells the rest from any other ONNX file.
    assert "not a sincera model" in reasons[bare]


def test_any_changed_byte_is_refused(model):
    content = bytearray(model.graph)
    for place in range(len(content)):
        content[place] ^= 1
        assert _refusal(bytes(content)), place
        content[place] ^= 1
    assert "changed or damaged" in _refusal(bytes([content[0]]) + bytes([content[1] ^ 2]) + bytes(content[2:]))
    assert read_model(bytes(content)) == model


def test_appended_bytes_are_refused(model):
    assert "changed" in _refusal(model.graph + b"\0")
    assert "changed by another program" in _refusal(model.graph + entry("more", "text"))


def test_a_seal_around_the_wrong_bytes_is_refused(model):
    body = model.graph[:-95]
    for length in (0, 7, len(body), 9_999_999_999):
        seal = entry("sincera.sha256", f"{hashlib.sha256(body).hexdigest()}:{length:010d}")
        assert "changed or damaged" in _refusal(body + seal)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', '{"format": true}', "null"])
def test_a_sealed_record_that_is_none_is_refused(graph, text):
    body = graph + entry("sincera", text)
    seal = entry("sincera.sha256", f"{hashlib.sha256(body).hexdigest()}:{len(entry('sincera', text)):010d}")
    assert _refusal(body + seal)


def test_another_format_is_named(graph, spec):
    text = spec.to_json().replace('"format":1', '"format":2')
    body = graph + entry("sincera", text)
    seal = entry("sincera.sha256", f"{hashlib.sha256(body).hexdigest()}:{len(entry('sincera', text)):010d}")
    assert "format 2, this version of sincera reads format 1" in _refusal(body + seal)


def test_foreign_files_are_told_apart(tmp_path, graph):
    assert "not a sincera model" in _refusal(graph)
    for content in (
        b"",
        b"hello, this is text",
        b"\x89PNG\r\n\x1a\n" + bytes(50),
        b"PK\x03\x04" + bytes(50),
        b"\x08\x08",
    ):
        assert "not an ONNX file" in _refusal(content), content
    with pytest.raises(ModelError, match=r"none\.onnx: the model cannot be read"):
        read_model(tmp_path / "none.onnx")
    with pytest.raises(ModelError, match="cannot be read"):
        read_model(tmp_path)


def test_the_reason_names_the_file(tmp_path, model):
    (tmp_path / "m.onnx").write_bytes(model.graph[:-1])
    with pytest.raises(ModelError, match=r"m\.onnx: cut short"):
        read_model(tmp_path / "m.onnx")


def test_a_missing_shipped_model_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(file, "DEFAULT_MODEL", tmp_path / "default.onnx")
    with pytest.raises(ModelError, match="Install sincera again"):
        read_model()


def test_a_broken_graph_is_not_written(tmp_path, graph, spec):
    with pytest.raises(ModelError, match="no whole ONNX file"):
        write_model(tmp_path / "m.onnx", graph[:-3], spec)
    assert not list(tmp_path.iterdir())


def test_a_failed_write_leaves_the_old_file(tmp_path, graph, spec, monkeypatch):
    path = tmp_path / "m.onnx"
    old = write_model(path, graph, spec)

    def full(descriptor: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_model(path, graph, replace(spec, name="other"))
    assert read_model(path) == old
    assert [one.name for one in tmp_path.iterdir()] == ["m.onnx"]


def test_reading_and_rewriting_need_no_onnx(tmp_path, graph, spec):
    write_model(tmp_path / "m.onnx", graph, spec)
    code = (
        "import sys; sys.modules['onnx'] = None; sys.modules['torch'] = None\n"
        "from sincera.model import *; from sincera.measures import Threshold\n"
        "m = read_model(sys.argv[1]); s = m.spec.with_point('mine', Threshold(0.25, 'eer', 'here'))\n"
        "print(write_model(sys.argv[2], m.graph, s).spec.operating_point.value)\n"
        "print(Session(read_model(sys.argv[2])).spec.name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "m.onnx", tmp_path / "n.onnx"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["0.25", "toy"]


def _refusal(content: bytes) -> str:
    with pytest.raises(ModelError) as caught:
        read_model(content)
    return str(caught.value)
