"""Synthetic credit data with a known truth: a raw loan book, and a flat table.

No person stands behind a row. Each applicant has a latent risk; it shapes the
application form, the credit report, the card transactions and the wallet, and it sets
the true probability of default from which the outcome is drawn. What a model should
find is therefore known: the probability of default of each application, rejected ones
included, the date at which other people start to apply and the date from which the
same people default more often.

- The *loan book* (:func:`synthesize`) holds raw tables as a lender keeps them, with
  event and availability times: features and labels are still to be made from them.
- The *flat table* (:func:`application_table`, :func:`synthesize_flat`) holds one row
  per application with features and label ready to fit.

Both draw their people alike, and have no row in common.
"""

from cfscore.datasets._book import application_table, truth_table
from cfscore.datasets._calendar import (
    MACRO_SHOCK_AT,
    OBSERVED_FROM,
    OBSERVED_UNTIL,
    POPULATION_SHIFT_AT,
)
from cfscore.datasets._dictionary import (
    APPLICATION_COLUMNS,
    SPECIAL_CODES,
    TRUTH_COLUMNS,
    ColumnInfo,
)
from cfscore.datasets._loan_book import (
    DIRTY_ROWS,
    INVARIANTS,
    LOAN_BOOK_TABLES,
    OWN_ORG_TOKEN,
    SNAPSHOT_AT,
    SOURCE_BITS,
    LoanBookCheck,
    LoanBookManifest,
    TableInfo,
    check_loan_book,
    synthesize,
)
from cfscore.datasets._manifest import FileInfo, Manifest
from cfscore.datasets._synthesis import synthesize_flat

__all__ = [
    "APPLICATION_COLUMNS",
    "DIRTY_ROWS",
    "INVARIANTS",
    "LOAN_BOOK_TABLES",
    "MACRO_SHOCK_AT",
    "OBSERVED_FROM",
    "OBSERVED_UNTIL",
    "OWN_ORG_TOKEN",
    "POPULATION_SHIFT_AT",
    "SNAPSHOT_AT",
    "SOURCE_BITS",
    "SPECIAL_CODES",
    "TRUTH_COLUMNS",
    "ColumnInfo",
    "FileInfo",
    "LoanBookCheck",
    "LoanBookManifest",
    "Manifest",
    "TableInfo",
    "application_table",
    "check_loan_book",
    "synthesize",
    "synthesize_flat",
    "truth_table",
]
