"""Selection rules: ranges of the limits."""

from __future__ import annotations

import pytest

from cfscore.exceptions import UsageError
from cfscore.scorecard import SelectionRules


def test_defaults_are_the_documented_ones():
    rules = SelectionRules()
    found = (rules.min_iv, rules.max_correlation, rules.max_vif, rules.max_p_value)
    assert found == (0.01, 0.7, 5.0, 0.3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("min_iv", -0.1),
        ("max_correlation", 1.5),
        ("max_vif", 0.9),
        ("max_p_value", 2),
        ("max_p_value", "0.05"),
        ("min_iv", True),
        ("max_vif", float("nan")),
    ],
)
def test_a_limit_out_of_range_is_refused_by_name(name, value):
    with pytest.raises(UsageError, match=f"SelectionRules {name} must be a number"):
        SelectionRules(**{name: value})


def test_none_switches_a_rule_off():
    assert SelectionRules(None, None, None, None).min_iv is None
