"""What every metric refuses, in which words, and what it accepts."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.exceptions import InputError, UsageError
from cfscore.metrics import auc, gini, ks, lift_table

METRICS = [auc, gini, ks, lift_table]

REFUSED = {
    "missing risk": ([0, 1], [0.1, np.nan], "MISSING", "risk has 1 missing"),
    "missing outcome": ([0, None], [0.1, 0.2], "MISSING", "y has 1 missing"),
    "third class": ([0, 1, 2], [0.1, 0.2, 0.3], "NOT_BINARY", "1 case(s) are neither"),
    "no bad": ([0, 0], [0.1, 0.2], "ONE_CLASS", "found 0 bad and 2 good"),
    "no good": ([1, 1], [0.1, 0.2], "ONE_CLASS", "found 2 bad and 0 good"),
    "lengths": ([0, 1], [0.1, 0.2, 0.3], "LENGTH", "y has 2 cases but risk has 3"),
    "text": ([0, 1], ["low", "high"], "NOT_NUMERIC", "risk must hold numbers"),
    "numbers as text": ([0, 1], ["1", "2"], "NOT_NUMERIC", "risk must hold numbers"),
    "text among numbers": ([0, 1], np.array([1, "2"], object), "NOT_NUMERIC", "risk"),
    "two columns": ([0, 1], [[0.1, 0.9], [0.2, 0.8]], "SHAPE", "risk must be one-dim"),
    "nothing": ([], [], "EMPTY", "y is empty"),
}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("case", REFUSED)
def test_bad_samples_are_refused_by_name(metric, case):
    y, risk, code, text = REFUSED[case]
    with pytest.raises(InputError, match=re.escape(text)) as caught:
        metric(y, risk)
    assert caught.value.code == code


@pytest.mark.parametrize("metric", METRICS)
def test_bad_options_are_refused(metric):
    with pytest.raises(UsageError, match="'riskier' or 'safer', got 'larger'"):
        metric([0, 1], [0.1, 0.2], higher_is="larger")
    for confidence in (95, 0.0, 1.0, np.nan):
        with pytest.raises(UsageError, match=r"between 0 and 1, such as 0\.95"):
            metric([0, 1], [0.1, 0.2], confidence=confidence)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("weight", [[1.0, -1.0], [1.0, np.inf]])
def test_bad_weights_are_refused(metric, weight):
    with pytest.raises(InputError, match="1 negative or infinite"):
        metric([0, 1], [0.1, 0.2], sample_weight=weight)
    with pytest.raises(InputError, match="y has 2 cases but sample_weight has 1"):
        metric([0, 1], [0.1, 0.2], sample_weight=[1.0])


def test_cases_without_weight_are_left_out():
    without = auc([1, 0, 1, 0], [4, 3, 2, 1])
    weighted = auc([1, 0, 1, 0, 1], [4, 3, 2, 1, 0], sample_weight=[1, 1, 1, 1, 0])
    assert weighted == without
    with pytest.raises(InputError, match="found 0 bad and 1 good"):
        auc([1, 0], [4, 3], sample_weight=[0, 1])


@pytest.mark.parametrize(
    "container",
    [
        list,
        tuple,
        np.array,
        pd.Series,
        pl.Series,
        pa.array,
        lambda values: pa.chunked_array([values]),
        lambda values: pd.Series(values, dtype="Float64"),
        lambda values: [Decimal(str(value)) for value in values],
        lambda values: np.array(values, dtype=object),
        lambda values: np.array(values, dtype=np.float32),
    ],
)
def test_any_container_of_numbers_will_do(container):
    y, risk = [1, 0, 1, 0, 0], [0.75, 0.5, 0.25, 0.125, 0.0]
    assert auc(container(y), container(risk)) == auc(y, risk)


def test_boolean_outcomes_are_read_as_bad_and_good():
    flags = np.array([True, False, True, False])
    assert auc(flags, [4, 3, 2, 1]) == auc([1, 0, 1, 0], [4, 3, 2, 1])
