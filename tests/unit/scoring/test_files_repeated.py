"""Rows that repeat the kept columns of an earlier row: kept, scored and counted."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import OutputError
from cfscore.scoring import Scorer
from cfscore.scoring.files import _parts, _repeated_rows
from cfscore.scoring.files._tally import Tally
from cfscore.writing import CsvFormat, _read_back
from tests.unit.scoring.file_runs import developed_plan

#: Row 3 repeats row 0, row 5 repeats row 1 and row 6 row 3 in both kept columns.
IDS = ["a", "b", "a", "a", None, "b", "a", ""]
DAYS = [1, 2, 3, 1, 1, 2, 1, 1]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(developed_plan())


def rows(ids: list[Any], days: list[Any]) -> pa.Table:
    n = len(ids)
    return pa.table({"id": ids, "day": days, "use": [0.5] * n, "city": ["north"] * n})


def write(table: pa.Table, path: Path) -> Path:
    pq.write_table(table, path)
    return path


#: By kept columns; CSV writes a missing text as it writes an empty one.
N_REPEATED = {
    ("id", "day"): {"parquet": 3, "arrow": 3, "csv": 4},
    ("id",): {"parquet": 4, "arrow": 4, "csv": 5},
    ("day",): {"parquet": 5, "arrow": 5, "csv": 5},
    (): {"parquet": None, "arrow": None, "csv": None},
}


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
@pytest.mark.parametrize("keep", N_REPEATED)
def test_repeated_rows_are_counted(
    scorer: Scorer, tmp_path: Path, ending: str, keep: tuple[str, ...]
) -> None:
    source = write(rows(IDS, DAYS), tmp_path / "in.parquet")
    report = scorer.score_file(source, tmp_path / f"out.{ending}", keep=keep)
    assert report.rows == report.scored == len(IDS)
    assert report.repeated == N_REPEATED[keep][ending]
    manifest = json.loads(Path(report.manifest).read_text())
    assert manifest["repeated"] == report.repeated


def test_parts_and_inputs_are_counted_together(
    scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_parts, "PART_ROWS", 3)
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(4):
        write(rows([f"{i}", "same", f"{i}"], [1, 1, 1]), folder / f"{i}.parquet")
    report = scorer.score_file(str(folder / "*"), tmp_path / "out", keep=["id"])
    assert len(report.outputs) > 1
    assert report.repeated == 4 + 3  # each second one of a file, and "same" thrice


def counted(
    folder: Path, files: list[Path], layout: str, n_rows: int, threads: int = 1
) -> int:
    """Return the count of all rows of some files by their column ``id``."""
    total = Tally()
    total.rows[0] = n_rows
    return _repeated_rows.count_repeated_rows(
        files, layout, ["id"], CsvFormat(), total, folder, threads
    )


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("most", [1, 2, 5, 30, 1000])
def test_the_count_does_not_depend_on_how_many_rows_are_sorted_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, threads: int
) -> None:
    monkeypatch.setattr(_repeated_rows, "_ROWS_AT_A_TIME", most)
    monkeypatch.setattr(_read_back, "_BATCH_ROWS", 4)
    ids = [str(i % 17) for i in range(50)]
    path = tmp_path / "out.parquet"
    pq.write_table(pa.table({"id": ids}), path, row_group_size=9)
    assert counted(tmp_path, [path, path], "parquet", 100, threads) == 100 - 17
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1, 1, None, None, 3]),
        pa.array([1.5, 1.5, None, None, 3.0]),
        pa.array([True, True, None, None, False]),
        pa.array([b"\xff", b"\xff", None, None, b""]),
        pa.array([b"\xff", b"\xff", None, None, b"a"], pa.binary(1)),
        pa.array(["x", "x", None, None, ""], pa.large_string()),
        pa.array([datetime.date(2026, 1, 1)] * 2 + [None] * 2 + [datetime.date.min]),
        pa.array([1, 1, None, None, 2], pa.duration("s")),
        pa.array([1, 1, None, None, 2], pa.timestamp("us", "Asia/Shanghai")),
        pa.array([1, 1, None, None, 2], pa.decimal128(9, 2)),
        pa.array([1, 1, None, None, 2], pa.timestamp("ms", "Nowhere/Unknown")),
        pa.array([1, 1, None, None, 2], pa.time64("us")),
        pa.array([1.5, 1.5, None, None, 2.5], pa.float32()),
        pa.array([b"\xff", b"\xff", None, None, b"a"], pa.large_binary()),
        pa.array([None] * 2 + [1] * 2 + [2], pa.uint8()),
    ],
    ids=lambda column: str(column.type),
)
def test_cells_of_every_type_are_told_apart(tmp_path: Path, column: Any) -> None:
    for ending in ("parquet", "arrow"):
        path = tmp_path / f"out.{ending}"
        table = pa.table({"id": column})
        if ending == "parquet":
            pq.write_table(table, path)
        else:
            with pa.ipc.new_file(path, table.schema) as writer:
                writer.write_table(table)
        assert counted(tmp_path, [path], ending, 5) == 2


def test_intervals_and_slices_are_told_apart() -> None:
    months = pa.array(
        [(1, 2, 3), (1, 2, 4), None, (1, 2, 3)], pa.month_day_nano_interval()
    )
    texts = pa.array(["a", "", None, "a"])
    for column in (months, texts, texts.cast(pa.large_string())):
        rows_of = [pa.record_batch({"id": column[i:]}) for i in range(4)]
        whole, *others = [_repeated_rows._row_hashes(row).tolist() for row in rows_of]
        assert others == [whole[i:] for i in (1, 2, 3)]
        assert len(set(whole)) == 3
        assert whole[0] == whole[3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_of_every_encoding_is_read_back(
    scorer: Scorer, tmp_path: Path, encoding: str
) -> None:
    ids = ["张三,北京", 'a "b"', "line\nbreak", "张三,北京", "line\nbreak"]
    source = write(rows(ids, [1] * 5), tmp_path / "in.parquet")
    report = scorer.score_file(
        source, tmp_path / "out.csv", keep=["id"], csv=CsvFormat(encoding)
    )
    assert report.repeated == 2


def test_a_resumed_run_counts_the_same(
    scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_parts, "PART_ROWS", 4)
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(3):
        write(rows(IDS, DAYS), folder / f"{i}.parquet")
    source, options = str(folder / "*"), {"keep": ["id", "day"]}
    whole = scorer.score_file(source, tmp_path / "whole", **options)
    taken = []

    def stop(done: int, _: int | None, __: int) -> None:
        taken.append(done)
        if done > len(IDS):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scorer.score_file(source, tmp_path / "out", progress=stop, **options)
    report = scorer.score_file(source, tmp_path / "out", resume=True, **options)
    assert report.repeated == whole.repeated == 3 * len(IDS) - 5


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
def test_rows_that_could_not_be_read_repeat_nothing(
    scorer: Scorer, tmp_path: Path, ending: str
) -> None:
    """Their cells are missing in the output because they are not known."""
    lines = ["id,day,use,city", "1,a,0.5,x", "1,a", "2,b", "1,a,bad,x", ",,1,x"]
    lines += ["1,a,0.5,x,y", "1.5E+17,a,0.5,x"]
    (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")
    report = scorer.score_file(
        tmp_path / "in.csv",
        tmp_path / f"out.{ending}",
        keep=["id", "day"],
        on_bad="quarantine",
    )
    # row 4, which was read and could not be scored, repeats row 1
    assert (report.rejected, report.repeated) == (5, 1)


def test_lines_of_any_length_are_read_back(
    scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_read_back, "_CSV_BYTES", 256)
    ids = ["a"] * 20 + ["x" * 5_000, "b", "x" * 5_000, "a"] + ["y" * 90_000] * 2
    source = write(rows(ids, [1] * len(ids)), tmp_path / "in.parquet")
    for encoding in ("utf-8", "gb18030"):
        form = CsvFormat(encoding)
        target = tmp_path / f"{encoding}.csv"
        report = scorer.score_file(source, target, keep=["id"], csv=form)
        assert report.repeated == len(ids) - 4
        pieces = _read_back.read_back(target, "csv", ["id"], form)
        found = pa.Table.from_batches([row for piece in pieces for row in piece()])
        assert found["id"].to_pylist() == ids


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_names_that_look_like_formulas_are_read_back(
    scorer: Scorer, tmp_path: Path, encoding: Any
) -> None:
    names = ["=k", "-k", "@id", "+x"]
    table = rows(IDS, DAYS)
    for name in names:
        table = table.append_column(name, table.column("id"))
    report = scorer.score_file(
        write(table, tmp_path / "in.parquet"),
        tmp_path / "out.csv",
        keep=names,
        csv=CsvFormat(encoding, excel_safe=True),
    )
    assert report.repeated == N_REPEATED["id",]["csv"]


def test_what_can_never_be_read_back_is_given_up(
    scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines longer than any number of bytes that Arrow reads at a time."""
    monkeypatch.setattr(_read_back, "_CSV_BYTES", 8)
    monkeypatch.setattr(_read_back, "_MOST_CSV_BYTES", 20)
    source = write(rows(["x" * 100] * 3, [1] * 3), tmp_path / "in.parquet")
    with pytest.raises(OutputError, match="cannot be read back"):
        scorer.score_file(source, tmp_path / "out.csv", keep=["id"])


def test_header_alone_repeats_nothing(scorer: Scorer, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,use,city\n")
    for ending in ("parquet", "csv", "arrow"):
        target = tmp_path / f"out.{ending}"
        assert scorer.score_file(tmp_path / "in.csv", target, keep=["id"]).repeated == 0


def test_output_that_cannot_be_read_back_is_an_output_error(
    scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(rows(IDS, DAYS), tmp_path / "in.parquet")
    target = tmp_path / "out.parquet"
    target.write_text("earlier")

    def damaged(*_: object) -> object:
        msg = "a cell"
        raise pa.ArrowInvalid(msg)

    monkeypatch.setattr(_repeated_rows, "read_back", damaged)
    with pytest.raises(OutputError, match=r"read back \(ArrowInvalid\)\. Run"):
        scorer.score_file(source, target, keep=["id"])
    assert target.read_text() == "earlier"
    assert {p.name for p in tmp_path.iterdir()} == {"in.parquet", "out.parquet"}
