"""Data dictionary: every column with its unit, meaning, codes and direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from cfscore.special_code import SpecialCode

__all__ = [
    "APPLICATION_COLUMNS",
    "SPECIAL_CODES",
    "TRUTH_COLUMNS",
    "ColumnInfo",
    "SpecialCode",
    "arrow_schema",
]

Role = Literal[
    "key",
    "reference",
    "time",
    "segment",
    "attribute",
    "measure",
    "feature",
    "label",
    "truth",
]
Direction = Literal["ascending", "descending"]


#: Reserved values of numeric columns by name; SpecialCode says what each means. What
#: is computed of records may be INVALID besides; nothing here is computed.
SPECIAL_CODES: dict[str, int] = {
    code.name: code.value for code in SpecialCode if code is not SpecialCode.INVALID
}


@dataclass(frozen=True)
class ColumnInfo:
    """What one column holds.

    Parameters
    ----------
    name : str
        Column name, ``{source}_{object}_{measure}_{window}`` where it has a source.
    arrow_type : str
        Arrow type: bool, int8, int16, int32, int64, double, string, date32[day] or
        timestamp[us, tz=UTC].
    role : {"key", "reference", "time", "segment", "attribute", "measure", \
"feature", "label", "truth"}
        What the column is for. Segments may serve as features; in raw tables a
        reference is the key of another table, an attribute a category and a measure
        a number.
    unit : str
        Unit of the values; empty where there is none.
    meaning : str
        What a value says.
    direction : {"ascending", "descending"} or None
        How the bad rate moves as the value rises, special codes and missing aside;
        None for categories, for columns without a relation and for non-monotone ones.
    special : tuple of int
        Reserved values, of those in ``SPECIAL_CODES``, that may stand in place of a
        measurement.
    missing : str
        When a cell is missing; empty when it never is.
    levels : tuple of str
        The texts that may occur; empty where any may.
    known_at : str
        From when on the value is known: a time column of the same row, or
        ``"snapshot"`` for a state as of the day the table was extracted. Whatever is
        known later than ``available_at`` must not become a feature.
    """

    name: str
    arrow_type: str
    role: Role
    unit: str
    meaning: str
    direction: Direction | None = None
    special: tuple[SpecialCode, ...] = ()
    missing: str = ""
    levels: tuple[str, ...] = ()
    known_at: str = "available_at"


_BUREAU = (SpecialCode.NO_HIT, SpecialCode.SOURCE_DOWN)
_BUREAU_OR_NONE = (
    SpecialCode.NO_HIT,
    SpecialCode.NOT_APPLICABLE,
    SpecialCode.SOURCE_DOWN,
)
_CARD = (SpecialCode.NOT_APPLICABLE, SpecialCode.SOURCE_DOWN)
_WALLET = (SpecialCode.NOT_APPLICABLE, SpecialCode.NO_CONSENT)

#: Columns of ``applications.parquet`` in file order.
APPLICATION_COLUMNS: tuple[ColumnInfo, ...] = (
    ColumnInfo(
        "application_id", "string", "key", "", "Opaque random token, 17 letters."
    ),
    ColumnInfo(
        "applied_at",
        "timestamp[us, tz=UTC]",
        "time",
        "UTC",
        "When the application was sent.",
    ),
    ColumnInfo("product", "string", "segment", "", "Product applied for."),
    ColumnInfo("channel", "string", "segment", "", "Where the applicant came from."),
    # ---------------------------------------------------------- applicant
    ColumnInfo(
        "age_years",
        "int32",
        "feature",
        "years",
        "Completed years at application.",
        "descending",
    ),
    ColumnInfo(
        "city_tier",
        "int32",
        "feature",
        "1..6",
        "Tier of the city of residence, 1 = largest cities.",
        "ascending",
    ),
    ColumnInfo(
        "rural", "bool", "feature", "", "Lives outside a town or city.", "ascending"
    ),
    # ---------------------------------------------------- application form
    ColumnInfo(
        "app_employment",
        "string",
        "feature",
        "",
        "Kind of employment; one level was added to the form at the population shift.",
        missing="4 % of applicants leave it out; blank text in the offline channel.",
    ),
    ColumnInfo("app_residence", "string", "feature", "", "Housing situation."),
    ColumnInfo(
        "app_education",
        "string",
        "feature",
        "",
        "Highest degree.",
        missing="3 % of applicants leave it out.",
    ),
    ColumnInfo(
        "app_declared_income",
        "double",
        "feature",
        "CNY per month",
        "Declared income, not verified, rounded by the applicant.",
        "descending",
        missing="About 7 %, somewhat more often among riskier applicants.",
    ),
    ColumnInfo(
        "app_employer_months",
        "int32",
        "feature",
        "months",
        "Time with the present employer.",
        "descending",
        missing="Students, the self-employed and where employment was left out.",
    ),
    ColumnInfo(
        "app_requested_amount",
        "double",
        "feature",
        "CNY",
        "Amount applied for; depends mostly on the product.",
        "ascending",
    ),
    ColumnInfo(
        "app_hour",
        "int32",
        "feature",
        "0..23",
        "Local hour (UTC+8) of the application; the small hours are riskier.",
    ),
    ColumnInfo(
        "app_form_seconds",
        "double",
        "feature",
        "seconds",
        "Time spent on the form; pure noise.",
    ),
    # ------------------------------------------------------------- bureau
    ColumnInfo(
        "pboc_dpd_max_24m",
        "int32",
        "feature",
        "bucket 0..7",
        "Worst days-past-due bucket of any account in 24 months.",
        "ascending",
        _BUREAU_OR_NONE,
    ),
    ColumnInfo(
        "pboc_dpd_months_since_1p",
        "int32",
        "feature",
        "months 1..60",
        "Months since an account was last past due; 1 = the latest month.",
        "descending",
        (*_BUREAU, SpecialCode.NEVER),
    ),
    ColumnInfo(
        "pboc_card_util_sum",
        "double",
        "feature",
        "ratio",
        "Used over limit, summed over open credit cards; may exceed 1.",
        "ascending",
        _BUREAU_OR_NONE,
    ),
    ColumnInfo(
        "pboc_inq_hard_90d",
        "int32",
        "feature",
        "count",
        "Inquiries for a credit decision in 90 days.",
        "ascending",
        _BUREAU,
    ),
    ColumnInfo(
        "pboc_acct_oldest_months",
        "int32",
        "feature",
        "months",
        "Age of the oldest account.",
        "descending",
        _BUREAU,
    ),
    ColumnInfo(
        "pboc_acct_unsettled_n",
        "int32",
        "feature",
        "count",
        "Loans not yet settled.",
        "ascending",
        _BUREAU,
    ),
    ColumnInfo(
        "pboc_org_nonbank_share",
        "double",
        "feature",
        "ratio 0..1",
        "Share of the unsettled loans that are from lenders other than banks.",
        "ascending",
        _BUREAU_OR_NONE,
    ),
    # -------------------------------------------------- card transactions
    ColumnInfo(
        "upay_m_90d",
        "double",
        "feature",
        "CNY",
        "Amount of card purchases in 90 days.",
        "descending",
        _CARD,
    ),
    ColumnInfo(
        "upay_night_share_90d",
        "double",
        "feature",
        "ratio 0..1",
        "Share of purchases with a local hour in [23, 6), 90 days.",
        "ascending",
        _CARD,
    ),
    ColumnInfo(
        "upay_declined_share_90d",
        "double",
        "feature",
        "ratio 0..1",
        "Share of purchases declined, 90 days.",
        "ascending",
        _CARD,
    ),
    ColumnInfo(
        "upay_salary_detected",
        "bool",
        "feature",
        "",
        "A regular salary was seen on a card.",
        "descending",
        missing="Where the other upay columns hold a code.",
    ),
    # ------------------------------------------------------------- wallet
    ColumnInfo(
        "wallet_bal_avg_90d",
        "double",
        "feature",
        "CNY",
        "Mean wallet balance over 90 days.",
        "descending",
        _WALLET,
    ),
    ColumnInfo(
        "wallet_topup_gap_days",
        "int32",
        "feature",
        "days",
        "Mean time between top-ups.",
        "ascending",
        _WALLET,
    ),
    ColumnInfo("bad", "int8", "label", "0/1", "1 = defaulted within 12 months."),
)

#: Columns of ``truth.parquet`` in file order; never to be given to a model.
TRUTH_COLUMNS: tuple[ColumnInfo, ...] = (
    APPLICATION_COLUMNS[0],
    ColumnInfo(
        "true_pd",
        "double",
        "truth",
        "probability",
        "Probability from which `bad` was drawn.",
        "ascending",
    ),
    ColumnInfo(
        "latent_risk",
        "double",
        "truth",
        "",
        "Risk of the applicant before the macro shock; about N(0, 1) before the "
        "population shift, larger = riskier.",
        "ascending",
    ),
)

_ARROW_TYPES = {
    "bool": pa.bool_(),
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "string": pa.string(),
    "date32[day]": pa.date32(),
    "timestamp[us, tz=UTC]": pa.timestamp("us", tz="UTC"),
}


def arrow_schema(columns: tuple[ColumnInfo, ...]) -> pa.Schema:
    """Return the Arrow schema of a table with these columns."""
    return pa.schema([(c.name, _ARROW_TYPES[c.arrow_type]) for c in columns])
