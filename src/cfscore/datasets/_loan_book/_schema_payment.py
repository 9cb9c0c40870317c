"""Tables of payments: card transactions and wallet balances."""

from __future__ import annotations

from cfscore.datasets._loan_book._code_table import MERCHANT_CATEGORIES
from cfscore.datasets._loan_book._table import (
    TableInfo,
    attribute,
    date,
    flag,
    key,
    measure,
    reference,
    times,
)

__all__ = ["BALANCES", "TRANSACTIONS"]

TRANSACTIONS = TableInfo(
    name="transactions",
    meaning="One card transaction, declined ones included. A customer without rows "
    "has no card in the network: NOT_APPLICABLE.",
    key=("txn_id",),
    references={"customer_id": "customers"},
    columns=(
        key("txn_id", "Opaque token."),
        reference("customer_id", "Whose card."),
        *times("the transaction", "its record arrived, minutes to days later"),
        reference("card_token", "Card."),
        attribute("card_kind", "C credit, D debit.", levels=("C", "D")),
        attribute("direction", "Seen from the holder.", levels=("in", "out")),
        attribute(
            "kind",
            "Kind of transaction; incoming salary is a transfer with a payer_token.",
            levels=("purchase", "withdraw", "transfer", "refund", "repay", "fee"),
        ),
        measure("amount", "double", "CNY", "Amount, above 0."),
        attribute(
            "mcc",
            "Merchant category code (ISO 18245).",
            levels=tuple(MERCHANT_CATEGORIES),
            missing="Where there is no merchant.",
        ),
        reference("merchant_token", "Merchant.", missing="Where there is no merchant."),
        reference(
            "payer_token",
            "Who paid in.",
            missing="Where it is not known, and outgoing.",
        ),
        reference("city", "City of the transaction.", missing="Online."),
        attribute("channel", "How it was made.", levels=("POS", "online", "QR", "ATM")),
        flag("cross_border", "Abroad."),
        attribute(
            "response",
            "00 approved; otherwise declined and no money moved: 51 insufficient "
            "funds, 61 over the amount limit, 05 refused.",
            levels=("00", "05", "51", "61"),
        ),
        flag("is_own_transfer", "Between accounts of the same person."),
    ),
)

BALANCES = TableInfo(
    name="balances",
    meaning="One day of a wallet or wealth product, at its end. A customer without "
    "rows has no wallet: NOT_APPLICABLE. Rows exist with and without consent.",
    key=("customer_id", "product", "date"),
    references={"customer_id": "customers"},
    columns=(
        key("customer_id", "Whose product."),
        attribute("product", "Product.", levels=("wallet", "wealth")),
        date("date", "Day."),
        *times("the day ends", "the nightly extract"),
        measure("balance", "double", "CNY", "Balance at the end of the day."),
        measure("inflow", "double", "CNY", "Paid in during the day."),
        measure("outflow", "double", "CNY", "Paid out during the day."),
    ),
)
