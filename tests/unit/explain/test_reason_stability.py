"""Stability of reasons under noise in the inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfscore.exceptions import UsageError
from cfscore.explain import reason_stability
from cfscore.explain._explained_rows import RowExplainer
from cfscore.explain._reason_stability import _Tally
from cfscore.plan import Development, ReasonCatalogue, SpecialRule
from cfscore.scoring import Scorer
from tests.forests import border_rows
from tests.unit.explain.forest_plans import random_plan
from tests.unit.scoring.small_plan import small_plan

ROWS = {"use": [0.29, 0.5, 0.9, -9991.0, None], "city": ["中部", "x", "x", "x", "x"]}


def test_no_noise_changes_nothing():
    found = reason_stability(small_plan(), ROWS, noise=0.0, repeats=3)
    assert (found.first_kept, found.order_kept, found.set_kept) == (1.0, 1.0, 1.0)
    assert found.row_overlap.tolist() == [1.0] * 5
    assert found.score_change == 0.0
    assert found.kept.tolist() == [1.0] * len(found.codes)


def test_counts_by_hand():
    # reasons of three rows, then of a repeat: indices into A, B, C
    base = np.array([[0, 1], [2, -1], [-1, -1]], np.int16)
    tally = _Tally(base, 3)
    tally.add(np.array([[1, 0], [2, 1], [-1, -1]], np.int16))
    tally.add(base)
    found = tally.result(2, 2, {}, 0.5, ["A", "B", "C"])
    assert found.first_kept == 3 / 4  # of two rows with a reason, twice
    assert found.order_kept == 4 / 6
    assert found.set_kept == 5 / 6
    assert found.row_overlap.tolist() == [1.0, 0.75, 1.0]
    frame = {"reason": ["A", "B", "C"], "cited": [1, 1, 1], "kept": [1.0, 1.0, 1.0]}
    assert found.to_arrow().to_pydict() == frame


@pytest.fixture
def seen(monkeypatch):
    """Return a list that holds the values of ``use`` of everything explained."""
    values = []
    explain = RowExplainer.explain

    def spy(self, batch, k):
        values.append(batch.columns["use"].values)
        return explain(self, batch, k)

    monkeypatch.setattr(RowExplainer, "explain", spy)
    return values


def moved_to(seen, plan, rows, **options):
    """Return the values of ``use`` after each of many changes of the rows."""
    reason_stability(plan, rows, repeats=200, **options)
    return np.array(seen[1:])


def test_what_moves_and_what_stays(seen):
    plan = small_plan()
    reason_stability(plan, ROWS, noise={"use": 0.2}, repeats=2)
    first, second, third = seen
    np.testing.assert_array_equal(first, [0.29, 0.5, 0.9, -9991.0, np.nan])
    for moved in (second, third):
        np.testing.assert_array_equal(moved[3:], first[3:])
        assert (moved[:3] != first[:3]).sum() >= 2
        assert moved[:3].min() >= 0.0
    assert (second[:3] != third[:3]).any()
    whole = {"use": [1.0, 5.0, 9.0], "city": ["x", "x", "x"]}
    reason_stability(plan, whole, noise={"use": 2.0}, repeats=1)
    assert (seen[-1] == np.rint(seen[-1])).all()
    reason_stability(plan, whole, special_codes={"use": [5.0]}, noise=5.0, repeats=1)
    assert seen[-1][1] == 5.0


def test_a_single_row_moves_both_ways_within_the_development_range(seen):
    row = {"use": [0.5], "city": ["x"]}
    development = Development(100, 0.1, ranges={"use": (0.4, 0.9)})
    plan = replace(small_plan(), development=development)
    found = moved_to(seen, plan, row, noise={"use": 0.2})
    assert (found.min(), found.max()) == (0.4, 0.9)
    assert (found < 0.5).mean() > 0.3
    outside = {"use": [0.95], "city": ["x"]}
    seen.clear()
    found = moved_to(seen, plan, outside, noise={"use": 0.2})
    assert 0.4 <= found.min() < found.max() == 0.95


@pytest.mark.parametrize(("value", "low"), [(0.5, 0.0), (-0.5, -np.inf)])
def test_without_a_range_only_the_sign_is_kept(seen, value, low):
    row = {"use": [value], "city": ["x"]}
    found = moved_to(seen, small_plan(), row, noise={"use": 5.0})
    assert found.max() > 5.0
    assert found.min() == 0.0 if low == 0.0 else found.min() < -5.0


def test_a_share_of_nothing_is_refused():
    flat = {"use": [0.5, 0.5], "city": ["x", "north"]}
    for rows in ({"use": [0.5], "city": ["x"]}, flat, {"use": [None], "city": ["x"]}):
        with pytest.raises(UsageError, match="Nothing would move") as error:
            reason_stability(small_plan(), rows)
        assert error.value.code == "NO_NOISE"
    assert reason_stability(small_plan(), flat, noise={"use": 0.5}, repeats=1)
    code = {"use": [-9991.0], "city": ["x"]}
    with pytest.raises(UsageError, match="Nothing would move"):
        reason_stability(small_plan(), code, noise={"use": 0.5})


def test_small_noise_moves_some_whole_numbers_and_none_on_average(seen):
    rows = {"use": np.tile([2.0, 4.0, 6.0], 200), "city": ["x"] * 600}
    found = moved_to(seen, small_plan(), rows, noise={"use": 0.1})
    steps = found - rows["use"]
    assert set(np.unique(steps)) == {-1.0, 0.0, 1.0}
    # half of the mean of |noise| each way: 0.1 sqrt(2 / pi) in all
    assert np.abs(steps).mean() == pytest.approx(0.0798, abs=0.005)
    assert abs(steps.mean()) < 0.005


def test_default_spread_is_a_share_of_the_range_between_quartiles():
    plan = small_plan()
    rows = {"use": [0.0, 1.0, 2.0, 3.0, 4.0], "city": ["x"] * 5}
    assert reason_stability(plan, rows, noise=0.1).spread == {"use": pytest.approx(0.2)}
    flat = {"use": [0.0, 1.0, 1.0, 1.0, 1.0], "city": ["x"] * 5}
    assert reason_stability(plan, flat, noise=1.0).spread["use"] == pytest.approx(0.4)


def test_forests_know_the_codes_of_their_special_rules():
    plan = random_plan(1)
    names = plan.schema.names
    catalogue = ReasonCatalogue.one_per_feature(names)
    rules = (SpecialRule("SPECIAL -0.5", "f1"), SpecialRule("SPECIAL x", None))
    plan = replace(plan, catalogue=replace(catalogue, special_rules=rules))
    rows = border_rows(np.random.default_rng(0), plan.forest.trees, 60)
    found = reason_stability(plan, rows, repeats=2)
    assert 0.0 < found.set_kept < 1.0
    again = reason_stability(plan, rows, repeats=2)
    assert again.row_overlap.tolist() == found.row_overlap.tolist()
    base = Scorer(plan).score(rows, reasons=4).reasons
    assert set(found.codes) == set(base.ravel()) - {None}


def test_refusals():
    plan = small_plan()
    with pytest.raises(UsageError, match=r"no numeric feature \['city'\]"):
        reason_stability(plan, ROWS, noise={"city": 1.0})
    with pytest.raises(UsageError, match=r"no numeric feature \['x'\]"):
        reason_stability(plan, ROWS, special_codes={"x": [1.0]})
    with pytest.raises(UsageError, match=r"special_codes\['use'\]: .* whole-number"):
        reason_stability(plan, ROWS, special_codes={"use": [2**53 + 1]})
    with pytest.raises(UsageError, match="noise must hold finite numbers"):
        reason_stability(plan, ROWS, noise=-0.1)
    with pytest.raises(UsageError, match="at least one row"):
        reason_stability(plan, {"use": [], "city": []})
    with pytest.raises(UsageError, match="repeats must be at least 1, got 0"):
        reason_stability(plan, ROWS, repeats=0)
