"""Loan book: raw tables as a lender keeps them, with a known truth.

Every row has two times: ``event_time``, when it happened, and ``available_at``, when
the lender could first know of it. Some rows are dirty on purpose.
"""

from cfscore.datasets._loan_book._book_check import LoanBookCheck, check_loan_book
from cfscore.datasets._loan_book._book_files import synthesize
from cfscore.datasets._loan_book._book_manifest import LoanBookManifest
from cfscore.datasets._loan_book._clock import SNAPSHOT_AT
from cfscore.datasets._loan_book._code_table import OWN_ORG_TOKEN, SOURCE_BITS
from cfscore.datasets._loan_book._invariant import INVARIANTS
from cfscore.datasets._loan_book._schema import LOAN_BOOK_TABLES
from cfscore.datasets._loan_book._schema_dirty import DIRTY_ROWS
from cfscore.datasets._loan_book._table import TableInfo

__all__ = [
    "DIRTY_ROWS",
    "INVARIANTS",
    "LOAN_BOOK_TABLES",
    "OWN_ORG_TOKEN",
    "SNAPSHOT_AT",
    "SOURCE_BITS",
    "LoanBookCheck",
    "LoanBookManifest",
    "TableInfo",
    "check_loan_book",
    "synthesize",
]
