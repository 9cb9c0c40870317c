"""Forest plans for tests of explanations: free, pairwise and additive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cfscore.plan import ForestStage, Provenance, ReasonCatalogue, ScoringPlan
from cfscore.score_scale import ScoreScale
from tests.forests import numeric_stage, random_trees


def forest_plan(stage: ForestStage, **parts) -> ScoringPlan:
    return ScoringPlan(
        name="forest",
        model=stage,
        scale=ScoreScale(),
        catalogue=ReasonCatalogue.one_per_feature(f.name for f in stage.features),
        reference=(),
        provenance=Provenance("test", verified=False),
        **parts,
    )


def random_plan(seed: int, most_features: int = 4, **settings) -> ScoringPlan:
    """Return a plan of 4 features of which each tree reads at most some."""
    rng = np.random.default_rng(seed)
    trees = random_trees(rng, n_trees=5, max_leaves=12)
    feature = trees.feature.copy()
    for start, stop in zip(trees.node_starts[:-1], trees.node_starts[1:], strict=True):
        allowed = rng.choice(4, most_features, replace=False)
        feature[start:stop] = rng.choice(allowed, stop - start)
    return forest_plan(numeric_stage(replace(trees, feature=feature)), **settings)
