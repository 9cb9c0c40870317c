"""Points engine: sums, policies and counters, independent of the slicing."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.execution import BLOCK_ROWS, PointsEngine
from cfscore.plan import (
    Attribute,
    CategoricalBins,
    Characteristic,
    NumericBins,
    PointsStage,
)
from cfscore.tables import (
    FAULT_CODES,
    CategoryColumn,
    ColumnBatch,
    NumericColumn,
    RowFaults,
)

NUMERIC = NumericBins((0.0, 1.0), (-9991.0,))
TEXT = CategoricalBins((("A",), ("B",)))


def characteristic(name, bins, policies=None, non_finite="value"):
    """Return a characteristic whose attribute i has log-odds i/8 and i points."""
    policies = policies or {}
    rows = tuple(
        Attribute(label, role, policies.get(role, "own"), 1, 0.1, 0.0, i / 8, float(i))
        for i, (label, role) in enumerate(zip(bins.labels, bins.roles, strict=True))
    )
    kind = "numeric" if isinstance(bins, NumericBins) else "categorical"
    return Characteristic(name, kind, bins, rows, -1.0, non_finite)


def batch(numbers, codes, faults=None):
    return ColumnBatch(
        len(numbers),
        {
            "x": NumericColumn(np.array(numbers, float)),
            "c": CategoryColumn(np.array(codes, np.int32), ("A", "B", "new")),
        },
        faults,
    )


def engine(**policies):
    return PointsEngine(
        PointsStage(
            -1.0,
            (
                characteristic(
                    "x", NUMERIC, policies.get("x"), policies.get("f", "value")
                ),
                characteristic("c", TEXT, policies.get("c")),
            ),
        )
    )


def test_hand_worked_rows():
    # x: -1 -> 0, 0.5 -> 1, 1 -> 2, code -> 3, missing -> 4
    # c: A -> 0, B -> 1, missing -> 2, new -> 3
    found = engine().run(
        batch([-1, 0.5, 1, -9991, np.nan], [0, 1, 2, -1, 0]), count=True
    )
    assert found.score.tolist() == [0 + 0, 1 + 1, 2 + 3, 3 + 2, 4 + 0]
    assert found.log_odds.tolist() == [-1 + s / 8 for s in found.score]
    assert found.pd == pytest.approx(1 / (1 + np.exp(-found.log_odds)), abs=0)
    assert found.role_counts == {
        "x": {"SPECIAL -9991": 1, "MISSING": 1},
        "c": {"MISSING": 1, "UNSEEN": 1},
    }
    assert not found.status.any()
    assert found.fault_counts == {}


@pytest.mark.parametrize("role", ["missing", "special"])
def test_refused_attributes_give_nan_and_the_role_as_status(role):
    found = engine(x={role: "error"}).run(batch([0.5, np.nan, -9991], [0, 0, 0]))
    expected = {"missing": [0, 5, 0], "special": [0, 0, 6]}[role]
    assert found.status.tolist() == expected
    assert np.isnan(found.score).tolist() == [status != 0 for status in expected]
    assert np.isnan(found.pd).tolist() == np.isnan(found.log_odds).tolist()
    assert found.fault_counts == {("x", role.upper()): 1}


def test_unseen_category_can_be_refused():
    found = engine(c={"unseen": "error"}).run(batch([0.5, 0.5], [2, 1]))
    assert found.status.tolist() == [FAULT_CODES["UNSEEN"], 0]


def test_infinite_values_are_counted_and_refused_only_by_policy():
    cells = batch([np.inf, -np.inf, 0.5], [0, 0, 0])
    scored = engine().run(cells)
    assert scored.score.tolist() == [2.0, 0.0, 1.0]
    assert scored.infinite_counts == {"x": 2}
    refused = engine(f="error").run(cells)
    assert refused.status.tolist() == [4, 4, 0]
    assert refused.fault_counts == {("x", "NOT_FINITE"): 2}


def test_unreadable_cells_keep_their_code_and_are_not_counted_as_missing():
    faults = RowFaults(np.array([1, 0], np.uint8), {("x", "NOT_A_NUMBER"): 1})
    found = engine(x={"missing": "error"}).run(batch([np.nan, np.nan], [0, 0], faults))
    assert found.status.tolist() == [
        FAULT_CODES["NOT_A_NUMBER"],
        FAULT_CODES["MISSING"],
    ]
    assert found.fault_counts == {("x", "NOT_A_NUMBER"): 1, ("x", "MISSING"): 1}


def test_status_of_a_row_is_its_first_column_and_all_cells_are_counted():
    both = engine(x={"missing": "error"}, c={"unseen": "error"})
    found = both.run(batch([np.nan], [2]))
    assert found.status.tolist() == [FAULT_CODES["MISSING"]]
    assert found.fault_counts == {("x", "MISSING"): 1, ("c", "UNSEEN"): 1}


@pytest.mark.parametrize("n_rows", [0, 1, BLOCK_ROWS, 3 * BLOCK_ROWS + 17])
def test_threads_and_blocks_do_not_change_a_bit(n_rows):
    rng = np.random.default_rng(n_rows)
    numbers = rng.choice([-9991.0, -0.0, 0.5, 1.0, np.inf, np.nan], n_rows)
    cells = batch(numbers, rng.integers(-1, 3, n_rows))
    policies = engine(x={"special": "error"}, f="error")
    one, three = (policies.run(cells, threads=t, count=True) for t in (1, 3))
    for name in ("log_odds", "pd", "score", "status"):
        assert getattr(one, name).tobytes() == getattr(three, name).tobytes()
    assert one.role_counts == three.role_counts
    assert one.fault_counts == three.fault_counts
    assert one.infinite_counts == three.infinite_counts


def test_consumer_sees_every_row_once():
    n_rows = 2 * BLOCK_ROWS + 5
    seen = np.zeros(n_rows, int)

    def consume(attributes, first, n):
        seen[first : first + n] += 1 + attributes[0, :n]

    engine().run(
        batch(np.full(n_rows, 0.5), np.zeros(n_rows)), threads=2, consumer=consume
    )
    assert (seen == 2).all()


def test_a_failing_worker_is_not_lost():
    def consume(attributes, first, n):
        if first > 0:
            msg = "worker failed"
            raise RuntimeError(msg)

    n_rows = 4 * BLOCK_ROWS
    cells = batch(np.zeros(n_rows), np.zeros(n_rows))
    with pytest.raises(RuntimeError, match="worker failed"):
        engine().run(cells, threads=2, consumer=consume)
