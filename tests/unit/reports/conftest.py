"""Pictures are drawn without a display and closed after each test."""

from __future__ import annotations

import pytest

pytest.importorskip("matplotlib")

import matplotlib as mpl
import matplotlib.pyplot as plt


@pytest.fixture(autouse=True)
def closed_figures():
    with mpl.rc_context({"backend": "Agg"}):
        plt.switch_backend("Agg")
        yield
        plt.close("all")
