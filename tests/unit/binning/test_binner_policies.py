"""Policies of a fitted binner: what is refused, when, and with which counts."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.binning import Binner
from cfscore.exceptions import FitError, RowFaultError
from tests.unit.binning.applicants import applicants

X, Y = applicants()
CLEAN = X[X["utilisation"].notna() & (X["utilisation"] != -7)]
Y_CLEAN = Y[CLEAN.index]
EDITS = {
    "age": [25, 35, 50],
    "utilisation": [0.2, 0.7],
    "city": [["A", "B"], ["C"], ["D"]],
    "owner": [[False], [True]],
    "noise": [0],
}
UNSEEN_POLICIES = ("neutral", "missing", "worst")
CODES = {"utilisation": [-7, -8], "city": ["XNA"]}


def test_training_cases_that_scoring_will_refuse_are_refused_at_once():
    binner = Binner(edits=EDITS, special_codes=CODES, missing="error", special="error")
    n_missing = X["utilisation"].isna().sum()
    n_special = (X["utilisation"] == -7).sum()
    expected = rf"'utilisation': {n_special} x SPECIAL; .*{n_missing} x MISSING"
    with pytest.raises(FitError, match=expected):
        binner.fit(X, Y)


def test_infinite_training_values_are_refused_where_the_policy_says_so():
    infinite = CLEAN.assign(noise=np.where(CLEAN["age"] > 60, np.inf, CLEAN["noise"]))
    n_infinite = np.isinf(infinite["noise"]).sum()
    Binner(edits=EDITS).fit(infinite, Y_CLEAN)
    with pytest.raises(FitError, match=f"'noise': {n_infinite} x NOT_FINITE"):
        Binner(edits=EDITS, non_finite="error").fit(infinite, Y_CLEAN)


@pytest.fixture(scope="module")
def strict() -> Binner:
    binner = Binner(
        edits=EDITS,
        special_codes=CODES,
        missing="error",
        special="error",
        unseen="error",
        non_finite="error",
    )
    return binner.fit(CLEAN, Y_CLEAN)


GOOD_ROW = {"age": 30, "utilisation": 0.5, "city": "A", "owner": True, "noise": 0.1}


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"age": None}, {("age", "MISSING"): 1}),
        ({"utilisation": -7}, {("utilisation", "SPECIAL"): 1}),
        ({"utilisation": -8}, {("utilisation", "SPECIAL"): 1}),
        ({"city": "XNA"}, {("city", "SPECIAL"): 1}),
        ({"city": "Z"}, {("city", "UNSEEN"): 1}),
        ({"city": " "}, {("city", "MISSING"): 1}),
        ({"noise": -math.inf}, {("noise", "NOT_FINITE"): 1}),
        ({"owner": None, "age": "x"}, {("age", "NOT_A_NUMBER"): 1}),
        (
            {"owner": None, "city": "Z", "noise": math.inf},
            {
                ("owner", "MISSING"): 1,
                ("city", "UNSEEN"): 1,
                ("noise", "NOT_FINITE"): 1,
            },
        ),
    ],
)
def test_refused_cells_are_counted_by_column_and_fault(strict, changes, counts):
    with pytest.raises(RowFaultError) as caught:
        strict.transform([GOOD_ROW, GOOD_ROW | changes, GOOD_ROW])
    assert caught.value.counts == counts
    assert (caught.value.n_bad_rows, caught.value.n_rows) == (1, 3)


def test_rows_without_fault_pass(strict):
    assert np.isfinite(strict.transform([GOOD_ROW])).all()


def test_unseen_follows_missing_to_its_refusal():
    binner = Binner(edits=EDITS, missing="error", unseen="missing").fit(CLEAN, Y_CLEAN)
    with pytest.raises(RowFaultError, match="'city': 1 x UNSEEN"):
        binner.transform([GOOD_ROW | {"city": "Z"}])


@pytest.mark.parametrize(
    ("missing", "unseen"),
    list(
        itertools.product(["own", "neutral", "worst"], ["neutral", "missing", "worst"])
    ),
)
def test_a_row_reads_what_the_table_promises(missing, unseen):
    binner = Binner(
        edits=EDITS, special_codes=CODES, missing=missing, unseen=unseen
    ).fit(X, Y)
    rows = [
        dict.fromkeys(EDITS),
        GOOD_ROW | {"city": "Z", "utilisation": -8},
    ]
    woe = binner.transform(rows)
    tables = binner.tables_
    for j, table in enumerate(tables.values()):
        assert woe[0, j] == table.woe[table.bins.missing_index]
    own = tables["utilisation"].woe[tables["utilisation"].counts > 0]
    assert (
        woe[0, 1] == {"own": own[-1], "neutral": 0.0, "worst": own[:-1].min()}[missing]
    )
    city = tables["city"].woe[:3]
    of_missing = {"own": 0.0, "neutral": 0.0, "worst": city.min()}[missing]
    expected = {"neutral": 0.0, "missing": of_missing, "worst": city.min()}
    assert woe[1, 2] == expected[unseen]
    assert woe[1, 1] == 0.0  # -8 was never seen: own falls back to neutral
    policy = binner.table("utilisation").set_index("bin")["policy"]
    assert policy["SPECIAL -8"] == "neutral (n < 30)"


def test_policies_of_one_column():
    binner = Binner(
        edits=EDITS, special_codes=CODES, settings={"utilisation": {"missing": "worst"}}
    ).fit(X, Y)
    assert binner.tables_["utilisation"].policies[-1] == "worst"
    assert binner.tables_["age"].policies[-1] == "neutral"


ANY_ROW = st.fixed_dictionaries(
    {
        "age": st.one_of(st.none(), st.floats(), st.integers(0, 99)),
        "utilisation": st.one_of(
            st.sampled_from([-7, -8, None, 0.2, 0.7]), st.floats()
        ),
        "city": st.one_of(st.none(), st.sampled_from(["A", "D", "XNA"]), st.text()),
        "owner": st.sampled_from([True, False, None, "true", 1, "0"]),
        "noise": st.floats(),
    }
)
ANY_BINNER = Binner(edits=EDITS, special_codes=CODES, unseen="worst").fit(X, Y)


@given(st.lists(ANY_ROW, min_size=1, max_size=5))
def test_every_row_has_a_finite_woe_of_its_table(rows):
    woe = ANY_BINNER.transform(rows)
    assert np.isfinite(woe).all()
    for j, table in enumerate(ANY_BINNER.tables_.values()):
        assert set(woe[:, j]) <= set(table.woe)
    alone = np.vstack([ANY_BINNER.transform([row]) for row in rows])
    assert np.array_equal(alone, woe)
