"""Columns that break other binners: plain, scattered, mixed, odd names, infinities."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cfscore.binning import Binner, _trend
from cfscore.binning._settings import BinningSettings
from cfscore.binning._solver import solve_bins
from cfscore.exceptions import FitError, SchemaError, UsageError
from tests.unit.binning.applicants import applicants

N = 1000
RNG = np.random.default_rng(5)
Y = (np.arange(N) % 5 == 0).astype(int)
RISK = np.where(Y == 1, RNG.integers(0, 6, N), RNG.integers(2, 9, N))


def fit(column, name="x", y=Y, **parameters) -> Binner:
    return Binner(**parameters).fit({"risk": RISK, name: column}, y)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (np.ones(N), "constant"),
        (np.full(N, np.nan), "no value that is neither missing nor special"),
        ([None] * N, "no value that is neither missing nor special"),
        ([""] * N, "no value that is neither missing nor special"),
        (["same"] * N, "constant"),
        ([f"id {i}" for i in range(N)], "every value is different"),
        ([f"k{i % 200}" for i in range(N)], "each of the 200 levels is rarer"),
        (np.full(N, np.inf), "no value that is neither missing nor special"),
        (np.arange(N) == 7, "no split leaves 50 cases"),
        (Y * 1000.0 + np.arange(N) % 7, "separates goods from bads completely"),
        (np.full(N, -7.0), "no value that is neither missing nor special"),
    ],
)
def test_a_column_that_tells_nothing_is_rejected_with_its_reason(column, reason):
    binner = fit(column, special_codes={"x": [-7]} if np.all(column == -7.0) else None)
    row = binner.summary().set_index("characteristic").loc["x"]
    assert row["status"] == "rejected"
    assert row["reason"].startswith(reason)
    assert (row["bins"], row["iv"], row["iv_p_value"]) == (row["bins"], 0.0, 1.0)
    woe = binner.transform({"risk": RISK, "x": column})
    assert woe.shape == (N, 2)
    assert np.abs(woe[:, 1]).max() < 1e-12


def test_a_table_of_such_columns_only_is_refused():
    X = {"one": np.ones(N), "id": [f"id {i}" for i in range(N)], "none": [None] * N}
    with pytest.raises(
        FitError, match=r"None of 3.*'one': constant; 'id': every value"
    ):
        Binner().fit(X, Y)


def test_free_text_is_remarked():
    names = [None if i % 3 else f"employer {i}" for i in range(N)]
    (remark,) = fit(names).tables_["x"].remarks
    assert remark.startswith("334 of 334 levels stand in one case each: free text or")
    repeated = [None if i % 3 else f"employer {i // 6}" for i in range(N)]
    assert fit(repeated).tables_["x"].remarks == ()


def test_noise_alone_is_no_error():
    binner = Binner(max_bins=2).fit({"noise": RNG.normal(size=N)}, Y)
    assert binner.summary()["iv_p_value"][0] > 1e-4


def test_one_interval_and_a_telling_missing_bin_are_chosen():
    values = np.where((Y == 1) & (np.arange(N) % 2 == 0), np.nan, 1.0)
    values[:40] = np.nan
    binner = fit(values)
    table = binner.tables_["x"]
    assert (table.n_bins, table.rejected) == (1, None)
    assert table.policies == ("own", "own")
    assert table.woe[1] < 0 < table.woe[0]


def test_the_solver_meets_few_of_ten_thousand_levels_and_none_is_unseen(monkeypatch):
    rng = np.random.default_rng(2)
    n = 50_000
    level = np.minimum(rng.zipf(1.3, n), 10_000)
    keys = np.array([f"employer {i}, Ltd" for i in range(10_001)], dtype=object)[level]
    y = (rng.random(n) < np.where(level % 2, 0.3, 0.1)).astype(int)
    met: list[int] = []

    def solve(prebins, *given, **options):
        met.append(len(prebins.rows))
        return solve_bins(prebins, *given, **options)

    monkeypatch.setattr(_trend, "solve_bins", solve)
    binner = Binner(n_jobs=1).fit({"employer": keys}, y)
    assert 2 <= min(met) <= max(met) <= BinningSettings().max_prebins
    table = binner.tables_["employer"]
    assert table.n_bins >= 2
    assert table.counts[table.bins.unseen_index] == 0
    assert len(table.bins.index) == len(set(keys))


def test_integer_codes_are_numbers_or_categories_as_asked():
    X, y = applicants()
    # codes without order: city 2 is the safest, 0 and 3 the riskiest
    X["code"] = X["city"].map({"A": 2, "B": 1, "C": 0, "D": 3})
    numeric = Binner(monotonic="ascending").fit(X[["code"]], y).tables_["code"]
    listed = Binner(categorical=["code"]).fit(X[["code"]], y).tables_["code"]
    assert (numeric.kind, listed.kind) == ("numeric", "categorical")
    assert listed.labels[:4] == ("2", "1", "0", "3")
    assert listed.iv > numeric.iv


def test_an_unknown_categorical_column_is_refused():
    with pytest.raises(UsageError, match=r"'cod'.*'code'"):
        Binner(categorical=["cod"]).fit({"code": RISK}, Y)


def test_mixed_types_are_refused_by_name():
    with pytest.raises(SchemaError, match=r"column 'x'.*MIXED_TYPES"):
        fit([1, "a", 2.5, True] * (N // 4))


def test_repeated_names_are_refused():
    X = pd.DataFrame(np.column_stack([RISK, RISK]), columns=["risk", "risk"])
    with pytest.raises(SchemaError, match=r"'risk'.*DUPLICATE_COLUMN"):
        Binner().fit(X, Y)


@pytest.mark.parametrize("name", ["近6个月 查询次数", "a, b", '"q"', "x[0]", "性别 "])
def test_any_name_is_a_name(name):
    binner = fit(RISK, name=name, edits={name: [3, 5]})
    assert binner.table(name)["bin"][1] == "[3, 5)"
    assert binner.get_feature_names_out()[1] == name


def test_texts_with_commas_and_bars_are_keys_like_others():
    keys = np.array(["Li, Ltd", "a | b", "['x']", " lead"], dtype=object)[RISK % 4]
    binner = fit(keys, min_bin_count=10, min_bin_share=0.01)
    known = {key for group in binner.tables_["x"].bins.groups for key in group}
    assert known == set(keys)


def test_infinities_lie_beyond_every_edge():
    values = RISK.astype(float)
    values[:20], values[20:60] = np.inf, -np.inf
    binner = fit(values)
    table = binner.tables_["x"]
    assert np.isfinite(table.bins.edges).all()
    assert table.counts.sum() == N
    assert table.counts[0] >= 40
    woe = binner.transform({"risk": [0, 0], "x": [np.inf, -np.inf]})[:, 1]
    assert woe.tolist() == [table.woe[table.n_bins - 1], table.woe[0]]


def test_infinities_on_both_sides_of_one_finite_value_are_one_interval():
    values = np.where(RISK > 4, np.inf, np.where(RISK > 2, 1.0, -np.inf))
    assert fit(values).tables_["x"].rejected == "constant"


def test_only_missing_and_special_values_can_still_tell():
    values = np.where(RISK > 4, -7.0, np.nan)
    table = fit(values, special_codes=[-7]).tables_["x"]
    assert table.rejected is None
    assert table.counts[0] == 0
    assert (table.policies[0], table.woe[0]) == ("neutral", 0.0)
    assert table.woe[1] > 0 > table.woe[2]


def test_special_codes_are_kept_out_of_the_intervals():
    values = np.where(np.arange(N) % 8 == 0, -7.0, RISK)
    table = fit(values, special_codes=[-7, -8, "XNA"]).tables_["x"]
    assert table.bins.specials == (-7.0, -8.0)
    assert table.counts[table.labels.index("SPECIAL -7")] == N // 8
    assert table.policies[table.labels.index("SPECIAL -8")] == "neutral"
    assert min(table.bins.edges) > 0


def test_special_keys_are_kept_out_of_the_groups():
    keys = np.where(np.arange(N) % 8 == 0, "XNA", RISK.astype(str))
    table = fit(keys, special_codes=["XNA", -1]).tables_["x"]
    assert table.bins.specials == ("XNA", "-1")
    assert "XNA" not in {key for group in table.bins.groups for key in group}
    assert table.counts[table.labels.index("SPECIAL XNA")] == N // 8


def test_values_that_float32_cannot_tell_apart_are_cut():
    values = 1e9 + RISK
    plain, shifted = fit(RISK).tables_["x"], fit(values).tables_["x"]
    assert shifted.bins.edges == tuple(edge + 1e9 for edge in plain.bins.edges)


def test_booleans_have_two_groups():
    table = fit(RISK > 4).tables_["x"]
    assert (table.kind, table.bins.groups) == ("boolean", (("True",), ("False",)))


def test_dictionary_entries_without_rows_are_unseen():
    keys = pd.Categorical(np.where(RISK > 4, "a", "b"), categories=["a", "b", "c"])
    binner = fit(keys, unseen="worst")
    table = binner.tables_["x"]
    assert "c" not in table.bins.index
    assert binner.transform({"risk": [1], "x": ["c"]})[0, 1] == table.woe.min()


@pytest.mark.parametrize("name", ["owner", "city", "age", "noise"])
def test_one_bin_allowed_is_the_reason_of_one_bin(name):
    X, y = applicants()
    table = Binner(max_bins=1).fit(X[[name]], y).tables_[name]
    assert table.rejected == "max_bins allows one bin"


def test_categories_have_no_trend_to_speak_of():
    rng = np.random.default_rng(5)
    X = {"city": rng.choice(["A", "B"], 2_000), "x": rng.normal(size=2_000)}
    y = np.tile([0, 0, 0, 1], 500)
    binner = Binner(settings={name: {"max_p_value": 1e-9} for name in X}).fit(X, y)
    found = {name: table.rejected for name, table in binner.tables_.items()}
    assert found["city"] == "no bins differ significantly"
    assert found["x"] == "no bins differ significantly (monotonic='auto')"


def test_a_solver_out_of_time_is_a_reason_or_a_remark():
    values = RNG.normal(size=N) + Y
    table = fit(values, settings={"x": {"time_limit": 1e-6}}).tables_["x"]
    told = [table.rejected or "", *table.remarks]
    assert any("solver" in text for text in told)
