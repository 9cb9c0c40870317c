"""Features: raw records become one row per decision, from what was known before it.

A ``Source`` says whose facts a table holds, when each happened and when it became
known. A ``FeatureSpec`` says what to measure over which ``Window`` before a decision,
and ``build_features`` does it for a table of decisions: on polars, lazily, from
frames or Parquet. ``build_feature_row`` does the same for one decision in a backend.

Two things are kept apart that are often confused. A fact that happened before a
decision but became known after it is not used; and a measurement of zero, a thing
that cannot be measured, an event that never was, a bureau without a file, a source
that did not answer and a consent that was not given are six different values.
"""

from cfscore.features._attach import Attach
from cfscore.features._availability import (
    AvailabilityProof,
    SourceEvidence,
    prove_availability,
)
from cfscore.features._build import build_feature_row, build_features
from cfscore.features._catalogue import FeatureCatalogue
from cfscore.features._catalogue_file import load_catalogue
from cfscore.features._code_table import CodeTable
from cfscore.features._combination import Combination
from cfscore.features._derivation import (
    Elapsed,
    FirstKnown,
    LocalHour,
    LocalMonth,
    Lookup,
    Quotient,
)
from cfscore.features._dictionary import FeatureInfo
from cfscore.features._forbidden_field import FORBIDDEN_FIELDS, forbidden_field
from cfscore.features._invariance import (
    InvarianceReport,
    future_noise_test,
    time_travel_test,
)
from cfscore.features._outcome_screen import (
    ColumnFinding,
    OutcomeScreen,
    ScreenLimits,
    screen_outcome,
)
from cfscore.features._settlement import Settlement
from cfscore.features._shipped import SHIPPED_CATALOGUES, shipped_catalogue
from cfscore.features._source import Flag, Source
from cfscore.features._spec import FeatureSpec
from cfscore.features._window import Window
from cfscore.special_code import SPECIAL_CODES

__all__ = [
    "FORBIDDEN_FIELDS",
    "SHIPPED_CATALOGUES",
    "SPECIAL_CODES",
    "Attach",
    "AvailabilityProof",
    "CodeTable",
    "ColumnFinding",
    "Combination",
    "Elapsed",
    "FeatureCatalogue",
    "FeatureInfo",
    "FeatureSpec",
    "FirstKnown",
    "Flag",
    "InvarianceReport",
    "LocalHour",
    "LocalMonth",
    "Lookup",
    "OutcomeScreen",
    "Quotient",
    "ScreenLimits",
    "Settlement",
    "Source",
    "SourceEvidence",
    "Window",
    "build_feature_row",
    "build_features",
    "forbidden_field",
    "future_noise_test",
    "load_catalogue",
    "prove_availability",
    "screen_outcome",
    "shipped_catalogue",
    "time_travel_test",
]
