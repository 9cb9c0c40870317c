from __future__ import annotations

import json

import numpy as np
import pytest

from cfscore.metrics import auc
from cfscore.workflow import discriminate

Y = np.array([1, 0, 1, 0, 0, 1], np.int8)
RISK = np.array([0.9, 0.1, 0.4, 0.5, 0.2, np.nan])


def test_refused_rows_are_left_out() -> None:
    found = discriminate(Y, RISK)
    assert found is not None
    assert (found.rows, found.bads, found.bad_rate) == (5, 2, 0.4)
    # Bads 0.9 and 0.4 against goods 0.1, 0.5, 0.2: 3 + 2 of 6 pairs agree.
    assert found.auc.value == pytest.approx(5 / 6)
    assert found.gini.value == pytest.approx(4 / 6)


def test_weights_reach_the_metrics() -> None:
    weight = np.array([1.0, 2.0, 3.0, 1.0, 1.0, 5.0])
    found = discriminate(Y, RISK, weight)
    assert found is not None
    assert found.auc == auc(Y[:5], RISK[:5], sample_weight=weight[:5])


def test_one_class_has_no_discrimination() -> None:
    assert discriminate(np.zeros(3, np.int8), RISK[:3]) is None
    assert discriminate(Y[:0], RISK[:0]) is None


def test_numbers_fit_into_json() -> None:
    found = discriminate(Y, RISK)
    assert found is not None
    content = found.to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert set(content["ks"]) == {"value", "lower", "upper", "confidence"}
