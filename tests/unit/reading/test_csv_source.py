"""CSV source: the same rows and rejects for any block, unit and batch size."""

from __future__ import annotations

import csv
import io
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfscore.reading import (
    Bounds,
    CsvOptions,
    ReadOptions,
    _csv_records,
    open_source,
    plan_units,
    read_unit,
)
from tests.unit.reading.reading import read, written

TEXT = st.text("ab中𠀀 \u2028\ufeff.", max_size=3)
CELL = st.one_of(
    TEXT,
    st.text('a中,"\r\n', max_size=5).map(lambda t: '"' + t.replace('"', '""') + '"'),
)
ROW = st.lists(CELL, min_size=1, max_size=4).map(",".join)
END = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])
BODY = st.lists(st.tuples(ROW, END).map("".join), max_size=12).map("".join)


def plain_rows(body: str) -> dict[int, list[str]]:
    """Return the rows by number as Python's own reader cuts them."""
    rows = filter(None, csv.reader(io.StringIO(body, newline=""), strict=True))
    return dict(enumerate(rows, 1))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BODY, st.sampled_from(["utf-8", "gb18030"]), st.data())
def test_any_cut_gives_the_rows_of_the_plain_reader(
    tmp_path, monkeypatch, body, encoding, data
):
    block_bytes = data.draw(st.sampled_from([8, 13, 64, 1 << 12]))
    monkeypatch.setattr(_csv_records, "BLOCK_BYTES", block_bytes)
    path = written(tmp_path, ("x,y\n" + body).encode(encoding))
    options = ReadOptions(
        CsvOptions(encoding=encoding),
        Bounds(unit_bytes=data.draw(st.sampled_from([1, 20, 1 << 12]))),
    )
    expected = plain_rows(body)
    if expected and all(len(row) == 3 and not row[2] for row in expected.values()):
        return  # refused: every row ends with a delimiter
    found = read(path, ["x", "y"], options, data.draw(st.sampled_from([1, 3, 100])))
    good = {n: tuple(row) for n, row in expected.items() if len(row) == 2}
    assert {n: tuple(c or "" for c in row) for n, row in found.rows.items()} == good
    assert [n for n, _, _ in found.rejects] == sorted(set(expected) - set(good))


@pytest.fixture
def path(tmp_path):
    lines = "".join(f'{i},"city {i % 7}, {i}"\n' for i in range(3_000))
    return written(tmp_path, "use,city\n" + lines)


def test_units_are_cut_between_records_and_know_their_rows(path, monkeypatch):
    monkeypatch.setattr(_csv_records, "BLOCK_BYTES", 1 << 12)
    source = open_source(path, ReadOptions(bounds=Bounds(unit_bytes=10_000)))
    units = plan_units([source, source])
    data = path.read_bytes()
    n_units = len(units) // 2
    assert n_units == 5
    assert [unit.source for unit in units] == [0] * n_units + [1] * n_units
    first = units[:n_units]
    assert [unit.part for unit in first] == list(range(n_units))
    assert first[0].start == len("use,city\n")
    assert first[-1].stop == len(data)
    row = 1
    for unit, after in zip(first, [*first[1:], None], strict=True):
        assert unit.first_row == row
        assert data[unit.stop - 1 : unit.stop] == b"\n"
        assert unit.n_rows == data[unit.start : unit.stop].count(b"\n")
        assert after is None or unit.stop == after.start
        row += unit.n_rows
    assert row == 3_001


def test_units_can_be_read_alone_and_in_any_order(path, monkeypatch):
    monkeypatch.setattr(_csv_records, "BLOCK_BYTES", 1 << 12)
    source = open_source(path, ReadOptions(bounds=Bounds(unit_bytes=10_000)))
    rows = {}
    for unit in reversed(plan_units([source])):
        for block in read_unit(source, unit, ["use"], 64):
            rows.update(
                zip(block.rows.tolist(), block.batch[0].to_pylist(), strict=True)
            )
    assert [rows[i] for i in range(1, 3_001)] == [str(i) for i in range(3_000)]


def test_nothing_imports_pandas(path):
    script = (
        "import sys; from pathlib import Path; from cfscore.reading import *;"
        "o = ReadOptions(identifiers=('city', 'use'));"
        f"s = open_source(Path({str(path)!r}), o);"
        "n = sum(b.n_rows for u in plan_units([s]) "
        "for b in read_unit(s, u, ['use', 'city'], 100));"
        "print(n, 'pandas' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["3000", "False"]
