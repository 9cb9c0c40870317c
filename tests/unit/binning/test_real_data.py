"""Public data sets fit without hand-holding (skipped where they are not at hand)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cfscore.binning import Binner

pytestmark = pytest.mark.data


def check(binner: Binner, X: pd.DataFrame) -> None:
    woe = binner.transform(X)
    assert np.isfinite(woe).all()
    for table in binner.tables_.values():
        assert table.counts.sum() == len(X)
        if table.kind != "numeric":
            assert table.counts[table.bins.unseen_index] == 0


def test_german(public_data):
    data = pd.read_csv(public_data / "german" / "germancredit.csv")
    X = data.drop(columns="creditability")
    binner = Binner().fit(X, data["creditability"] == "bad")
    check(binner, X)
    iv = binner.summary().set_index("characteristic")["iv"]
    # the strongest characteristic; 0.666 unsmoothed is the figure of the literature
    assert iv.idxmax() == "status_of_existing_checking_account"
    assert iv.max() == pytest.approx(0.66, abs=0.01)


def test_taiwan(public_data):
    data = pd.read_csv(public_data / "taiwan" / "UCI_Credit_Card.csv")
    target = next(name for name in data if "default" in name)
    X = data.drop(columns=[target, "ID"])
    codes = {name: [-2, -1] for name in X if name.startswith("PAY_") and len(name) == 5}
    binner = Binner(special_codes=codes, monotonic="ascending").fit(X, data[target])
    check(binner, X)
    assert binner.tables_["PAY_0"].trend == "ascending"
    assert binner.tables_["PAY_0"].bins.specials == (-2.0, -1.0)
    assert binner.tables_["PAY_0"].iv > 0.5
