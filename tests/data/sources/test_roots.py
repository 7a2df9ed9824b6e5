"""NAME=ROOT: which reader a name picks, and which names are none."""

from pathlib import Path

import pytest

from sincera.data.sources import SOURCES, parse_root, parse_roots, read_clips
from sincera.data.sources.world import read_world
from sincera.errors import UsageError


@pytest.mark.parametrize(
    ("text", "domain", "key"),
    [
        ("O=x", "O", "O"),
        ("OULU-NPU=x", "O", "O"),
        ("casia=x", "C", "C"),
        ("replay-attack=x", "I", "I"),
        ("msu-mfsd=x", "M", "M"),
        ("siwm=x", "W", "W"),
        ("SiW-Mv2=x", "V", "V"),
        ("webcam=x", "webcam", "folder"),
        ("our.office-2=x", "our.office-2", "folder"),
        ("m=x", "m", "folder"),
    ],
)
def test_known_names_pick_their_reader_and_others_are_folder_sets(text, domain, key):
    assert parse_root(text) == (domain, key, Path("x"))


def test_the_path_may_hold_an_equals_sign_and_a_home():
    assert parse_root("a=b=c").path == Path("b=c")
    assert parse_root("a=~/b").path == Path.home() / "b"


@pytest.mark.parametrize("text", ["O", "=x", "O=", "a b=x", "a:b=x", "a+b=x", "a/b=x", ""])
def test_other_texts_are_refused(text):
    with pytest.raises(UsageError):
        parse_root(text)


def test_a_name_that_reads_as_several_letters_is_refused():
    with pytest.raises(UsageError, match=r"would be read as the domains O\+C\+I"):
        parse_root("OCI=x")


def test_a_domain_is_given_once():
    with pytest.raises(UsageError, match="domain O is given twice"):
        parse_roots(["O=a", "C=b", "oulu=c"])
    assert len(parse_roots(["O=a", "C=b"])) == 2


def test_an_unknown_source_is_refused(tmp_path):
    with pytest.raises(UsageError, match="none of O, C, I, M, S, W, V, folder"):
        read_clips("x", "X", tmp_path)


def test_every_source_has_what_the_others_ask_of_it(source, key):
    for name in ("grid", "path", "annotation_path", "side_files", "read", "TITLE", "OPTIONS", "ANNOTATION"):
        assert hasattr(source, name), f"{SOURCES[key]}.{name}"


def test_no_world_file_is_no_world(tmp_path):
    assert read_world(tmp_path) is None
