"""Importance of features, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.exceptions import UsageError
from cfscore.explain import Contributions, importance_table
from cfscore.tables import InputField, InputSchema

SCHEMA = InputSchema(tuple(InputField(n, "numeric") for n in ("a", "b", "c")))
VALUES = np.array([[1.0, -2.0, 0.0], [0.0, 2.0, 0.0], [-1.0, 3.0, 0.0]])


def contributions(values=VALUES):
    return Contributions(SCHEMA, values, 0.0, values.sum(axis=1))


def test_by_hand():
    found = importance_table(contributions()).to_arrow().to_pydict()
    assert found["feature"] == ["b", "a", "c"]
    np.testing.assert_allclose(found["mean_abs"], [7 / 3, 2 / 3, 0])
    np.testing.assert_allclose(found["share"], [7 / 9, 2 / 9, 0])
    np.testing.assert_allclose(found["mean"], [1, 0, 0], atol=1e-15)
    assert found["largest"] == [3.0, 1.0, 0.0]
    np.testing.assert_allclose(found["harmed"], [2 / 3, 1 / 3, 0])


def test_weights_count_rows():
    weighted = importance_table(contributions(), sample_weight=[2, 1, 0])
    repeated = importance_table(contributions(VALUES[[0, 0, 1]]))
    for name in ("mean_abs", "share", "mean", "largest", "harmed"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(repeated, name))


def test_no_contribution_at_all():
    found = importance_table(contributions(np.zeros((2, 3))))
    assert found.share.tolist() == [0.0] * 3
    assert found.features == ("a", "b", "c")


@pytest.mark.parametrize("weights", [[1, 1], [1, -1, 1], [0, 0, 0], [1, np.nan, 1]])
def test_wrong_weights(weights):
    with pytest.raises(UsageError, match="must hold 3 finite, non-negative numbers"):
        importance_table(contributions(), sample_weight=weights)


def test_no_rows():
    with pytest.raises(UsageError, match="at least one explained row"):
        importance_table(contributions(np.zeros((0, 3))))
