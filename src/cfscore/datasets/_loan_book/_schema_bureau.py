"""Tables of the credit report: reports, accounts, monthly statuses, inquiries."""

from __future__ import annotations

from cfscore.datasets._loan_book._code_table import (
    ACCOUNT_STATUSES,
    ACCOUNT_TYPES,
    FIVE_CLASSES,
    GUARANTEES,
    INQUIRY_REASONS,
    LENDER_TYPES,
    MONTHLY_STATUSES,
    REPORT_REASONS,
    SPECIAL_TRANSACTIONS,
)
from cfscore.datasets._loan_book._table import (
    TableInfo,
    attribute,
    date,
    flag,
    instant,
    key,
    measure,
    reference,
    times,
)

__all__ = [
    "BUREAU_ACCOUNTS",
    "BUREAU_MONTHLY_STATUS",
    "BUREAU_PUBLIC",
    "BUREAU_REPORTS",
    "BUREAU_SPECIAL",
    "INQUIRIES",
]

_OF_REPORT = (
    key("report_id", "Report it stands in."),
    reference("customer_id", "Whom the report is about."),
)
_AVAILABLE = "the report is available"
_REFERENCES = {"report_id": "bureau_reports", "customer_id": "customers"}
_REVOLVING = "Accounts that are not revolving (R1, R2, R3, R4)."

BUREAU_REPORTS = TableInfo(
    name="bureau_reports",
    meaning="One credit report as delivered. A report without hit has no other rows.",
    key=("report_id",),
    references={"customer_id": "customers"},
    columns=(
        key("report_id", "Opaque random token."),
        reference("customer_id", "Whom the report is about."),
        *times("the report is made", "the report has been delivered"),
        instant("report_time", "When the report was made; nothing in it is later."),
        attribute("reason", "Why it was asked for.", levels=tuple(REPORT_REASONS)),
        flag("hit", "Whether the bureau has a file; if not, NO_HIT."),
        date(
            "first_credit_month",
            "Month of the first account, as its first day.",
            missing="Where there is no file.",
        ),
        measure(
            "vendor_score",
            "int16",
            "points",
            "Score of the bureau; larger = safer.",
            direction="descending",
            missing="Where there is no file, and for files younger than 6 months.",
        ),
        measure("dispute_n", "int16", "count", "Items in dispute."),
    ),
)

BUREAU_ACCOUNTS = TableInfo(
    name="bureau_accounts",
    meaning="One account in one report, as last reported by its lender.",
    key=("report_id", "acct_no"),
    references=_REFERENCES,
    columns=(
        *_OF_REPORT,
        key("acct_no", "Account; the same in every report on the customer."),
        *times("the report is made", _AVAILABLE),
        attribute("type", "Type of account.", levels=tuple(ACCOUNT_TYPES)),
        attribute("org_type", "Kind of lender.", levels=tuple(LENDER_TYPES)),
        reference("org_token", "Lender; OWN is the lender of this book."),
        attribute(
            "biz_type",
            "Business.",
            levels=("card", "car", "consumer", "housing", "operating", "other"),
        ),
        attribute("currency", "Currency of the account.", levels=("CNY", "USD")),
        date("open_date", "Opened."),
        date("mature_date", "Due to end.", missing="Cards and recovery accounts."),
        date("close_date", "Closed.", missing="While open."),
        measure(
            "amount", "double", "CNY", "Amount lent.", missing="Cards (R2, R3) and R4."
        ),
        measure("limit", "double", "CNY", "Limit of the account.", missing=_REVOLVING),
        measure(
            "shared_limit",
            "double",
            "CNY",
            "Limit shared by the accounts of one agreement; count it once.",
            missing="Accounts without a shared limit.",
        ),
        reference(
            "agreement_token",
            "Agreement that the limit is shared under.",
            missing="Accounts without a shared limit.",
        ),
        measure("balance", "double", "CNY", "Owed at the end of status_month."),
        measure("used", "double", "CNY", "Used part of the limit.", missing=_REVOLVING),
        measure("due_month", "double", "CNY", "Due in status_month."),
        measure("paid_month", "double", "CNY", "Paid in status_month."),
        measure("overdue_total", "double", "CNY", "Past due at its end."),
        measure("overdue_terms", "int16", "count", "Instalments past due at its end."),
        attribute("five_class", "Loan class.", levels=tuple(FIVE_CLASSES)),
        attribute(
            "status",
            "Status of the account; its meaning depends on the type.",
            levels=tuple(ACCOUNT_STATUSES),
        ),
        attribute("guarantee", "Kind of guarantee.", levels=tuple(GUARANTEES)),
        attribute(
            "repay_freq",
            "How often instalments fall due.",
            levels=("monthly", "once", "irregular"),
        ),
        measure("terms", "int16", "count", "Instalments.", missing="Revolving."),
        measure(
            "remain_terms",
            "int16",
            "count",
            "Instalments to come.",
            missing="Revolving.",
        ),
        measure(
            "avg_used_6m",
            "double",
            "CNY",
            "Mean use over 6 months.",
            missing="Accounts that are not cards (R2, R3).",
        ),
        measure(
            "max_used",
            "double",
            "CNY",
            "Highest use.",
            missing="Accounts that are not cards (R2, R3).",
        ),
        date("info_date", "When the lender reported; up to 35 days before the report."),
        date("status_month", "Last month of the status texts, as its first day."),
        attribute(
            "status_24m",
            "Codes of the 24 months up to status_month, oldest first; / before the "
            "account was opened.",
        ),
        attribute("status_60m", "The same of 60 months."),
    ),
)

