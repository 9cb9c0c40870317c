"""Every row is a point of every feature."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.exceptions import UsageError
from cfscore.reports import beeswarm
from cfscore.reports._beeswarm import _offsets
from tests.unit.reports.drawn import ROWS, rendered, scored, y_labels


def test_every_row_is_a_point_of_every_feature():
    batch = scored()
    ax = rendered(beeswarm(batch, ROWS))
    assert y_labels(ax) == ["use", "city"]
    points = [c.get_offsets().data for c in ax.collections]
    # grey and coloured for each feature: one use is missing and one a code, no city
    # has an order
    assert [len(p) for p in points] == [2, 3, 5, 0]
    use = np.concatenate(points[:2])[:, 0]
    assert sorted(use) == sorted(batch.contributions[:, 0])
    assert sorted(points[2][:, 0]) == sorted(batch.contributions[:, 1])
    # the colour follows the order of 0.5, 0.1, 0.9
    levels = ax.collections[1].get_array()
    np.testing.assert_allclose(levels, [0.5, 0.0, 1.0])


def test_equal_values_stand_apart_and_in_bounds():
    heights = _offsets(np.array([0.0] * 9 + [5.0]))
    assert len(set(heights[:9])) == 9
    assert heights.max() <= 1.0
    assert heights.min() >= -1.0
    assert heights[9] == 0.0


def test_only_the_most_important_are_drawn():
    ax = beeswarm(scored(), ROWS, max_features=1)
    assert y_labels(ax) == ["use"]
    with pytest.raises(UsageError, match="max_features must be at least 1, got 0"):
        beeswarm(scored(), ROWS, max_features=0)
