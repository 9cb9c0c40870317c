"""Screen: planted leaks are found, honest columns are not, and worked values."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cfscore.exceptions import InputError, UsageError
from cfscore.features import ScreenLimits, screen_outcome


def finding(values: list, y: list[int], limits: ScreenLimits | None = None):
    (found,) = screen_outcome(pl.DataFrame({"c": values}), y, limits).findings
    return found


def test_information_value_and_auc_by_hand() -> None:
    """Goods 30 a, 10 b, 60 missing; bads 10 a, 30 b, 10 missing."""
    cells = ["a"] * 30 + ["b"] * 10 + [None] * 60
    cells += ["a"] * 10 + ["b"] * 30 + [None] * 10
    y = [0] * 100 + [1] * 50
    found = finding(cells, y, ScreenLimits(min_count=5))
    good, bad = np.array([0.3, 0.1, 0.6]), np.array([0.2, 0.6, 0.2])
    iv = float(((good - bad) * np.log(good / bad)).sum())
    assert found.iv == pytest.approx(iv, rel=1e-12)
    # b (0.75 bad), a (0.25), missing (0.14): pairs won and half of those level.
    auc = 0.6 * (0.9 + 0.1 / 2) + 0.2 * (0.6 + 0.3 / 2) + 0.2 * (0.6 / 2)
    assert found.auc == pytest.approx(auc, rel=1e-12)
    assert found.reasons == (f"IV {iv:.2f} is above 0.5",)


def test_a_zero_cell_counts_half_a_case() -> None:
    found = finding(["a"] * 40 + ["b"] * 60, [0] * 40 + [0] * 30 + [1] * 30)
    good_a, bad_a = 40.5 / 70, 0.5 / 30
    iv = (good_a - bad_a) * math.log(good_a / bad_a)
    iv += (30 / 70 - 30 / 30) * math.log((30 / 70) / (30 / 30))
    assert found.iv == pytest.approx(iv, rel=1e-12)


def test_columns_filled_in_for_bads_alone_are_suspect_though_few() -> None:
    y = [0] * 900 + [1] * 100
    recovered = [None] * 960 + [float(i) for i in range(40)]
    found = finding(recovered, y, ScreenLimits(iv=3.0))
    assert found.all_bad_n == 40
    assert found.reasons == ("40 cases are all bad",)
    few = finding([None] * 980 + [1.0] * 20, y)
    assert few.all_bad_n == 0  # 20 cases are no attribute to judge by


def test_noise_is_no_suspect() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(4000) < 0.1).astype(int)
    table = pl.DataFrame(
        {
            "number": rng.normal(size=4000),
            "flag": rng.random(4000) < 0.3,
            "job": [f"job {i}" for i in rng.integers(0, 2000, 4000)],
            "day": pl.Series(rng.integers(0, 10_000, 4000)).cast(pl.Date),
            "empty": pl.Series([None] * 4000, dtype=pl.Float64),
            "nothing": pl.Series([None] * 4000, dtype=pl.Null),
            "list": [[1]] * 4000,
            "constant": 3.0,
        }
    )
    screen = screen_outcome(table, y)
    assert screen.suspects == ()
    frame = screen.to_frame()
    assert frame["column"].tolist() == table.columns
    assert frame["iv"].max() < 0.1
    assert frame.set_index("column").loc["empty", "auc"] == 0.5


def test_the_strongest_suspect_comes_first() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(2000) < 0.2).astype(int)
    table = pl.DataFrame(
        {"weak": y + rng.normal(size=2000), "perfect": y, "date": y * 3.0}
    )
    assert screen_outcome(table, y).suspects[-1] == "weak"
    assert set(screen_outcome(table, y).suspects) == {"weak", "perfect", "date"}
    assert finding(y.tolist(), y.tolist()).auc == 1.0


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([0, 1, 2], "y must hold 0 for good and 1 for bad"),
        ([0, 0, 0], "y must hold 0 for good and 1 for bad, and some of each"),
        ([0, 1], r"y has shape \(2,\) where the table has 3 rows"),
    ],
)
def test_wrong_outcomes_are_refused(y: list[int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        screen_outcome(pl.DataFrame({"a": [1, 2, 3]}), y)


@pytest.mark.parametrize(
    "limits", [{"iv": 0.0}, {"auc": 0.5}, {"chance": 0.0}, {"min_count": 0}]
)
def test_wrong_limits_are_refused(limits: dict) -> None:
    with pytest.raises(UsageError, match=r"limits of a screen|min_count must be"):
        ScreenLimits(**limits)


@pytest.mark.data
def test_lending_club_leaks_are_found_and_nothing_else() -> None:
    folder = os.environ.get("CFSCORE_TEST_DATA")
    if not folder:
        pytest.skip("CFSCORE_TEST_DATA is not set")
    table = pl.read_parquet(Path(folder) / "lendingclub" / "lc_2007_2011.parquet")
    screen = screen_outcome(table.drop("bad"), table["bad"])
    assert set(screen.suspects) == {
        "collection_recovery_fee",
        "debt_settlement_flag",
        "debt_settlement_flag_date",
        "last_credit_pull_d",
        "last_pymnt_amnt",
        "last_pymnt_d",
        "loan_status",
        "recoveries",
        "settlement_amount",
        "settlement_date",
        "settlement_percentage",
        "settlement_status",
        "settlement_term",
        "total_pymnt",
        "total_pymnt_inv",
        "total_rec_int",
        "total_rec_prncp",
    }
