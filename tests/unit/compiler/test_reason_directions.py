"""Directions of a forest's reasons: read from its trees, at every split."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest

import cfscore as cf
from cfscore.compiler._reason_directions import _of_trees, check_directions
from cfscore.exceptions import CompileError
from cfscore.plan import (
    MISSING_NAN,
    MISSING_ZERO,
    AffineCalibration,
    BetaCalibration,
    Provenance,
    Reason,
    ReasonCatalogue,
    ScoringPlan,
    Trees,
)
from cfscore.score_scale import ScoreScale
from tests.forests import border_rows, numeric_stage, random_trees
from tests.oracles.forest import raw_score

NAMES = ("f0", "f1", "f2")


def catalogue(**directions) -> ReasonCatalogue:
    features = dict.fromkeys((*NAMES, "other"), "A")
    return ReasonCatalogue((Reason("A"),), features, directions=directions)


def refused(trees: Trees, direction: str, calibration=None, **settings) -> str | None:
    """Return what is said against a direction of f0, None where it is kept."""
    plan = ScoringPlan(
        name="forest",
        model=numeric_stage(trees, 3, **settings),
        scale=ScoreScale(),
        catalogue=catalogue(f0=direction, other="lower"),
        reference=(),
        provenance=Provenance("test", verified=False),
        calibration=calibration,
    )
    try:
        check_directions(plan)
    except CompileError as error:
        return f"{error.code}: {error}"
    return None


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(3)
    table = {name: rng.normal(size=4_000) for name in NAMES}
    risk = table["f0"] - table["f1"] + 0.5 * table["f1"] * table["f2"] - 1
    return table, (rng.random(4_000) < 1 / (1 + np.exp(-risk))).astype(int)


def test_a_model_under_declared_directions_keeps_them(sample):
    params = {"num_iterations": 30, "early_stopping_round": 0}
    model = cf.BoostedModel(
        interaction="free",
        monotonic={"f0": "ascending", "f1": "descending"},
        params=params,
    )
    model.fit(*sample)
    stated = catalogue(f0="higher", f1="lower")
    plan = cf.compile_plan(model, reasons=stated)
    assert cf.compile_plan(plan).catalogue == stated
    for wrong in ({"f0": "lower"}, {"f1": "higher"}, {"f2": "higher"}):
        with pytest.raises(
            CompileError, match=r"values adverse, but .* riskier "
        ) as error:
            cf.compile_plan(model, reasons=catalogue(**wrong))
        assert error.value.code == "DIRECTION"


def test_labels_of_good_and_calibrations_do_not_turn_it_round(sample):
    lightgbm = pytest.importorskip("lightgbm")
    table, y = sample
    rows = np.column_stack([table[name] for name in NAMES])
    params = {"objective": "binary", "monotone_constraints": [-1, 0, 0], "verbose": -1}
    data = lightgbm.Dataset(rows, 1 - y, feature_name=list(NAMES))
    booster = lightgbm.train(params, data, 20)
    stated = catalogue(f0="higher")
    assert cf.compile_plan(booster, event="good", reasons=stated)
    with pytest.raises(CompileError, match="'f0' calls higher values adverse"):
        cf.compile_plan(booster, event="bad", reasons=stated)
    calibrator = cf.Calibrator("isotonic").fit(
        -booster.predict(rows, raw_score=True), y
    )
    assert cf.compile_plan(
        booster, event="good", calibrator=calibrator, reasons=stated
    ).catalogue.directions == {"f0": "higher"}


def ordered(trees: Trees, *, falling: bool = False) -> Trees:
    """Return the trees with leaves that rise from left to right, or fall."""
    values = trees.leaf_value.copy()
    for start, stop in zip(trees.leaf_starts, trees.leaf_starts[1:], strict=False):
        values[start:stop] = 0.0
    place = leaves_from_left(trees)
    values[place] = np.arange(len(place)) * (-1.0 if falling else 1.0)
    return replace(trees, leaf_value=values)


def leaves_from_left(trees: Trees) -> list[int]:
    found = []
    for tree in range(trees.n_trees):
        node, leaf = int(trees.node_starts[tree]), int(trees.leaf_starts[tree])
        stack = [0] if trees.node_starts[tree + 1] > node else [-1]
        while stack:
            at = stack.pop()
            if at < 0:
                found.append(leaf + ~at)
            else:
                stack += [int(trees.right[node + at]), int(trees.left[node + at])]
    return found


def plain_splits(trees: Trees) -> Trees:
    """Return the trees with numeric splits that send missing values to the right."""
    return replace(
        trees,
        decision=np.full_like(trees.decision, MISSING_NAN << 2),
        category_set=np.full_like(trees.category_set, -1),
        set_starts=np.zeros(1, np.int64),
        set_codes=np.zeros(0, np.int32),
        threshold=np.where(trees.is_categorical, 0.5, trees.threshold),
    )


@pytest.mark.parametrize("seed", range(8))
def test_what_is_accepted_is_monotone_in_every_row(seed):
    rng = np.random.default_rng(seed)
    trees = plain_splits(random_trees(rng, 4, 12, 3))
    rising, falling = ordered(trees), ordered(trees, falling=True)
    assert refused(rising, "higher") is None
    assert refused(falling, "lower") is None
    assert refused(rising, "higher", AffineCalibration(0.5, 1.0)) is None
    assert refused(falling, "higher", event="good") is None
    assert refused(rising, "higher", BetaCalibration(0.5, 2.0, 0.1)) is None
    assert str(refused(rising, "lower")).startswith("DIRECTION: ")
    assert str(refused(falling, "higher")).startswith("DIRECTION: ")
    rows = border_rows(rng, trees, 200, 3)
    rows = rows[np.isfinite(rows).all(axis=1)]
    higher = rows.copy()
    higher[:, 0] += rng.exponential(size=len(rows))
    for low, high in zip(rows, higher, strict=True):
        assert raw_score(rising, low) <= raw_score(rising, high)


LIMITS = [-1e9, 0.0, 2e-35, 1e9]


def least_step(trees: Trees) -> float:
    """Return the least change of the score as the first of two features rises."""
    grid = [
        np.unique([v for t in own for v in (t, np.nextafter(t, np.inf))] + LIMITS)
        for own in (trees.threshold[trees.feature == f] for f in (0, 1))
    ]
    return min(
        raw_score(trees, (high, beside)) - raw_score(trees, (low, beside))
        for beside in (*grid[1], np.nan)
        for low, high in pairwise(grid[0])
    )


@pytest.mark.parametrize("seed", range(40))
def test_a_pairwise_model_is_accepted_exactly_where_it_is_monotone(seed):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, 3, 4, 2, categorical=False, n_thresholds=2)
    near_zero = np.abs(trees.threshold) < 1e-30  # no cut that LightGBM makes
    trees = replace(trees, threshold=np.where(near_zero, 0.25, trees.threshold))
    if seed % 2:  # cut in two: neither tree keeps the order of the sum
        rising = ordered(plain_splits(trees))
        part = rng.random(trees.n_leaves) < 0.5
        halves = [
            replace(rising, leaf_value=np.where(part == side, rising.leaf_value, 0.0))
            for side in (True, False)
        ]
        trees = joined(*halves)
        assert least_step(trees) >= 0.0
    step = least_step(trees)
    found = refused(trees, "higher")
    assert (found is None) == (step >= -1e-9), (step, found)
    assert found is None or "is riskier than" in found


def joined(first: Trees, second: Trees) -> Trees:
    """Return the trees of both, which have no categories."""
    parts = {}
    for field in fields(Trees):
        one, two = getattr(first, field.name), getattr(second, field.name)
        is_start = field.name in ("node_starts", "leaf_starts")
        both = [one, two[1:] + one[-1]] if is_start else [one, two]
        parts[field.name] = one if field.name == "set_starts" else np.concatenate(both)
    return Trees(**parts)


def test_a_pairwise_model_whose_trees_were_cut_keeps_its_directions():
    rng = np.random.default_rng(6)
    names = [f"f{i}" for i in range(6)]
    table = {name: rng.normal(size=6_000) for name in names}
    part = sum(table[name] for name in names[1:])
    risk = table["f0"] * (1 + np.tanh(part)) - 1
    y = (rng.random(6_000) < 1 / (1 + np.exp(-risk))).astype(int)
    model = cf.BoostedModel(interaction="pairs", monotonic={"f0": "ascending"})
    features = dict.fromkeys(names, "A")
    higher, lower = (
        ReasonCatalogue((Reason("A"),), features, directions={"f0": direction})
        for direction in ("higher", "lower")
    )
    plan = cf.compile_plan(model.fit(table, y), reasons=higher)
    assert _of_trees(plan, {"f0": "higher"}), "the trees alone say no"
    with pytest.raises(CompileError, match=r"is riskier than .* somewhere"):
        cf.compile_plan(model, reasons=lower)


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_numbers_that_the_trees_take_for_categories_have_no_order(direction):
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(2)
    rows = np.column_stack([rng.integers(0, 5, 2_000), rng.normal(size=2_000)])
    risk = np.array([1.5, -1.5, 1.0, -1.0, 0.0])[rows[:, 0].astype(int)]
    y = (rng.random(2_000) < 1 / (1 + np.exp(-risk))).astype(int)
    params = {"objective": "binary", "verbose": -1, "max_cat_to_onehot": 1}
    data = lightgbm.Dataset(
        rows, y, feature_name=["f0", "f1"], categorical_feature=["f0"]
    )
    booster = lightgbm.train(params, data, 10)
    with pytest.raises(CompileError, match="take its numbers for categories"):
        cf.compile_plan(booster, reasons=catalogue(f0=direction))


def test_zero_for_missing_breaks_the_order_of_a_free_forest():
    trees = plain_splits(random_trees(np.random.default_rng(0), 3, 12, 3))
    as_missing = np.full_like(trees.decision, MISSING_ZERO << 2)
    found = refused(ordered(replace(trees, decision=as_missing)), "higher")
    assert "take 0 for missing" in str(found)
