"""Worked values: what the shipped catalogues must say of small cases done by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from cfscore.features import (
    SPECIAL_CODES,
    FeatureCatalogue,
    build_feature_row,
    shipped_catalogue,
)

AS_OF = datetime(2025, 6, 15, 2, tzinfo=UTC)
REPORT = {
    "report_id": "r",
    "customer_id": "x",
    "report_time": datetime(2025, 6, 14, 9, tzinfo=UTC),
    "available_at": datetime(2025, 6, 14, 10, tzinfo=UTC),
    "hit": True,
    "vendor_score": 612,
}
APPLICATION = {
    "customer_id": "x",
    "applied_at": AS_OF,
    "consent_mask": 15,
    "source_down_mask": 0,
    "declared_income": 9000.0,
    "requested_amount": 12_000.0,
    "requested_term": 12,
}
ACCOUNT = {
    "report_id": "r",
    "acct_no": "a",
    "type": "R2",
    "org_type": "11",
    "org_token": "bank",
    "currency": "CNY",
    "open_date": date(2020, 1, 31),
    "amount": None,
    "limit": 10_000.0,
    "shared_limit": None,
    "agreement_token": None,
    "balance": 0.0,
    "used": 0.0,
    "due_month": 0.0,
    "overdue_total": 0.0,
    "avg_used_6m": 0.0,
    "five_class": "1",
    "status": "1",
}
# Oldest month first, the last one is the last closed month (May 2025).
STATUS = "NNN12*NNN#NNNN1NNNN*NNN1"


def bureau(**tables: list[dict[str, Any]]) -> dict[str, float]:
    """Return the bureau features of a report with the given children."""
    records: dict[str, Any] = {
        name: [] for name in shipped_catalogue("bureau").tables
    } | {"bureau_reports": [REPORT], **tables}
    return build_feature_row(
        APPLICATION, records, shipped_catalogue("bureau"), as_of="applied_at"
    )


def months(status: str, acct_no: str = "a") -> list[dict[str, Any]]:
    last = 12 * 2025 + 4  # May 2025
    rows = []
    for back, code in enumerate(reversed(status)):
        year, month = divmod(last - back, 12)
        rows.append(
            {
                "report_id": "r",
                "acct_no": acct_no,
                "month": date(year, month + 1, 1),
                "code": code,
            }
        )
    return rows


def test_status_string() -> None:
    found = bureau(bureau_accounts=[ACCOUNT], bureau_monthly_status=months(STATUS))
    worst = {w: found[f"pboc_dpd_max_{w}m"] for w in (3, 6, 12, 24, 60)}
    assert worst == {3: 1, 6: 1, 12: 1, 24: 2, 60: 2}
    assert found["pboc_dpd_cnt1p_12m"] == 2
    assert found["pboc_dpd_cnt1p_24m"] == 4
    assert found["pboc_dpd_cnt2p_24m"] == 1
    assert found["pboc_dpd_months_since_1p"] == 1
    assert found["pboc_dpd_months_since_2p"] == 20
    assert found["pboc_dpd_months_since_3p"] == SPECIAL_CODES["NEVER"]
    assert found["pboc_dpd_run_max_24m"] == 2
    assert found["pboc_rule_l3l6_24m"] == 0
    assert found["pboc_unknown_share_24m"] == 1 / 24


def test_inactive_months_are_observed_and_paid() -> None:
    found = bureau(bureau_accounts=[ACCOUNT], bureau_monthly_status=months("**"))
    assert found["pboc_dpd_max_3m"] == 0


def test_unknown_months_are_never_zero() -> None:
    found = bureau(bureau_accounts=[ACCOUNT], bureau_monthly_status=months("##A/"))
    assert found["pboc_dpd_max_3m"] == SPECIAL_CODES["NOT_APPLICABLE"]
    assert found["pboc_unknown_share_24m"] == 2 / 3  # "/" is no month of the account


def test_overdrafts_of_semi_credit_cards_are_allowed_for_60_days() -> None:
    semi = {**ACCOUNT, "type": "R3"}
    allowed = bureau(bureau_accounts=[semi], bureau_monthly_status=months("12"))
    beyond = bureau(bureau_accounts=[semi], bureau_monthly_status=months("123"))
    assert allowed["pboc_dpd_max_3m"] == 0
    assert allowed["pboc_dpd_months_since_1p"] == SPECIAL_CODES["NEVER"]
    assert beyond["pboc_dpd_max_3m"] == 3
    assert beyond["pboc_dpd_cnt1p_12m"] == 1


@pytest.mark.parametrize(("code", "bucket"), [("D", 3), ("Z", 3), ("B", 7), ("C", 0)])
def test_adverse_and_ending_codes(code: str, bucket: int) -> None:
    found = bureau(bureau_accounts=[ACCOUNT], bureau_monthly_status=months("N" + code))
    assert found["pboc_dpd_max_3m"] == bucket


def test_a_transfer_out_is_no_default_by_itself() -> None:
    found = bureau(bureau_accounts=[ACCOUNT], bureau_monthly_status=months("NG"))
    assert found["pboc_dpd_max_3m"] == 0


def test_the_unfinished_month_is_not_used() -> None:
    this_month = {**months("7")[0], "month": date(2025, 6, 1)}
    found = bureau(
        bureau_accounts=[ACCOUNT], bureau_monthly_status=[*months("N"), this_month]
    )
    assert found["pboc_dpd_max_3m"] == 0


def test_a_run_stays_within_one_account() -> None:
    accounts = [ACCOUNT, {**ACCOUNT, "acct_no": "b"}]
    codes = [*months("111N"), *months("NN11", "b")]
    found = bureau(bureau_accounts=accounts, bureau_monthly_status=codes)
    assert found["pboc_dpd_run_max_24m"] == 3
    assert found["pboc_rule_l3l6_24m"] == 1
    gap = [row for row in codes if row["month"] != date(2025, 3, 1)]
    assert (
        bureau(bureau_accounts=accounts, bureau_monthly_status=gap)[
            "pboc_dpd_run_max_24m"
        ]
        == 2
    )


def test_utilisation() -> None:
    cards = [
        {**ACCOUNT, "acct_no": str(i), "used": used, "limit": limit}
        for i, (used, limit) in enumerate(
            [(9000.0, 10_000.0), (0.0, 20_000.0), (4500.0, 30_000.0)]
        )
    ]
    foreign = {**ACCOUNT, "acct_no": "f", "used": 9e9, "currency": "other"}
    closed = {**ACCOUNT, "acct_no": "c", "used": 9e9, "status": "4"}
    found = bureau(bureau_accounts=[*cards, foreign, closed])
    assert found["pboc_card_util_sum"] == 0.225
    assert found["pboc_card_util_max"] == 0.9
    assert found["pboc_card_util_n_gt80"] == 1


def test_a_shared_limit_counts_once() -> None:
    shared = {"agreement_token": "g", "shared_limit": 50_000.0, "used": 10_000.0}
    cards = [
        {**ACCOUNT, **shared, "acct_no": "1"},
        {**ACCOUNT, **shared, "acct_no": "2"},
        {**ACCOUNT, "acct_no": "3", "limit": 50_000.0},
        {**ACCOUNT, "acct_no": "4", "limit": 50_000.0},
    ]
    found = bureau(bureau_accounts=cards)
    assert found["pboc_card_util_sum"] == 20_000 / 150_000


def test_inquiries() -> None:
    listed = [
        ("02", "OWN", date(2025, 6, 15)),
        ("02", "OWN", date(2025, 6, 14)),
        ("02", "B", date(2025, 6, 10)),
        ("02", "B", date(2025, 6, 10)),
        ("03", "C", date(2025, 5, 20)),
        ("01", "B", date(2025, 5, 1)),
        ("02", "D", date(2025, 3, 20)),
        ("20", "E", date(2024, 12, 20)),
    ]
    inquiries = [
        {"report_id": "r", "reason": reason, "org_token": org, "inquiry_date": day}
        for reason, org, day in listed
    ]
    found = bureau(inquiries=inquiries)
    hard = [found[f"pboc_inq_hard_{d}d"] for d in (30, 90, 180)]
    assert hard == [2, 3, 4]
    assert found["pboc_inq_orgs_90d"] == 3
    assert found["pboc_inq_soft_180d"] == 1
    assert found["pboc_inq_accept_ratio_180d"] == 0


def test_accounts() -> None:
    loan = {"type": "D1", "amount": 1000.0, "limit": None, "org_type": "24"}
    accounts = [
        {**ACCOUNT, "used": 500.0, "limit": 5000.0},
        {**ACCOUNT, **loan, "acct_no": "l", "balance": 600.0, "due_month": 100.0}
        | {"org_token": "cfc", "open_date": date(2025, 3, 20), "used": None},
        {**ACCOUNT, **loan, "acct_no": "s", "status": "3"}
        | {"open_date": date(2025, 5, 1), "used": None},
    ]
    found = bureau(bureau_accounts=accounts)
    assert found["pboc_acct_oldest_months"] == 65  # January 2020 to June 2025
    assert found["pboc_acct_newest_months"] == 1
    assert found["pboc_acct_avg_age"] == (65 + 3 + 1) / 3
    assert found["pboc_acct_new_3m"] == 2
    assert found["pboc_acct_open_n"] == 2
    assert found["pboc_acct_unsettled_n"] == 1
    assert found["pboc_org_nonbank_n"] == 1
    assert found["pboc_org_nonbank_share"] == 0.5
    assert found["pboc_balance_to_limit"] == 0.6
    assert found["pboc_monthly_due"] == 100.0 + 0.1 * 500.0


def test_no_file_no_report_no_consent_and_no_answer_are_four_things() -> None:
    catalogue = shipped_catalogue("bureau")
    no_hit = {**REPORT, "hit": False}
    late = {**REPORT, "available_at": AS_OF}
    cases = [
        (APPLICATION, [no_hit], "NO_HIT"),
        (APPLICATION, [late], "NO_HIT"),
        (APPLICATION, [], "NO_HIT"),
        ({**APPLICATION, "consent_mask": 14}, [REPORT], "NO_CONSENT"),
        ({**APPLICATION, "consent_mask": None}, [REPORT], "NO_CONSENT"),
        ({**APPLICATION, "source_down_mask": 1}, [REPORT], "SOURCE_DOWN"),
    ]
    for application, reports, code in cases:
        records = {name: [] for name in catalogue.tables} | {"bureau_reports": reports}
        found = build_feature_row(application, records, catalogue, as_of="applied_at")
        assert set(found.values()) == {SPECIAL_CODES[code]}


def test_only_the_latest_usable_report_counts() -> None:
    earlier = {**REPORT, "report_id": "old", "vendor_score": 500} | {
        "report_time": datetime(2025, 1, 1, tzinfo=UTC),
        "available_at": datetime(2025, 1, 2, tzinfo=UTC),
    }
    later = {**REPORT, "report_id": "new", "available_at": AS_OF}
    accounts = [{**ACCOUNT, "report_id": r} for r in ("old", "r", "new")]
    accounts.append({**ACCOUNT, "report_id": "new", "acct_no": "b"})
    found = bureau(bureau_reports=[later, earlier, REPORT], bureau_accounts=accounts)
    assert found["pboc_acct_open_n"] == 1
    assert found["pboc_vendor_score"] == 612


CREDIT = {
    "customer_id": "x",
    "card_token": "k",
    "card_kind": "D",
    "direction": "in",
    "kind": "transfer",
    "mcc": None,
    "payer_token": "employer",
    "city": None,
    "cross_border": False,
    "response": "00",
    "is_own_transfer": False,
}


def credits(paid: list[tuple[int, int, float]], **more: Any) -> list[dict[str, Any]]:
    rows = []
    for month, day, amount in paid:
        at = datetime(2025, month, day, 2, tzinfo=UTC)
        times = {"event_time": at, "available_at": at, "amount": amount}
        rows.append(CREDIT | times | more)
    return rows


def salary(rows: list[dict[str, Any]]) -> dict[str, float]:
    catalogue = shipped_catalogue("transactions")
    found = build_feature_row(
        APPLICATION | {"applied_at": datetime(2025, 7, 1, 2, tzinfo=UTC)},
        {"transactions": rows},
        catalogue,
        as_of="applied_at",
    )
    return {
        name: found[f"upay_salary_{name}"] for name in ("detected", "amt", "cv")
    } | {
        "months": found["upay_salary_months"],
        "day_spread": found["upay_salary_day_spread"],
        "declared": found["app_income_declared_to_observed"],
    }


PAYDAYS = [
    (1, 5, 8000.0),
    (2, 5, 8050.0),
    (3, 6, 7980.0),
    (4, 5, 8010.0),
    (5, 5, 8020.0),
    (6, 7, 8000.0),
]


def test_salary() -> None:
    found = salary(credits(PAYDAYS))
    assert found["detected"] == 1
    assert found["amt"] == 8005
    assert round(found["cv"], 4) == 0.0027
    assert found["day_spread"] == 2
    assert found["months"] == 6
    assert found["declared"] == 9000 / 8005


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "refund"},
        {"is_own_transfer": True},
        {"direction": "out"},
        {"response": "51"},
        {"amount": 999.0},
    ],
)
def test_other_credits_are_no_salary(more: dict[str, Any]) -> None:
    found = salary(credits(PAYDAYS, **more))
    assert found["detected"] == 0
    assert found["months"] == 0
    not_applicable = SPECIAL_CODES["NOT_APPLICABLE"]
    assert found["amt"] == found["cv"] == found["declared"] == not_applicable


def test_salary_needs_three_of_the_last_four_closed_months() -> None:
    assert salary(credits(PAYDAYS[:5]))["detected"] == 1  # March, April, May
    assert salary(credits(PAYDAYS[:4]))["detected"] == 0  # March, April
    this_month = credits([*PAYDAYS[:4], (7, 1, 8000.0)])
    assert salary(this_month)["detected"] == 0


def test_salary_is_of_one_payer_at_like_days_and_amounts() -> None:
    other = [
        row | {"payer_token": f"p{i}"} for i, row in enumerate(credits(PAYDAYS[3:]))
    ]
    assert salary(other)["detected"] == 0
    scattered = credits([(4, 3, 8000.0), (5, 14, 8000.0), (6, 25, 8000.0)])
    assert salary(scattered)["detected"] == 0
    growing = credits([(4, 5, 5000.0), (5, 5, 7000.0), (6, 5, 9000.0)])
    assert salary(growing)["detected"] == 0


def test_payday_on_a_weekend_is_paid_on_friday_or_monday() -> None:
    # 10th: Thursday; 10 May 2025 is a Saturday, paid on Friday 9th but for the 5th
    # the distance would be 4 days: Friday 6 June stands for the 8th as well.
    rows = credits([(3, 11, 8000.0), (4, 11, 8000.0), (6, 6, 8000.0)])
    assert salary(rows)["detected"] == 1
    rows = credits([(3, 11, 8000.0), (4, 11, 8000.0), (6, 5, 8000.0)])
    assert salary(rows)["detected"] == 0


def test_the_larger_of_two_salaries_counts() -> None:
    both = credits(PAYDAYS) + credits(
        [(m, 20, 3000.0) for m in range(1, 7)], payer_token="second"
    )
    assert salary(both)["amt"] == 8005


def test_catalogue_features_are_those_of_the_dictionary() -> None:
    catalogue = shipped_catalogue("bureau")
    assert isinstance(catalogue, FeatureCatalogue)
    assert list(catalogue.dictionary()["name"]) == list(catalogue.names)
    assert list(bureau()) == list(catalogue.names)


def test_night_is_local() -> None:
    catalogue = shipped_catalogue("transactions")
    purchase = CREDIT | {"direction": "out", "kind": "purchase", "amount": 10.0}
    hours = [14, 15, 20, 21, 22]  # UTC: 22, 23, 4, 5, 6 o'clock in Shanghai
    rows = []
    for hour in hours:
        at = datetime(2025, 6, 10, hour, 30, tzinfo=UTC)
        rows.append(purchase | {"event_time": at, "available_at": at})
    table = pl.DataFrame(rows)
    found = build_feature_row(
        APPLICATION, {"transactions": table.to_dicts()}, catalogue, as_of="applied_at"
    )
    assert found["upay_night_share_90d"] == 3 / 5
