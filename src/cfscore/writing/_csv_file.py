"""CSV file: a header line, and one line a row."""

from __future__ import annotations

from typing import Any

from cfscore.writing._csv_text import CsvFormat, csv_fields, csv_lines
from cfscore.writing._sink import Sink
from cfscore.writing._table_file import TableFile, one_chunk

__all__ = ["CsvFile"]

#: Rows that are formatted at a time: their texts are many times their size.
_MOST_ROWS = 1 << 14


class CsvFile(TableFile):
    """A CSV file.

    Parameters
    ----------
    sink : Sink
        Where to write; one that holds lines already has its header.
    schema, row_group_rows
        See ``TableFile``.
    form : CsvFormat
        How CSV is written.
    """

    def __init__(
        self, sink: Sink, schema: Any, row_group_rows: int, form: CsvFormat
    ) -> None:
        super().__init__(sink, schema, min(row_group_rows, _MOST_ROWS))
        self._form = form
        if not sink.n_bytes:
            sink.write(form.prefix)
            sink.write(form.encode(csv_fields(schema.names, form)))

    def _write(self, rows: Any) -> None:
        columns = [one_chunk(column) for column in rows.columns]
        self.sink.write(self._form.encode(csv_lines(columns, self._form)))

    def _finish(self) -> None:
        """Nothing: CSV has no end of its own."""
