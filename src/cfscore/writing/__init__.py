"""Writing: results become files that appear whole, once, or not at all."""

from cfscore.writing._csv_text import CsvFormat, csv_fields, unwritable_columns
from cfscore.writing._sink import HashedFile
from cfscore.writing._staging import Replacement, Staging, open_staging
from cfscore.writing._table_file import (
    ROW_GROUP_ROWS,
    SUFFIXES,
    Layout,
    TableFile,
    open_table_file,
)

__all__ = [
    "ROW_GROUP_ROWS",
    "SUFFIXES",
    "CsvFormat",
    "HashedFile",
    "Layout",
    "Replacement",
    "Staging",
    "TableFile",
    "csv_fields",
    "open_staging",
    "open_table_file",
    "unwritable_columns",
]
