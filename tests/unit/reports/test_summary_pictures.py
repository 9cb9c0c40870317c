"""Importance and dependence as drawn."""

from __future__ import annotations

import pytest

from cfscore.explain import dependence_table, explain_table, importance_table
from cfscore.reports import dependence_plot, importance_bars
from tests.unit.reports.drawn import ROWS, notes, rendered, x_labels, y_labels
from tests.unit.scoring.small_plan import small_plan


def test_importance_bars():
    importance = importance_table(explain_table(small_plan(), ROWS))
    ax = rendered(importance_bars(importance))
    assert y_labels(ax) == list(importance.features)
    assert [bar.get_width() for bar in ax.patches] == importance.mean_abs.tolist()
    assert notes(ax) == [f"{share:.0%}" for share in importance.share]
    assert len(importance_bars(importance, max_features=1).patches) == 1


@pytest.mark.parametrize("feature", ["use", "city"])
def test_dependence_plot(feature):
    found = dependence_table(explain_table(small_plan(), ROWS), ROWS, feature)
    ax = rendered(dependence_plot(found))
    assert x_labels(ax) == list(found.labels)
    drawn = ax.collections[-1].get_offsets().data[:, 1]
    assert drawn.tolist() == found.mean.tolist()
    (counts,) = (other for other in ax.figure.axes if other is not ax)
    assert [bar.get_height() for bar in counts.patches] == found.counts.tolist()
