"""Rows that could not be read keep those kept cells that could."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from cfscore.reading import Bounds, CsvOptions, ReadOptions
from cfscore.scoring import Scorer
from cfscore.scoring.files import _parts
from cfscore.tables import FAULT_CODES
from tests.unit.scoring.file_runs import developed_plan

SCORER = Scorer(developed_plan(), threads=2)

LOSSY = b"1.10101E+17"
LARGE = "x" * 40
#: Cells of id, use, city and note, of which id and note are kept; the code of each
#: fault, by column, the plan's columns first; None for another number of cells.
ROWS: list[tuple[list[bytes], dict[str, str] | None]] = [
    ([b"a", b"0.1", b"north", b"n1"], {}),
    ([b"b", b"0.1", b"nor\xffth", b"n2"], {"city": "ENCODING"}),
    ([b"c", b"0.1", b"nor\0th", b"n3"], {"city": "NUL_BYTE"}),
    ([b"d", b"x", b"north", b"n4"], {"use": "NOT_A_NUMBER"}),
    ([b"e\xff", b"0.1", b"north", b"n5"], {"id": "ENCODING"}),
    ([b"f", b"0.1", b"north", b"n\0x"], {"note": "NUL_BYTE"}),
    ([b"g", b"0.1"], None),
    ([b"h", b"0.1", LARGE.encode(), b"n8"], {"city": "CELL_TOO_LARGE"}),
    ([b"i\0", b"0.1", b"\xff", b""], {"city": "ENCODING", "id": "NUL_BYTE"}),
    ([LOSSY, b"0.1", b"north", b"n10"], {"id": "ID_LOSSY"}),
    ([LOSSY, b"\xff", b"north", b"n11"], {"use": "ENCODING", "id": "ID_LOSSY"}),
    ([b'"l\n,l"', b"\xff", b"north", b"n12"], {"use": "ENCODING"}),
    ([b"m", b"0.9", b"north", b"n13"], {}),
    ([b"", b"0.1", b"\0", b"n14"], {"city": "NUL_BYTE"}),
]
READING = ReadOptions(bounds=Bounds(max_cell_bytes=30))


def shown(cell: bytes) -> str | None:
    return cell.decode().strip('"') or None


def expected(column: str, position: int) -> list[str | None]:
    """Return a kept column: null where the cell has a fault, or the row no cells."""
    return [
        None if faults is None or column in faults else shown(cells[position])
        for cells, faults in ROWS
    ]


def write(path: Path, end: bytes = b"\n") -> Path:
    lines = [b"id,use,city,note", *(b",".join(cells) for cells, _ in ROWS)]
    path.write_bytes(end.join([*lines, b""]))
    return path


def score(source: Path, target: Path, **options: object) -> object:
    given = {"keep": ["id", "note"], "on_bad": "quarantine", "reading": READING}
    return SCORER.score_file(source, target, **(given | options))


def test_intact_cells_are_kept_and_faulty_ones_are_named(tmp_path: Path) -> None:
    report = score(write(tmp_path / "in.csv"), tmp_path / "out.parquet")
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["id"].to_pylist() == expected("id", 0)
    assert found["note"].to_pylist() == expected("note", 3)
    first = [["RAGGED"] if f is None else [*f.values()] for _, f in ROWS]
    status = [FAULT_CODES[codes[0]] if codes else 0 for codes in first]
    assert found["status"].to_pylist() == status
    for name in ("log_odds", "pd", "score"):
        assert found[name].null_count == sum(map(bool, status))
    lines = Path(str(report.rejects)).read_text().splitlines()[1:]
    listed = {tuple(line.split(",")[1:]) for line in lines}
    named = {
        (str(row), column, code)
        for row, (_, faults) in enumerate(ROWS, 1)
        for column, code in (faults or {}).items()
    }
    assert listed == named | {("7", "", "RAGGED")}


@pytest.mark.parametrize("batch_rows", [1, 2, 3, 5])
def test_the_size_of_batches_changes_no_byte(tmp_path: Path, batch_rows: int) -> None:
    source = write(tmp_path / "in.csv")
    for name, rows in (("a", 1_000), ("b", batch_rows)):
        score(source, tmp_path / f"{name}.csv", batch_rows=rows)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize("n_rows", [1, 4, 100])
def test_parts_and_blocks_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_rows: int
) -> None:
    monkeypatch.setattr(_parts, "PART_ROWS", n_rows)
    monkeypatch.setattr("cfscore.reading._csv_records.BLOCK_BYTES", 64)
    source = write(tmp_path / "in.csv", b"\r\n")
    score(source, tmp_path / "out", layout="parquet")
    parts = sorted((tmp_path / "out").glob("part-*"))
    found = pa.concat_tables(pq.read_table(part) for part in parts)
    assert found["id"].to_pylist() == expected("id", 0)


def test_unread_rows_are_not_counted_as_repeated(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"id,use,city\n1,0.1,a\n1,0.1,\xff\n1,0.1,\xff\n")
    report = score(tmp_path / "in.csv", tmp_path / "out.csv", keep=["id"])
    assert (report.rows, report.rejected, report.repeated) == (3, 2, 0)
    found = pa_csv.read_csv(tmp_path / "out.csv")
    assert found["id"].to_pylist() == [1, 1, 1]


def test_declared_defaults_are_cells_that_could_be_read(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"id,use\n1,0.1\n2,\xff\n3\n")
    options = {"keep": ["city", "id"], "defaults": {"city": "north"}}
    score(tmp_path / "in.csv", tmp_path / "out.parquet", **options)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["city"].to_pylist() == ["north", "north", None]
    assert found["id"].to_pylist() == ["1", "2", None]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le"])
def test_other_encodings_keep_intact_cells_too(tmp_path: Path, encoding: str) -> None:
    torn = {"gb18030": b"\xff", "utf-16-le": b"\x00\xd8"}[encoding]
    head, tail = "id,use,city\n甲,0.1,中部\n乙,0.1,".encode(encoding), "\n丙,0.1,北\n"
    (tmp_path / "in.csv").write_bytes(head + torn + tail.encode(encoding))
    reading = ReadOptions(csv=CsvOptions(encoding=encoding))
    score(tmp_path / "in.csv", tmp_path / "o.parquet", keep=["id"], reading=reading)
    found = pq.read_table(tmp_path / "o.parquet")
    assert found["id"].to_pylist() == ["甲", "乙", "丙"]
    assert found["status"].to_pylist() == [0, FAULT_CODES["ENCODING"], 0]


def test_rows_of_parquet_keep_what_lost_no_digits(tmp_path: Path) -> None:
    cells = {"id": [1.0, 2.0**60, None], "use": [0.1] * 3, "note": ["a", "b", "c"]}
    city = pa.array(["north", "new", "new"]).dictionary_encode()
    pq.write_table(pa.table({**cells, "city": city}), tmp_path / "in.parquet")
    score(tmp_path / "in.parquet", tmp_path / "o.parquet")
    found = pq.read_table(tmp_path / "o.parquet")
    assert found["id"].to_pylist() == [1.0, None, None]
    assert found["note"].to_pylist() == ["a", "b", "c"]
    assert found["status"].to_pylist() == [0, FAULT_CODES["ID_LOSSY"], 0]
