"""Policies of single special codes: no consent and a failed source are no risk."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from cfscore.binning import Binner
from cfscore.exceptions import FitError, UsageError

N = 2_000
CODES = [-9991, -9994]


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(6)
    use = rng.uniform(0, 1, N)
    y = (rng.random(N) < 0.1 + 0.3 * use).astype(int)
    use[:200], use[200:400] = CODES
    y[200:300] = 1  # the failed source would look risky
    return {"use": use}, y


def policies(binner):
    table = binner.table("use").set_index("bin")
    return {code: table.loc[f"SPECIAL {code}", ["policy", "woe"]] for code in CODES}


@pytest.mark.parametrize("special", [{-9994: "neutral"}, {"-9994": "neutral"}])
def test_a_code_can_be_neutral_while_another_is_learnt(sample, special):
    binner = Binner(special_codes=CODES, special=special).fit(*sample)
    found = policies(clone(binner).fit(*sample))
    assert found[-9994]["policy"] == "neutral"
    assert found[-9994]["woe"] == 0
    assert found[-9991]["policy"] == "own"
    assert found[-9991]["woe"] != 0


def test_settings_of_one_characteristic_win(sample):
    settings = {"use": {"special": {-9991: "neutral"}}}
    binner = Binner(special_codes=CODES, special="own", settings=settings).fit(*sample)
    assert policies(binner)[-9991]["policy"] == "neutral"
    assert policies(binner)[-9994]["policy"] == "own"


def test_text_codes_have_policies_too():
    rng = np.random.default_rng(7)
    job = rng.choice(np.array(["a", "b", "XNA"], object), N)
    y = (rng.random(N) < np.where(job == "a", 0.1, 0.4)).astype(int)
    binner = Binner(special_codes=["XNA"], special={"XNA": "neutral"})
    table = binner.fit({"job": job}, y).table("job").set_index("bin")
    assert table.loc["SPECIAL XNA", "policy"] == "neutral"


def test_codes_that_are_not_declared_are_refused(sample):
    with pytest.raises(UsageError, match=r"\['-9993'\].*does not declare"):
        Binner(special_codes=CODES, special={-9993: "neutral"}).fit(*sample)


def test_unknown_policies_are_refused_with_a_hint(sample):
    with pytest.raises(UsageError, match="neutral"):
        Binner(special_codes=CODES, special={-9991: "netural"}).fit(*sample)


def test_refused_codes_may_not_stand_in_training(sample):
    with pytest.raises(FitError, match="'use'"):
        Binner(special_codes=CODES, special={-9994: "error"}).fit(*sample)
