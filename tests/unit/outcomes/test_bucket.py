"""Delinquency bucket: edges of every class, refusals, and its expression."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from cfscore.exceptions import InputError
from cfscore.outcomes import BUCKETS, delinquency_bucket
from cfscore.outcomes._bucket import bucket_expr, bucket_names, first_day_of_bucket

EDGES = [0, 1, 30, 31, 60, 61, 90, 91, 120, 121, 150, 151, 180, 181, 400]
BUCKET_OF_EDGE = [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]


def test_both_ends_of_every_bucket():
    assert delinquency_bucket(EDGES).tolist() == BUCKET_OF_EDGE


def test_names_are_indexed_by_number():
    assert BUCKETS == ("M0", "M1", "M2", "M3", "M4", "M5", "M6", "M7+")
    assert [BUCKETS[b] for b in delinquency_bucket([0, 31, 181])] == ["M0", "M2", "M7+"]
    assert bucket_names(3) == ("M0", "M1", "M2", "M3+")


def test_first_day_is_the_least_of_its_bucket():
    for bucket in range(8):
        first = first_day_of_bucket(bucket)
        assert delinquency_bucket(first) == bucket
        assert first == 0 or delinquency_bucket(first - 1) == bucket - 1


def test_the_expression_is_the_function():
    days = pl.DataFrame({"dpd": range(500)})
    by_expression = days.select(bucket_expr(pl.col("dpd"))).to_series()
    assert by_expression.to_numpy().tolist() == delinquency_bucket(range(500)).tolist()
    assert by_expression.dtype == pl.Int8


@pytest.mark.parametrize("dpd", [[-1, 3], [0.5, 1], [np.nan, 0], [-2, -0.5]])
def test_other_than_whole_days_are_counted_and_refused(dpd):
    n_wrong = sum(not (d >= 0 and d % 1 == 0) for d in dpd)
    with pytest.raises(InputError, match=rf"whole days, 0 or more; {n_wrong} value"):
        delinquency_bucket(dpd)


def test_text_is_refused():
    with pytest.raises(InputError, match=r"dpd must hold numbers, found dtype <U2"):
        delinquency_bucket(["30"])
