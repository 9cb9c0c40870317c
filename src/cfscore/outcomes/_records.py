"""Records: the raw tables of loans, instalments and repayments, and their checks."""

from __future__ import annotations

import polars as pl

from cfscore.outcomes._faults import FaultLog
from cfscore.outcomes._settlement_rules import PAYERS, SettlementRules
from cfscore.outcomes._tables import ColumnSpec, TableSpec

__all__ = [
    "EXCLUSIONS",
    "INSTALMENTS",
    "LOANS",
    "LOAN_STATUSES",
    "REPAYMENTS",
    "check_instalments",
    "check_loans",
    "check_repayments",
    "due_total",
    "paid_to_schedule",
]

#: Codes that ``loans.status`` may hold; closed and settled mean the same, compensated
#: was closed by the guarantor's payment, cancelled was never disbursed.
LOAN_STATUSES = (
    "active",
    "closed",
    "settled",
    "compensated",
    "written_off",
    "cancelled",
)

#: Codes that ``loans.exclusion`` may hold; null where the loan is not excluded.
EXCLUSIONS = ("fraud", "death", "staff", "test", "cancelled")

LOANS = TableSpec(
    "loans",
    {
        "loan_id": ColumnSpec("key"),
        "disbursed_at": ColumnSpec("date"),
        "principal": ColumnSpec("amount", is_required=False),
        "status": ColumnSpec("text", is_required=False),
        "closed_at": ColumnSpec("date", is_required=False),
        "writeoff_at": ColumnSpec("date", is_required=False),
        "exclusion": ColumnSpec("text", is_required=False),
    },
    keeps_others=True,
)
INSTALMENTS = TableSpec(
    "instalments",
    {
        "loan_id": ColumnSpec("key"),
        "seq": ColumnSpec("whole"),
        "due_date": ColumnSpec("date"),
        "due_principal": ColumnSpec("amount"),
        "due_interest": ColumnSpec("amount", is_required=False),
        "due_fee": ColumnSpec("amount", is_required=False),
    },
)
REPAYMENTS = TableSpec(
    "repayments",
    {
        "repayment_id": ColumnSpec("key", is_required=False),
        "loan_id": ColumnSpec("key"),
        "paid_at": ColumnSpec("date"),
        "available_at": ColumnSpec("date", is_required=False),
        "seq": ColumnSpec("whole", is_required=False),
        "amount": ColumnSpec("amount"),
        "principal": ColumnSpec("amount", is_required=False),
        "penalty": ColumnSpec("amount", is_required=False),
        "payer": ColumnSpec("text", is_required=False),
    },
)

_CENT = 0.01
# Sums of float amounts are compared with room for their rounding.
_ROUNDING = 1e-6


def due_total(frame: pl.DataFrame) -> pl.Expr:
    """Return what an instalment asks for: principal, interest and fee."""
    parts = ("due_principal", "due_interest", "due_fee")
    return pl.sum_horizontal(name for name in parts if name in frame.columns)


def paid_to_schedule(frame: pl.DataFrame) -> pl.Expr:
    """Return the part of a repayment that pays instalments: all but the penalty."""
    if "penalty" not in frame.columns:
        return pl.col("amount")
    return pl.col("amount") - pl.col("penalty").fill_null(0.0)


def check_loans(loans: pl.DataFrame, log: FaultLog) -> None:
    """Note the faults of the loans table."""
    _check_key("loans", loans, ["loan_id"], log)
    is_cancelled = _is_cancelled(loans)
    no_date = pl.col("disbursed_at").is_null() & ~is_cancelled
    log.check("loans", "disbursed_at", "NULL_VALUE", loans, no_date)
    _check_amounts("loans", loans, ["principal"], log)
    for column, codes in (("status", LOAN_STATUSES), ("exclusion", EXCLUSIONS)):
        _check_codes("loans", loans, column, codes, log)
    for column in ("closed_at", "writeoff_at"):
        if column in loans.columns:
            is_early = pl.col(column) < pl.col("disbursed_at")
            log.check("loans", column, "DATE_ORDER", loans, is_early)
    _check_status_dates(loans, log)


