"""The plan: where development and decisioning meet, as immutable data and bytes."""

from cfscore.plan._artifact import decode_plan
from cfscore.plan._bins import (
    SPECIAL_PREFIX,
    Bins,
    CategoricalBins,
    NumericBins,
    Role,
    assign_attributes,
    special_label,
    special_number,
    special_text,
)
from cfscore.plan._calibration import (
    AffineCalibration,
    BetaCalibration,
    Calibration,
    IsotonicCalibration,
)
from cfscore.plan._catalogue_file import read_catalogue
from cfscore.plan._encode import encode_plan
from cfscore.plan._forest import ForestFeature, ForestPolicy, ForestStage
from cfscore.plan._plan import Development, GoldenRows, Provenance, ScoringPlan
from cfscore.plan._points import (
    Attribute,
    Characteristic,
    NonFinite,
    PointsStage,
    Policy,
    attribute_points,
)
from cfscore.plan._promise import find_promise, promise_refusal
from cfscore.plan._protocol import MAX_BYTES as MAX_PLAN_BYTES
from cfscore.plan._protocol import N_GOLDEN_REASONS, PROTOCOL
from cfscore.plan._reasons import (
    LANGUAGES,
    CutoffReference,
    Direction,
    Reason,
    ReasonCatalogue,
    SpecialRule,
)
from cfscore.plan._trees import (
    MISSING_NAN,
    MISSING_NONE,
    MISSING_ZERO,
    ZERO_BOUND,
    Trees,
)
from cfscore.plan._typed_table import read_toml, read_typed

__all__ = [
    "LANGUAGES",
    "MAX_PLAN_BYTES",
    "MISSING_NAN",
    "MISSING_NONE",
    "MISSING_ZERO",
    "N_GOLDEN_REASONS",
    "PROTOCOL",
    "SPECIAL_PREFIX",
    "ZERO_BOUND",
    "AffineCalibration",
    "Attribute",
    "BetaCalibration",
    "Bins",
    "Calibration",
    "CategoricalBins",
    "Characteristic",
    "CutoffReference",
    "Development",
    "Direction",
    "ForestFeature",
    "ForestPolicy",
    "ForestStage",
    "GoldenRows",
    "IsotonicCalibration",
    "NonFinite",
    "NumericBins",
    "PointsStage",
    "Policy",
    "Provenance",
    "Reason",
    "ReasonCatalogue",
    "Role",
    "ScoringPlan",
    "SpecialRule",
    "Trees",
    "assign_attributes",
    "attribute_points",
    "decode_plan",
    "encode_plan",
    "find_promise",
    "promise_refusal",
    "read_catalogue",
    "read_toml",
    "read_typed",
    "special_label",
    "special_number",
    "special_text",
]
