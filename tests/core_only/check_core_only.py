"""Score the golden plans with the core dependencies alone.

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
PROTOCOLS = (1, 2, 3, 4, 5)


def main() -> None:
    """Check the golden plan of every protocol, and look at what was imported."""
    n_rows = sum(check(protocol) for protocol in PROTOCOLS)
    found = sorted(name for name in BANNED if name in sys.modules)
    assert not found, f"imported while scoring: {found}"
    print(f"core only: {n_rows} golden rows reproduced, nothing else imported")


def check(protocol: int) -> int:
    """Load a plan, score its rows every way and compare; return how many there are."""
    import numpy as np
    import pyarrow.parquet as pq

    import cfscore as cf

    stem = GOLDEN / f"plan_protocol_{protocol}"
    expected = json.loads(stem.with_suffix(".json").read_text("utf-8"))
    plan = cf.load_plan(stem.with_suffix(".cfs"), expected["sha256"])
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
    with pq.ParquetFile(stem.with_suffix(".parquet")) as file:
        arrow = file.read()
    exact = ("margin",) if plan.is_forest else ("log_odds", "score")
    batch = scorer.score(rows, reasons=4)
    for table in (rows, columns, arrays, arrow):
        compare(scorer.score(table, reasons=4), expected, exact)
    for i, row in enumerate(rows):
        alone = scorer.score_row(row, reasons=4)
        assert (alone.log_odds, alone.score) == (batch.log_odds[i], batch.score[i])
        cited = [reason.code for reason in alone.reasons]
        assert cited == [code for code in expected["reasons"][i] if code]
    with TemporaryDirectory() as folder:
        source = stem.with_suffix(".parquet")
        report = scorer.score_file(source, Path(folder, "out.csv"), reasons=4)
    assert report.rows == report.scored == len(rows)
    return len(rows)


def compare(found, expected, exact) -> None:
    """Check a batch against the golden results, others than exact ones to 2 ulp."""
    import numpy as np

    assert found.reasons.tolist() == expected["reasons"]
    for name in exact:
        assert getattr(found, name).tolist() == expected[name]
    for name in ("log_odds", "score", "pd"):
        values = np.array(expected[name])
        near = np.abs(getattr(found, name) - values) <= 2 * np.spacing(np.abs(values))
        assert near.all(), name


if __name__ == "__main__":
    main()
