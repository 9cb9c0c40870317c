"""Table estimate: what explanations take, told before they are begun."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfscore.exceptions import UsageError
from cfscore.execution import ForestEngine
from cfscore.explain import TABLE_BYTES, ForestExplainer, TableEstimate, estimate_tables
from cfscore.plan import ForestStage
from tests.forests import numeric_stage, random_trees
from tests.unit.plan.example_forest import forest_plan
from tests.unit.scoring.small_plan import small_plan


def test_a_forest_takes_what_was_estimated() -> None:
    plan = forest_plan()
    found = estimate_tables(plan)
    engine = ForestEngine(plan.forest, plan.scale, plan.calibration)
    assert found == ForestExplainer(plan, engine).tables.estimate
    assert 0 < found.n_bytes <= TABLE_BYTES


def test_a_scorecard_takes_none() -> None:
    assert estimate_tables(small_plan()) == TableEstimate(0, 0, 0, 0)


def test_a_forest_that_cannot_be_explained_is_refused() -> None:
    plan = forest_plan()
    trees = replace(plan.forest.trees, node_cover=0 * plan.forest.trees.node_cover)
    stage = replace(plan.forest, trees=trees)
    with pytest.raises(UsageError, match=r"inner node\(s\) have none"):
        estimate_tables(replace(plan, model=stage, golden=None))


def test_large_forests_stay_within_the_bound() -> None:
    stage: ForestStage = numeric_stage(
        random_trees(np.random.default_rng(4), 400, 63, 40), 40
    )
    plan = forest_plan()
    catalogue = plan.catalogue.one_per_feature(stage.schema.names)
    large = replace(plan, model=stage, catalogue=catalogue, golden=None)
    found = estimate_tables(large)
    assert 0.5 * TABLE_BYTES < found.n_bytes <= TABLE_BYTES
