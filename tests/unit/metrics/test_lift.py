"""Lift table: worked value, ties, orientation and sums."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.metrics import lift_table

Y = [1, 1, 0, 1, 0, 0, 0, 1, 0, 0]
PD = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.35, 0.2, 0.1]

COLUMNS = [
    "band",
    "value_min",
    "value_max",
    "n",
    "bads",
    "bad_rate",
    "bad_rate_lower",
    "bad_rate_upper",
    "cum_bad_share",
    "cum_good_share",
    "ks",
    "lift",
    "cum_lift",
    "odds",
    "woe",
]


def test_worked_value():
    # Five bands of two cases; the sample holds 4 bads of 10.
    table = lift_table(Y, PD, n_bands=5)
    assert list(table) == COLUMNS
    assert table["n"].tolist() == [2, 2, 2, 2, 2]
    assert table["bads"].tolist() == [2, 1, 0, 1, 0]
    assert table["bad_rate"].tolist() == [1.0, 0.5, 0.0, 0.5, 0.0]
    # The top 20 % captures 50 % of the bads: lift 1.0 / 0.4.
    assert table["cum_bad_share"][0] == 0.5
    assert table["lift"][0] == table["cum_lift"][0] == 2.5
    assert table["cum_lift"] == pytest.approx([2.5, 1.875, 1.25, 1.25, 1.0])
    # Goods to here: 0, 1, 3, 4, 6 of 6.
    assert table["ks"] == pytest.approx([1 / 2, 7 / 12, 1 / 4, 1 / 3, 0.0])
    assert table["odds"].tolist() == [0.0, 1.0, np.inf, 1.0, np.inf]
    # Band 2: ln[(1/6) / (1/4)].
    assert table["woe"][1] == pytest.approx(np.log(2 / 3))
    assert table["woe"][[0, 2]].tolist() == [-np.inf, np.inf]


def test_bad_rates_come_with_wilsons_interval():
    # 0 of 2: the upper end is z^2 / (2 + z^2) with z = 1.959964.
    table = lift_table(Y, PD, n_bands=5)
    assert table["bad_rate_lower"][2] == 0.0
    assert table["bad_rate_upper"][2] == pytest.approx(0.657620, abs=1e-6)
    assert table["bad_rate_upper"][0] == 1.0


def test_a_score_is_listed_worst_first_in_its_own_units():
    score = [310, 340, 355, 370, 380, 390, 400, 420, 450, 500]
    table = lift_table(Y, score, n_bands=5, higher_is="safer")
    assert table["value_min"].tolist() == [310, 355, 380, 400, 450]
    assert table["value_max"].tolist() == [340, 370, 390, 420, 500]
    assert table["bads"].tolist() == [2, 1, 0, 1, 0]


def test_equal_risks_are_never_parted():
    # Eight of ten share one risk, whose middle lies in the third of five bands.
    table = lift_table(Y, [9] + 8 * [5] + [1], n_bands=5)
    assert table["n"].tolist() == [1, 8, 1]
    assert table["band"].tolist() == [1, 2, 3]


def test_weights_are_summed():
    table = lift_table(Y, PD, n_bands=2, sample_weight=np.full(10, 0.5))
    assert table["n"].tolist() == [2.5, 2.5]
    assert table["bads"].tolist() == [1.5, 0.5]
    # Halving every weight tells nothing new: the intervals are those of five cases.
    plain = lift_table(Y, PD, n_bands=2)
    assert table["bad_rate_lower"] == pytest.approx(plain["bad_rate_lower"])


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 1), st.integers(-9, 9)), min_size=1, max_size=60
    ),
    n_bands=st.integers(1, 12),
)
def test_bands_part_the_sample(rows, n_bands):
    y, risk = np.array([(1, 0), (0, 0), *rows]).T
    table = lift_table(y, risk, n_bands=n_bands)
    assert 1 <= table["band"].size <= n_bands
    assert table["n"].sum() == y.size
    assert table["bads"].sum() == y.sum()
    assert table["cum_bad_share"][-1] == table["cum_good_share"][-1] == 1.0
    assert table["cum_lift"][-1] == pytest.approx(1.0)
    assert (table["n"] > 0).all()
    # Bands do not overlap, and fall from risky to safe.
    assert (table["value_min"][:-1] > table["value_max"][1:]).all()


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table])
def test_frames_take_the_columns_as_they_are(frame):
    assert frame(lift_table(Y, PD)).shape == (10, len(COLUMNS))


@pytest.mark.parametrize("n_bands", [0, -1, 2.5])
def test_bad_band_numbers_are_refused(n_bands):
    with pytest.raises(UsageError, match="whole number of at least 1"):
        lift_table(Y, PD, n_bands=n_bands)
