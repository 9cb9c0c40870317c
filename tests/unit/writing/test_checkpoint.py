"""Checkpoints: another process goes on from one, and no byte tells."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import OutputError
from cfscore.writing import HashedFile, Stretch, TableFile, open_table_file
from tests.unit.writing.test_table_file import DECODED, LAYOUTS, N_ROWS, TABLE

#: Rows between two checkpoints; a row group has 16, so each ends one early.
STEP = 50


def write(file: TableFile, start: int, stop: int) -> list[tuple[Stretch, int]]:
    """Append rows with a checkpoint before each step; return these."""
    made = []
    for row in range(start, stop, STEP):
        if row > start:
            made.append((file.checkpoint(), file.sink.n_bytes))
        file.append(TABLE.slice(row, STEP))
    return made


def begin(path: Path, layout: str, n_kept: int = 0, stretches=()) -> TableFile:
    sink = HashedFile(path, path, n_kept)
    return open_table_file(
        sink, TABLE.schema, layout, row_group_rows=16, stretches=stretches
    )


class StopError(Exception):
    """Ends a file on its way."""


def stop_after(path: Path, layout: str, n_rows: int) -> list[tuple[Stretch, int]]:
    """Write some rows, and then end without an end."""
    made: list[tuple[Stretch, int]] = []

    def run() -> None:
        with begin(path, layout) as file:
            made.extend(write(file, 0, n_rows))
            raise StopError

    with pytest.raises(StopError):
        run()
    return made


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=10)
@given(
    n_steps=st.integers(2, N_ROWS // STEP),
    torn=st.binary(max_size=40),
    data=st.data(),
)
def test_file_that_is_gone_on_with_has_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory,
    layout: str,
    n_steps: int,
    torn: bytes,
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("files")
    with begin(folder / "whole", layout) as whole:
        write(whole, 0, N_ROWS)
    made = stop_after(folder / "a", layout, n_steps * STEP)
    n_taken = data.draw(st.integers(1, len(made)))
    with (folder / "a").open("ab") as file:
        file.write(torn)
    stretches = [stretch for stretch, _ in made[:n_taken]]
    with begin(folder / "a", layout, made[n_taken - 1][1], stretches) as rest:
        write(rest, n_taken * STEP, N_ROWS)
    assert rest.sink.sha256 == whole.sink.sha256
    assert (folder / "a").read_bytes() == (folder / "whole").read_bytes()


def test_parquet_of_several_stretches_is_read_with_its_checksums(
    tmp_path: Path,
) -> None:
    with begin(tmp_path / "a", "parquet") as file:
        write(file, 0, N_ROWS)
    found = pq.ParquetFile(tmp_path / "a", page_checksum_verification=True)
    assert found.read().equals(DECODED)
    sizes = [
        found.metadata.row_group(i).num_rows
        for i in range(found.metadata.num_row_groups)
    ]
    assert sizes == [16, 16, 16, 2] * (N_ROWS // STEP)


def test_arrow_that_would_come_out_otherwise_is_not_gone_on_with(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out.arrow"
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(path, DECODED.schema, options=options) as writer:
        writer.write_batch(DECODED.combine_chunks().to_batches()[0])
        n_kept = path.stat().st_size
    with pytest.raises(OutputError, match=r"cannot be gone on from") as caught:
        begin(path, "arrow", n_kept)
    assert caught.value.code == "NOT_RESUMABLE"


def test_checkpoint_of_nothing_changes_nothing(tmp_path: Path) -> None:
    for layout in LAYOUTS:
        with begin(tmp_path / "a", layout) as file:
            file.append(TABLE)
        with begin(tmp_path / "b", layout) as file:
            file.checkpoint()
            file.append(TABLE)
            file.checkpoint()
            file.checkpoint()
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
