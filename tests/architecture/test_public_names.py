"""The names that users import, and what a wrong or unavailable one says."""

from __future__ import annotations

import importlib.metadata

import pytest

import cfscore as cf
from cfscore.exceptions import MissingExtraError

PUBLIC_NAMES = [
    "Binner",
    "BoostedModel",
    "Calibrator",
    "CfscoreError",
    "CutoffReference",
    "FeatureCatalogue",
    "FeatureSpec",
    "InputSchema",
    "Reason",
    "ReasonCatalogue",
    "ScoreScale",
    "Scorecard",
    "Scorer",
    "ScoringPlan",
    "SelectionRules",
    "Source",
    "SpecialRule",
    "Window",
    "__version__",
    "build_feature_row",
    "build_features",
    "compile_plan",
    "datasets",
    "explain",
    "features",
    "load_plan",
    "metrics",
    "outcomes",
    "reports",
    "shape_tables",
]


def fail_to_import(missing: str):
    def import_module(name: str) -> object:
        message = f"No module named {missing!r}"
        raise ModuleNotFoundError(message, name=missing)

    return import_module


def test_public_names_are_these() -> None:
    assert cf.__all__ == PUBLIC_NAMES


def test_dir_lists_the_public_names_before_they_are_loaded() -> None:
    assert dir(cf) == PUBLIC_NAMES


@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_public_name_resolves(name: str) -> None:
    pytest.importorskip("optbinning", reason="needs the train extra")
    pytest.importorskip("matplotlib", reason="needs the report extra")
    assert getattr(cf, name) is getattr(cf, name)


def test_names_imported_with_from_are_the_same_objects() -> None:
    from cfscore import ScoreScale
    from cfscore.score_scale import ScoreScale as FromItsModule

    assert ScoreScale is FromItsModule is cf.ScoreScale


def test_version_is_that_of_the_installed_distribution() -> None:
    assert cf.__version__ == importlib.metadata.version("cfscore")


def test_misspelt_name_suggests_the_right_one() -> None:
    with pytest.raises(AttributeError, match=r"'Scorcard'\. Did you mean: 'Scorecard'"):
        _ = cf.Scorcard


def test_unknown_name_is_an_attribute_error_without_a_guess() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'qqq'$"):
        _ = cf.qqq
    assert not hasattr(cf, "__wrapped__")


@pytest.mark.parametrize(
    ("missing", "extra"),
    [
        ("pandas", "train"),
        ("sklearn.linear_model", "train"),
        ("scipy.optimize", "train"),
        ("optbinning", "train"),
        ("matplotlib.pyplot", "report"),
        ("pyspark", "spark"),
    ],
)
def test_missing_extra_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, missing: str, extra: str
) -> None:
    monkeypatch.delitem(vars(cf), "Binner", raising=False)
    monkeypatch.setattr(cf, "import_module", fail_to_import(missing))
    with pytest.raises(MissingExtraError, match=rf'pip install "cfscore\[{extra}\]"'):
        _ = cf.Binner


def test_other_missing_modules_are_not_disguised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(vars(cf), "metrics", raising=False)
    monkeypatch.setattr(cf, "import_module", fail_to_import("cfscore.metrics._auc"))
    with pytest.raises(ModuleNotFoundError, match="_auc") as caught:
        _ = cf.metrics
    assert not isinstance(caught.value, MissingExtraError)
