"""Arguments: what a card accepts as parameters and as a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy.sparse import csr_array

from cfscore.binning import Binner
from cfscore.exceptions import InputError, UsageError
from cfscore.score_scale import ScoreScale
from cfscore.scorecard import SelectionRules
from cfscore.scorecard._arguments import (
    as_table,
    check_parameters,
    resolve_selection,
)

KNOWN = ("income", "debt")


def test_good_parameters_pass():
    check_parameters(None, None, "constrained", None)
    check_parameters(Binner(), ScoreScale(), "free", np.float64(0.5))
    check_parameters(None, None, "free", 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"binner": "optbinning"}, "binner must be a Binner or None, got 'optbinning'"),
        ({"binner": Binner}, "binner must be a Binner"),
        ({"scale": {"pdo": 20}}, "scale must be a ScoreScale or None, got dict"),
        ({"sign": "negative"}, "sign must be 'constrained' or 'free', got 'negative'"),
        ({"sign": ["free"]}, "sign must be"),
        ({"C": 0}, "C must be a positive finite number or None, got 0"),
        ({"C": -1.0}, "C must be"),
        ({"C": "1"}, "C must be"),
        ({"C": True}, "C must be"),
        ({"C": np.inf}, "C must be"),
        ({"C": np.nan}, "C must be"),
    ],
)
def test_wrong_parameters_are_refused_by_name(change, message):
    good = {"binner": None, "scale": None, "sign": "free", "C": None}
    with pytest.raises(UsageError, match=message):
        check_parameters(**(good | change))


def test_selection_in_its_plain_form():
    rules = SelectionRules(min_iv=0.1)
    assert resolve_selection("auto", KNOWN) == SelectionRules()
    assert resolve_selection(rules, KNOWN) is rules
    assert resolve_selection(None, KNOWN) is None
    for names in (["debt"], ("debt",), np.array(["debt"]), pd.Index(["debt"])):
        assert resolve_selection(names, KNOWN) == ("debt",)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("all", "selection must be 'auto'.*got 'all'"),
        (5, "selection must be 'auto'.*got 5"),
        (["incme"], r"does not have: \['incme'\].*Did you mean 'income'"),
        ([], "at least one column"),
        (["debt", "debt"], "none twice"),
    ],
)
def test_a_wrong_selection_is_refused(selection, message):
    with pytest.raises(UsageError, match=message):
        resolve_selection(selection, KNOWN)


def test_rows_as_lists_become_an_array():
    found = as_table([[1, "a"], [None, "b"]])
    assert found.shape == (2, 2)
    assert found.dtype == object


def test_a_stream_is_gathered_so_that_it_can_be_read_twice():
    table = pa.table({"x": [1.0, 2.0]})
    assert as_table(table.to_reader()).equals(table)


def test_other_tables_are_handed_on():
    rows = [{"x": 1}]
    frame = pd.DataFrame(rows)
    records = np.array([(1.0,)], dtype=[("x", float)])
    for table in (rows, frame, records, {"x": [1]}, []):
        assert as_table(table) is table


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (csr_array(np.eye(2)), "Sparse"),
        (np.zeros(3), "Reshape your data"),
        (np.zeros((1, 2, 3)), "got 3 dimension"),
    ],
)
def test_what_is_no_table_is_refused(table, message):
    with pytest.raises(InputError, match=message):
        as_table(table)
