"""Arguments: what a card accepts as parameters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cfscore.binning import Binner
from cfscore.exceptions import UsageError
from cfscore.score_scale import ScoreScale
from cfscore.scorecard import SelectionRules
from cfscore.scorecard._arguments import check_parameters, resolve_selection

KNOWN = ("income", "debt")


def test_good_parameters_pass():
    check_parameters(None, None, "constrained", None)
    check_parameters(Binner(), ScoreScale(), "free", np.float64(0.5))
    check_parameters(None, None, "free", 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"binner": "optbinning"}, "binner must be a Binner or None, got 'optbinning'"),
        ({"binner": Binner}, "binner must be a Binner"),
        ({"scale": {"pdo": 20}}, "scale must be a ScoreScale or None, got dict"),
        ({"sign": "negative"}, "sign must be 'constrained' or 'free', got 'negative'"),
        ({"sign": ["free"]}, "sign must be"),
        ({"C": 0}, "C must be a positive finite number or None, got 0"),
        ({"C": -1.0}, "C must be"),
        ({"C": "1"}, "C must be"),
        ({"C": True}, "C must be"),
        ({"C": np.inf}, "C must be"),
        ({"C": np.nan}, "C must be"),
    ],
)
def test_wrong_parameters_are_refused_by_name(change, message):
    good = {"binner": None, "scale": None, "sign": "free", "C": None}
    with pytest.raises(UsageError, match=message):
        check_parameters(**(good | change))


def test_selection_in_its_plain_form():
    rules = SelectionRules(min_iv=0.1)
    assert resolve_selection("auto", KNOWN) == SelectionRules()
    assert resolve_selection(rules, KNOWN) is rules
    assert resolve_selection(None, KNOWN) is None
    for names in (["debt"], ("debt",), np.array(["debt"]), pd.Index(["debt"])):
        assert resolve_selection(names, KNOWN) == ("debt",)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("all", "selection must be 'auto'.*got 'all'"),
        (5, "selection must be 'auto'.*got 5"),
        (["incme"], r"does not have: \['incme'\].*Did you mean 'income'"),
        ([], "at least one column"),
        (["debt", "debt"], "none twice"),
    ],
)
def test_a_wrong_selection_is_refused(selection, message):
    with pytest.raises(UsageError, match=message):
        resolve_selection(selection, KNOWN)
