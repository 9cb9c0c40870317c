"""Binner: from a table to bins, WOE and their frames."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from cfscore.binning import Binner, BinTable, ZeroCellWarning
from cfscore.exceptions import FitError, InputError, RowFaultError, UsageError
from cfscore.plan import assign_attributes
from cfscore.tables import read_table
from tests.unit.binning.applicants import applicants

#: At most 10 prebins, so that the solver is quick.
QUICK = {"special_codes": {"utilisation": [-7]}, "min_bin_share": 0.1}


@pytest.fixture(scope="module")
def fitted() -> tuple[Binner, pd.DataFrame, np.ndarray]:
    X, y = applicants()
    return Binner(**QUICK).fit(X, y), X, y


def w6(bad=(10, 20, 30, 40)) -> tuple[dict[str, np.ndarray], np.ndarray]:
    good = (500, 300, 150, 50)
    values = np.repeat([0, 1, 2, 3] * 2, [*good, *bad])
    return {"inquiries": values}, np.repeat([0, 1], [1000, 100])


# ------------------------------------------------------------------ worked values


def test_four_bins_by_hand():
    X, y = w6()
    binner = Binner(edits={"inquiries": [1, 2, 3]}, laplace=0).fit(X, y)
    table = binner.table("inquiries")
    assert table["bin"].tolist()[:2] == ["[-inf, 1)", "[1, 2)"]
    expected = [math.log(5), math.log(1.5), -math.log(2), -math.log(8)]
    assert_allclose(table["woe"][:4], expected, rtol=1e-14)
    assert table["iv"].sum() == pytest.approx(1.516098, abs=5e-7)
    assert binner.summary()["iv"][0] == table["iv"].sum()


@pytest.mark.parametrize(
    ("laplace", "expected"),
    [
        (0.5, [4.623974, 0.400242, -0.688544, -2.284780]),
        (1.0, [3.949250, 0.395231, -0.684064, -2.267356]),
    ],
)
def test_zero_cell_is_smoothed_with_one_warning_per_fit(laplace, expected):
    X, y = w6(bad=(0, 20, 30, 50))
    X["twice"] = X["inquiries"]
    edits = {"inquiries": [1, 2, 3], "twice": [1, 2, 3]}
    with pytest.warns(ZeroCellWarning, match=r"2 characteristic.*'inquiries', 'twice'"):
        binner = Binner(edits=edits, laplace=laplace).fit(X, y)
    table = binner.table("inquiries")
    assert_allclose(table["woe"][:4], expected, atol=5e-7)
    assert table["woe_raw"][0] == math.inf
    assert table["policy"][0] == "own, smoothed zero cell"
    assert "1 zero cell(s)" in binner.summary()["remarks"][0]


def test_slope_of_the_logistic_regression_on_one_woe_is_minus_one():
    X, y = w6()
    binner = Binner(edits={"inquiries": [1, 2, 3]}, laplace=0)
    woe = binner.fit_transform(X, y)
    model = LogisticRegression(C=np.inf, tol=1e-10).fit(woe, y)
    # P(bad) falls with WOE; the intercept is ln(B/G) = ln(0.1)
    assert model.coef_[0, 0] == pytest.approx(-1.0, abs=1e-5)
    assert model.intercept_[0] == pytest.approx(math.log(0.1), abs=1e-5)


# ------------------------------------------------------------------ known courses


def test_the_solver_finds_the_course_of_each_column(fitted):
    binner, _, _ = fitted
    summary = binner.summary().set_index("characteristic")
    assert summary["trend"].to_dict() == {
        "age": "descending",
        "utilisation": "peak",
        "city": "not ordered",
        "owner": "not ordered",
        "noise": summary["trend"]["noise"],
    }
    assert (summary.loc["age":"owner", "status"] == "chosen").all()
    assert (summary.loc["age":"owner", "iv_p_value"] < 1e-6).all()
    assert summary["missing_share"]["utilisation"] == pytest.approx(0.1, abs=0.02)


def test_groups_run_from_safe_to_risky(fitted):
    binner, _, _ = fitted
    assert binner.tables_["city"].labels[:4] == ("A", "B", "C", "D")
    assert binner.tables_["owner"].labels[:2] == ("True", "False")


def test_table_and_summary_have_the_promised_columns(fitted):
    binner, _, _ = fitted
    expected = [
        "bin",
        "count",
        "share",
        "good",
        "bad",
        "bad_rate",
        "woe",
        "iv",
        "woe_raw",
        "policy",
    ]
    assert binner.table("age").columns.tolist() == expected
    assert binner.summary().columns.tolist() == [
        "characteristic",
        "kind",
        "iv",
        "iv_p_value",
        "bins",
        "trend",
        "missing_share",
        "status",
        "reason",
        "remarks",
    ]


def test_every_bin_keeps_to_share_and_count():
    X, y = applicants()
    binner = Binner(
        max_bins=3, special_codes={"utilisation": [-7]}, min_bin_share=0.12
    ).fit(X, y)
    for table in binner.tables_.values():
        assert isinstance(table, BinTable)
        ranges = np.array([role in ("interval", "group") for role in table.roles])
        assert 1 <= ranges.sum() <= 3
        if ranges.sum() > 1:
            assert table.shares[ranges].min() >= 0.12
        assert table.counts.sum() == len(X)


@pytest.mark.parametrize("direction", ["ascending", 1, "descending", -1])
def test_a_declared_direction_is_kept_whatever_the_data_say(direction):
    X, y = applicants()
    binner = Binner(monotonic=direction, **QUICK).fit(X, y)
    word = {1: "ascending", -1: "descending"}.get(direction, direction)
    for name in ("age", "utilisation", "noise"):
        assert binner.tables_[name].trend in (word, "none")


def test_settings_of_one_column_leave_the_others_alone(fitted):
    binner, X, y = fitted
    other = Binner(**QUICK, settings={"age": {"max_bins": 2, "time_limit": 5}})
    other.fit(X, y)
    assert other.tables_["age"].n_bins == 2
    for name in ("utilisation", "city", "owner", "noise"):
        assert other.tables_[name].bins == binner.tables_[name].bins
        assert_array_equal(other.tables_[name].woe, binner.tables_[name].woe)


def test_threads_do_not_change_the_result(fitted):
    binner, X, y = fitted
    one = Binner(**QUICK, n_jobs=1).fit(X, y)
    for name, table in one.tables_.items():
        assert table.bins == binner.tables_[name].bins
        assert_array_equal(table.woe, binner.tables_[name].woe)


def test_order_of_rows_does_not_change_the_result(fitted):
    binner, X, y = fitted
    order = np.random.default_rng(1).permutation(len(X))
    other = Binner(**QUICK).fit(X.iloc[order], y[order])
    for name, table in other.tables_.items():
        assert table.bins == binner.tables_[name].bins
        assert_array_equal(table.woe, binner.tables_[name].woe)


# ------------------------------------------------------------------ transform


def test_transform_reads_the_woe_of_the_attribute(fitted):
    binner, X, _ = fitted
    woe = binner.transform(X)
    batch = read_table(X, binner.schema_)
    for j, (name, table) in enumerate(binner.tables_.items()):
        attributes = assign_attributes(table.bins, batch.columns[name])
        assert_array_equal(woe[:, j], table.woe[attributes])


def test_columns_are_matched_by_name_and_others_ignored(fitted):
    binner, X, _ = fitted
    other = X[X.columns[::-1]].assign(extra="x")
    assert_array_equal(binner.transform(other), binner.transform(X))


def test_a_missing_column_is_refused(fitted):
    binner, X, _ = fitted
    with pytest.raises(InputError, match="'age'"):
        binner.transform(X.drop(columns="age"))


@pytest.mark.parametrize("missing", [np.nan, None, pd.NA, pd.NaT])
def test_missing_has_one_woe_in_every_spelling(fitted, missing):
    binner, X, _ = fitted
    row = X.iloc[:1].astype(object).copy()
    row.loc[:, :] = missing
    woe = binner.transform(row.to_dict("records"))[0]
    expected = [t.woe[t.bins.missing_index] for t in binner.tables_.values()]
    assert woe.tolist() == expected
    assert expected[1] != 0.0  # of its own cases; the others held none


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_blank_text_is_missing(fitted, blank):
    binner, X, _ = fitted
    row = X.iloc[:1].to_dict("records")[0] | {"city": blank, "age": blank}
    assert binner.transform([row])[0, [0, 2]].tolist() == [0.0, 0.0]


def test_every_container_gives_the_same_bits():
    X, y = applicants(400)
    X["city"] = X["city"].astype("category")
    held = Binner(min_bin_share=0.2, monotonic="none").fit(X, y)
    expected = held.transform(X)
    plain = X.astype({"city": "object"}).astype(object).where(X.notna(), None)
    tables = {
        "polars": pl.from_pandas(X),
        "arrow": pa.Table.from_pandas(X),
        "batch": pa.RecordBatch.from_pandas(X),
        "mapping": {name: X[name].to_numpy() for name in X},
        "rows": plain.to_dict("records"),
    }
    for name, table in tables.items():
        assert_array_equal(held.transform(table), expected, err_msg=name)
        again = clone(held).fit(table, y)
        assert_array_equal(again.transform(table), expected, err_msg=name)


def test_a_stream_that_can_be_read_once_is_read_once():
    X, y = applicants(400)
    table = pa.Table.from_pandas(X)
    binner = Binner(**QUICK, min_bin_count=10)
    binner.fit(table.to_reader(max_chunksize=150), y)
    woe = binner.transform(table.to_reader())
    assert_array_equal(woe, binner.transform(X))
    assert binner.feature_names_in_.tolist() == list(X)


def test_a_bare_array_has_its_columns_by_position():
    X, y = applicants()
    array = X[["age", "noise"]].to_numpy()
    binner = Binner().fit(array, y)
    assert binner.get_feature_names_out().tolist() == ["x0", "x1"]
    assert not hasattr(binner, "feature_names_in_")
    named = Binner().fit(X[["age", "noise"]], y)
    assert_array_equal(binner.transform(array), named.transform(X))


def test_fitting_an_array_after_a_frame_forgets_the_names():
    X, y = applicants(400)
    binner = Binner().fit(X[["age"]], y)
    assert binner.fit(X[["age"]].to_numpy(), y).n_features_in_ == 1
    assert not hasattr(binner, "feature_names_in_")


def test_sparse_input_is_refused():
    with pytest.raises(InputError, match="Sparse"):
        Binner().fit(csr_matrix(np.eye(4)), [0, 1, 0, 1])


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_set_output(fitted, container):
    _, X, y = fitted
    binner = Binner(**QUICK).set_output(transform=container)
    frame = binner.fit(X, y).transform(X)
    assert list(frame.columns) == list(X)
    assert_array_equal(frame.to_numpy(), fitted[0].transform(X))
    if container == "pandas":
        assert frame.index.equals(X.index)


def test_plain_numpy_is_the_default(fitted):
    binner, X, _ = fitted
    woe = binner.transform(X)
    assert type(woe) is np.ndarray
    assert woe.shape == X.shape


def test_names_out_are_the_names_in(fitted):
    binner, X, _ = fitted
    assert binner.get_feature_names_out().tolist() == list(X)
    with pytest.raises(UsageError, match="feature_names_in_"):
        binner.get_feature_names_out(["a"] * 5)


def test_an_unknown_characteristic_is_refused_with_a_hint(fitted):
    binner, _, _ = fitted
    with pytest.raises(UsageError, match=r"no characteristic 'agee'.*'age'"):
        binner.table("agee")


# ------------------------------------------------------------------ what it holds


def test_a_pickled_binner_transforms_and_holds_no_training_values(fitted):
    binner, X, _ = fitted
    state = pickle.dumps(binner)
    other = pickle.loads(state)
    assert_array_equal(other.transform(X), binner.transform(X))
    assert not hasattr(other, "_counts")
    noise = X["noise"].to_numpy()
    assert not any(value.tobytes() in state for value in noise)


def test_fitting_leaves_the_table_alone():
    X, y = applicants(400)
    before = X.copy(deep=True)
    Binner().fit(X, y).transform(X)
    pd.testing.assert_frame_equal(X, before)


def test_unreadable_cells_are_refused():
    X = {"age": [1, 2, 2**60 + 1, None] * 50}
    with pytest.raises(RowFaultError, match="'age': 50 x INT_LOSSY"):
        Binner().fit(X, [0, 1] * 100)


def test_a_target_of_another_length_is_refused():
    with pytest.raises(FitError, match=r"expected shape \(4,\)"):
        Binner().fit({"age": [1, 2, 3, 4]}, [0, 1])
