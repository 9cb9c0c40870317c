"""Kept columns: an identifier that lost digits rejects its row, an amount does not."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main

ID = "110101199003070011"


def score(plan: Path, source: Path, target: Path, *more: str) -> int:
    return main(["score", "-m", str(plan), "-i", str(source), "-o", str(target), *more])


@pytest.mark.parametrize(
    ("cell", "more", "code"),
    [
        (ID, (), 0),
        ("1.10101E+17", (), 3),
        ("1.1010119900307e+17", (), 3),
        ("1.23457E+11", (), 3),  # 12 digits: where Excel begins
        ("1.5E+10", (), 0),
        ("1.5E+10", ("--identifier", "id"), 3),
        ("1.10101E+17", ("--identifier", "none"), 0),
        ("1234.5678", (), 0),
        ("0.000012", (), 0),
        ("1.2E-05", (), 0),
    ],
)
def test_kept_columns_are_looked_at_as_identifiers(
    plan_file: Path,
    tmp_path: Path,
    cell: str,
    more: tuple[str, ...],
    code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "o.csv"
    source.write_text(f"id,use,city\n{cell},0.5,north\n")
    assert score(plan_file, source, target, "--keep", "id", *more) == code
    err = capsys.readouterr().err
    assert ("column 'id': 1 x ID_LOSSY" in err) is (code == 3)
    assert cell not in err
    if code == 0:
        assert target.read_text().splitlines()[1].startswith(f"{cell},")


def test_kept_numbers_of_the_plan_are_no_identifiers(
    plan_file: Path, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("use,city\n1.5E+12,north\n")
    assert score(plan_file, source, tmp_path / "o.csv", "--keep", "use,city") == 0


def test_kept_decimals_of_files_are_left_alone(plan_file: Path, tmp_path: Path) -> None:
    table = {"use": [0.5] * 4, "city": ["north"] * 4}
    table["amount"] = [0.1, 1e15 + 0.5, None, -12345678.9]
    pq.write_table(pa.table(table), tmp_path / "in.parquet")
    given = (plan_file, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert score(*given, "--keep", "amount") == 0
    table["amount"][2] = float(ID)
    pq.write_table(pa.table(table), tmp_path / "in.parquet")
    assert score(*given, "--keep", "amount") == 3
    assert score(*given, "--keep", "amount", "--identifier", "none") == 0
