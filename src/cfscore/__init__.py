"""Credit scorecards, compiled into one plan from which every score is read.

Development (``Binner``, ``Scorecard``) makes models, ``compile_plan`` turns one into
a ``ScoringPlan``, and decisioning (``load_plan``, ``Scorer``) runs the plan. Points,
PD, score and reasons are all read from that plan, so they agree for every input.

``import cfscore`` is cheap: a name is loaded from its package when first used. A name
that needs an optional dependency says which extra installs it.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from cfscore.exceptions import CfscoreError, MissingExtraError

if TYPE_CHECKING:
    from cfscore import datasets, explain, features, metrics, outcomes, reports
    from cfscore.binning import Binner
    from cfscore.boosting import BoostedModel
    from cfscore.calibration import Calibrator
    from cfscore.compiler import compile_plan
    from cfscore.explain import shape_tables
    from cfscore.features import (
        FeatureCatalogue,
        FeatureSpec,
        Source,
        Window,
        build_feature_row,
        build_features,
    )
    from cfscore.plan import (
        CutoffReference,
        Reason,
        ReasonCatalogue,
        ScoringPlan,
        SpecialRule,
    )
    from cfscore.score_scale import ScoreScale
    from cfscore.scorecard import Scorecard, SelectionRules
    from cfscore.scoring import Scorer, load_plan
    from cfscore.tables import InputSchema

__version__ = "0.1.0"

__all__ = [
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

_MODULE_OF_NAME = {
    "Binner": "cfscore.binning",
    "BoostedModel": "cfscore.boosting",
    "Calibrator": "cfscore.calibration",
    "CutoffReference": "cfscore.plan",
    "FeatureCatalogue": "cfscore.features",
    "FeatureSpec": "cfscore.features",
    "InputSchema": "cfscore.tables",
    "Reason": "cfscore.plan",
    "ReasonCatalogue": "cfscore.plan",
    "ScoreScale": "cfscore.score_scale",
    "Scorecard": "cfscore.scorecard",
    "Scorer": "cfscore.scoring",
    "ScoringPlan": "cfscore.plan",
    "SelectionRules": "cfscore.scorecard",
    "Source": "cfscore.features",
    "SpecialRule": "cfscore.plan",
    "Window": "cfscore.features",
    "build_feature_row": "cfscore.features",
    "build_features": "cfscore.features",
    "compile_plan": "cfscore.compiler",
    "load_plan": "cfscore.scoring",
    "shape_tables": "cfscore.explain",
}

_SUBPACKAGES = frozenset(
    {"datasets", "explain", "features", "metrics", "outcomes", "reports"}
)

_EXTRA_OF_PACKAGE = {
    "jinja2": "report",
    "lightgbm": "train",
    "matplotlib": "report",
    "openpyxl": "report",
    "optbinning": "train",
    "pandas": "train",
    "polars": "train",
    "pyspark": "spark",
    "scipy": "train",
    "shap": "train",
    "sklearn": "train",
    "xlsxwriter": "report",
}


def _load(name: str) -> object:
    """Return the public name `name`, importing the package that holds it.

    Raises
    ------
    MissingExtraError
        If that package needs an optional dependency which is not installed.
    """
    try:
        if name in _SUBPACKAGES:
            return import_module(f"cfscore.{name}")
        return getattr(import_module(_MODULE_OF_NAME[name]), name)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA_OF_PACKAGE:
            raise
        message = f"cfscore.{name} needs {missing!r}, which is not installed."
        hint = f'Run: pip install "cfscore[{_EXTRA_OF_PACKAGE[missing]}]"'
        raise MissingExtraError(message, hint=hint) from error


def _lazy_attribute(name: str) -> object:
    """Return a public name and keep it, so that the next look-up is a plain one.

    Raises
    ------
    AttributeError
        If there is no such public name; the closest one is suggested.
    MissingExtraError
        If the name needs an optional dependency which is not installed.
    """
    if name not in _MODULE_OF_NAME and name not in _SUBPACKAGES:
        message = f"module 'cfscore' has no attribute {name!r}"
        close = get_close_matches(name, __all__, n=1)
        suggestion = f". Did you mean: {close[0]!r}?" if close else ""
        raise AttributeError(message + suggestion)
    value = _load(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted(__all__)


if not TYPE_CHECKING:
    # Hidden from type checkers: they read the imports above, and with a module
    # __getattr__ in sight they would accept any misspelt name.
    __getattr__ = _lazy_attribute
