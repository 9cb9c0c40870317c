"""Settings: defaults, overrides of single columns, and what is refused."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from cfscore.binning import Binner, BinningSettings
from cfscore.binning._settings import refuse_foreign_settings, resolve_settings
from cfscore.exceptions import UsageError
from cfscore.tables import InputField

NAMES = ("age", "income", "城市")


def resolve(special_codes=None, settings=None, **defaults):
    return resolve_settings(defaults, special_codes, settings, NAMES)


def test_defaults_are_those_of_the_binner():
    # the constructor has to spell them; this is what keeps the two in step
    parameters = inspect.signature(Binner).parameters
    settings = BinningSettings()
    for name, parameter in parameters.items():
        if hasattr(settings, name) and name != "special_codes":
            assert parameter.default == getattr(settings, name)


def test_parameters_of_the_contract_stand_in_its_order():
    expected = (
        "max_bins min_bin_share min_bin_count laplace monotonic special_codes "
        "categorical missing special unseen non_finite edits settings n_jobs"
    )
    assert list(inspect.signature(Binner).parameters) == expected.split()


def test_a_column_of_its_own_settings():
    settings = resolve(
        special_codes=[-7],
        settings={"age": {"max_bins": 3, "monotonic": -1, "special_codes": None}},
        max_bins=5,
    )
    assert (settings["age"].max_bins, settings["income"].max_bins) == (3, 5)
    assert settings["age"].monotonic == "descending"
    assert settings["age"].special_codes == ()
    assert settings["城市"].special_codes == (-7.0,)


def test_special_codes_of_single_columns():
    settings = resolve(special_codes={"age": [-7, -8], "城市": ["XNA", -1]})
    assert settings["age"].special_codes == (-7.0, -8.0)
    assert settings["城市"].special_codes == ("XNA", -1.0)
    assert settings["income"].special_codes == ()


@pytest.mark.parametrize("spelling", ["ascending", 1, np.int64(1)])
def test_both_spellings_of_a_direction(spelling):
    assert BinningSettings(monotonic=spelling).monotonic == "ascending"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"agee": {}}, r"\['agee'\].* Did you mean 'age'\?"),
        ({"age": {"max_bin": 3}}, r"\['max_bin'\].* Did you mean 'max_bins'\?"),
        ({"age": {"max_bins": 0}}, "Column 'age': max_bins .* at least 1"),
        ({"age": {"missing": "owm"}}, "Did you mean 'own'"),
        ({"age": 3}, r"settings\['age'\] must be a mapping"),
        ([("age", {})], "settings must be a mapping"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(UsageError, match=message):
        resolve(settings=settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_bins", 0),
        ("max_bins", 2.5),
        ("max_bins", True),
        ("min_bin_share", -0.1),
        ("min_bin_share", 0.6),
        ("min_bin_share", np.nan),
        ("min_bin_count", 0),
        ("laplace", -1),
        ("laplace", np.nan),
        ("laplace", "0.5"),
        ("monotonic", "up"),
        ("monotonic", 2),
        ("monotonic", True),
        ("monotonic", None),
        ("missing", "missing"),
        ("special", "worst"),
        ("unseen", "own"),
        ("non_finite", "own"),
        ("max_p_value", 0.0),
        ("max_prebins", 1),
        ("time_limit", 0),
        ("special_codes", "XNA"),
        ("special_codes", -7),
        ("special_codes", [-7, -7.0]),
        ("special_codes", [np.nan]),
        ("special_codes", [None]),
        ("special_codes", [np.inf]),
        ("special_codes", [True]),
        ("special_codes", [" "]),
    ],
)
def test_values_out_of_range_are_refused_by_name(name, value):
    with pytest.raises(UsageError, match=name):
        BinningSettings(**{name: value})


@pytest.mark.parametrize("value", [[], {}, [1]])
def test_unhashable_values_are_refused_and_not_stumbled_over(value):
    for name in ("monotonic", "missing"):
        with pytest.raises(UsageError, match=name):
            BinningSettings(**{name: value})


@pytest.mark.parametrize(
    ("kind", "own", "codes"),
    [
        ("categorical", {"monotonic": "ascending"}, None),
        ("boolean", {"monotonic": "none"}, None),
        ("numeric", {"special_codes": ["XNA"]}, None),
        ("numeric", {}, {"x": [-7, "XNA"]}),
        ("boolean", {}, {"x": [-7]}),
    ],
)
def test_what_a_kind_cannot_have_is_refused(kind, own, codes):
    with pytest.raises(UsageError, match="Column 'x'"):
        refuse_foreign_settings(InputField("x", kind), own, codes)


def test_a_list_for_all_columns_is_no_declaration_for_one():
    refuse_foreign_settings(InputField("x", "boolean"), {}, [-7, "XNA"])
