"""Faults of files at the command: each its own case, with its exit code and its name.

What is inside a fault is tested where it is found (``tests/unit/reading/faults``, the
tables, the writing); here stands what an operator sees of it, file by file.
"""

from __future__ import annotations

import gzip
import json
import lzma
import math
import os
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main
from cfscore.scoring.files import _run

HEADER = "use,city\n"
GOOD = "0.5,north\n"
SECRET = "secretville"  # in every refused file; never in a message


def score(plan: Path, source: object, target: Path, *more: str) -> int:
    given = ["-m", str(plan), "-i", str(source), "-o", str(target), "--reasons", "1"]
    return main(["score", *given, *more])


def parquet(table: dict[str, object] | pa.Table, **options: object) -> bytes:
    sink = BytesIO()
    rows = table if isinstance(table, pa.Table) else pa.table(table)
    pq.write_table(rows, sink, **options)
    return sink.getvalue()


def stream(table: pa.Table, chunk: int = 2) -> bytes:
    sink = BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=chunk)
    return sink.getvalue()


def zipped(data: bytes) -> bytes:
    sink = BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("in.csv", data)
    return sink.getvalue()


def cut_stream() -> bytes:
    """Return a stream that ends where its second batch does, without an end."""
    whole = stream(pa.table({"use": [0.1, 0.2, 0.3, 0.4], "city": ["north"] * 4}))
    end = b"\xff\xff\xff\xff\x00\x00\x00\x00"
    assert whole.endswith(end)
    batches = stream(pa.table({"use": [0.1, 0.2], "city": ["north"] * 2}))
    return batches.removesuffix(end)


def damaged_page() -> bytes:
    data = bytearray(
        parquet(TABLE, write_page_checksum=True, compression="none", use_dictionary=[])
    )
    column = pq.read_metadata(BytesIO(bytes(data))).row_group(0).column(0)
    data[column.data_page_offset + column.total_compressed_size - 3] ^= 1
    return bytes(data)


TABLE = {"use": [0.1, 0.5], "city": ["north", SECRET]}
LINE = f"0.5,{SECRET}\n"
TEXT = (HEADER + LINE).encode()
CHINESE = "use,city\n0.5,中部\n0.6,上海浦东新区\n"

