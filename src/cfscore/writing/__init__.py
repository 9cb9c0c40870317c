"""Writing: results become files that appear whole, once, or not at all."""

from cfscore.writing._arrow_file import ArrowStream
from cfscore.writing._csv_text import CsvFormat, csv_fields
from cfscore.writing._layout import (
    SUFFIXES,
    Layout,
    open_table_file,
    unwritable_columns,
)
from cfscore.writing._read_back import Piece, read_back
from cfscore.writing._sink import HashedFile, read_pieces
from cfscore.writing._staging import Replacement, Staging, open_staging
from cfscore.writing._standard_output import StandardOutput
from cfscore.writing._table_file import ROW_GROUP_ROWS, Stretch, TableFile

__all__ = [
    "ROW_GROUP_ROWS",
    "SUFFIXES",
    "ArrowStream",
    "CsvFormat",
    "HashedFile",
    "Layout",
    "Piece",
    "Replacement",
    "Staging",
    "StandardOutput",
    "Stretch",
    "TableFile",
    "csv_fields",
    "open_staging",
    "open_table_file",
    "read_back",
    "read_pieces",
    "unwritable_columns",
]
