"""Cheapest changes: by hand, against every combination, and against a MIP solver."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import RowFaultError, UsageError
from cfscore.explain import cheapest_changes
from cfscore.plan import (
    Attribute,
    Characteristic,
    NumericBins,
    PointsStage,
    Provenance,
    Reason,
    ReasonCatalogue,
    ScoringPlan,
)
from cfscore.score_scale import ScoreScale
from cfscore.scoring import Scorer
from tests.unit.scoring.small_plan import small_plan


def card(*points):
    """Return a plan of characteristics c0, c1, .. with edges 1, 2, .."""
    characteristics = []
    for j, own in enumerate(points):
        bins = NumericBins(tuple(map(float, range(1, len(own)))), (-9.0,))
        worth = (*own, 0.0, 0.0)
        rows = tuple(
            Attribute(label, role, "own", 1, 0.1, 0.0, -p / 10, float(p))
            for label, role, p in zip(bins.labels, bins.roles, worth, strict=True)
        )
        characteristics.append(Characteristic(f"c{j}", "numeric", bins, rows, -1.0))
    names = [c.name for c in characteristics]
    catalogue = ReasonCatalogue.one_per_feature(names)
    decided = (*catalogue.reasons, Reason("AGE", actionable=False))
    return ScoringPlan(
        name="card",
        model=PointsStage(0.0, tuple(characteristics)),
        scale=ScoreScale(),
        catalogue=replace(catalogue, reasons=decided),
        reference=(0.0,) * len(names),
        provenance=Provenance("test", verified=False),
    )


def row_at(*intervals):
    return {f"c{j}": interval + 0.5 for j, interval in enumerate(intervals)}


PLAN = card((10, 20, 40), (0, 15, 30), (50, 5, 0))
WORST = row_at(0, 0, 2)  # 10 points


def changed(found):
    return {change.characteristic: change.after for change in found.changes}


def test_by_hand():
    # 45 more points: c2 two steps lower gives 50 at 2; c0 + c1 would cost 3 or more
    found = cheapest_changes(PLAN, WORST, 55.0)
    assert changed(found) == {"c2": "[-inf, 1)"}
    assert (found.cost, found.score_before, found.score_after) == (2.0, 10.0, 60.0)
    (change,) = found.changes
    assert (change.before, change.points, change.cost) == ("[2, inf]", 50.0, 2.0)


def test_costs_and_forbidden_directions_change_the_choice():
    # without c2: c0 to 40 and c1 to 15 (45 points) at 2 + 1
    found = cheapest_changes(PLAN, WORST, 55.0, forbidden={"c2": "lower"})
    assert changed(found) == {"c0": "[2, inf]", "c1": "[1, 2)"}
    assert found.cost == 3.0
    dear = cheapest_changes(PLAN, WORST, 55.0, costs={"c2": 2.0})
    assert changed(dear) == changed(found)
    named = {"c2": {"[1, 2)": 0.5}, "c0": {"[2, inf]": 7.0}}
    found = cheapest_changes(PLAN, WORST, 55.0, costs=named)
    # c2 can only reach 5 points, and only helps beside the other two
    assert found.cost == 8.0
    assert changed(found) == {"c0": "[2, inf]", "c1": "[1, 2)"}


def test_equal_costs_prefer_few_changes_then_a_high_score():
    # one step of each gives 10 + 10, two steps of c0 30: both cost 2
    plan = card((0, 10, 30), (0, 10, 10))
    found = cheapest_changes(plan, row_at(0, 0), 20.0)
    assert changed(found) == {"c0": "[2, inf]"}


def test_max_changes():
    assert cheapest_changes(PLAN, WORST, 100.0, max_changes=2) is None
    assert len(cheapest_changes(PLAN, WORST, 100.0).changes) == 3
    reached = cheapest_changes(PLAN, WORST, 10.0, max_changes=0)
    assert (reached.changes, reached.cost) == ((), 0.0)


def test_only_actionable_characteristics_change():
    reasons = (Reason("A"), Reason("B", actionable=False))
    catalogue = ReasonCatalogue(reasons, {"c0": "A", "c1": "B", "c2": None})
    plan = replace(PLAN, catalogue=catalogue)
    assert changed(cheapest_changes(plan, WORST, 40.0)) == {"c0": "[2, inf]"}
    assert cheapest_changes(plan, WORST, 41.0) is None
    stated = cheapest_changes(plan, WORST, 41.0, actionable=["c2"])
    assert changed(stated) == {"c2": "[-inf, 1)"}


def test_somebody_must_say_what_a_person_can_change():
    plan = replace(PLAN, catalogue=ReasonCatalogue.one_per_feature(["c0", "c1", "c2"]))
    with pytest.raises(UsageError, match="calls every reason actionable") as error:
        cheapest_changes(plan, WORST, 55.0)
    assert error.value.code == "ACTIONABLE"
    found = cheapest_changes(plan, WORST, 55.0, actionable=["c0", "c1", "c2"])
    assert changed(found) == {"c2": "[-inf, 1)"}


def test_special_and_missing_attributes_stay_unless_named():
    for cell in (-9.0, None):
        row = WORST | {"c2": cell}
        assert cheapest_changes(PLAN, row, 90.0) is None
        found = cheapest_changes(PLAN, row, 90.0, costs={"c2": {"[-inf, 1)": 4.0}})
        assert changed(found)["c2"] == "[-inf, 1)"


def test_categories_move_at_one_cost():
    plan = small_plan()
    row = {"use": 0.9, "city": "中部"}
    score = Scorer(plan).score_row(row).score
    found = cheapest_changes(plan, row, score + 20.0, actionable=["city"])
    assert changed(found) == {"city": "north"}
    assert found.cost == 1.0
    with pytest.raises(UsageError, match="'city' is not numeric and has no direction"):
        cheapest_changes(
            plan, row, 600.0, actionable=["city"], forbidden={"city": "lower"}
        )


@settings(max_examples=60)
@given(st.data())
def test_against_every_combination(data):
    tenths = st.integers(0, 30).map(lambda i: i / 10)  # sums that round
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    points = [data.draw(st.lists(tenths, min_size=n, max_size=n)) for n in sizes]
    at = [data.draw(st.integers(0, n - 1)) for n in sizes]
    steps = [data.draw(st.sampled_from([0.5, 1.0, 1.7])) for _ in sizes]
    most = data.draw(st.none() | st.integers(0, 3))
    cutoff = data.draw(tenths) * len(sizes)
    plan = card(*points)
    best = None
    for choice in product(*map(range, sizes)):
        score = 0.0
        for own, i in zip(points, choice, strict=True):
            score += own[i]
        moves = [abs(i - j) for i, j in zip(choice, at, strict=True)]
        n_changes = sum(move > 0 for move in moves)
        if score >= cutoff and (most is None or n_changes <= most):
            cost = sum(m * s for m, s in zip(moves, steps, strict=True))
            key = (round(cost, 9), n_changes, -score)
            best = key if best is None else min(best, key)
    found = cheapest_changes(
        plan,
        row_at(*at),
        cutoff,
        costs={f"c{j}": step for j, step in enumerate(steps)},
        max_changes=most,
    )
    if best is None:
        assert found is None
        return
    assert round(found.cost, 9) == best[0]
    assert found.score_after >= cutoff
    if len(set(steps)) == 1:  # other sums of costs may differ in their last bits
        assert (len(found.changes), -found.score_after) == best[1:]


def test_against_a_mip_solver():
    optimize = pytest.importorskip("scipy.optimize")
    rng = np.random.default_rng(0)
    points = np.round(rng.uniform(0, 60, (18, 7)), 2)
    at, steps = rng.integers(0, 7, 18), rng.uniform(0.5, 3.0, 18)
    costs = steps[:, None] * np.abs(np.arange(7) - at[:, None])
    cutoff = 0.8 * points.max(axis=1).sum()
    one_each = np.kron(np.eye(18), np.ones(7))
    judge = optimize.milp(
        costs.ravel(),
        integrality=np.ones(126),
        bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(one_each, 1, 1),
            optimize.LinearConstraint(points.ravel(), cutoff, np.inf),
        ],
        options={"mip_rel_gap": 0.0},
    )
    stated = {f"c{j}": float(step) for j, step in enumerate(steps)}
    plan = card(*points.tolist())
    found = cheapest_changes(plan, row_at(*at.tolist()), cutoff, costs=stated)
    assert found.cost == pytest.approx(judge.fun, abs=1e-6)
    moved = row_at(*at.tolist())
    for change in found.changes:
        name = change.characteristic
        labels = plan.points.characteristics[0].bins.labels
        moved[name] = labels.index(change.after) + 0.5
    assert Scorer(plan).score_row(moved).score == found.score_after >= cutoff


def test_refusals():
    with pytest.raises(UsageError, match=r"costs names .* does not have: \['x'\]"):
        cheapest_changes(PLAN, WORST, 50.0, costs={"x": 1.0})
    with pytest.raises(UsageError, match="actionable names characteristics"):
        cheapest_changes(PLAN, WORST, 50.0, actionable=["x"])
    with pytest.raises(UsageError, match="'c0' must have positive finite costs, got 0"):
        cheapest_changes(PLAN, WORST, 50.0, costs={"c0": 0})
    with pytest.raises(UsageError, match=r"'c0' has no attribute \['x'\]"):
        cheapest_changes(PLAN, WORST, 50.0, costs={"c0": {"x": 1.0}})
    with pytest.raises(UsageError, match="'c0' must be 'lower' or 'higher', got 'up'"):
        cheapest_changes(PLAN, WORST, 50.0, forbidden={"c0": "up"})
    with pytest.raises(UsageError, match="cutoff must be a finite score, got nan"):
        cheapest_changes(PLAN, WORST, float("nan"))
    with pytest.raises(UsageError, match="cutoff must be a finite score, got '50'"):
        cheapest_changes(PLAN, WORST, "50")
    with pytest.raises(UsageError, match="max_changes must be at least 0, got -1"):
        cheapest_changes(PLAN, WORST, 50.0, max_changes=-1)
    with pytest.raises(UsageError, match="row must hold one row, got 2"):
        cheapest_changes(PLAN, [WORST, WORST], 50.0)
    with pytest.raises(RowFaultError, match="NOT_A_NUMBER"):
        cheapest_changes(PLAN, WORST | {"c0": "?"}, 50.0)


def test_a_row_that_a_policy_refuses():
    first = PLAN.points.characteristics[0]
    rows = (*first.attributes[:-1], replace(first.attributes[-1], policy="error"))
    stage = PointsStage(
        0.0, (replace(first, attributes=rows), *PLAN.points.characteristics[1:])
    )
    with pytest.raises(RowFaultError, match="'c0': 1 x MISSING"):
        cheapest_changes(replace(PLAN, model=stage), WORST | {"c0": None}, 50.0)
