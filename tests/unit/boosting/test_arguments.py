"""Arguments: shares, switches and evaluation sets."""

from __future__ import annotations

import pytest

from cfscore.boosting._arguments import check_parameters, read_eval_set
from cfscore.exceptions import UsageError


@pytest.mark.parametrize(
    ("share", "refit", "message"),
    [
        (0.0, True, "validation_share must be between 0 and 1, got 0.0"),
        (1, True, "validation_share must be between 0 and 1, got 1"),
        ("20%", True, "validation_share must be a number, got '20%'"),
        (True, True, "validation_share must be a number, got True"),
        (0.2, None, "refit must be True or False, got None"),
        (0.2, 1, "refit must be True or False, got 1"),
    ],
)
def test_wrong_parameters_are_refused_by_name(share, refit, message):
    check_parameters(0.2, False)
    with pytest.raises(UsageError, match=message):
        check_parameters(share, refit)


def test_an_evaluation_set_is_one_pair_or_triple():
    assert read_eval_set(None) is None
    assert read_eval_set(("X", "y")) == ("X", "y", None)
    assert read_eval_set([("X", "y", "w")]) == ("X", "y", "w")


@pytest.mark.parametrize("given", ["Xy", [], [("X", "y")] * 2, ("X",), ["X", "y"], {}])
def test_anything_else_is_refused(given):
    with pytest.raises(UsageError, match=r"eval_set must be \(X, y\)"):
        read_eval_set(given)