#: Fault: name of the file, its bytes, more flags, exit code, code of the error.
REFUSED: dict[str, tuple[str, bytes, tuple[str, ...], str]] = {
    "empty file": ("in.csv", b"", (), "EMPTY"),
    "blank lines alone": ("in.csv", b"\n\r\n", (), "EMPTY"),
    "utf-16 undeclared": ("in.csv", CHINESE.encode("utf-16"), (), "ENCODING"),
    "gb18030 undeclared": ("in.csv", CHINESE.encode("gb18030"), (), "ENCODING"),
    "gb18030 in the header": (
        "in.csv",
        "使用,city\n".encode("gb18030"),
        (),
        "ENCODING",
    ),
    "utf-16 declared, utf-8 found": (
        *("in.csv", CHINESE.encode(), ("--encoding", "utf-16"), "ENCODING"),
    ),
    "utf-8 declared, utf-16 found": (
        *("in.csv", CHINESE.encode("utf-16"), ("--encoding", "utf-8"), "ENCODING"),
    ),
    "gb18030 declared, utf-8 found": (
        *("in.csv", CHINESE.encode(), ("--encoding", "gb18030"), "ENCODING"),
    ),
    "mixed encodings": (
        *(
            "in.csv",
            CHINESE.encode() + "0.7,中部\n".encode("gb18030"),
            (),
            "ROW_FAULTS",
        ),
    ),
    "mixed encodings, detected": (
        "in.csv",
        CHINESE.encode() + "0.7,中部\n".encode("gb18030") + b"0.8,\xff\xff\n",
        ("--encoding", "auto"),
        "ENCODING",
    ),
    "nul byte": ("in.csv", TEXT + b"0.5,no\0rth\n", (), "ROW_FAULTS"),
    "unclosed quote": ("in.csv", TEXT + b'0.5,"north\n', (), "UNCLOSED_QUOTE"),
    "quote closed inside a cell": (
        *("in.csv", TEXT + b'0.5,"no"rth\n', (), "BAD_QUOTE"),
    ),
    "short row": ("in.csv", TEXT + b"0.5\n", (), "ROW_FAULTS"),
    "long row": ("in.csv", TEXT + b"0.5,north,1\n", (), "ROW_FAULTS"),
    "trailing delimiter": (
        *("in.csv", (HEADER + GOOD.replace("\n", ",\n")).encode(), ()),
        "TRAILING_DELIMITER",
    ),
    "semicolons": ("in.csv", TEXT.replace(b",", b";"), (), "DELIMITER"),
    "tabs": ("in.csv", TEXT.replace(b",", b"\t"), (), "DELIMITER"),
    "pipes": ("in.csv", TEXT.replace(b",", b"|"), (), "DELIMITER"),
    "duplicate header": ("in.csv", b"use,city,use\n1,2,3\n", (), "SCHEMA"),
    "empty name in the header": ("in.csv", b"use,,city\n1,2,3\n", (), "SCHEMA"),
    "blank around a name": ("in.csv", b"use, city\n1,2\n", (), "SCHEMA"),
    "full-width name": ("in.csv", "ｕｓｅ,city\n1,2\n".encode(), (), "SCHEMA"),
    "other case": ("in.csv", b"Use,city\n1,2\n", (), "SCHEMA"),
    "missing column": ("in.csv", b"use\n1\n", (), "SCHEMA"),
    "extra column, strict": (
        *("in.csv", b"use,city,x\n1,2,3\n", ("--strict-columns",), "SCHEMA"),
    ),
    "too many columns": (
        *("in.csv", TEXT, ("--bound", "max_columns=1"), "TOO_MANY_COLUMNS"),
    ),
    "large cell": (*("in.csv", TEXT, ("--bound", "max_cell_bytes=5"), "ROW_FAULTS"),),
    "record without end": (
        "in.csv",
        (HEADER + "0.5," + "x" * (9 << 20) + "\n").encode(),
        ("--bound", "max_record_bytes=1000000"),
        "RECORD_TOO_LARGE",
    ),
    "too many rows": ("in.csv", TEXT * 3, ("--max-rows", "2"), "TOO_MANY_ROWS"),
    "gzip cut short": ("in.csv.gz", gzip.compress(TEXT)[:-9], (), "UNREADABLE"),
    "zip named csv": ("in.csv", zipped(TEXT), (), "UNKNOWN_FORMAT"),
    "xz named csv": ("in.csv", lzma.compress(TEXT), (), "UNKNOWN_FORMAT"),
    "gzip named csv": ("in.csv", gzip.compress(TEXT), (), "UNKNOWN_FORMAT"),
    "excel 97 named csv": (
        *("in.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), ()),
        "UNKNOWN_FORMAT",
    ),
    "parquet named csv": ("in.csv", parquet(TABLE), (), "UNKNOWN_FORMAT"),
    "csv named parquet": ("in.parquet", TEXT, (), "UNKNOWN_FORMAT"),
    "unknown ending": ("in.xlsx", TEXT, (), "UNKNOWN_FORMAT"),
    "parquet cut short": ("in.parquet", parquet(TABLE)[:-9], (), "UNREADABLE"),
    "parquet with a flipped bit": ("in.parquet", damaged_page(), (), "UNREADABLE"),
    "parquet without checksums": (
        *("in.parquet", parquet(TABLE), ("--require-checksums",), "NO_CHECKSUM"),
    ),
    "nested column": (
        *("in.parquet", parquet({"use": [[0.1]], "city": ["north"]}), (), "SCHEMA"),
    ),
    "dates for numbers": (
        "in.parquet",
        parquet({"use": pa.array([19_000], pa.date32()), "city": ["north"]}),
        (),
        "SCHEMA",
    ),
    "stream cut between batches": (
        *("in.arrows", cut_stream(), ("--expect-rows", "4"), "ROW_COUNT"),
    ),
    "stream cut inside a batch": (
        *("in.arrows", stream(pa.table(TABLE))[:-40], (), "UNREADABLE"),
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_fault_refuses_the_input_by_name(
    plan_file: Path,
    tmp_path: Path,
    fault: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name, data, more, code = REFUSED[fault]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(data)
    target = tmp_path / "out.csv"
    target.write_text("earlier")
    assert score(plan_file, tmp_path / "in" / name, target, *more) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"cfscore: error [{code}]: "), err
    assert err.count("\n") == 1
    assert SECRET not in err
    assert target.read_text() == "earlier"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["card.cfs", "in", "out.csv"]


#: Fault: the file, more flags, and the scores that come of it as those of numbers.
READ: dict[str, tuple[str, bytes, tuple[str, ...], list[float | None]]] = {
    "header alone": ("in.csv", HEADER.encode(), (), []),
    "byte order mark": ("in.csv", b"\xef\xbb\xbf" + TEXT, (), [0.5]),
    "utf-16 declared": (
        *("in.csv", CHINESE.encode("utf-16"), ("--encoding", "utf-16"), [0.5, 0.6]),
    ),
    "gb18030 declared": (
        *("in.csv", CHINESE.encode("gb18030"), ("--encoding", "gbk"), [0.5, 0.6]),
    ),
    "gb18030 detected": (
        *("in.csv", CHINESE.encode("gb18030"), ("--encoding", "auto"), [0.5, 0.6]),
    ),
    "lines that end with cr": ("in.csv", TEXT.replace(b"\n", b"\r"), (), [0.5]),
    "lines that end with crlf": ("in.csv", TEXT.replace(b"\n", b"\r\n"), (), [0.5]),
    "mixed line ends": (
        *(
            "in.csv",
            b"use,city\r\n0.1,north\r0.2,north\n0.3,north",
            (),
            [0.1, 0.2, 0.3],
        ),
    ),
    "no line end at the end": ("in.csv", TEXT[:-1], (), [0.5]),
    "line end in quotes": ("in.csv", b'use,city\n0.5,"a\nb"\n0.1,x\n', (), [0.5, 0.1]),
    "permuted columns": ("in.csv", b"x,city,use\n9,north,0.5\n", (), [0.5]),
    "two gzip members": (
        *("in.csv.gz", gzip.compress(TEXT) + gzip.compress(b"0.6,x\n"), (), [0.5, 0.6]),
    ),
    "row group without rows": (
        *("in.parquet", parquet(pa.table(TABLE).slice(0, 0)), (), []),
    ),
    "float32 column": (
        "in.parquet",
        parquet({"use": pa.array([0.5], pa.float32()), "city": ["north"]}),
        (),
        [0.5],
    ),
    "decimal column": (
        "in.parquet",
        parquet({"use": pa.array(["0.5"]).cast(pa.decimal128(5, 2)), "city": ["x"]}),
        (),
        [0.5],
    ),
    "missing in every form": (
        "in.csv",
        b"use,city\n,north\n  ,north\n\xe3\x80\x80,north\n",
        (),
        [None, None, None],
    ),
    "null tokens": ("in.csv", b"use,city\nNA,north\n", ("--null", "NA"), [None]),
    "negative zero": ("in.csv", b"use,city\n-0.0,north\n", (), [0.0]),
    "infinity": ("in.csv", b"use,city\ninf,north\n-inf,x\n", (), [math.inf, -math.inf]),
    "underflow": ("in.csv", b"use,city\n1e-400,north\n", (), [0.0]),
    "on an edge and beside it": (
        "in.csv",
        b"use,city\n0.3,x\n0.29999999999999993,x\n0.30000000000000004,x\n",
        (),
        [0.3, math.nextafter(0.3, 0), math.nextafter(0.3, 1)],
    ),
    "number format": (
        "in.csv",
        'use,city\n"￥０．５",north\n50%,x\n'.encode(),
        ("--number-format", "use=full-width currency:¥ percent"),
        [0.5, 0.5],
    ),
    "a million characters": (
        *("in.csv", f"use,city\n0.5,{'长' * 300_000}\n".encode(), (), [0.5]),
    ),
}


@pytest.mark.parametrize("fault", READ)
def test_oddity_is_read_as_what_it_means(
    plan_file: Path, tmp_path: Path, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, data, more, numbers = READ[fault]
    (tmp_path / name).write_bytes(data)
    assert score(plan_file, tmp_path / name, tmp_path / "out.parquet", *more) == 0
    plain = {"use": pa.array(numbers, pa.float64()), "city": ["?"] * len(numbers)}
    pq.write_table(pa.table(plain), tmp_path / "plain.parquet")
    score(plan_file, tmp_path / "plain.parquet", tmp_path / "plain-out.parquet")
    found, expected = (
        json.loads((tmp_path / f"{out}.parquet.manifest.json").read_text())
        for out in ("out", "plain-out")
    )
    assert found["rows_in"] == len(numbers)
    used, plainly = ({**m["columns"]["use"], "widened": 0} for m in (found, expected))
    assert used == plainly
    if fault == "no line end at the end":
        assert "The last line has no line end" in capsys.readouterr().err


#: Cells that are no number, each with the code of its row.
BAD_NUMBERS = {
    "overflow": ("1e400", "NOT_A_NUMBER"),
    "thousands": ('"1,234.5"', "NOT_A_NUMBER"),
    "percent": ("12%", "NOT_A_NUMBER"),
    "currency": ('"¥1,000"', "NOT_A_NUMBER"),
    "accounting": ("(500)", "NOT_A_NUMBER"),
    "ten thousands": ("1.2万", "NOT_A_NUMBER"),
    "decimal comma": ('"1,5"', "NOT_A_NUMBER"),
    "hexadecimal": ("0x1F", "NOT_A_NUMBER"),
    "underscore": ("1_000", "NOT_A_NUMBER"),
    "full-width": ("１２３", "NOT_A_NUMBER"),
    "arabic": ("٣", "NOT_A_NUMBER"),
    "fortran": ("1d5", "NOT_A_NUMBER"),
    "nan with a payload": ("nan(1)", "NOT_A_NUMBER"),
    "boolean": ("TRUE", "NOT_A_NUMBER"),
    "date that is none": ("2024-02-30", "NOT_A_NUMBER"),
    "date that Excel has": ("1900-02-29", "NOT_A_NUMBER"),
    "date of zeros": ("0000-00-00", "NOT_A_NUMBER"),
    "date with slashes": ("2024/2/3", "NOT_A_NUMBER"),
    "text": ("NA", "NOT_A_NUMBER"),
    "integer beyond 2^53": ("9007199254740993", "INT_LOSSY"),
}


@pytest.mark.parametrize("fault", BAD_NUMBERS)
def test_fault_costs_its_row_and_no_other(
    plan_file: Path, tmp_path: Path, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    cell, code = BAD_NUMBERS[fault]
    source, target = tmp_path / "in.csv", tmp_path / "out.parquet"
    source.write_text(f"use,city\n0.5,north\n{cell},north\n0.5,north\n", "utf-8")
    assert score(plan_file, source, target, "--on-bad", "quarantine", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["faults"] == {"use": {code: 1}}
    assert cell.strip('"') not in err
    first, bad, last = pq.read_table(target)["score"].to_pylist()
    assert first == last
    assert bad is None
    listed = (tmp_path / "out.parquet.rejects.csv").read_text().splitlines()
    assert listed[1:] == [f"{source},2,use,{code}"]


def test_every_row_may_be_rejected(plan_file: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(HEADER + "x,north\n" * 3)
    assert score(plan_file, source, target, "--on-bad", "quarantine") == 0
    assert target.read_text().count("\n") == 4
    more = ("--on-bad", "quarantine", "--max-rejects", "99%")
    assert score(plan_file, source, target, *more) == 3


def test_column_may_be_missing_in_every_row(plan_file: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table = {"use": pa.nulls(3), "city": pa.array(["north"] * 3).dictionary_encode()}
    pq.write_table(pa.table(table), source)
    assert score(plan_file, source, target) == 0
    assert len(set(pq.read_table(target)["score"].to_pylist())) == 1


#: Texts that are not the category "中部" or "north", however alike they look.
OTHER_CATEGORIES = {
    "blank behind": "north ",
    "other case": "North",
    "full-width": "ｎｏｒｔｈ",
    "combining mark": "no\u0308rth",
    "compatibility ideograph": "中\uf92c",
    "private use of gb18030-2000": "\ue81e",
}


@pytest.mark.parametrize("fault", OTHER_CATEGORIES)
@pytest.mark.parametrize("form", ["utf-8", "gb18030", "parquet"])
def test_category_that_only_looks_alike_is_unseen(
    plan_file: Path, tmp_path: Path, fault: str, form: str
) -> None:
    cell, more = OTHER_CATEGORIES[fault], ()
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    text = f'use,city\n0.5,"{cell}"\n0.5,中部\n'
    if form == "parquet":
        source = tmp_path / "in.parquet"
        pq.write_table(pa.table({"use": [0.5, 0.5], "city": [cell, "中部"]}), source)
    else:
        source.write_bytes(text.encode(form))
        more = ("--encoding", form)
    assert score(plan_file, source, target, *more) == 0
    manifest = json.loads((tmp_path / "out.csv.manifest.json").read_text())
    assert manifest["columns"]["city"]["unseen"] == 1


def test_files_of_one_run_may_hold_other_types(plan_file: Path, tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    inputs.mkdir()
    texts = pa.array(["north", "new"])
    for i, (use, city) in enumerate(
        [
            (pa.array([1, 0], pa.int32()), texts),
            (pa.array(["1", "0"]), texts.dictionary_encode()),
            (pa.array([1.0, 0.0], pa.float32()), texts.cast(pa.large_string())),
            (pa.array([True, False]).cast(pa.uint8()), texts.cast(pa.string_view())),
        ]
    ):
        pq.write_table(pa.table({"use": use, "city": city}), inputs / f"{i}.parquet")
    target = tmp_path / "out.parquet"
    assert score(plan_file, inputs, target) == 0
    scores = pq.read_table(target)["score"].to_pylist()
    assert scores == scores[:2] * 4


def test_repeated_identifiers_are_kept_and_told_of(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,use,city\n007,0.5,north\n007,0.5,north\n7,0.5,north\n")
    assert score(plan_file, source, target, "--keep", "id", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["repeated"] == 1
    assert "  1 row(s) repeat the kept columns of an earlier row" in err
    assert "007" not in err
    lines = target.read_text().splitlines()[1:]
    assert lines[0] == lines[1]
    assert lines[0].startswith("007,")


@pytest.mark.parametrize(
    ("name", "code"), [("pipe", 3), ("folder", 3), ("none.csv", 3), ("zero.csv", 3)]
)
def test_what_is_no_file_is_never_read(
    plan_file: Path, tmp_path: Path, name: str, code: int
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    assert score(plan_file, tmp_path / name, tmp_path / "out.csv") == code


def test_output_among_the_inputs_of_a_pattern_is_2(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.csv", "out.csv"):
        (tmp_path / name).write_bytes(TEXT)
    assert score(plan_file, tmp_path / "*.csv", tmp_path / "out.csv") == 2
    assert "'out.csv' is one of the inputs" in capsys.readouterr().err
    (tmp_path / "out.csv").unlink()
    (tmp_path / "out.csv").symlink_to(tmp_path / "a.csv")
    assert score(plan_file, tmp_path / "a.csv", tmp_path / "out.csv") == 2
    assert (tmp_path / "a.csv").read_bytes() == TEXT


def test_output_that_a_pattern_would_find_is_2_before_rows_are_read(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT + b'"never closed')
    for more in ((), ("--dry-run",)):
        code = score(plan_file, tmp_path / "*.csv", tmp_path / "out.csv", *more)
        assert code == 2
        err = capsys.readouterr().err
        assert "'out.csv' matches the input pattern" in err
        assert "Write to another folder" in err
    assert score(plan_file, tmp_path / "a.csv", tmp_path / "out.csv") == 3


@pytest.mark.parametrize(
    "name", ["a b.csv", "数据.csv", "x" * 251 + ".csv", "a\nb.csv"]
)
def test_any_name_of_a_file_will_do(plan_file: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(TEXT)
    assert score(plan_file, tmp_path / "in" / name, tmp_path / "out.parquet") == 0


@pytest.mark.parametrize("change", [bytes.upper, lambda data: data + b"0.5,x\n"])
def test_input_that_changes_meanwhile_is_5(
    plan_file: Path,
    tmp_path: Path,
    change: Callable[[bytes], bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, real = tmp_path / "in.csv", _run.check_account

    def edit(*given: object) -> None:
        source.write_bytes(change(source.read_bytes()))
        os.utime(source, ns=(1, 1))
        real(*given)

    source.write_bytes(TEXT)
    monkeypatch.setattr(_run, "check_account", edit)
    assert score(plan_file, source, tmp_path / "out.csv") == 5
    assert "error [INPUT_CHANGED]" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()
