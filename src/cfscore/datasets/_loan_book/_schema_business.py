"""Tables of micro-businesses: monthly panel of the shop, and receivables."""

from __future__ import annotations

from cfscore.datasets._loan_book._table import (
    TableInfo,
    date,
    flag,
    key,
    measure,
    reference,
    times,
)

__all__ = ["MERCHANTS_MONTHLY", "RECEIVABLES"]

MERCHANTS_MONTHLY = TableInfo(
    name="merchants_monthly",
    meaning="One month of a shop on the platform. An applicant without rows has no "
    "shop: NOT_APPLICABLE.",
    key=("merchant_id", "month"),
    references={"customer_id": "customers"},
    columns=(
        key("merchant_id", "Opaque random token of the shop."),
        reference("customer_id", "Who owns it."),
        date("month", "Month as its first day."),
        *times("the month ends", "the platform's statement, 2 to 9 days later"),
        measure("gmv", "double", "CNY", "Sales of the month."),
        measure("orders", "int32", "count", "Orders."),
        measure("buyers", "int32", "count", "Different buyers."),
        measure("refund_rate", "double", "ratio 0..1", "Share of sales refunded."),
        measure("dispute_rate", "double", "ratio 0..1", "Share of orders in dispute."),
        measure("dsr", "double", "1..5", "Rating of the shop by its buyers."),
        measure("ad_spend", "double", "CNY", "Spent on advertising."),
        measure("on_time_ship", "double", "ratio 0..1", "Share shipped in time."),
        measure("months_on_platform", "int16", "months", "Age of the shop."),
    ),
)

RECEIVABLES = TableInfo(
    name="receivables",
    meaning="One invoice of a micro-business to a core enterprise.",
    key=("invoice_id",),
    references={"customer_id": "customers"},
    columns=(
        key("invoice_id", "Opaque random token; twice: pledged twice."),
        reference("customer_id", "Who owns the supplier."),
        reference("supplier_id", "Supplier: merchant_id of the shop."),
        reference("core_id", "Core enterprise that owes."),
        *times("the invoice is written", "it is uploaded, 1 to 10 days later"),
        measure("amount", "double", "CNY", "Amount of the invoice."),
        date("invoice_date", "Written."),
        date("due_date", "Due."),
        date(
            "paid_date",
            "Paid.",
            missing="While it is not paid.",
            known_at="paid_date",
        ),
        measure(
            "dilution",
            "double",
            "ratio 0..1",
            "Part lost to returns and discounts, known when paid.",
            known_at="paid_date",
        ),
        flag("confirmed_by_core", "The core enterprise confirmed the debt."),
    ),
)
