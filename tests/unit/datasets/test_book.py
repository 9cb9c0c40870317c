"""Book: the same rows in any portion, plausible columns, codes and directions."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from cfscore.datasets import (
    APPLICATION_COLUMNS,
    OBSERVED_FROM,
    OBSERVED_UNTIL,
    POPULATION_SHIFT_AT,
    application_table,
    truth_table,
)
from cfscore.datasets._book import CHUNK_ROWS
from cfscore.datasets._dictionary import SpecialCode
from cfscore.exceptions import UsageError

CODES = [int(code) for code in SpecialCode]
FEATURES = [c for c in APPLICATION_COLUMNS if c.role == "feature"]
NUMERIC = [c for c in FEATURES if c.arrow_type in ("int32", "double")]
BUREAU = [c.name for c in FEATURES if c.name.startswith("pboc_")]
CARD = [c.name for c in NUMERIC if c.name.startswith("upay_")]
WALLET = [c.name for c in FEATURES if c.name.startswith("wallet_")]


@pytest.fixture(scope="module")
def book():
    return application_table(customers=40_000, seed=3).to_pandas()


@pytest.fixture(scope="module")
def truth():
    return truth_table(customers=40_000, seed=3).to_pandas()


def measured(book, column):
    """Return the values of a numeric column that are neither code nor missing."""
    values = book[column.name].astype(float)
    return values[values.notna() & ~values.isin(CODES)]


# ------------------------------------------------------------------ portions


def test_a_book_is_the_same_each_time():
    first, second = (application_table(customers=500, seed=1) for _ in range(2))
    assert first.equals(second)
    assert not first.equals(application_table(customers=500, seed=2))


def test_rows_do_not_depend_on_the_portion():
    n = CHUNK_ROWS + 700
    whole, whole_truth = application_table(n), truth_table(n)
    for start, rows in [(0, 100), (CHUNK_ROWS - 5, 10), (CHUNK_ROWS, 700), (8000, 892)]:
        part = application_table(rows, start_row=start)
        assert part.equals(whole.slice(start, rows))
        assert truth_table(rows, start_row=start).equals(whole_truth.slice(start, rows))


def test_chunks_differ_from_each_other():
    first = application_table(100).drop_columns("application_id")
    second = application_table(100, start_row=CHUNK_ROWS)
    assert not first.equals(second.drop_columns("application_id"))


@pytest.mark.parametrize(
    "arguments",
    [
        {"customers": 0},
        {"customers": 10.0},
        {"customers": True},
        {"customers": "10"},
        {"seed": -1},
        {"seed": None},
        {"start_row": -1},
    ],
)
def test_arguments_out_of_range_are_refused(arguments):
    (name,) = arguments
    with pytest.raises(UsageError, match=f"{name} must be a whole number of at least"):
        application_table(**arguments)


# ------------------------------------------------------------------- columns


def test_columns_are_those_of_the_dictionary(book):
    table = application_table(customers=10)
    listed = [(c.name, c.arrow_type) for c in APPLICATION_COLUMNS]
    assert [(f.name, str(f.type)) for f in table.schema] == listed
    assert table.schema.names == list(book.columns)


def test_tokens_are_unique_and_look_like_no_number(book, truth):
    assert book["application_id"].is_unique
    assert book["application_id"].str.fullmatch("A[a-p]{16}").all()
    assert book["application_id"].equals(truth["application_id"])


def test_times_lie_in_the_observed_period(book):
    assert book["applied_at"].min() >= OBSERVED_FROM
    assert book["applied_at"].max() < OBSERVED_UNTIL
    assert book["applied_at"].dt.floor("D").nunique() == 730
    local = book["applied_at"].dt.tz_convert("Asia/Shanghai")
    assert (local.dt.hour == book["app_hour"]).all()


@pytest.mark.parametrize("column", APPLICATION_COLUMNS, ids=lambda c: c.name)
def test_only_documented_codes_and_gaps_occur(book, column):
    values = book[column.name]
    assert values.isna().any() == bool(column.missing)
    if column in NUMERIC:
        found = set(values[values.isin(CODES)].astype(int))
        assert found == {int(code) for code in column.special}
        assert measured(book, column).min() >= 0


def test_marginals_are_plausible(book):
    before = book[book["applied_at"] < POPULATION_SHIFT_AT]
    assert 0.05 < before["bad"].mean() < 0.08
    assert 33 < before["age_years"].mean() < 35
    assert book["age_years"].between(18, 70).all()
    assert book["city_tier"].between(1, 6).all()
    assert 5500 < book["app_declared_income"].median() < 8000
    assert book["app_declared_income"].isna().mean() == pytest.approx(0.07, abs=0.01)
    assert (book["app_declared_income"].dropna() % 100 == 0).all()
    by_product = book.groupby("product")["app_requested_amount"].median()
    assert by_product["bnpl_line"] < by_product["cash_loan"] < by_product["micro_biz"]
    assert (before["pboc_dpd_max_24m"] == 0).mean() > 0.7
    for name in ("pboc_org_nonbank_share", *CARD[1:]):
        shares = book[name][~book[name].isin(CODES)]
        assert shares.between(0, 1).all()


def test_texts_hold_chinese_commas_blanks_and_gaps(book):
    assert book["app_employment"].str.contains("国企, 事业单位").any()
    blank = book["app_employment"] == ""
    assert 0.002 < blank.mean() < 0.02
    assert set(book.loc[blank, "channel"]) == {"线下 门店"}
    assert book["app_employment"].isna().mean() == pytest.approx(0.034, abs=0.005)


# ------------------------------------------------------------- special codes


@pytest.mark.parametrize(
    ("columns", "code", "share"),
    [
        (BUREAU, SpecialCode.NO_HIT, (0.10, 0.20)),
        (BUREAU, SpecialCode.SOURCE_DOWN, (0.002, 0.006)),
        (CARD, SpecialCode.NOT_APPLICABLE, (0.04, 0.06)),
        (CARD, SpecialCode.SOURCE_DOWN, (0.003, 0.007)),
        (WALLET, SpecialCode.NOT_APPLICABLE, (0.04, 0.07)),
        (WALLET, SpecialCode.NO_CONSENT, (0.09, 0.11)),
    ],
)
def test_a_code_of_the_source_stands_in_all_its_columns(book, columns, code, share):
    is_code = book[columns] == code
    assert (is_code.all(axis=1) == is_code.any(axis=1)).all()
    assert share[0] < is_code[columns[0]].mean() < share[1]


def test_the_salary_flag_is_missing_where_the_card_columns_are(book):
    no_card = book[CARD[0]].isin(CODES)
    assert (book["upay_salary_detected"].isna() == no_card).all()


def test_refusing_consent_says_nothing_about_risk(book, truth):
    refused = book[WALLET[0]] == SpecialCode.NO_CONSENT
    means = truth["latent_risk"].groupby(refused).mean()
    # About 4,000 refusals: a standard error of 0.016 to 0.017.
    assert abs(means[True] - means[False]) < 4 * 0.017


def test_columns_agree_with_each_other(book):
    file = book[book["pboc_dpd_max_24m"] >= 0]
    is_recent = file["pboc_dpd_months_since_1p"].between(1, 24)
    assert ((file["pboc_dpd_max_24m"] > 0) == is_recent).all()

    file = book[book["pboc_acct_unsettled_n"] >= 0]
    has_no_loan = file["pboc_acct_unsettled_n"] == 0
    no_share = file["pboc_org_nonbank_share"] == SpecialCode.NOT_APPLICABLE
    assert (has_no_loan == no_share).all()

    months_since_17 = 12 * (book["age_years"] - 17)
    assert (book["pboc_acct_oldest_months"] <= months_since_17).all()
    employed = book["app_employer_months"].notna()
    assert (book["app_employer_months"] <= months_since_17)[employed].all()


# ---------------------------------------------------------------- directions


@pytest.mark.parametrize("column", FEATURES, ids=lambda c: c.name)
def test_direction_is_the_documented_one(book, truth, column):
    if column.arrow_type == "string":
        assert column.direction is None
        return
    values = book[column.name].dropna().astype(float)
    values = values[~values.isin(CODES)]
    rank_correlation = values.corr(truth["latent_risk"][values.index], "spearman")
    if column.direction is None:
        assert abs(rank_correlation) < 0.05
    else:
        sign = 1 if column.direction == "ascending" else -1
        assert sign * rank_correlation > 0.05


@pytest.mark.parametrize(
    "column", [c for c in NUMERIC if c.direction], ids=lambda c: c.name
)
def test_true_risk_is_monotone_in_each_column(book, truth, column):
    values = measured(book, column)
    # At most four bands: in each of them the mean is known to about 0.01.
    band = pd.qcut(values, 4, labels=False, duplicates="drop")
    means = truth["latent_risk"][values.index].groupby(band).mean()
    steps = np.diff(means) if column.direction == "ascending" else -np.diff(means)
    assert (steps > 0).all()


def test_documentation_is_complete():
    for column in APPLICATION_COLUMNS:
        assert column.meaning.endswith(".")
        if column.name.startswith(("pboc_", "upay_", "wallet_")):
            assert re.fullmatch("[a-z]+(_[a-z0-9]+)+", column.name)
            assert column.direction in ("ascending", "descending")
