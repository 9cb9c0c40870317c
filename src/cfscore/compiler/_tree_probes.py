"""Probe rows: inputs that sit on the borders of every test in a forest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cfscore.plan import ZERO_BOUND, Trees

__all__ = ["probe_rows"]

_MAX_CODE: Final = 2**31 - 1
_SEED: Final = 20_251_125
#: Fewest rows: of 300 trees with 31 leaves, 600 rows met 91 % of the leaves, 3,600 rows
#: 99.5 % (2026-11).
_FEWEST_ROWS: Final = 4096

#: Values with a meaning of their own, for whatever feature.
_EVERYWHERE: Final = (
    0.0,
    -0.0,
    ZERO_BOUND,
    -ZERO_BOUND,
    np.nextafter(ZERO_BOUND, 1.0),
    np.nextafter(-ZERO_BOUND, -1.0),
    np.nextafter(ZERO_BOUND, 0.0),
    np.nextafter(-ZERO_BOUND, 0.0),
    5e-324,
    -5e-324,
    np.nan,
    np.inf,
    -np.inf,
)
#: Values at which a category split cuts, refuses or overflows.
_CODES: Final = (
    -1.0,
    -0.5,
    -7.25,
    0.5,
    1.0,
    float(_MAX_CODE),
    _MAX_CODE + 1.0,
    -_MAX_CODE - 2.0,
    1e300,
)


def probe_rows(
    trees: Trees,
    n_features: int,
    limit: int = 65_536,
    special: Sequence[tuple[float, ...]] = (),
) -> NDArray[np.float64]:
    """Return rows in which every feature takes every value near a border of its tests.

    Its special codes and each distinct threshold, with their two neighbours in float64;
    zero, the bound within which a value counts as zero, their neighbours; NaN and
    infinities; each category code in any set, the codes next to them, negative,
    fractional and huge codes. Every
    feature's values are shuffled on their own, the same way each time.

    Parameters
    ----------
    trees : Trees
        The forest.
    n_features : int
        Columns of the rows.
    limit : int, default 65536
        Most rows. A feature with more values than rows keeps evenly spaced ones.
    special : sequence of tuple of float, default ()
        Special codes of each feature; empty where none has any.

    Returns
    -------
    array of shape (n_rows, n_features), float64
        In Fortran order.
    """
    codes = special or [()] * n_features
    pools = [_pool(trees, feature, codes[feature]) for feature in range(n_features)]
    longest = max(map(len, pools), default=0)
    n_rows = min(limit, max(longest, _FEWEST_ROWS))
    rows = np.empty((n_rows, n_features), order="F")
    generator = np.random.default_rng(_SEED)
    for feature, pool in enumerate(pools):
        kept = np.linspace(0, len(pool) - 1, min(n_rows, len(pool))).astype(np.int64)
        rows[:, feature] = generator.permutation(np.resize(pool[kept], n_rows))
    return rows


def _pool(
    trees: Trees, feature: int, special: tuple[float, ...]
) -> NDArray[np.float64]:
    """Return the values that one feature takes."""
    own = trees.feature == feature
    limits = np.unique(trees.threshold[own & ~trees.is_categorical])
    limits = np.concatenate([np.array(special), limits])
    numeric = [limits, np.nextafter(limits, -np.inf), np.nextafter(limits, np.inf)]
    sets = trees.category_set[own & trees.is_categorical]
    categorical = [_near_codes(trees, sets), np.array(_CODES)] if len(sets) else []
    return np.concatenate([np.array(_EVERYWHERE), *numeric, *categorical])


def _near_codes(trees: Trees, sets: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return every code of the sets, its neighbours and a fraction above it."""
    bounds = zip(trees.set_starts[sets], trees.set_starts[sets + 1], strict=True)
    pieces = [trees.set_codes[start:stop] for start, stop in bounds]
    codes = np.unique(np.concatenate(pieces)).astype(np.float64)
    whole = np.unique(np.concatenate([codes, codes + 1.0, codes - 1.0]))
    return np.concatenate([whole, codes + 0.75])
