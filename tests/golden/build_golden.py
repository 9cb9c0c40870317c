"""Build the golden plan of a protocol, once per released protocol.

``python -m tests.golden.build_golden`` writes ``plan_protocol_N.cfs``, its input rows
and its exact results. Once released these files are never written again: every later
version must load the plan and reproduce the results bit for bit.
"""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import cfscore as cf
from cfscore.datasets import APPLICATION_COLUMNS, application_table
from cfscore.workflow import synthetic_catalogue

FOLDER = Path(__file__).parent
PROTOCOL = 1
N_TRAINING = 6_000
N_ROWS = 200
REASONS = 4


def fitted_card() -> cf.Scorecard:
    """Return a card of the synthetic book, integer points, special codes declared."""
    table = application_table(N_TRAINING, seed=1)
    features = [c for c in APPLICATION_COLUMNS if c.role == "feature"]
    special = {c.name: list(c.special) for c in features if c.special}
    card = cf.Scorecard(
        binner=cf.Binner(special_codes=special),
        scale=cf.ScoreScale(rounding="points"),
    )
    y = table.column("bad").to_numpy()
    return card.fit(table.select([c.name for c in features]), y)


def main() -> None:
    """Write the plan, its rows and its results."""
    plan = cf.compile_plan(fitted_card(), name="golden", reasons=synthetic_catalogue())
    plan.save(FOLDER / f"plan_protocol_{PROTOCOL}.cfs")
    drawn = application_table(N_ROWS, seed=2).select(list(plan.schema.names))
    rows = drawn.to_pylist()
    rows += [{**rows[0], name: None} for name in plan.schema.names]
    table = pa.Table.from_pylist(rows, schema=drawn.schema)
    pq.write_table(table, FOLDER / f"plan_protocol_{PROTOCOL}.parquet")
    found = cf.Scorer(plan).score(rows, reasons=REASONS)
    results = {
        "sha256": plan.sha256,
        "rows": rows,
        "log_odds": found.log_odds.tolist(),
        "pd": found.pd.tolist(),
        "score": found.score.tolist(),
        "reasons": found.reasons.tolist(),
    }
    path = FOLDER / f"plan_protocol_{PROTOCOL}.json"
    path.write_text(json.dumps(results, ensure_ascii=False, indent=0), "utf-8")


if __name__ == "__main__":
    main()
