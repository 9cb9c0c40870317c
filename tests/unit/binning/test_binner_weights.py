"""Sample weights: a weight of three is a row that stands there three times."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from cfscore.binning import Binner
from tests.unit.binning.applicants import applicants

X, Y = applicants()
WEIGHT = np.random.default_rng(8).integers(0, 4, len(Y))
REPEATED = np.repeat(np.arange(len(Y)), WEIGHT)
#: At most 10 prebins, so that the solver is quick.
QUICK = {"special_codes": {"utilisation": [-7]}, "min_bin_share": 0.1}
EDITS = {
    "age": [25, 35, 50],
    "utilisation": [0.2, 0.7],
    "city": [["A", "B"], ["C"], ["D"]],
    "owner": [[False], [True]],
    "noise": [-1, 0, 1],
}


def both(**parameters) -> tuple[Binner, Binner]:
    weighted = Binner(**parameters).fit(X, Y, sample_weight=WEIGHT)
    repeated = Binner(**parameters).fit(X.iloc[REPEATED], Y[REPEATED])
    return weighted, repeated


def test_given_bins_have_the_counts_of_repeated_rows():
    weighted, repeated = both(edits=EDITS, **QUICK)
    for name, table in weighted.tables_.items():
        other = repeated.tables_[name]
        assert_array_equal(table.good, other.good)
        assert_array_equal(table.bad, other.bad)
        assert_allclose(table.woe, other.woe, rtol=1e-14)
        assert table.iv == pytest.approx(other.iv, rel=1e-14)
        assert_array_equal(table.shares, other.shares)
        assert table.counts.sum() == np.count_nonzero(WEIGHT)
        # fewer cases than weight: the same IV is less sure
        assert table.iv_p_value >= other.iv_p_value


def test_the_solver_cuts_where_it_cuts_repeated_rows():
    weighted, repeated = both(**QUICK, monotonic="none", min_bin_count=1)
    for name in ("age", "utilisation", "city", "owner"):
        assert weighted.tables_[name].bins == repeated.tables_[name].bins


@pytest.mark.parametrize("scale", [0.1, 10.0, 1e5])
def test_the_scale_of_weights_moves_no_bin(scale):
    weight = np.random.default_rng(9).uniform(0.5, 2.0, len(Y))
    one = Binner(**QUICK, laplace=0).fit(X, Y, sample_weight=weight)
    other = Binner(**QUICK, laplace=0).fit(X, Y, sample_weight=weight * scale)
    for name, table in one.tables_.items():
        assert table.bins == other.tables_[name].bins
        assert_allclose(table.woe, other.tables_[name].woe, rtol=1e-9)
        assert_allclose(table.iv_p_value, other.tables_[name].iv_p_value, rtol=1e-9)


def test_weights_reach_categories_too():
    # weighted, city A is the riskiest; unweighted, the safest
    weight = np.where((X["city"] == "A") & (Y == 1), 20.0, 1.0)
    binner = Binner().fit(X[["city"]], Y, sample_weight=weight)
    assert binner.tables_["city"].bins.groups[-1] == ("A",)


def test_rows_of_weight_zero_are_no_cases():
    weight = np.where(X["city"] == "D", 0.0, 1.0)
    kept = (weight > 0).to_numpy() if hasattr(weight, "to_numpy") else weight > 0
    weighted = Binner(**QUICK).fit(X, Y, sample_weight=weight)
    dropped = Binner(**QUICK).fit(X[kept], Y[kept])
    for name, table in weighted.tables_.items():
        assert table.bins == dropped.tables_[name].bins
        assert_array_equal(table.woe, dropped.tables_[name].woe)
