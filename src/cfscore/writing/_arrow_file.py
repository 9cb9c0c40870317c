"""Arrow file and Arrow stream: uncompressed, one record batch a row group."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cfscore.exceptions import OutputError
from cfscore.writing._sink import HashedFile, Sink
from cfscore.writing._table_file import TableFile, one_chunk

__all__ = ["ArrowFile", "ArrowStream"]

#: What stands before the stream in an Arrow file.
_MAGIC_BYTES = 8


class _RecordBatches(TableFile):
    """Record batches in order, by a writer of pyarrow."""

    _writer: Any

    def _write(self, rows: Any) -> None:
        self._writer.write_batch(_record_batch(rows, self.schema))

    def _finish(self) -> None:
        self._writer.close()

    def _drop(self) -> None:
        self._writer.close()


class ArrowFile(_RecordBatches):
    """An Arrow file.

    Parameters
    ----------
    sink : HashedFile
        Where to write. Record batches that it holds already are written once more, to
        nowhere, as only a writer that has seen them can end the file.
    schema, row_group_rows
        See ``TableFile``.
    """

    def __init__(self, sink: HashedFile, schema: Any, row_group_rows: int) -> None:
        super().__init__(sink, _decoded(schema), row_group_rows)
        after = _After(sink)
        self._writer = pa.ipc.new_file(after, self.schema)
        if sink.n_bytes > _MAGIC_BYTES:
            self._write_again(sink, after)

    def _write_again(self, sink: HashedFile, after: _After) -> None:
        with pa.OSFile(str(sink.path)) as file:
            file.seek(_MAGIC_BYTES)
            reader = pa.ipc.open_stream(file)
            while after.n_left:
                self._writer.write_batch(reader.read_next_batch())
        after.check()


class ArrowStream(_RecordBatches):
    """An Arrow stream.

    Parameters
    ----------
    sink, schema, row_group_rows
        See ``TableFile``.
    """

    def __init__(self, sink: Sink, schema: Any, row_group_rows: int) -> None:
        super().__init__(sink, _decoded(schema), row_group_rows)
        self._writer = pa.ipc.new_stream(sink, self.schema)


class _After(io.RawIOBase):
    """Writes to a file what comes after the bytes that it holds already.

    Parameters
    ----------
    sink : HashedFile
        The file.

    Attributes
    ----------
    n_left : int
        Bytes that are still to be skipped.
    """

    def __init__(self, sink: HashedFile) -> None:
        super().__init__()
        self.n_left = sink.n_bytes
        self._sink = sink
        self._skipped = hashlib.sha256()

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, data: Any) -> int:
        """Skip or pass on bytes."""
        view = memoryview(data).cast("B")
        skipped = view[: self.n_left]
        if skipped:
            self._skipped.update(skipped)
            self.n_left -= len(skipped)
        if len(skipped) < len(view):
            self._sink.write(view[len(skipped) :])
        return len(view)

    def check(self) -> None:
        """Refuse to go on where what was skipped is not what the file holds."""
        if self._skipped.hexdigest() != self._sink.sha256:
            msg = f"What an earlier run wrote of {self._sink.output.name!r} cannot be "
            msg += "gone on from."
            hint = "Run it again without resuming."
            raise OutputError(msg, code="NOT_RESUMABLE", hint=hint)


def _record_batch(rows: Any, schema: Any) -> Any:
    columns = [_settled(one_chunk(column)) for column in rows.columns]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _decoded(schema: Any) -> Any:
    """Return a schema with the values' type in place of dictionaries."""
    fields = [
        field.with_type(field.type.value_type)
        if pa.types.is_dictionary(field.type)
        else field
        for field in schema
    ]
    return pa.schema(fields)


def _settled(column: Any) -> Any:
    """Return a column in new buffers, with zeros where it is null.

    Arrow files hold buffers as they are, and a slice of a larger one, or what chance
    left under a null, would differ from batch size to batch size.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if column.null_count == 0:
        return pa.concat_arrays([column, column.slice(0, 0)])
    blank = pa.nulls(len(column), column.type)
    return pc.replace_with_mask(blank, pc.is_valid(column), pc.drop_null(column))
