"""Contributions add up, or are refused."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.exceptions import ExplanationError, UsageError
from cfscore.explain import Contributions
from cfscore.tables import InputField, InputSchema

SCHEMA = InputSchema((InputField("use", "numeric"), InputField("city", "categorical")))
VALUES = np.array([[0.5, -0.25], [0.0, 1.0]])


def contributions(margin, values=VALUES, **more):
    return Contributions(SCHEMA, values, -2.0, np.array(margin), **more)


def test_parts_that_add_up_are_kept():
    found = contributions([-1.75, -1.0])
    assert len(found) == 2
    assert found.names == ("use", "city")
    assert found.column_of("city") == 1
    assert repr(found) == (
        "Contributions(2 rows, 2 features, against the plan's reference)"
    )
    assert "against 7 background rows" in repr(
        contributions([-1.75, -1], n_background=7)
    )


@pytest.mark.parametrize("wrong", [-1.0 + 2e-9, np.nan])
def test_a_gap_is_refused_by_name(wrong):
    with pytest.raises(ExplanationError, match=r"1 of 2 row\(s\) do not add") as error:
        contributions([-1.75, wrong])
    assert error.value.code == "ADDITIVITY"


def test_the_gap_is_measured_against_a_large_margin():
    values = np.array([[1e6, 0.0]])
    found = Contributions(SCHEMA, values, -2.0, np.array([1e6 - 2.0 + 1e-6]))
    assert len(found) == 1


def test_shapes_must_fit():
    with pytest.raises(UsageError, match=r"must have shape \(3, 2\), got \(2, 2\)"):
        contributions([0.0, 0.0, 0.0])


def test_unknown_feature():
    with pytest.raises(UsageError, match=r"no feature 'x' among \['use', 'city'\]"):
        contributions([-1.75, -1.0]).column_of("x")
