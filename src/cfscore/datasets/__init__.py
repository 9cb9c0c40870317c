"""Synthetic applications for credit with a known truth.

No person stands behind a row. Each applicant has a latent risk; it shapes the
application form, the bureau file, the card transactions and the wallet, and it sets
the true probability of default from which the label is drawn. What a model should
find is therefore known: the direction of each column, the probability of default of
each row, the date at which other people start to apply and the date at which the
same people start to default more often.
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
    LOAN_BOOK_TABLES,
    OWN_ORG_TOKEN,
    DataSource,
    TableInfo,
)
from cfscore.datasets._manifest import FileInfo, Manifest
from cfscore.datasets._synthesis import synthesize

__all__ = [
    "APPLICATION_COLUMNS",
    "LOAN_BOOK_TABLES",
    "MACRO_SHOCK_AT",
    "OBSERVED_FROM",
    "OBSERVED_UNTIL",
    "OWN_ORG_TOKEN",
    "POPULATION_SHIFT_AT",
    "SPECIAL_CODES",
    "TRUTH_COLUMNS",
    "ColumnInfo",
    "DataSource",
    "FileInfo",
    "Manifest",
    "TableInfo",
    "application_table",
    "synthesize",
    "truth_table",
]
