"""Bin tables: W6 by hand, smoothing, and every policy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cfscore.binning import BinningSettings
from cfscore.binning._sample import count_values, read_sample
from cfscore.binning._table import BinTable, Partition, build_table
from cfscore.exceptions import FitError
from cfscore.plan import CategoricalBins, NumericBins
from cfscore.tables import CategoryColumn, InputField, NumericColumn

GOOD = [500, 300, 150, 50]


def numeric_table(good, bad, edges=(1, 2, 3), specials=(), **settings) -> BinTable:
    """Return the table of values 0, 1, 2, ... with these goods and bads each.

    A value past the last edge's interval is a special of that number or missing.
    """
    values = np.array([*range(len(edges) + 1), *specials, np.nan])[: len(good)]
    column = NumericColumn(np.repeat(np.tile(values, 2), [*good, *bad]))
    sample = read_sample(
        np.repeat([0, 1], [sum(good), sum(bad)]), None, sum(good + bad)
    )
    counts = count_values(column, sample)
    bins = NumericBins(tuple(map(float, edges)), tuple(map(float, specials)))
    return build_table(
        InputField("x", "numeric"),
        Partition(bins),
        counts,
        sample.totals,
        BinningSettings(**settings),
    )


def test_four_bins_by_hand():
    table = numeric_table(GOOD, [10, 20, 30, 40], laplace=0)
    assert_allclose(
        table.woe[:4], [1.609438, 0.405465, -0.693147, -2.079442], atol=5e-7
    )
    assert_allclose(
        table.iv_parts[:4], [0.643775, 0.040547, 0.103972, 0.727805], atol=5e-7
    )
    assert table.iv == pytest.approx(1.516098, abs=5e-7)
    assert table.counts.tolist() == [510, 320, 180, 90, 0]
    assert_allclose(table.bad_rates[:4], [10 / 510, 20 / 320, 30 / 180, 40 / 90])
    assert table.shares.sum() == pytest.approx(1.0)
    assert (table.trend, table.rejected, table.n_bins) == ("ascending", None, 4)


@pytest.mark.parametrize(
    ("laplace", "expected"),
    [
        (0.5, [4.623974, 0.400242, -0.688544, -2.284780]),
        (1.0, [3.949250, 0.395231, -0.684064, -2.267356]),
    ],
)
def test_zero_cell_is_smoothed_and_its_raw_value_stands_beside(laplace, expected):
    table = numeric_table(GOOD, [0, 20, 30, 50], laplace=laplace)
    assert_allclose(table.woe[:4], expected, atol=5e-7)
    assert table.woe_raw[0] == math.inf
    assert_allclose(table.woe_raw[1], math.log((300 / 1000) / (20 / 100)))
    assert table.notes[0] == "smoothed zero cell"
    assert table.n_zero_cells == 1
    assert table.iv_parts.min() >= 0


def test_zero_cell_without_smoothing_is_refused():
    with pytest.raises(FitError, match=r"Column 'x': 1 bin.s.*Set laplace > 0"):
        numeric_table(GOOD, [0, 20, 30, 50], laplace=0)


def test_an_attribute_without_cases_does_not_count_in_the_smoothing():
    full = numeric_table(GOOD, [10, 20, 30, 40], specials=(-7,))
    # k is 4, not 6: the special and MISSING are empty
    expected = math.log((500.5 / 1002) / (10.5 / 102))
    assert full.woe[0] == pytest.approx(expected, rel=1e-14)
    assert math.isnan(full.woe_raw[4])
    assert math.isnan(full.bad_rates[4])


def test_totals_are_those_of_the_whole_sample():
    # MISSING holds 200 goods and 25 bads and belongs to G and B
    table = numeric_table([*GOOD, 200], [10, 20, 30, 40, 25], laplace=0)
    assert table.woe[0] == pytest.approx(math.log((500 / 1200) / (10 / 125)))
    assert table.woe[4] == pytest.approx(math.log((200 / 1200) / (25 / 125)))
    assert table.missing_share == pytest.approx(225 / 1325)


def test_an_empty_interval_is_neutral_and_says_so():
    table = numeric_table(GOOD, [10, 20, 30, 40], edges=(1, 2, 3, 3.5))
    # value 3 lies in [3, 3.5); nothing lies above
    assert (table.policies[4], table.woe[4]) == ("neutral", 0.0)
    assert table.notes[4] == "neutral (no cases)"


# ------------------------------------------------------------------ policies

NUMERIC_POLICIES = list(
    itertools.product(["own", "neutral", "worst", "error"], ["own", "neutral", "error"])
)


@pytest.mark.parametrize(("missing", "special"), NUMERIC_POLICIES)
@pytest.mark.parametrize("n_extra", [0, 29, 30])
def test_policies_of_missing_and_special(missing, special, n_extra):
    # the special and MISSING have n_extra cases each, of which 10 are bad
    extra_bad = min(n_extra, 10)
    table = numeric_table(
        [*GOOD, n_extra - extra_bad, n_extra - extra_bad],
        [10, 20, 30, 40, extra_bad, extra_bad],
        specials=(-7,),
        missing=missing,
        special=special,
        laplace=0,
    )
    policies = dict(zip(table.labels, table.policies, strict=True))
    woe = dict(zip(table.labels, table.woe, strict=True))
    notes = dict(zip(table.labels, table.notes, strict=True))
    for label, policy in (("MISSING", missing), ("SPECIAL -7", special)):
        if policy == "own" and n_extra < 30:
            assert (policies[label], woe[label]) == ("neutral", 0.0)
            assert notes[label] == "neutral (n < 30)"
        elif policy == "own":
            own = math.log((20 / table.good.sum()) / (10 / table.bad.sum()))
            assert (policies[label], notes[label]) == ("own", "")
            assert woe[label] == pytest.approx(own)
        else:
            expected = min(table.woe[:4]) if policy == "worst" else 0.0
            assert (policies[label], woe[label]) == (policy, expected)
    own_parts = [p == "own" for p in table.policies]
    assert (table.iv_parts[~np.array(own_parts)] == 0).all()


CATEGORY_POLICIES = list(
    itertools.product(
        ["own", "neutral", "worst", "error"],
        ["neutral", "missing", "worst", "error"],
        [0, 100],
    )
)


@pytest.mark.parametrize(("missing", "unseen", "n_missing"), CATEGORY_POLICIES)
def test_policies_of_unseen(missing, unseen, n_missing):
    # group a: 30 of 230 bad, group b: 60 of 160 bad, MISSING: 60 of 100 bad (worst)
    n_bad_missing = int(0.6 * n_missing)
    good, bad = [200, 100, n_missing - n_bad_missing], [30, 60, n_bad_missing]
    codes = np.repeat(np.tile(np.array([0, 1, -1], np.int32), 2), [*good, *bad])
    sample = read_sample(np.repeat([0, 1], [sum(good), sum(bad)]), None, len(codes))
    table = build_table(
        InputField("c", "categorical"),
        Partition(CategoricalBins((("a",), ("b",)))),
        count_values(CategoryColumn(codes, ("a", "b")), sample),
        sample.totals,
        BinningSettings(missing=missing, unseen=unseen),
    )
    own_missing = missing == "own" and n_missing > 0
    worst = table.woe[2] if own_missing else table.woe[1]
    assert worst == table.woe.min()
    refused = unseen == "error" or (unseen == "missing" and missing == "error")
    expected = {
        "neutral": 0.0,
        "error": 0.0,
        "worst": worst,
        "missing": table.woe[2],
    }
    assert table.policies[3] == ("error" if refused else unseen)
    assert table.woe[3] == expected["error" if refused else unseen]
    assert np.isfinite(table.woe).all()
    assert table.trend == "none"


def test_worst_of_a_table_without_own_cases_is_neutral():
    table = numeric_table([0, 60], [0, 40], edges=(), missing="worst")
    # one empty interval, everything missing
    assert table.woe.tolist() == [0.0, 0.0]
    assert table.rejected is not None


def test_arrays_are_read_only():
    table = numeric_table(GOOD, [10, 20, 30, 40])
    for array in (table.counts, table.good, table.bad, table.woe, table.woe_raw):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_alike_neighbours_are_remarked():
    table = numeric_table([100, 99, 50], [10, 11, 50], edges=(1, 2))
    assert table.remarks == ("1 of 2 neighbouring pairs do not differ at 5 %",)
