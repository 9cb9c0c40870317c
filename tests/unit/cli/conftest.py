"""Files that the commands are tried on: one small plan and five rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.plan import Reason, ReasonCatalogue, ScoringPlan, SpecialRule
from cfscore.scoring import golden_columns, replay
from tests.unit.scoring.small_plan import small_plan

CATALOGUE = ReasonCatalogue(
    reasons=(
        Reason("USE", "Use of limits", "额度使用", "Limits are used.", "额度已用。"),
        Reason("CITY", "Place", "地区", actionable=False),
        Reason("THIN", "Thin file", "信用历史不足"),
    ),
    features={"use": "USE", "city": "CITY"},
    special_rules=(SpecialRule("SPECIAL -9991", "THIN"),),
)

#: Rows: safe | risky | no file | missing and unseen | the riskiest.
ROWS = {
    "id": ["a", "b", "c", "d", "e"],
    "use": [0.1, 0.5, -9991.0, None, 0.9],
    "city": ["north", "south, east", "north", "elsewhere", "中部"],
}


@pytest.fixture(scope="session")
def plan() -> ScoringPlan:
    made = replace(small_plan(), name="small card", catalogue=CATALOGUE)
    return replace(made, golden=replay(made, golden_columns(made)))


@pytest.fixture
def plan_file(plan: ScoringPlan, tmp_path: Path) -> Path:
    path = tmp_path / "card.cfs"
    plan.save(path)
    return path


@pytest.fixture
def rows_file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table(ROWS), path)
    return path


@pytest.fixture
def bad_rows_file(tmp_path: Path) -> Path:
    """Return CSV with two cells of four that are no numbers."""
    path = tmp_path / "bad.csv"
    path.write_text("use,city\n0.1,north\nx,north\n0.9,north\n12%,north\n")
    return path
