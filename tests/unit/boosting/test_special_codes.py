"""Special codes of a boosted model: missing to the trees, outside of any direction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.base import clone

from cfscore.boosting import BoostedModel, FeatureEncoding
from cfscore.boosting._special_codes import resolve_special_codes
from cfscore.exceptions import UsageError
from cfscore.tables import InputField, InputSchema, read_table
from tests.unit.boosting.loans import quick_model

SCHEMA = InputSchema(
    (
        InputField("months", "numeric"),
        InputField("use", "numeric"),
        InputField("city", "categorical"),
        InputField("owner", "boolean"),
    )
)
NEVER, NO_HIT = -9993.0, -9991.0


def months_table(n_rows=4000, seed=0):
    """Return X and y: the bad rate falls with months since a delay, least for never."""
    rng = np.random.default_rng(seed)
    months = rng.integers(0, 60, n_rows).astype(float)
    log_odds = -0.5 - months / 20
    for code, level in ((NEVER, -3.0), (NO_HIT, 0.5)):
        chosen = rng.random(n_rows) < 0.2
        months[chosen], log_odds[chosen] = code, level
    y = (rng.random(n_rows) < expit(log_odds)).astype(int)
    months[rng.random(n_rows) < 0.05] = np.nan
    return pd.DataFrame({"months": months, "use": rng.normal(size=n_rows)}), y


X, Y = months_table()
CODES = {"months": [NEVER, NO_HIT]}


@pytest.fixture(scope="module")
def model():
    return quick_model(monotonic={"months": -1}, special_codes=CODES).fit(X, Y)


# ------------------------------------------------------------------ declarations


def test_codes_of_single_columns():
    found = resolve_special_codes({"use": (-7, np.float32(-8)), "months": []}, SCHEMA)
    assert found == {"use": (-7.0, -8.0)}
    assert resolve_special_codes(None, SCHEMA) == {}


def test_a_list_holds_for_every_numeric_column():
    found = resolve_special_codes([-7, "XNA", np.int64(-8)], SCHEMA)
    assert found == {"months": (-7.0, -8.0), "use": (-7.0, -8.0)}
    assert resolve_special_codes(["XNA"], SCHEMA) == {}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"month": [-7]}, r"names columns that X does not have: \['month'\].*'months'"),
        ({"city": [-7]}, r"special_codes\['city'\]: a categorical column has no"),
        ({"owner": [1]}, r"special_codes\['owner'\]: a boolean column has no"),
        ({"use": ["XNA"]}, r"special_codes\['use'\]: .* are numbers"),
        ({"use": [np.inf]}, r"special_codes\['use'\] must hold finite numbers"),
        ({"use": [np.nan]}, "must hold finite numbers"),
        ({"use": [True]}, "must hold finite numbers"),
        ({"use": [None]}, "must hold finite numbers"),
        ({"use": [-7, -7.0]}, "must not repeat a code"),
        ({"use": [2**53 + 1]}, r"special_codes\['use'\]: .* 1 whole-number code"),
        ([-7, 2**53 + 1], "special_codes: .* 1 whole-number code"),
        ({"use": -7}, r"special_codes\['use'\] must be a list"),
        ("-7", "special_codes must be a list"),
        (-7, "special_codes must be a list"),
    ],
)
def test_what_no_column_can_hold_is_refused(given, message):
    with pytest.raises(UsageError, match=f"(?s){message}"):
        resolve_special_codes(given, SCHEMA)


def test_refusals_reach_the_caller_of_fit():
    with pytest.raises(UsageError, match="Did you mean 'months'"):
        BoostedModel(special_codes={"month": [NEVER]}).fit(X, Y)


# ------------------------------------------------------------------ what trees see


def test_the_matrix_holds_nan_for_codes_alone():
    table = {
        "months": [NEVER, np.nextafter(NEVER, 0.0), None, np.inf],
        "use": [NEVER, 1.0, 2.0, 3.0],
        "city": ["-9993"] * 4,
        "owner": [True] * 4,
    }
    encoding = FeatureEncoding(SCHEMA, {"city": ("-9993",)}, {"months": (NEVER,)})
    found = encoding.encode(read_table(table, SCHEMA))
    is_missing = np.zeros((4, 4), bool)
    is_missing[[0, 2], 0] = True
    assert np.isnan(found).tolist() == is_missing.tolist()
    assert found[0, 1:].tolist() == [NEVER, 0.0, 1.0]


def test_a_model_with_codes_is_the_model_of_a_table_without_them(model):
    blanked = X.replace({"months": {NEVER: np.nan, NO_HIT: np.nan}})
    plain = quick_model(monotonic={"months": -1}).fit(blanked, Y)
    assert model.model_text_ == plain.model_text_
    assert model.special_codes_ == {"months": (NEVER, NO_HIT)}
    assert plain.special_codes_ == {}
    expected = plain.predict_log_odds(blanked).tolist()
    assert model.predict_log_odds(X).tolist() == expected
    assert model.predict_log_odds(blanked).tolist() == expected


def test_held_out_rows_are_read_with_the_codes():
    late, y = months_table(800, seed=1)
    blanked = late.replace({"months": {NEVER: np.nan, NO_HIT: np.nan}})
    one = quick_model(special_codes=CODES).fit(X, Y, eval_set=(late, y))
    other = quick_model(special_codes=CODES).fit(X, Y, eval_set=(blanked, y))
    assert one.model_text_ == other.model_text_
    assert one.evals_result_ == other.evals_result_


def test_a_direction_holds_for_the_measurements(model):
    grid = pd.DataFrame({"months": np.arange(60.0), "use": 0.0})
    steps = np.diff(model.predict_log_odds(grid))
    assert (steps <= 0).all()
    assert (steps < 0).any()


def test_a_code_against_the_direction_is_learnt_once_declared():
    """Never is the lowest number and the safest value.

    Trees that must fall with months and take it for a number cannot tell so.
    """
    kept = X.months != NO_HIT
    told, untold = (
        quick_model(monotonic={"months": -1}, special_codes=codes).fit(X[kept], Y[kept])
        for codes in ([NEVER], None)
    )
    never = pd.DataFrame({"months": [NEVER, 0.0], "use": 0.0})
    assert np.diff(untold.predict_log_odds(never))[0] <= 0
    assert np.diff(told.predict_log_odds(never))[0] > 1
    assert told.score(X[kept], Y[kept]) > untold.score(X[kept], Y[kept]) + 0.02


def test_the_fingerprint_is_that_of_the_raw_table(model):
    assert model.training_fingerprint_ == quick_model().fit(X, Y).training_fingerprint_


def test_parameters_are_kept_as_they_were_given():
    codes = {"months": [NEVER]}
    copy = clone(BoostedModel(special_codes=codes))
    assert copy.get_params()["special_codes"] == codes
    assert BoostedModel().get_params()["special_codes"] is None


def test_the_best_of_several_candidates_knows_the_codes():
    best = quick_model(special_codes=CODES).tune(X, Y, n_candidates=1, cv=2)
    assert best.special_codes_ == {"months": (NEVER, NO_HIT)}
