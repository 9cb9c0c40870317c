"""Tables at the border: anything tabular becomes one batch of named columns."""

from cfscore.tables._arrow import (
    arrow_of,
    bool_view,
    fixed_view,
    index_array,
    is_readable,
    is_text,
    pack_mask,
    single_array,
    text_array,
    type_name,
    valid_mask,
)
from cfscore.tables._cell import read_boolean, read_category
from cfscore.tables._columns import (
    FAULT_CODES,
    CategoryColumn,
    Column,
    ColumnBatch,
    NumericColumn,
    RowFaults,
)
from cfscore.tables._infer import infer_schema
from cfscore.tables._keep import keep_columns
from cfscore.tables._read import column_names, read_table, row_count
from cfscore.tables._row import Cell, FaultyCellError, RowReader
from cfscore.tables._schema import InputField, InputSchema, Kind
from cfscore.tables._text import parse_numbers

__all__ = [
    "FAULT_CODES",
    "CategoryColumn",
    "Cell",
    "Column",
    "ColumnBatch",
    "FaultyCellError",
    "InputField",
    "InputSchema",
    "Kind",
    "NumericColumn",
    "RowFaults",
    "RowReader",
    "arrow_of",
    "bool_view",
    "column_names",
    "fixed_view",
    "index_array",
    "infer_schema",
    "is_readable",
    "is_text",
    "keep_columns",
    "pack_mask",
    "parse_numbers",
    "read_boolean",
    "read_category",
    "read_table",
    "row_count",
    "single_array",
    "text_array",
    "type_name",
    "valid_mask",
]
