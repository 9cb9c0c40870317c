"""Loan book: raw tables as a lender keeps them, with a known truth.

Every table but the truth has two times in each row: ``event_time``, when it happened,
and ``available_at``, when the lender could first know of it.
"""

from cfscore.datasets._loan_book._code_table import OWN_ORG_TOKEN, DataSource
from cfscore.datasets._loan_book._schema import LOAN_BOOK_TABLES
from cfscore.datasets._loan_book._table import TableInfo

__all__ = ["LOAN_BOOK_TABLES", "OWN_ORG_TOKEN", "DataSource", "TableInfo"]
