"""Reading flags: all that can be declared of files, and every slip of the pen."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main
from cfscore.cli._command_parser import CommandParser
from cfscore.cli._reading_flags import add_reading_flags, read_options
from cfscore.exceptions import UsageError
from cfscore.reading import Bounds, CsvOptions, NumberFormat, ReadOptions


def parsed(*given: str) -> ReadOptions:
    parser = CommandParser("score", "")
    add_reading_flags(parser)
    return read_options(parser.parse(given))


def score(plan: Path, source: Path, target: Path, *more: str) -> int:
    return main(["score", "-m", str(plan), "-i", str(source), "-o", str(target), *more])


def scored_use(plan: Path, tmp_path: Path, text: str, *more: str) -> list[float]:
    """Return the scores of a CSV file."""
    source, target = tmp_path / "in.csv", tmp_path / "out.parquet"
    source.write_text(text, encoding="utf-8")
    assert score(plan, source, target, *more) == 0
    found: list[float] = pq.read_table(target)["score"].to_pylist()
    return found


def test_nothing_declared_is_the_default() -> None:
    assert parsed() == ReadOptions()


@pytest.mark.parametrize(
    ("given", "csv"),
    [
        (("--quote", "'"), CsvOptions(quote="'")),
        (("--quote", "none"), CsvOptions(quote=None)),
        (("--escape", "\\"), CsvOptions(escape="\\")),
        (("--escape", "none"), CsvOptions()),
        (("--delimiter", "\\t"), CsvOptions(delimiter="\t")),
        (("--null", "NA", "--null", "-"), CsvOptions(null_tokens=("NA", "-"))),
        (
            ("--rename", "年龄=age", "--rename", " Use = use"),
            CsvOptions(rename={"年龄": "age", "Use": "use"}),
        ),
    ],
)
def test_dialect_and_names(given: tuple[str, ...], csv: CsvOptions) -> None:
    assert parsed(*given).csv == csv


@pytest.mark.parametrize(
    ("given", "formats"),
    [
        (
            "a,b=decimal:, thousands:.",
            [NumberFormat(c, decimal=",", thousands=".") for c in "ab"],
        ),
        ("a=thousands:space", [NumberFormat("a", thousands=" ")]),
        ("a=percent", [NumberFormat("a", powers={"%": -2})]),
        (
            "收入=thousands:, currency:¥ currency:元 power:万:4 power:‰:-3",
            [
                NumberFormat(
                    "收入",
                    thousands=",",
                    currency=("¥", "元"),
                    powers={"万": 4, "‰": -3},
                )
            ],
        ),
        (
            "a=accounting  full-width",
            [NumberFormat("a", accounting=True, full_width=True)],
        ),
    ],
)
def test_number_formats(given: str, formats: list[NumberFormat]) -> None:
    assert list(parsed("--number-format", given).numbers) == formats


def test_bounds_and_identifiers() -> None:
    found = parsed("--bound", "max_columns=7", "--max-rows", "9", "--identifier", "a,b")
    assert found.bounds == Bounds(max_columns=7, max_rows=9)
    assert found.identifiers == ("a", "b")
    assert parsed("--identifier", "none").identifiers == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--quote", '""'), "CSV quote must be one ASCII sign"),
        (("--escape", "“"), "CSV escape must be one ASCII sign"),
        (("--escape", '"'), "must be different signs"),
        (("--rename", "age"), r"--rename takes OLD=NEW, not 'age'\. For example"),
        (("--rename", "=age"), "--rename takes OLD=NEW"),
        (("--rename", "a=b", "--rename", "a=c"), "--rename names 'a' twice"),
        (("--rename", "a=c", "--rename", "b=c"), "--rename names 'c' twice"),
        (("--number-format", "use"), r"takes COLUMNS=PARTS, not 'use'\. For example"),
        (("--number-format", "use="), "takes COLUMNS=PARTS"),
        (("--number-format", "use=comma"), r"knows no part 'comma'\. Known: decimal"),
        (("--number-format", "use=currency:"), "knows no part 'currency:'"),
        (("--number-format", "use=power:万"), "does not end with a power of ten"),
        (("--number-format", "use=decimal:;"), "'use': decimal must be"),
        (("--number-format", "use=thousands:."), "'use': thousands must be a sign"),
        (
            ("--number-format", "use=percent", "--number-format", "use=accounting"),
            "'use' has two number formats",
        ),
        (("--bound", "rows=7"), r"--bound knows no 'rows'\. Known: max_columns"),
        (("--bound", "max_columns=x"), "--bound max_columns: 'x' is not a positive"),
    ],
)
def test_slips_are_usage_errors(given: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parsed(*given)


def test_every_option_of_reading_has_a_flag() -> None:
    """What is read by code alone could not be declared by an operator."""
    found = parsed(
        *("--delimiter", ";", "--encoding", "auto", "--quote", "'", "--escape", "\\"),
        *("--null", "-", "--rename", "a=b", "--require-checksums"),
        *("--identifier", "a", "--number-format", "b=percent", "--max-rows", "1"),
        *(f"--bound={name}=1" for name in vars(Bounds()) if name != "max_rows"),
    )
    default = ReadOptions()
    for options, plain in (
        (found, default),
        (found.csv, default.csv),
        (found.bounds, default.bounds),
    ):
        same = [n for n, value in vars(plain).items() if vars(options)[n] == value]
        # What a run sets by its plan: what it keeps, the kinds of declared columns.
        assert same in ([], ["kept", "defaults"])


def test_declared_dialect_is_read(plan_file: Path, tmp_path: Path) -> None:
    plain = scored_use(plan_file, tmp_path, 'use,city\n0.9,"south, east"\n')
    text = "Use;城市\n90%;'south, east'\n"
    more = ("--delimiter", ";", "--quote", "'", "--rename", "城市=city")
    number = ("--rename", "Use=use", "--number-format", "use=percent")
    assert scored_use(plan_file, tmp_path, text, *more, *number) == plain
    escaped = "use,city\n0.9,south\\, east\n"
    assert scored_use(plan_file, tmp_path, escaped, "--escape", "\\") == plain


def test_decimal_comma_is_a_row_fault_unless_declared(
    plan_file: Path, tmp_path: Path
) -> None:
    text = "use;city\n0,5;north\n"
    source = tmp_path / "in.csv"
    source.write_text(text)
    assert score(plan_file, source, tmp_path / "o.csv", "--delimiter", ";") == 3
    more = ("--delimiter", ";", "--number-format", "use=decimal:,")
    expected = scored_use(plan_file, tmp_path, "use,city\n0.5,north\n")
    assert scored_use(plan_file, tmp_path, text, *more) == expected


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ("--identifier", "idd", "--keep", "id"),
            "The identifier 'idd' is neither scored nor kept. Did you mean 'id'?",
        ),
        (
            ("--number-format", "us=percent"),
            "The column of numbers 'us' is neither scored nor kept.",
        ),
        (
            ("--number-format", "use=percent", "--keep", "use"),
            "Column 'use' has a number format and is kept.",
        ),
        (("--rename", "a=b"), "Columns are renamed in CSV files only"),
    ],
)
def test_what_is_declared_for_nothing_is_refused(
    plan_file: Path,
    rows_file: Path,
    tmp_path: Path,
    more: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert score(plan_file, rows_file, tmp_path / "o.csv", *more) == 2
    assert message in capsys.readouterr().err


def test_explain_reads_as_declared(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("使用;city\n90%;中部\n".encode("gb18030"))
    more = ["--encoding", "gb18030", "--delimiter", ";", "--rename", "使用=use"]
    more += ["--number-format", "use=percent", "--json"]
    given = ["explain", "-m", str(plan_file), "-i", str(source), "--row", "1"]
    assert main([*given, *more]) == 0
    found = json.loads(capsys.readouterr().out)
    plain = tmp_path / "plain.parquet"
    pq.write_table(pa.table({"use": [0.9], "city": ["中部"]}), plain)
    given[4] = str(plain)
    assert main([*given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["score"] == found["score"]
