"""The bars of a waterfall lead from the base value to the margin."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cfscore.exceptions import UsageError
from cfscore.explain import Contributions, explain_table
from cfscore.reports import waterfall
from cfscore.tables import InputField, InputSchema
from tests.unit.reports.drawn import ROWS, notes, rendered, scored, y_labels
from tests.unit.scoring.small_plan import small_plan


def ends(ax):
    return [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]


def test_bars_lead_from_the_base_value_to_the_margin():
    batch = scored()
    ax = rendered(waterfall(batch, 3, table=ROWS))
    # use 0.9: 0.9 - 0.1; city missing: 0.0 - 0.05
    assert y_labels(ax) == ["use = 0.9", "city = missing"]
    assert notes(ax) == ["+0.80", "-0.05"]
    (start, middle), (again, end) = ends(ax)
    assert start == pytest.approx(batch.base_value)
    assert again == pytest.approx(middle)
    assert end == pytest.approx(batch.margin[3])
    assert ax.get_title("left") == "From the base value -1.85 to -1.10 log-odds of bad"
    red, blue = (bar.get_facecolor()[:3] for bar in ax.patches)
    assert red[0] > red[2]
    assert blue[0] < blue[2]


def test_in_points():
    batch = scored()
    ax = rendered(waterfall(batch, 3, scale=batch.plan.scale))
    assert ends(ax)[-1][1] == pytest.approx(batch.score[3])
    assert notes(ax) == ["-23", "+1"]
    assert ax.get_xlabel() == "points (larger is safer)"


def test_small_features_are_one_bar_together():
    schema = InputSchema(tuple(InputField(f"f{i}", "numeric") for i in range(5)))
    values = np.array([[0.1, -3.0, 0.2, 2.0, -0.05]])
    found = Contributions(schema, values, 1.0, np.array([0.25]))
    ax = waterfall(found, max_features=3)
    assert y_labels(ax) == ["f1", "f3", "3 others"]
    assert notes(ax) == ["-3.00", "+2.00", "+0.25"]


def test_given_axes_are_drawn_into():
    _, own = plt.subplots()
    found = explain_table(small_plan(), ROWS)
    assert waterfall(found, ax=own) is own
    assert len(plt.get_fignums()) == 1


def test_refusals():
    batch = scored()
    with pytest.raises(UsageError, match=r"row must be in \[0, 5\), got 5"):
        waterfall(batch, 5)
    with pytest.raises(UsageError, match="max_features must be at least 1, got 0"):
        waterfall(batch, max_features=0)
    with pytest.raises(UsageError, match="scored without contributions"):
        waterfall(scored(contributions=False))
    with pytest.raises(UsageError, match="Expected Contributions or a ScoreBatch, got"):
        waterfall(ROWS)
    with pytest.raises(UsageError, match=r"table has 1 row\(s\), the explanation 5"):
        waterfall(batch, table={"use": [1.0], "city": ["x"]})


def test_refused_rows_have_no_parts():
    from cfscore.scoring import Scorer

    batch = Scorer(small_plan()).score(
        {"use": ["0.5", "?"], "city": ["x", "x"]},
        contributions=True,
        on_bad="quarantine",
    )
    with pytest.raises(UsageError, match=r"1 of 2 row\(s\) were refused"):
        waterfall(batch)
