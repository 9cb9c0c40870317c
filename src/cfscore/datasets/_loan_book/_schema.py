"""Schema of the loan book: its sixteen tables in the order they are written."""

from __future__ import annotations

from cfscore.datasets._loan_book._schema_application import (
    APPLICATIONS,
    CUSTOMERS,
    TRUTH,
)
from cfscore.datasets._loan_book._schema_bureau import (
    BUREAU_ACCOUNTS,
    BUREAU_MONTHLY_STATUS,
    BUREAU_PUBLIC,
    BUREAU_REPORTS,
    BUREAU_SPECIAL,
    INQUIRIES,
)
from cfscore.datasets._loan_book._schema_business import MERCHANTS_MONTHLY, RECEIVABLES
from cfscore.datasets._loan_book._schema_lending import INSTALMENTS, LOANS, REPAYMENTS
from cfscore.datasets._loan_book._schema_payment import BALANCES, TRANSACTIONS
from cfscore.datasets._loan_book._table import TableInfo

__all__ = ["LOAN_BOOK_TABLES"]

#: Tables of the loan book by name, parents before children.
LOAN_BOOK_TABLES: dict[str, TableInfo] = {
    table.name: table
    for table in (
        CUSTOMERS,
        APPLICATIONS,
        BUREAU_REPORTS,
        BUREAU_ACCOUNTS,
        BUREAU_MONTHLY_STATUS,
        BUREAU_SPECIAL,
        BUREAU_PUBLIC,
        INQUIRIES,
        TRANSACTIONS,
        BALANCES,
        LOANS,
        INSTALMENTS,
        REPAYMENTS,
        MERCHANTS_MONTHLY,
        RECEIVABLES,
        TRUTH,
    )
}
