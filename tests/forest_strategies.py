"""Hypothesis strategies: random forest plans and rows that try their borders.

``forest_plans()`` gives plans of trees of every shape and decision type, over numbers,
categories and booleans, with every kind of calibration; ``forest_row_values(plan)``
columns of cells for such a plan.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from cfscore.plan import (
    AffineCalibration,
    BetaCalibration,
    Calibration,
    ForestFeature,
    ForestStage,
    GoldenRows,
    IsotonicCalibration,
    ScoringPlan,
    Trees,
)
from tests.forests import NEAR_ZERO, random_trees
from tests.strategies import (
    NAMES,
    catalogues,
    category_keys,
    developments,
    golden_cell,
    golden_results,
    lists,
    numbers,
    provenances,
    score_scales,
)

__all__ = [
    "calibrations",
    "feature_cells",
    "forest_golden_rows",
    "forest_plans",
    "forest_row_values",
    "forest_stages",
]

BOOLEAN = (("False", "True"), ("True", "False"), ("True",), ())
CODES = (-9991.0, -7.0, -0.0, 1.0, 1e-36, 0.1)

_policies = st.sampled_from(["model", "model", "model", "error"])


def calibrations() -> st.SearchStrategy[Calibration | None]:
    """Return every kind of calibration, and none."""
    parameter = st.floats(0.0, 3.0)
    return st.one_of(
        st.none(),
        st.builds(AffineCalibration, st.floats(0.1, 3.0), st.floats(-5.0, 5.0)),
        st.builds(BetaCalibration, parameter, st.floats(0.1, 3.0), parameter),
        _steps(),
    )


@st.composite
def _steps(draw: st.DrawFn) -> IsotonicCalibration:
    edges = sorted(draw(st.lists(st.floats(-6.0, 6.0), max_size=5, unique=True)))
    levels = sorted(draw(lists(st.floats(-6.0, 3.0), len(edges) + 1)))
    return IsotonicCalibration(tuple(edges), tuple(levels))


@st.composite
def _features(
    draw: st.DrawFn, name: str, errors: bool, limits: list[float]
) -> ForestFeature:
    kind = draw(st.sampled_from(["numeric", "numeric", "categorical", "boolean"]))
    categories: tuple[str, ...] = ()
    if kind == "categorical":
        found = st.lists(category_keys, max_size=8, unique=True)
        categories = tuple(draw(found))
    if kind == "boolean":
        categories = draw(st.sampled_from(BOOLEAN))
    special: tuple[float, ...] = ()
    if kind == "numeric" and draw(st.booleans()):
        codes = st.sampled_from([*CODES, *limits])
        special = tuple(draw(st.lists(codes, max_size=3, unique=True)))
    feature = ForestFeature(name, kind, categories, special=special)
    if not errors:
        return feature
    return replace(
        feature,
        missing=draw(_policies),
        unseen=draw(_policies),
        non_finite="error" if draw(st.integers(0, 5)) == 0 else "value",
    )


@st.composite
def forest_stages(
    draw: st.DrawFn, max_features: int = 4, errors: bool = True
) -> ForestStage:
    """Forests of up to five trees; without ``errors`` no policy refuses a row."""
    pool = st.one_of(st.sampled_from(NAMES), category_keys)
    names = draw(st.lists(pool, min_size=1, max_size=max_features, unique=True))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    trees = random_trees(
        rng,
        draw(st.integers(1, 5)),
        draw(st.sampled_from([1, 2, 8, 9, 20])),
        len(names),
        categorical=draw(st.booleans()),
        n_thresholds=draw(st.sampled_from([1, 6, 12])),
    )
    return ForestStage(
        features=tuple(
            draw(_features(name, errors, _limits(trees, index)))
            for index, name in enumerate(names)
        ),
        trees=trees,
        sigmoid=draw(st.sampled_from([1.0, 0.5, 2.5])),
        averages=draw(st.booleans()),
        event=draw(st.sampled_from(["bad", "good"])),
    )


def _limits(trees: Trees, feature: int) -> list[float]:
    """Return the finite thresholds of a feature, each once, 0 without sign."""
    found = trees.threshold[trees.feature == feature]
    return np.unique(found[np.isfinite(found)] + 0.0).tolist()


@st.composite
def forest_plans(
    draw: st.DrawFn, max_features: int = 4, errors: bool = True
) -> ScoringPlan:
    """Forest plans without golden rows; see ``forest_golden_rows``."""
    stage = draw(forest_stages(max_features, errors))
    labels = ("MISSING", "UNSEEN", *_special_labels(stage))
    source = st.sampled_from(["lightgbm", "cfscore.BoostedModel"])
    return ScoringPlan(
        name=draw(category_keys),
        model=stage,
        scale=draw(score_scales()),
        catalogue=draw(catalogues(stage.schema.names, labels, ("mean",))),
        reference=(),
        provenance=replace(draw(provenances()), source=draw(source)),
        development=draw(st.one_of(st.none(), developments(stage.schema))),
        calibration=draw(calibrations()),
    )


def _special_labels(stage: ForestStage) -> tuple[str, ...]:
    """Return special values that rows of the forest may hold, in several spellings."""
    keys = [key for feature in stage.features for key in feature.categories]
    keys += [repr(code) for feature in stage.features for code in feature.special]
    spelt = ("0", "-0.0", "0.0", "1", "1.0", "1e0", "+1", "inf", "nan", "x")
    return tuple(f"SPECIAL {text}" for text in (*keys, *spelt))


@st.composite
def forest_golden_rows(draw: st.DrawFn, plan: ScoringPlan) -> GoldenRows:
    """Golden rows of the right form; their results are NOT those of the plan."""
    n_rows = draw(st.integers(1, 5))
    columns = {
        name: tuple(
            golden_cell(feature.kind, cell)
            for cell in draw(lists(feature_cells(plan.forest, index), n_rows))
        )
        for index, (name, feature) in enumerate(_named(plan.forest))
    }
    return draw(golden_results(plan, columns, n_rows))


def _named(stage: ForestStage) -> list[tuple[str, ForestFeature]]:
    return [(feature.name, feature) for feature in stage.features]


def feature_cells(stage: ForestStage, index: int) -> st.SearchStrategy[Any]:
    """Cells of one feature as plain Python: float or None, bool or None, text or None.

    Numeric cells include NaN and special codes; category cells include blank text and
    unseen keys.
    """
    feature, trees = stage.features[index], stage.trees
    if feature.kind == "boolean":
        return st.sampled_from([True, False, True, False, None])
    if feature.kind == "categorical":
        known = st.sampled_from([*feature.categories, None])
        unseen = category_keys.filter(lambda key: key not in feature.categories)
        return st.one_of(known, known, unseen, st.sampled_from([None, "", " "]))
    limits = np.unique(trees.threshold[trees.feature == index])
    near = [np.nextafter(limits, side) for side in (-np.inf, np.inf)]
    codes = [-1.0, -0.5, 0.0, 1.0, 7.25, 39.0, 40.0]
    border = [*np.concatenate([limits, *near]).tolist(), *NEAR_ZERO, *codes]
    borders = st.sampled_from([float(value) for value in border])
    beyond = st.sampled_from([None, math.nan, math.inf, -math.inf])
    if feature.special:
        return st.one_of(borders, numbers, beyond, st.sampled_from(feature.special))
    return st.one_of(borders, borders, numbers, beyond)


@st.composite
def forest_row_values(
    draw: st.DrawFn, plan: ScoringPlan, min_rows: int = 1, max_rows: int = 20
) -> dict[str, list[Any]]:
    """Columns of cells, equally long; see ``feature_cells``."""
    n_rows = draw(st.integers(min_rows, max_rows))
    return {
        name: draw(lists(feature_cells(plan.forest, index), n_rows))
        for index, (name, _) in enumerate(_named(plan.forest))
    }