BUREAU_MONTHLY_STATUS = TableInfo(
    name="bureau_monthly_status",
    meaning="One month of one account in one report, 60 months at most: the codes of "
    "status_60m, with amounts, without the months before the account was opened.",
    key=("report_id", "acct_no", "month"),
    references=_REFERENCES,
    columns=(
        *_OF_REPORT,
        key("acct_no", "Account."),
        *times("the month ends", _AVAILABLE),
        date("month", "Month as its first day."),
        attribute("code", "Status of the month.", levels=tuple(MONTHLY_STATUSES)),
        measure("overdue_amount", "double", "CNY", "Past due at its end."),
    ),
)

BUREAU_SPECIAL = TableInfo(
    name="bureau_special",
    meaning="One special transaction of an account in a report.",
    key=("report_id", "acct_no", "n"),
    references=_REFERENCES,
    columns=(
        *_OF_REPORT,
        key("acct_no", "Account."),
        measure("n", "int16", "", "Running number within the account, from 1."),
        *times("the transaction", _AVAILABLE),
        attribute("kind", "Kind.", levels=tuple(SPECIAL_TRANSACTIONS)),
        date("date", "Date of the transaction."),
        measure("amount", "double", "CNY", "Amount."),
        measure("months_changed", "int16", "months", "Change of the end of the loan."),
    ),
)

BUREAU_PUBLIC = TableInfo(
    name="bureau_public",
    meaning="One public record in a report.",
    key=("report_id", "n"),
    references=_REFERENCES,
    columns=(
        *_OF_REPORT,
        measure("n", "int16", "", "Running number within the report, from 1."),
        *times("the record", _AVAILABLE),
        attribute(
            "kind", "Kind.", levels=("tax", "judgment", "enforcement", "penalty")
        ),
        date("date", "Date of the record."),
        measure("amount", "double", "CNY", "Amount in question."),
    ),
)

INQUIRIES = TableInfo(
    name="inquiries",
    meaning="One inquiry listed in a report: of the 24 months before it, the "
    "inquiry for the report itself included.",
    key=("report_id", "n"),
    references=_REFERENCES,
    columns=(
        *_OF_REPORT,
        measure("n", "int16", "", "Running number within the report, from 1."),
        *times("the inquiry", _AVAILABLE),
        date("inquiry_date", "Date of the inquiry."),
        attribute(
            "org_type",
            "Kind of lender that asked.",
            levels=tuple(LENDER_TYPES),
            missing="Where the person asked.",
        ),
        reference(
            "org_token",
            "Who asked; OWN is the lender of this book.",
            missing="Where the person asked.",
        ),
        attribute("reason", "Why.", levels=tuple(INQUIRY_REASONS)),
    ),
)
