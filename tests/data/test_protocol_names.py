"""How protocols are spelled, and which spellings are refused."""

import json

import pytest

from sincera.data.protocols import (
    PROTOCOLS,
    leave_one_out,
    parse_protocol,
    two_source,
)
from sincera.errors import ProtocolError


class TestNames:
    @pytest.mark.parametrize(
        ("spelled", "name", "title", "sources", "targets"),
        [
            ("OCI:M", "OCI:M", "OCI→M", ("O", "C", "I"), ("M",)),
            ("OCI→M", "OCI:M", "OCI→M", ("O", "C", "I"), ("M",)),
            ("O+C+I:M", "OCI:M", "OCI→M", ("O", "C", "I"), ("M",)),
            ("MI:C", "MI:C", "MI→C", ("M", "I"), ("C",)),
            ("nuaa+O+C:webcam", "nuaa+O+C:webcam", "nuaa+O+C→webcam", ("nuaa", "O", "C"), ("webcam",)),
            ("OC+nuaa:webcam", "O+C+nuaa:webcam", "O+C+nuaa→webcam", ("O", "C", "nuaa"), ("webcam",)),
            ("oulu-npu+casia:I+M", "OC:IM", "OC→IM", ("O", "C"), ("I", "M")),
            ("oulu/4/6", "oulu/4/6", "oulu/4/6", ("O",), ("O",)),
        ],
    )
    def test_spellings(self, spelled, name, title, sources, targets):
        found = parse_protocol(spelled)
        assert (found.name, found.title, found.sources, found.targets) == (name, title, sources, targets)
        assert parse_protocol(found.name) == found

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("OCI", "did you mean"),
            ("oulu/3", "6 runs, name one of oulu/3/1"),
            ("oulu/5", "unknown"),
            ("oulu/1/1", "did you mean oulu/"),
            (":M", "a side is empty"),
            ("O:", "a side is empty"),
            ("O++C:M", "a side is empty"),
            ("OO:M", "domain O stands twice"),
            ("OC:O", "source and target at once"),
            ("", "expected sources:target"),
        ],
    )
    def test_other_names_are_refused(self, name, message):
        with pytest.raises(ProtocolError, match=message):
            parse_protocol(name)

    def test_other_conventions_are_refused(self):
        with pytest.raises(ProtocolError, match="none of all, whole, split"):
            parse_protocol("O:C", lists="most")
        with pytest.raises(ProtocolError, match="none of source, none"):
            parse_protocol("O:C", validation="target")

    def test_lists_of_names(self):
        assert set(leave_one_out("OCIM")) == {"OCI:M", "OMI:C", "OCM:I", "ICM:O"}
        assert len(two_source("OCIM")) == 12
        assert {"MI:C", "MI:O"} <= set(two_source("OCIM"))
        assert leave_one_out(("nuaa", "O", "M")) == ("OM:nuaa", "nuaa+M:O", "nuaa+O:M")
        assert two_source("OCI") == ()
        assert leave_one_out("O") == ()
        assert len(PROTOCOLS) == len(set(PROTOCOLS)) == 4 + 12 + 14 + 5 + 13 + 22
        assert [parse_protocol(name).name for name in PROTOCOLS] == list(PROTOCOLS)

    def test_a_protocol_is_a_value(self):
        protocol = parse_protocol("OCI:M", seed=3)
        assert protocol == parse_protocol("OCI:M", seed=3)
        assert json.loads(json.dumps(protocol.to_dict()))["seed"] == 3
        with pytest.raises(AttributeError):
            protocol.seed = 4
