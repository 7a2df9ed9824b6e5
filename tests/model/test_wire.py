"""The encoding is protocol buffers', as the onnx package writes and reads it."""

import itertools

import onnx
import pytest

from sincera.model.wire import CutShortError, NotOnnxError, entry, entry_keys, model_fields, read_entry, without_entries


@pytest.mark.parametrize("length", [0, 1, 127, 128, 16_383, 16_384, 70_000])
def test_an_entry_is_what_onnx_writes(length):
    value = "é" * length
    proto = onnx.ModelProto()
    proto.metadata_props.add(key="some key", value=value)
    # onnx leaves an empty text out or writes it, both mean the same
    assert onnx.ModelProto.FromString(entry("some key", value)) == proto
    assert read_entry(entry("some key", value)) == ("some key", value)


def test_onnx_reads_appended_entries(graph):
    proto = onnx.load_model_from_string(graph + entry("a", "1") + entry("b", "2"))
    assert [(one.key, one.value) for one in proto.metadata_props] == [("a", "1"), ("b", "2")]


def test_fields_cover_the_whole_file(graph):
    fields = model_fields(graph)
    assert fields[0].start == 0
    assert fields[-1].end == len(graph)
    assert all(one.end == two.start for one, two in itertools.pairwise(fields))


def test_entries_are_cut_out_wherever_they_stand(graph):
    noted = entry("x", "1") + graph + entry("y", "2") + entry("x", "3")
    assert entry_keys(noted) == {"x", "y"}
    assert without_entries(noted, {"x"}) == graph + entry("y", "2")
    assert without_entries(noted, {"x", "y"}) == graph


def test_what_is_no_pair_of_texts_is_kept(graph):
    odd = graph + b"\x72\x02\x0a\x7f" + b"\x72\x03\x0a\x01\xff"
    assert entry_keys(odd) == {""}
    assert without_entries(odd, {"x"}) == odd


def test_other_bytes_are_told_apart(graph):
    for content in (b"", b"text that is long enough", entry("x", "no graph"), b"\x08" + b"\xff" * 12):
        with pytest.raises(NotOnnxError):
            model_fields(content)
    for end in (1, 5, len(graph) // 2, len(graph) - 1):
        with pytest.raises(CutShortError):
            model_fields(graph[:end])


@pytest.mark.parametrize(
    "content", [b"", b"abc", entry("a", "1") + entry("b", "2"), entry("a", "1")[:-1], b"\x72\x00", b"\x72\x02\x0a\x00"]
)
def test_what_is_not_exactly_one_entry_is_refused(content):
    with pytest.raises(ValueError):
        read_entry(content)
