"""Faults of values at the command: dates, and spellings of categories."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main
from cfscore.plan import CategoricalBins, NumericBins, PointsStage
from cfscore.scoring import golden_columns, replay
from tests.unit.scoring.small_plan import INTERCEPT, characteristic, small_plan


def score(plan: Path, source: object, target: Path, *more: str) -> int:
    given = ["-m", str(plan), "-i", str(source), "-o", str(target), "--reasons", "1"]
    return main(["score", *given, *more])


#: Texts that are dates or moments where a number is expected, existing ones or not.
DATES = {
    "no day of its month": "2024-02-30",
    "leap day of a spreadsheet": "1900-02-29",
    "zeros": "0000-00-00",
    "slashes": "2024/2/3",
    "a day that is one": "2024-02-29",
    "hour that daylight saving skips": "2024-03-31 02:30:00",
    "moment of a zone": "2024-02-03T04:05:06+08:00",
    "Chinese": "2024年2月3日",
}


@pytest.mark.parametrize("fault", DATES)
def test_date_where_a_number_is_expected_costs_its_row(
    plan_file: Path, tmp_path: Path, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.parquet"
    cell = DATES[fault]
    source.write_text(f"use,city\n0.5,north\n{cell},north\n0.5,north\n", "utf-8")
    assert score(plan_file, source, target, "--on-bad", "quarantine", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["faults"] == {"use": {"NOT_A_NUMBER": 1}}
    assert cell not in err
    first, bad, last = pq.read_table(target)["score"].to_pylist()
    assert (first, bad) == (last, None)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (dt.date(2024, 2, 29), pa.date32()),
        (dt.date(2024, 2, 29), pa.date64()),
        (dt.datetime(2024, 2, 29, 1, 2), pa.timestamp("ms")),
        (dt.datetime(2024, 2, 29, tzinfo=dt.UTC), pa.timestamp("us", "Asia/Shanghai")),
        (dt.time(1, 2), pa.time32("s")),
    ],
)
def test_column_of_dates_where_numbers_are_expected_is_refused_by_name(
    plan_file: Path,
    tmp_path: Path,
    cell: object,
    kind: pa.DataType,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"use": pa.array([cell], kind), "city": ["x"]}), source)
    assert score(plan_file, source, tmp_path / "out.csv") == 3
    err = capsys.readouterr().err
    assert err.startswith("cfscore: error [SCHEMA]: 1 schema fault(s): column 'use': ")
    assert "[UNSUPPORTED_TYPE]" in err
    assert "2024" not in err


#: Spellings of ``café 中部``, a category of the plan, that are other texts.
SPELLINGS = {
    "blank in front": " café 中部",
    "no-break space inside": "café\u00a0中部",
    "decomposed": unicodedata.normalize("NFD", "café 中部"),
    "zero-width space": "café\u200b 中部",
    "quoted twice": '"café 中部"',
}


@pytest.fixture
def spelled_plan(tmp_path: Path) -> Path:
    """Return a plan with a category that can be spelled in many ways."""
    use = NumericBins((0.3, 0.7), (-9991.0,))
    city = CategoricalBins((("north",), ("café 中部",)))
    points = PointsStage(
        INTERCEPT,
        (
            characteristic("use", use, (0.8, 0.1, -0.9, -0.3, -0.2)),
            characteristic("city", city, (0.4, -0.4, 0.0, -0.1)),
        ),
    )
    plan = replace(small_plan(), model=points, golden=())
    plan = replace(plan, golden=replay(plan, golden_columns(plan)))
    plan.save(tmp_path / "spelled.cfs")
    return tmp_path / "spelled.cfs"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("fault", SPELLINGS)
def test_other_spelling_of_a_category_is_unseen_and_counted(
    spelled_plan: Path,
    tmp_path: Path,
    fault: str,
    ending: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cells = ["café 中部", SPELLINGS[fault], "north", "nowhere"]
    source, target = tmp_path / f"in.{ending}", tmp_path / "out.parquet"
    if ending == "csv":
        lines = [f'0.5,"{cell.replace(chr(34), chr(34) * 2)}"\n' for cell in cells]
        source.write_text("use,city\n" + "".join(lines), "utf-8")
    else:
        pq.write_table(pa.table({"use": [0.5] * 4, "city": cells}), source)
    assert score(spelled_plan, source, target, "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["roles"]["city"] == {"MISSING": 0, "UNSEEN": 2}
    assert "\n  column 'city': 2 x UNSEEN\n" in err
    scores = pq.read_table(target)["score"].to_pylist()
    assert scores[1] == scores[3] not in (scores[0], scores[2])