def _is_cancelled(loans: pl.DataFrame) -> pl.Expr:
    columns = [name for name in ("status", "exclusion") if name in loans.columns]
    if not columns:
        return pl.lit(value=False)
    return pl.any_horizontal(
        (pl.col(name) == "cancelled").fill_null(value=False) for name in columns
    )


def _check_status_dates(loans: pl.DataFrame, log: FaultLog) -> None:
    """Note the loans whose status asks for a date that is not there, or forbids one."""
    if "status" not in loans.columns:
        return
    is_open = pl.col("status") == "active"
    wanted = {
        "closed_at": ["closed", "settled", "compensated"],
        "writeoff_at": ["written_off"],
    }
    for column, statuses in wanted.items():
        has_date = (
            pl.col(column).is_not_null()
            if column in loans.columns
            else pl.lit(value=False)
        )
        is_wrong = (pl.col("status").is_in(statuses) & ~has_date) | (is_open & has_date)
        log.check("loans", column, "STATUS_DATE", loans, is_wrong)


def check_instalments(
    instalments: pl.DataFrame, loans: pl.DataFrame | None, log: FaultLog
) -> None:
    """Note the faults of the instalments, alone and against their loans."""
    amounts = ["due_principal", "due_interest", "due_fee"]
    _check_key("instalments", instalments, ["loan_id", "seq"], log)
    _check_dates("instalments", instalments, ["due_date"], log)
    _check_amounts("instalments", instalments, amounts, log)
    in_order = instalments.drop_nulls(["loan_id", "seq"]).sort("loan_id", "seq")
    falls = pl.col("due_date") < pl.col("due_date").shift().over("loan_id")
    log.check("instalments", "due_date", "DATE_ORDER", in_order, falls)
    if loans is None:
        return
    dated = _with_loans("instalments", instalments, loans, log)
    is_early = pl.col("due_date") < pl.col("disbursed_at")
    log.check("instalments", "due_date", "BEFORE_DISBURSAL", dated, is_early)
    bare = loans.filter(~_is_cancelled(loans)).join(
        instalments, on="loan_id", how="anti"
    )
    log.add("loans", "loan_id", "NO_INSTALMENTS", bare["loan_id"].drop_nulls())
    _check_principal(instalments, loans, log)


def _check_principal(
    instalments: pl.DataFrame, loans: pl.DataFrame, log: FaultLog
) -> None:
    if "principal" not in loans.columns:
        return
    scheduled = instalments.group_by("loan_id").agg(pl.col("due_principal").sum())
    both = loans.join(scheduled, on="loan_id")
    difference = (pl.col("due_principal") - pl.col("principal")).abs()
    is_wrong = difference > _CENT + _ROUNDING
    log.check("instalments", "due_principal", "PRINCIPAL_SUM", both, is_wrong)


def check_repayments(
    repayments: pl.DataFrame,
    instalments: pl.DataFrame,
    loans: pl.DataFrame,
    log: FaultLog,
    rules: SettlementRules,
) -> None:
    """Note the faults of the repayments, alone, against schedules and loans."""
    if "repayment_id" in repayments.columns:
        _check_key("repayments", repayments, ["repayment_id"], log)
    is_null = pl.col("loan_id").is_null()
    log.check("repayments", "loan_id", "NULL_KEY", repayments, is_null)
    _check_dates("repayments", repayments, ["paid_at"], log)
    _check_amounts("repayments", repayments, ["amount"], log)
    optional = ["principal", "penalty"]
    _check_amounts("repayments", repayments, optional, log, may_be_null=True)
    for column in optional:
        if column in repayments.columns:
            amount = pl.col("amount")
            is_above = (amount >= 0.0) & (pl.col(column) > amount + _ROUNDING)
            log.check("repayments", column, "ABOVE_AMOUNT", repayments, is_above)
    _check_codes("repayments", repayments, "payer", PAYERS, log)
    if "available_at" in repayments.columns:
        is_early = pl.col("available_at") < pl.col("paid_at")
        log.check("repayments", "available_at", "DATE_ORDER", repayments, is_early)
    dated = _with_loans("repayments", repayments, loans, log)
    if "disbursed_at" in loans.columns:
        is_early = pl.col("paid_at") < pl.col("disbursed_at")
        log.check("repayments", "paid_at", "BEFORE_DISBURSAL", dated, is_early)
    _check_total(repayments, instalments, log, rules.tolerance)
    if rules.allocation == "recorded":
        _check_recorded(repayments, instalments, log)


