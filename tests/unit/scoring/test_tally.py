"""Tally: counts by hand, and the same in whatever order they are added."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa

from cfscore.scoring import Scorer
from cfscore.scoring.files._tally import CellCounter, Tally
from cfscore.tables import read_table
from tests.unit.scoring.file_runs import developed_plan, make_rows

PLAN = developed_plan()
SCORER = Scorer(PLAN)


def count(table: pa.Table) -> Tally:
    columns = read_table(table, PLAN.schema)
    scored = SCORER.score_columns(columns, on_bad="quarantine", count=True)
    return CellCounter(PLAN).count(columns, scored)


def test_cells_by_hand() -> None:
    # The development range of use is 0.05 .. 0.95, its special code -9991.
    use = ["0.05", "0.95", "0.04", "-1", "0.96", "inf", "-inf", "-9991", None, "x"]
    tally = count(pa.table({"use": use, "city": ["north"] * 9 + ["new"]}))
    found = {key: n for key, n in tally.cells.items() if n}
    assert found == {
        ("use", "below", ""): 2,
        ("use", "above", ""): 1,
        ("use", "infinite", ""): 2,
        ("use", "role", "SPECIAL -9991"): 1,
        ("use", "role", "MISSING"): 1,  # and not the cell that cannot be read
        ("use", "fault", "NOT_A_NUMBER"): 1,
        ("city", "role", "UNSEEN"): 1,
    }


def test_scores_by_hand() -> None:
    tally = count(pa.table({"use": [0.1, 0.5, None], "city": ["north"] * 3}))
    scores = SCORER.score({"use": [0.1, 0.5, None], "city": ["north"] * 3}).score
    assert (tally.lowest, tally.highest) == (scores.min(), scores.max())
    by_hand = [0, 0, 0, 0]
    for score in scores.tolist():
        by_hand[sum(score >= edge for edge in (540.0, 556.0, 572.0))] += 1
    assert tally.score_counts == by_hand


def test_half_precision_is_counted() -> None:
    use = pa.array(np.array([0.5, 0.25], np.float32))
    tally = count(pa.table({"use": use, "city": ["north"] * 2}))
    assert tally.cells["use", "widened", ""] == 2


def test_parts_add_up_in_any_order_and_survive_json() -> None:
    table = make_rows(900)
    whole = count(table).to_json()
    parts = [count(table.slice(i * 100, 100)) for i in range(9)]
    for order in (parts, parts[::-1]):
        total = Tally()
        for part in order:
            total.add(Tally.from_json(json.loads(json.dumps(part.to_json()))))
        assert total.to_json() == whole


def test_plan_without_development_counts_no_scores() -> None:
    assert Tally().to_json()["score_counts"] == []
    assert Tally().faults == {}
