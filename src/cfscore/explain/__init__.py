"""Explanations: contributions to the log-odds and ranked reasons, all from the plan.

``explain_table`` gives exact contributions, against the plan's own reference or a
background; ``importance_table`` and ``dependence_table`` sum them up; ``shape_tables``
reads an additive or pairwise model like a scorecard. ``reason_stability`` tells how
reasons bear small noise, ``cheapest_changes`` what a person could change to reach a
score. ``estimate_tables`` says what memory a forest's explanations will take. Pictures
are drawn in ``reports``.
"""

from cfscore.explain._cheapest_changes import (
    AttributeChange,
    CheapestChanges,
    cheapest_changes,
)
from cfscore.explain._contributions import TOLERANCE, Contributions
from cfscore.explain._dependence import Dependence, dependence_table
from cfscore.explain._explain_table import explain_table
from cfscore.explain._explainer import Explainer
from cfscore.explain._forest_explainer import ForestExplainer, forest_reason_harm
from cfscore.explain._importance import Importance, importance_table
from cfscore.explain._points_explainer import (
    PointsExplainer,
    catalogue_codes,
    reason_harm,
)
from cfscore.explain._points_row import PointsRow
from cfscore.explain._reason_stability import ReasonStability, reason_stability
from cfscore.explain._shape_axis import ShapeAxis
from cfscore.explain._shape_tables import ShapeTable, ShapeTables, shape_tables
from cfscore.explain._table_estimate import estimate_tables
from cfscore.explain._tree_shap import TABLE_BYTES, TableEstimate

__all__ = [
    "TABLE_BYTES",
    "TOLERANCE",
    "AttributeChange",
    "CheapestChanges",
    "Contributions",
    "Dependence",
    "Explainer",
    "ForestExplainer",
    "Importance",
    "PointsExplainer",
    "PointsRow",
    "ReasonStability",
    "ShapeAxis",
    "ShapeTable",
    "ShapeTables",
    "TableEstimate",
    "catalogue_codes",
    "cheapest_changes",
    "dependence_table",
    "estimate_tables",
    "explain_table",
    "forest_reason_harm",
    "importance_table",
    "reason_harm",
    "reason_stability",
    "shape_tables",
]
