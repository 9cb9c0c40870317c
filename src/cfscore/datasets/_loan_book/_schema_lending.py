"""Tables of own lending: loans, instalments and repayments."""

from __future__ import annotations

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

__all__ = ["INSTALMENTS", "LOANS", "REPAYMENTS"]

LOANS = TableInfo(
    name="loans",
    meaning="One loan of this lender; an instalment line may be drawn several times.",
    key=("loan_id",),
    references={"application_id": "applications", "customer_id": "customers"},
    columns=(
        key("loan_id", "Opaque random token."),
        reference("application_id", "Application it was granted on."),
        reference("customer_id", "Who borrowed."),
        *times("the money is paid out", "the books of that day are closed"),
        instant("disbursed_at", "When the money was paid out."),
        measure("principal", "double", "CNY", "Amount lent."),
        measure("term", "int16", "months", "Instalments, one a month."),
        measure("rate_nominal", "double", "ratio per year", "Interest rate."),
        attribute(
            "repay_mode",
            "How principal is repaid; flat_fee: equal parts and a fee, no interest.",
            levels=("annuity", "equal_principal", "bullet", "flat_fee"),
        ),
        measure("upfront_fee", "double", "CNY", "Fee kept at disbursement."),
        measure("monthly_fee", "double", "CNY", "Fee with each instalment."),
        reference(
            "guarantor_token", "Guarantee company.", missing="Loans without guarantee."
        ),
        attribute(
            "status",
            "State on the day of extraction; compensated: paid by the guarantor.",
            levels=("active", "closed", "compensated", "written_off"),
            known_at="snapshot",
        ),
        instant(
            "closed_at",
            "When the last debt was paid.",
            missing="While it is not.",
            known_at="closed_at",
        ),
        instant(
            "writeoff_at",
            "When it was written off.",
            missing="Where it was not.",
            known_at="writeoff_at",
        ),
    ),
)

INSTALMENTS = TableInfo(
    name="instalments",
    meaning="One instalment of a loan as agreed at disbursement.",
    key=("loan_id", "seq"),
    references={"loan_id": "loans", "customer_id": "customers"},
    columns=(
        key("loan_id", "Loan."),
        reference("customer_id", "Who borrowed."),
        measure("seq", "int16", "", "Running number, from 1."),
        *times("the schedule is agreed: the money is paid out", "as of the loan"),
        date("due_date", "Due day; past due from the day after."),
        measure("due_principal", "double", "CNY", "Principal due."),
        measure("due_interest", "double", "CNY", "Interest due."),
        measure("due_fee", "double", "CNY", "Fee due."),
    ),
)

REPAYMENTS = TableInfo(
    name="repayments",
    meaning="One payment towards one instalment, or after write-off towards the loan. "
    "Early payment saves neither interest nor fees.",
    key=("repayment_id",),
    references={"loan_id": "loans", "customer_id": "customers"},
    columns=(
        key("repayment_id", "Opaque random token."),
        reference("loan_id", "Loan."),
        reference("customer_id", "Who borrowed."),
        *times("the money is paid", "the payment is posted, up to 5 days later"),
        instant("paid_at", "When the money was paid."),
        measure(
            "seq",
            "int16",
            "",
            "Instalment it pays.",
            missing="Recoveries after write-off.",
        ),
        measure("amount", "double", "CNY", "Paid: the sum of the four parts."),
        measure("principal", "double", "CNY", "Part towards principal."),
        measure("interest", "double", "CNY", "Part towards interest."),
        measure("fee", "double", "CNY", "Part towards the monthly fee."),
        measure(
            "penalty", "double", "CNY", "Part for being late; not in the schedule."
        ),
        attribute("payer", "Who paid.", levels=("borrower", "guarantor", "collection")),
        flag("auto_debit", "Collected from the borrower's card."),
    ),
)
