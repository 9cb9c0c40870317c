"""Dependence of contributions on values, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.exceptions import UsageError
from cfscore.explain import Contributions, dependence_table
from cfscore.tables import InputField, InputSchema

SCHEMA = InputSchema((InputField("use", "numeric"), InputField("city", "categorical")))
TABLE = {
    "use": [1.0, 1.0, 2.0, 3.0, None, np.inf],
    "city": ["b", "b", "a", "a", None, "c"],
}
VALUES = np.array([[0, 2], [1, 2], [2, 1], [3, 1], [4, 0], [5, 9]], float)


def contributions():
    return Contributions(SCHEMA, VALUES, 0.0, VALUES.sum(axis=1))


def test_a_number_has_a_bin_for_each_of_few_values():
    found = dependence_table(contributions(), TABLE, "use").to_arrow().to_pydict()
    assert found["bin"] == ["[-inf, 1]", "(1, 2]", "(2, inf]", "MISSING"]
    assert found["count"] == [2, 1, 2, 1]
    assert found["middle"] == [1.0, 2.0, 3.0, None]
    assert found["mean"] == [0.5, 2.0, 4.0, 4.0]
    np.testing.assert_allclose(found["low"], [0.1, 2, 3.2, 4])
    np.testing.assert_allclose(found["high"], [0.9, 2, 4.8, 4])


def test_a_number_has_no_more_bins_than_asked_for():
    found = dependence_table(contributions(), TABLE, "use", max_bins=2)
    assert found.labels == ("[-inf, 1]", "(1, inf]", "MISSING")
    many = np.arange(1000.0)
    schema = InputSchema(SCHEMA.fields[:1])
    line = Contributions(schema, many[:, None], 0.0, many)
    found = dependence_table(line, {"use": many}, "use", max_bins=10)
    assert found.counts.tolist() == [100] * 10
    assert (found.low < found.mean).all()
    assert (found.mean < found.high).all()


def test_a_category_is_ordered_by_mean_contribution():
    found = dependence_table(contributions(), TABLE, "city")
    assert found.labels == ("a", "b", "c", "MISSING")
    assert found.mean.tolist() == [1.0, 2.0, 9.0, 0.0]
    assert np.isnan(found.middle).all()


def test_refusals():
    with pytest.raises(UsageError, match=r"table has 2 row\(s\), the contributions 6"):
        dependence_table(contributions(), {"use": [1, 2], "city": ["a", "b"]}, "use")
    with pytest.raises(UsageError, match="max_bins must be at least 1, got 0"):
        dependence_table(contributions(), TABLE, "use", max_bins=0)
    with pytest.raises(UsageError, match="no feature 'age'"):
        dependence_table(contributions(), TABLE, "age")


def test_special_codes_have_bins_of_their_own():
    schema = InputSchema(SCHEMA.fields[:1])
    use = [-9991.0, 1.0, -9992.0, 2.0, None, -9991.0]
    values = np.array([[7], [1], [8], [2], [9], [5]], float)
    codes = {"use": (-9991.0, -9992.0, -9993.0)}
    explained = Contributions(
        schema, values, 0.0, values.sum(axis=1), special_codes=codes
    )
    found = dependence_table(explained, {"use": use}, "use").to_arrow().to_pydict()
    assert found["bin"] == [
        "[-inf, 1]", "(1, inf]", "SPECIAL -9991", "SPECIAL -9992", "MISSING",
    ]  # fmt: skip
    assert found["count"] == [1, 1, 2, 1, 1]
    assert found["middle"] == [1.0, 2.0, None, None, None]
    assert found["mean"] == [1.0, 2.0, 6.0, 8.0, 9.0]
