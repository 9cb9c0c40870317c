"""Score the golden plan with the core dependencies alone.

Runs in an environment that holds nothing else, and in a full one: in both, none of the
development libraries may be imported by loading and scoring from dict, numpy or Arrow.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

BANNED = (
    "lightgbm",
    "sklearn",
    "pandas",
    "optbinning",
    "shap",
    "polars",
    "scipy",
    "matplotlib",
)
GOLDEN = Path(__file__).parent.parent / "golden"


def main() -> None:
    """Load, score every way, compare, and look at what was imported."""
    import numpy as np
    import pyarrow.parquet as pq

    import cfscore as cf

    expected = json.loads((GOLDEN / "plan_protocol_1.json").read_text("utf-8"))
    plan = cf.load_plan(GOLDEN / "plan_protocol_1.cfs", expected["sha256"])
    scorer = cf.Scorer(plan)
    rows = expected["rows"]
    kinds = {field.name: field.kind for field in plan.schema.fields}
    columns = {name: [row[name] for row in rows] for name in kinds}
    arrays = {
        name: np.array([np.nan if c is None else c for c in cells], float)
        if kinds[name] == "numeric"
        else np.array(cells, object)
        for name, cells in columns.items()
    }
    with pq.ParquetFile(GOLDEN / "plan_protocol_1.parquet") as file:
        arrow = file.read()
    for table in (rows, columns, arrays, arrow):
        compare(scorer.score(table, reasons=4), expected)
    for i, row in enumerate(rows):
        alone = scorer.score_row(row, reasons=4)
        assert alone.score == expected["score"][i]
        cited = [reason.code for reason in alone.reasons]
        assert cited == [code for code in expected["reasons"][i] if code]
    with TemporaryDirectory() as folder:
        source = GOLDEN / "plan_protocol_1.parquet"
        report = scorer.score_file(source, Path(folder, "out.csv"), reasons=4)
    assert report.rows == report.scored == len(rows)
    found = sorted(name for name in BANNED if name in sys.modules)
    assert not found, f"imported while scoring: {found}"
    print(f"core only: {len(rows)} golden rows reproduced, nothing else imported")


def compare(found, expected) -> None:
    """Check a batch against the golden results, PD within 2 ulp."""
    import numpy as np

    assert found.log_odds.tolist() == expected["log_odds"]
    assert found.score.tolist() == expected["score"]
    assert found.reasons.tolist() == expected["reasons"]
    pd = np.array(expected["pd"])
    assert (np.abs(found.pd - pd) <= 2 * np.spacing(pd)).all()


if __name__ == "__main__":
    main()
