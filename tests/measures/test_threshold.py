import math

import pytest

from sincera.errors import ScoreError, UsageError
from sincera.measures import Rule, Threshold, parse_rule


def test_a_threshold_survives_json_and_says_where_it_comes_from():
    threshold = Threshold(0.1 + 0.2, "bpcer=0.01", "O&C dev", subjects=4, clips=31)
    assert Threshold.from_dict(threshold.to_dict()) == threshold
    assert threshold.origin == "rule bpcer=0.01, fitted on O&C dev (31 clips of 4 subjects)"
    assert Threshold(0.3, "eer", "dev.csv").origin == "rule eer, fitted on dev.csv"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True])
def test_a_threshold_is_a_finite_number(value):
    with pytest.raises(ScoreError, match="finite number"):
        Threshold(value, "eer", "dev.csv")


@pytest.mark.parametrize(
    "change", [{"value": "0.5"}, {"rule": 3}, {"clips": "4"}, {"colour": "red"}, {"value": math.nan}]
)
def test_a_damaged_threshold_is_refused(change):
    with pytest.raises(ScoreError, match="threshold"):
        Threshold.from_dict(Threshold(0.5, "eer", "dev.csv").to_dict() | change)


def test_rules_as_typed():
    assert [parse_rule(one) for one in ("eer", "target-eer", "bpcer=0", "apcer=1")] == [
        Rule("eer"),
        Rule("target-eer"),
        Rule("bpcer", 0.0),
        Rule("apcer", 1.0),
    ]


@pytest.mark.parametrize(
    "text", ["", "err", "bpcer", "bpcer=", "bpcer=2", "bpcer=nan", "bpcer=1%", "eer=0.1", "apcer=-0.1"]
)
def test_other_rules_are_refused_with_the_ones_there_are(text):
    with pytest.raises(UsageError, match=r"expected eer, bpcer=RATE"):
        parse_rule(text)


def test_the_nearest_rule_is_named():
    with pytest.raises(UsageError, match="did you mean bpcer"):
        parse_rule("bcper=0.01")
