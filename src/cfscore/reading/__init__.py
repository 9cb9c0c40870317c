"""Reading: input files become blocks of rows, each row read or rejected by name."""

from cfscore.reading._column_default import ColumnDefault, resolve_defaults
from cfscore.reading._columns import column_faults
from cfscore.reading._csv_source import CsvSource
from cfscore.reading._find import ENDINGS, find_sources
from cfscore.reading._fingerprint import Fingerprint
from cfscore.reading._number_format import NumberFormat
from cfscore.reading._open import open_source
from cfscore.reading._options import Bounds, CsvOptions, ReadOptions
from cfscore.reading._reach import would_find
from cfscore.reading._source import Source, plan_units, read_unit
from cfscore.reading._unit import UNREAD_CODES, InputBlock, RowReject, WorkUnit

__all__ = [
    "ENDINGS",
    "UNREAD_CODES",
    "Bounds",
    "ColumnDefault",
    "CsvOptions",
    "CsvSource",
    "Fingerprint",
    "InputBlock",
    "NumberFormat",
    "ReadOptions",
    "RowReject",
    "Source",
    "WorkUnit",
    "column_faults",
    "find_sources",
    "open_source",
    "plan_units",
    "read_unit",
    "resolve_defaults",
    "would_find",
]
