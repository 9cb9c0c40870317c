"""Reading: input files become blocks of rows, each row read or rejected by name."""

from cfscore.reading._options import Bounds, CsvOptions, ReadOptions
from cfscore.reading._source import Dialect, Fingerprint, Source
from cfscore.reading._unit import InputBlock, RowReject, WorkUnit

__all__ = [
    "Bounds",
    "CsvOptions",
    "Dialect",
    "Fingerprint",
    "InputBlock",
    "ReadOptions",
    "RowReject",
    "Source",
    "WorkUnit",
]
