"""Random forests and rows that meet every rule at their nodes."""

from __future__ import annotations

import numpy as np

from cfscore.plan import ZERO_BOUND, ForestFeature, ForestStage, Trees

NEAR_ZERO = (
    0.0,
    -0.0,
    ZERO_BOUND,
    -ZERO_BOUND,
    np.nextafter(ZERO_BOUND, 1.0),
    np.nextafter(-ZERO_BOUND, -1.0),
    1e-36,
    -1e-36,
    5e-324,
)


def random_trees(
    rng, n_trees=5, max_leaves=40, n_features=4, categorical=True, n_thresholds=12
):
    """Return trees of every shape, decision type, missing type and default side."""
    pools = [
        np.unique(np.append(rng.normal(size=n_thresholds) * 10.0**k, NEAR_ZERO))
        for k in range(n_features)
    ]
    parts = {name: [] for name in ("feature", "threshold", "decision", "set")}
    lefts, rights, node_covers, leaf_covers = [], [], [], []
    sets, n_leaves = [], []
    for _ in range(n_trees):
        leaves = int(rng.integers(1, max_leaves + 1))
        n_leaves.append(leaves)
        left, right, cover, leaf_cover = _grow(rng, leaves)
        lefts += left
        rights += right
        node_covers += cover
        leaf_covers += leaf_cover
        for _ in range(leaves - 1):
            feature = int(rng.integers(n_features))
            is_set = categorical and rng.random() < 0.25
            parts["feature"].append(feature)
            parts["decision"].append(
                int(is_set) | int(rng.integers(2)) << 1 | int(rng.integers(3)) << 2
            )
            threshold = rng.choice([*pools[feature], np.inf])
            parts["threshold"].append(0.0 if is_set else threshold)
            parts["set"].append(len(sets) if is_set else -1)
            if is_set:
                sets.append(np.flatnonzero(rng.random(40) < 0.3).astype(np.int32))
    return Trees(
        node_starts=np.cumsum([0, *(n - 1 for n in n_leaves)], dtype=np.int64),
        leaf_starts=np.cumsum([0, *n_leaves], dtype=np.int64),
        feature=np.array(parts["feature"], np.int32),
        threshold=np.array(parts["threshold"], np.float64),
        decision=np.array(parts["decision"], np.uint8),
        left=np.array(lefts, np.int32),
        right=np.array(rights, np.int32),
        category_set=np.array(parts["set"], np.int32),
        set_starts=np.cumsum([0, *map(len, sets)], dtype=np.int64),
        set_codes=np.concatenate([np.empty(0, np.int32), *sets]),
        leaf_value=rng.normal(size=sum(n_leaves)),
        node_cover=np.array(node_covers, np.int64),
        leaf_cover=np.array(leaf_covers, np.int64),
    )


def _grow(rng, leaves):
    """Split a random leaf until there are enough, as LightGBM numbers them."""
    left, right = [], []
    parent = {0: None}
    for node in range(leaves - 1):
        chosen = int(rng.choice(list(parent)))
        above = parent[chosen]
        if above is not None:
            side, at = above
            side[at] = node
        left.append(~chosen)
        right.append(~(node + 1))
        parent[chosen] = (left, node)
        parent[node + 1] = (right, node)
    leaf_cover = rng.integers(1, 50, leaves).tolist()
    covers = [0] * (leaves - 1)
    for node in range(leaves - 2, -1, -1):
        covers[node] = sum(
            covers[child] if child >= 0 else leaf_cover[~child]
            for child in (left[node], right[node])
        )
    return left, right, covers, leaf_cover


def numeric_stage(trees, n_features=4, **settings):
    features = tuple(ForestFeature(f"f{i}", "numeric") for i in range(n_features))
    return ForestStage(features, trees, **settings)


def border_rows(rng, trees, n_rows, n_features=4):
    """Return rows at thresholds, beside them, and at values with their own meaning."""
    rows = np.empty((n_rows, n_features))
    for feature in range(n_features):
        own = np.unique(trees.threshold[trees.feature == feature])
        near = [np.nextafter(own, side) for side in (-np.inf, np.inf)]
        pool = np.concatenate(
            [own, *near, NEAR_ZERO, [np.nan, np.inf, -np.inf, -0.5, -1.0, 2.0**31]]
        )
        pool = np.concatenate([pool, np.arange(-1.0, 42.0), rng.normal(size=20) * 100])
        rows[:, feature] = rng.choice(pool, n_rows)
    return rows
