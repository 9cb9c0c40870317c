"""Reading a file whole, for tests: its rows by number, its rejects, its notes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cfscore.reading import ReadOptions, open_source, plan_units, read_unit


@dataclass(frozen=True)
class Read:
    """What came of a file."""

    rows: dict[int, tuple]
    rejects: list[tuple]
    notes: tuple[str, ...]


def read(
    path: Path,
    columns=None,
    options: ReadOptions | None = None,
    batch_rows: int = 1_000,
    encoded=(),
) -> Read:
    """Return the rows of a file by number, as tuples in the order of the columns."""
    source = open_source(path, options)
    columns = list(source.columns) if columns is None else columns
    rows: dict[int, tuple] = {}
    rejects = []
    for unit in plan_units([source]):
        n_rows = 0
        for block in read_unit(source, unit, columns, batch_rows, encoded):
            assert block.batch.schema.names == list(columns)
            assert 0 < block.n_rows <= batch_rows
            n_rows += block.n_rows
            cells = [column.to_pylist() for column in block.batch.columns]
            rows.update(zip(block.rows.tolist(), zip(*cells, strict=True), strict=True))
            rejects += [(r.row, r.column, r.code) for r in block.rejects]
        assert unit.n_rows in (None, n_rows)
    accounted = sorted({*rows, *(row for row, _, _ in rejects)})
    assert accounted == list(range(1, len(accounted) + 1))
    assert not set(rows) & {row for row, _, _ in rejects}
    return Read(rows, rejects, source.notes)


def written(folder: Path, data: bytes | str, name: str = "in.csv") -> Path:
    """Return the path of a new file with the given content."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path
