"""Directions of a forest's reasons: read from its trees, at every split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import cfscore as cf
from cfscore.compiler._reason_directions import check_directions
from cfscore.exceptions import CompileError
from cfscore.plan import (
    AffineCalibration,
    BetaCalibration,
    Reason,
    ReasonCatalogue,
    Trees,
)
from tests.forests import border_rows, numeric_stage, random_trees
from tests.oracles.forest import raw_score

NAMES = ("f0", "f1", "f2")


def catalogue(**directions) -> ReasonCatalogue:
    features = dict.fromkeys((*NAMES, "other"), "A")
    return ReasonCatalogue((Reason("A"),), features, directions=directions)


def refused(trees: Trees, direction: str, calibration=None, **settings) -> str | None:
    """Return what is said against a direction of f0, None where it is kept."""
    stage = numeric_stage(trees, 3, **settings)
    try:
        check_directions(catalogue(f0=direction, other="lower"), stage, calibration)
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
        monotonic={"f0": "ascending", "f1": "descending"}, params=params
    )
    model.fit(*sample)
    stated = catalogue(f0="higher", f1="lower")
    plan = cf.compile_plan(model, reasons=stated)
    assert cf.compile_plan(plan).catalogue == stated
    for wrong in ({"f0": "lower"}, {"f1": "higher"}, {"f2": "higher"}):
        with pytest.raises(CompileError, match="splits have a riskier leaf") as error:
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


@pytest.mark.parametrize("seed", range(8))
def test_what_is_accepted_is_monotone_in_every_row(seed):
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, 4, 8, 3)
    if (trees.missing_type == 1).any() or trees.is_categorical.any():
        trees = replace(
            trees,
            decision=np.zeros_like(trees.decision),
            category_set=np.full_like(trees.category_set, -1),
            set_starts=np.zeros(1, np.int64),
            set_codes=np.zeros(0, np.int32),
            threshold=np.where(trees.is_categorical, 0.5, trees.threshold),
        )
    rising, falling = ordered(trees), ordered(trees, falling=True)
    assert refused(rising, "higher") is None
    assert refused(falling, "lower") is None
    assert refused(rising, "higher", AffineCalibration(0.5, 1.0)) is None
    assert refused(falling, "higher", event="good") is None
    assert refused(rising, "higher", BetaCalibration(0.5, 2.0, 0.1)) is None
    if (trees.feature == 0).any():
        assert str(refused(rising, "lower")).startswith("DIRECTION: ")
        assert str(refused(falling, "higher")).startswith("DIRECTION: ")
    rows = border_rows(rng, trees, 200, 3)
    rows = rows[np.isfinite(rows).all(axis=1)]
    higher = rows.copy()
    higher[:, 0] += rng.exponential(size=len(rows))
    for low, high in zip(rows, higher, strict=True):
        assert raw_score(rising, low) <= raw_score(rising, high)


def test_zero_for_missing_breaks_every_order():
    trees = random_trees(np.random.default_rng(0), 3, 5, 3)
    plain = replace(
        trees,
        feature=np.zeros_like(trees.feature),
        decision=np.full_like(trees.decision, 1 << 2),
        category_set=np.full_like(trees.category_set, -1),
        set_starts=np.zeros(1, np.int64),
        set_codes=np.zeros(0, np.int32),
    )
    assert "take 0 for missing" in str(refused(ordered(plain), "higher"))
