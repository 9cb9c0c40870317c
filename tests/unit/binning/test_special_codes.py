"""Special codes of whole numbers that no float64 equals."""

from __future__ import annotations

import numpy as np
import pytest

from cfscore.binning import Binner
from cfscore.exceptions import UsageError

N = 1_000
#: Between the floats 99999999999999984 and 100000000000000000.
LARGE = 99999999999999999


@pytest.fixture(scope="module")
def sample():
    rng = np.random.default_rng(3)
    use = rng.integers(1, 5, N)
    use[:100] = LARGE
    return {"use": use}, (rng.random(N) < 0.1 * use.clip(max=5)).astype(int)


@pytest.mark.parametrize("code", [LARGE, np.int64(LARGE), str(LARGE)])
@pytest.mark.parametrize("shared", [True, False])
def test_a_categorical_code_is_told_by_all_digits(sample, code, shared):
    codes = [code] if shared else {"use": [code]}
    binner = Binner(categorical=["use"], special_codes=codes).fit(*sample)
    table = binner.table("use").set_index("bin")
    assert table.loc[f"SPECIAL {LARGE}", "count"] == 100
    assert binner.tables_["use"].bins.specials == (str(LARGE),)
    assert str(LARGE) not in table.index


@pytest.mark.parametrize("named", [LARGE, str(LARGE)])
def test_its_policy_is_found_by_all_digits(sample, named):
    options = {"categorical": ["use"], "special_codes": [LARGE]}
    table = Binner(**options, special={named: "neutral"}).fit(*sample).table("use")
    policies = table.set_index("bin")["policy"]
    assert policies[f"SPECIAL {LARGE}"] == "neutral"


def test_a_policy_of_a_neighbour_is_refused(sample):
    options = {"categorical": ["use"], "special_codes": [LARGE]}
    with pytest.raises(UsageError, match=r"'100000000000000000'.*does not declare"):
        Binner(**options, special={LARGE + 1: "neutral"}).fit(*sample)


@pytest.mark.parametrize("named", [1e17, 10**17, "1e+17", "100000000000000000"])
def test_large_floats_are_named_by_number_label_or_digits(sample, named):
    X, y = sample
    numbers = {"use": np.where(X["use"] == LARGE, 1e17, X["use"])}
    binner = Binner(special_codes=[1e17], special={named: "neutral"}).fit(numbers, y)
    policies = binner.table("use").set_index("bin")["policy"]
    assert policies["SPECIAL 1e+17"] == "neutral"


@pytest.mark.parametrize("where", ["list", "column", "settings"])
def test_a_numeric_column_refuses_what_no_float_equals(sample, where):
    X, y = sample
    numbers = {"use": np.where(X["use"] == LARGE, 2.0**53, X["use"])}
    options = {
        "list": {"special_codes": [2**53 + 1]},
        "column": {"special_codes": {"use": [2**53 + 1]}},
        "settings": {"settings": {"use": {"special_codes": [2**53 + 1]}}},
    }[where]
    with pytest.raises(UsageError, match=r"column 'use': .* 1 whole-number code"):
        Binner(**options).fit(numbers, y)
    binner = Binner(special_codes=[2**53]).fit(numbers, y)
    table = binner.table("use").set_index("bin")
    assert table.loc["SPECIAL 9007199254740992", "count"] == 100


def test_edits_take_the_same_keys(sample):
    groups = [[LARGE, 1], [2, 3, np.int64(4)]]
    binner = Binner(categorical=["use"], edits={"use": groups}).fit(*sample)
    found = binner.tables_["use"].bins.groups
    assert found == ((str(LARGE), "1"), ("2", "3", "4"))
