"""Explanations that shap's plots accept."""

from __future__ import annotations

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cfscore.exceptions import MissingExtraError
from cfscore.explain import explain_table
from cfscore.reports import to_shap
from tests.unit.reports.drawn import ROWS, scored
from tests.unit.scoring.small_plan import small_plan


@pytest.fixture(scope="module")
def shap():
    return pytest.importorskip("shap")


def test_values_and_data(shap):
    batch = scored()
    found = to_shap(batch, ROWS)
    assert found.values.tolist() == batch.contributions.tolist()
    total = found.base_values + found.values.sum(axis=1)
    np.testing.assert_allclose(total, batch.margin)
    assert found.feature_names == ["use", "city"]
    np.testing.assert_array_equal(found.data[:, 0], [0.5, 0.1, np.nan, 0.9, -9991.0])
    # north, south, x in alphabetical order
    np.testing.assert_array_equal(found.data[:, 1], [0.0, 1.0, 2.0, np.nan, 0.0])
    texts = ["north", "south, east", "x", "missing", "north"]
    assert found.display_data[:, 1].tolist() == texts


@pytest.mark.parametrize("plot", ["waterfall", "beeswarm", "bar", "scatter", "heatmap"])
def test_plots_accept_it(shap, plot):
    rng = np.random.default_rng(0)
    rows = {"use": rng.random(40), "city": rng.choice(["north", "x"], 40)}
    found = to_shap(explain_table(small_plan(), rows), rows)
    part = {"waterfall": found[3], "scatter": found[:, "use"]}.get(plot, found)
    getattr(shap.plots, plot)(part, show=False)
    figure = plt.gcf()
    figure.canvas.draw()
    texts = [t.get_text() for ax in figure.axes for t in ax.get_yticklabels()]
    labels = [ax.get_xlabel() for ax in figure.axes] + texts
    assert any("use" in label for label in labels)


def test_without_shap(monkeypatch):
    monkeypatch.setitem(sys.modules, "shap", None)
    with pytest.raises(MissingExtraError, match=r"'shap', which is not installed. Run"):
        to_shap(scored(), ROWS)
