"""Shape tables as drawn: steps and grids."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.explain import shape_tables
from cfscore.reports import shape_plot
from tests.unit.explain.forest_plans import random_plan
from tests.unit.reports.drawn import rendered, x_labels, y_labels
from tests.unit.scoring.small_plan import small_plan


@pytest.mark.parametrize("unit", ["log_odds", "points"])
def test_steps_stand_at_what_a_cell_adds(unit):
    table = shape_tables(small_plan()).table("use")
    ax = rendered(shape_plot(table, unit=unit))
    assert x_labels(ax) == list(table.axes[0].labels)
    steps = [segment[0][1] for segment in ax.collections[0].get_segments()]
    assert steps == getattr(table, unit).tolist()


@pytest.mark.parametrize("unit", ["log_odds", "points"])
def test_a_grid_shows_every_pair_of_cells(unit):
    tables = shape_tables(random_plan(1, most_features=2))
    pair = next(t for t in tables if len(t.axes) == 2)
    ax = rendered(shape_plot(pair, unit=unit))
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), getattr(pair, unit))
    assert (ax.get_ylabel(), ax.get_xlabel()) == pair.features
    low, high = image.get_clim()
    middle = 0.0 if unit == "log_odds" else pair.points.mean()
    assert (low + high) / 2 == pytest.approx(middle)


def test_many_cells_are_labelled_in_part():
    plan = random_plan(1, most_features=1)
    longest = max(shape_tables(plan), key=lambda t: t.log_odds.size)
    labels = x_labels(shape_plot(longest))
    step = -(-len(longest.log_odds) // 24)
    assert step > 1
    assert labels == list(longest.axes[0].labels[::-step])[::-1]
    assert y_labels(shape_plot(longest))
