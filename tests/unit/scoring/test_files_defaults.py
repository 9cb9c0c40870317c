"""Columns that an input may lack: their declared cell, the same bits, and counted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import SchemaError, UsageError
from cfscore.reading import CsvOptions, NumberFormat, ReadOptions
from cfscore.scoring import Scorer
from cfscore.scoring.files import FileOptions, estimate_file
from tests.unit.scoring.file_runs import developed_plan, make_rows

N_ROWS = 700


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(developed_plan())


def write(table: pa.Table, path: Path) -> Path:
    if path.suffix == ".csv":
        pa_csv.write_csv(table, path)
    elif path.suffix == ".arrow":
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
    else:
        pq.write_table(table, path)
    return path


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
@pytest.mark.parametrize(
    ("column", "cell", "filled"),
    [
        ("use", 0.5, pa.repeat(0.5, N_ROWS)),
        ("use", "-9991", pa.repeat(-9991.0, N_ROWS)),
        ("use", None, pa.nulls(N_ROWS, pa.float64())),
        ("city", "north", pa.repeat("north", N_ROWS)),
        ("city", "nowhere", pa.repeat("nowhere", N_ROWS)),
    ],
)
def test_scores_are_those_of_a_file_with_the_column(
    scorer: Scorer, tmp_path: Path, ending: str, column: str, cell: object, filled
) -> None:
    rows = make_rows(N_ROWS)
    rows = rows.filter(pa.compute.is_finite(rows["use"].fill_null(0.0)))
    filled = filled.slice(0, rows.num_rows)
    lacking = write(rows.drop_columns(column), tmp_path / f"lacking.{ending}")
    place = rows.column_names.index(column)
    whole = write(rows.set_column(place, column, filled), tmp_path / f"whole.{ending}")
    out, expected = tmp_path / "out.parquet", tmp_path / "expected.parquet"
    options = {"reasons": 2, "keep": ["id"], "on_bad": "quarantine"}
    report = scorer.score_file(lacking, out, defaults={column: cell}, **options)
    usual = scorer.score_file(whole, expected, **options)
    assert pq.read_table(out).equals(pq.read_table(expected))
    assert report.roles == usual.roles
    assert report.defaulted == {column: rows.num_rows}
    assert usual.defaulted == {}
    manifest = json.loads(Path(report.manifest).read_text())
    assert manifest["inputs"][0]["defaulted_columns"] == [column]
    assert manifest["options"]["reading"]["defaults"][0]["column"] == column


def test_only_inputs_that_lack_the_column_have_the_default(
    scorer: Scorer, tmp_path: Path
) -> None:
    rows = make_rows(N_ROWS)
    write(rows, tmp_path / "a.parquet")
    write(rows.drop_columns("city"), tmp_path / "b.parquet")
    out = tmp_path / "out.arrow"
    options = {"keep": ["id"], "on_bad": "quarantine"}
    report = scorer.score_file(
        str(tmp_path / "?.parquet"), out, defaults={"city": "north"}, **options
    )
    assert report.defaulted == {"city": N_ROWS}
    assert report.rows == 2 * N_ROWS
    north = rows.set_column(2, "city", pa.repeat("north", N_ROWS))
    expected = scorer.score(pa.concat_tables([rows, north]), on_bad="quarantine")
    with pa.ipc.open_file(out) as reader:
        found = reader.read_all()
    assert (
        found.column("log_odds").to_pylist()
        == expected.to_arrow()["log_odds"].to_pylist()
    )


def test_a_default_that_no_input_needs_changes_no_row(
    scorer: Scorer, tmp_path: Path
) -> None:
    source = write(make_rows(N_ROWS), tmp_path / "in.parquet")
    options = {"on_bad": "quarantine"}
    report = scorer.score_file(
        source, tmp_path / "a.csv", defaults={"use": 0.9}, **options
    )
    scorer.score_file(source, tmp_path / "b.csv", **options)
    assert report.defaulted == {}
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_other_missing_columns_are_refused_as_ever(
    scorer: Scorer, tmp_path: Path
) -> None:
    rows = make_rows(N_ROWS)
    source = write(rows.drop_columns(["use", "city"]), tmp_path / "in.parquet")
    with pytest.raises(SchemaError, match="'city'") as caught:
        scorer.score_file(source, tmp_path / "out.csv", defaults={"use": 0.5})
    assert "'use'" not in str(caught.value)
    both = {"use": 0.5, "city": None}
    with pytest.raises(SchemaError, match="all missing"):
        scorer.score_file(source, tmp_path / "out.csv", defaults=both)
    with pytest.raises(UsageError, match=r"does not read.*mean 'use'"):
        scorer.score_file(source, tmp_path / "out.csv", defaults={"used": 0.5})
    assert not (tmp_path / "out.csv").exists()


def test_a_kept_column_may_have_a_default(scorer: Scorer, tmp_path: Path) -> None:
    source = write(make_rows(20).drop_columns("city"), tmp_path / "in.csv")
    out = tmp_path / "out.csv"
    options = {"keep": ["id", "city"], "on_bad": "quarantine"}
    scorer.score_file(source, out, defaults={"city": "north"}, **options)
    assert pa_csv.read_csv(out)["city"].to_pylist() == ["north"] * 20


def test_dry_run_knows_of_it_and_another_default_is_another_run(
    scorer: Scorer, tmp_path: Path
) -> None:
    source = write(make_rows(N_ROWS).drop_columns("city"), tmp_path / "in.parquet")
    options = FileOptions(on_bad="quarantine", defaults={"city": "north"})
    found = estimate_file(scorer, source, tmp_path / "out", options)
    assert (found.rows, found.defaulted) == (N_ROWS, {"city": 1})
    keys = {
        cell: json.loads(
            Path(
                scorer.score_file(
                    source, tmp_path / f"{cell}.csv", on_bad="quarantine",
                    defaults={"city": cell},
                ).manifest
            ).read_text()
        )["options_sha256"]
        for cell in ("north", "new")
    }  # fmt: skip
    assert keys["north"] != keys["new"]
    assert replace(options, defaults={}).defaults == {}


def test_a_kept_column_has_the_type_of_the_inputs_that_have_it(
    scorer: Scorer, tmp_path: Path
) -> None:
    inputs, out = tmp_path / "in", tmp_path / "out.parquet"
    inputs.mkdir()
    rows = make_rows(20).drop_columns("use")
    write(rows, inputs / "a.parquet")
    whole = rows.append_column("use", pa.array([2] * 20, pa.int64()))
    write(whole, inputs / "b.parquet")
    scorer.score_file(inputs, out, keep=["use"], defaults={"use": "1"})
    kept = pq.read_table(out)["use"]
    assert (kept.type, kept.to_pylist()) == (pa.int64(), [1] * 20 + [2] * 20)
    message = "'use': is int64 in an input file, which its default is not"
    with pytest.raises(SchemaError, match=message):
        scorer.score_file(inputs, out, keep=["use"], defaults={"use": 0.5})
    write(whole.set_column(2, "use", pa.array(["2"] * 20)), inputs / "b.parquet")
    scorer.score_file(inputs, out, keep=["use"], defaults={"use": 0.5})
    assert pq.read_table(out)["use"].to_pylist() == ["0.5"] * 20 + ["2"] * 20


def test_a_text_is_read_like_a_cell_of_its_column(
    scorer: Scorer, tmp_path: Path
) -> None:
    source = write(make_rows(20).drop_columns("use"), tmp_path / "in.csv")
    reading = ReadOptions(
        csv=CsvOptions(null_tokens=("NA",)),
        numbers=(NumberFormat("use", powers={"%": -2}),),
    )
    missing = {}
    for cell, other in (("50%", 0.5), ("NA", None)):
        for default in (cell, other):
            out = tmp_path / f"{default}.csv"
            options = {"defaults": {"use": default}, "reading": reading}
            report = scorer.score_file(source, out, **options)
            missing[default] = report.roles["use"]["MISSING"]
        texts = [(tmp_path / f"{name}.csv").read_text() for name in (cell, other)]
        assert texts[0] == texts[1]
    assert missing == {"50%": 0, 0.5: 0, "NA": 20, None: 20}