def _check_recorded(
    repayments: pl.DataFrame, instalments: pl.DataFrame, log: FaultLog
) -> None:
    """Note the repayments that do not say which instalment they pay."""
    if "seq" not in repayments.columns:
        log.add("repayments", "seq", "NULL_VALUE", repayments["loan_id"])
        return
    is_null = pl.col("seq").is_null()
    log.check("repayments", "seq", "NULL_VALUE", repayments, is_null)
    keys = ["loan_id", "seq"]
    strays = repayments.drop_nulls(keys).join(instalments, on=keys, how="anti")
    log.add("repayments", "seq", "UNKNOWN_INSTALMENT", strays["loan_id"])


def _check_total(
    repayments: pl.DataFrame,
    instalments: pl.DataFrame,
    log: FaultLog,
    tolerance: float,
) -> None:
    paid = repayments.group_by("loan_id").agg(
        paid_to_schedule(repayments).sum().alias("paid")
    )
    due = instalments.group_by("loan_id").agg(due_total(instalments).sum().alias("due"))
    most = pl.col("due") + max(tolerance, _CENT) + _ROUNDING
    both = paid.join(due, on="loan_id")
    log.check("repayments", "amount", "REPAID_TOO_MUCH", both, pl.col("paid") > most)


def _with_loans(
    table: str, frame: pl.DataFrame, loans: pl.DataFrame, log: FaultLog
) -> pl.DataFrame:
    """Return the rows with the loan's date, having noted those of no loan."""
    known = frame.drop_nulls("loan_id")
    orphans = known.join(loans, on="loan_id", how="anti")
    log.add(table, "loan_id", "UNKNOWN_LOAN", orphans["loan_id"])
    columns = [name for name in ("loan_id", "disbursed_at") if name in loans.columns]
    return known.join(loans.select(columns).unique("loan_id"), on="loan_id")


def _check_key(
    table: str, frame: pl.DataFrame, columns: list[str], log: FaultLog
) -> None:
    for column in columns:
        log.check(table, column, "NULL_KEY", frame, pl.col(column).is_null())
    repeats = pl.struct(columns).is_duplicated()
    is_whole = pl.all_horizontal(pl.col(column).is_not_null() for column in columns)
    log.check(table, columns[-1], "DUPLICATE_KEY", frame, repeats & is_whole)


def _check_dates(
    table: str, frame: pl.DataFrame, columns: list[str], log: FaultLog
) -> None:
    for column in columns:
        log.check(table, column, "NULL_VALUE", frame, pl.col(column).is_null())


def _check_amounts(
    table: str,
    frame: pl.DataFrame,
    columns: list[str],
    log: FaultLog,
    *,
    may_be_null: bool = False,
) -> None:
    for column in columns:
        if column not in frame.columns:
            continue
        amount = pl.col(column)
        if not may_be_null:
            log.check(table, column, "NULL_VALUE", frame, amount.is_null())
        log.check(table, column, "NEGATIVE", frame, amount < 0.0)
        log.check(table, column, "NOT_FINITE", frame, amount.is_infinite())


def _check_codes(
    table: str,
    frame: pl.DataFrame,
    column: str,
    codes: tuple[str, ...],
    log: FaultLog,
) -> None:
    if column in frame.columns:
        is_unknown = ~pl.col(column).is_in(codes)
        log.check(table, column, "UNKNOWN_STATUS", frame, is_unknown)
