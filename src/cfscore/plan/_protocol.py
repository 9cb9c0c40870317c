"""Protocol: what a plan file of the present protocol consists of, and how large it is.

A change of anything here needs a new protocol number and a reader for the old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = [
    "ARRAYS",
    "DIRECTED_FOREST_PROTOCOL",
    "DIRECTED_POINTS_PROTOCOL",
    "FOREST_PROTOCOL",
    "FORMAT",
    "GOLDEN_TEXT",
    "MANIFEST",
    "MAX_ATTRIBUTES",
    "MAX_BYTES",
    "MAX_CHARACTERISTICS",
    "MAX_JSON_BYTES",
    "MAX_MEMBERS",
    "MAX_NUMERIC_SPECIALS",
    "MAX_REASONS",
    "MAX_RULES",
    "MAX_SET_BYTES",
    "MAX_THRESHOLDS",
    "MEMBERS",
    "N_GOLDEN_REASONS",
    "PLAIN_FOREST_PROTOCOL",
    "PLAN",
    "POINTS_PROTOCOL",
    "PROTOCOL",
    "READABLE_SINCE",
    "ArraySpec",
]

#: Protocols that are written: by scorecard plans, by forest plans that know of no
#: special codes, and by those that do.
POINTS_PROTOCOL: Final = 1
PLAIN_FOREST_PROTOCOL: Final = 2
FOREST_PROTOCOL: Final = 3
#: Those of either family whose reasons state directions.
DIRECTED_POINTS_PROTOCOL: Final = 4
DIRECTED_FOREST_PROTOCOL: Final = 5
#: The newest protocol that is read.
PROTOCOL: Final = DIRECTED_FOREST_PROTOCOL
#: First cfscore that reads what is written; named to those who have an older one.
READABLE_SINCE: Final = "0.1.0"
FORMAT: Final = "cfscore plan"

MANIFEST: Final = "manifest.json"
PLAN: Final = "plan.json"
GOLDEN_TEXT: Final = "golden.json"


class ArraySpec(NamedTuple):
    """Element type (numpy's ``descr``) and number of dimensions of an array."""

    descr: str
    ndim: int


#: Numbers that score, flat over all characteristics in column order.
SCORING_ARRAYS: Final = {
    "edges.npy": ArraySpec("<f8", 1),
    "specials.npy": ArraySpec("<f8", 1),
    "woe.npy": ArraySpec("<f8", 1),
    "log_odds.npy": ArraySpec("<f8", 1),
    "points.npy": ArraySpec("<f8", 1),
    "coefficients.npy": ArraySpec("<f8", 1),
    "intercept.npy": ArraySpec("<f8", 1),
    "reference.npy": ArraySpec("<f8", 1),
}

#: Golden rows: numeric inputs (columns, rows) and expected results by row.
GOLDEN_ARRAYS: Final = {
    "golden/numbers.npy": ArraySpec("<f8", 2),
    "golden/log_odds.npy": ArraySpec("<f8", 1),
    "golden/pd.npy": ArraySpec("<f8", 1),
    "golden/score.npy": ArraySpec("<f8", 1),
    "golden/reasons.npy": ArraySpec("<i2", 2),
    "golden/status.npy": ArraySpec("|u1", 1),
}

#: Trees of a forest (see ``Trees``) and the numbers of its calibration.
PLAIN_FOREST_ARRAYS: Final = {
    "trees/node_starts.npy": ArraySpec("<i8", 1),
    "trees/leaf_starts.npy": ArraySpec("<i8", 1),
    "trees/feature.npy": ArraySpec("<i4", 1),
    "trees/threshold.npy": ArraySpec("<f8", 1),
    "trees/decision.npy": ArraySpec("|u1", 1),
    "trees/left.npy": ArraySpec("<i4", 1),
    "trees/right.npy": ArraySpec("<i4", 1),
    "trees/category_set.npy": ArraySpec("<i4", 1),
    "trees/set_starts.npy": ArraySpec("<i8", 1),
    "trees/set_codes.npy": ArraySpec("<i4", 1),
    "trees/leaf_value.npy": ArraySpec("<f8", 1),
    "trees/node_cover.npy": ArraySpec("<i8", 1),
    "trees/leaf_cover.npy": ArraySpec("<i8", 1),
    "calibration.npy": ArraySpec("<f8", 1),
}

#: The same with the special codes of all features, in column order.
FOREST_ARRAYS: Final = PLAIN_FOREST_ARRAYS | {"specials.npy": ArraySpec("<f8", 1)}

FOREST_GOLDEN_ARRAYS: Final = GOLDEN_ARRAYS | {"golden/margin.npy": ArraySpec("<f8", 1)}

ARRAYS: Final = SCORING_ARRAYS | FOREST_ARRAYS | FOREST_GOLDEN_ARRAYS


class Members(NamedTuple):
    """Array members of a protocol: those that score, and those of golden rows."""

    scoring: Mapping[str, ArraySpec]
    golden: Mapping[str, ArraySpec]


MEMBERS: Final = {
    POINTS_PROTOCOL: Members(SCORING_ARRAYS, GOLDEN_ARRAYS),
    PLAIN_FOREST_PROTOCOL: Members(PLAIN_FOREST_ARRAYS, FOREST_GOLDEN_ARRAYS),
    FOREST_PROTOCOL: Members(FOREST_ARRAYS, FOREST_GOLDEN_ARRAYS),
    DIRECTED_POINTS_PROTOCOL: Members(SCORING_ARRAYS, GOLDEN_ARRAYS),
    DIRECTED_FOREST_PROTOCOL: Members(FOREST_ARRAYS, FOREST_GOLDEN_ARRAYS),
}

#: Reason columns of golden rows.
N_GOLDEN_REASONS: Final = 4

# Limits, far above any real scorecard, so that a hostile file stays cheap to refuse.
MAX_BYTES: Final = 64 << 20
MAX_JSON_BYTES: Final = 16 << 20
MAX_MEMBERS: Final = 64
MAX_CHARACTERISTICS: Final = 10_000
MAX_ATTRIBUTES: Final = 65_535  # an attribute index is a uint16
MAX_NUMERIC_SPECIALS: Final = 1_000
MAX_REASONS: Final = 4_096
MAX_RULES: Final = 4_096
MAX_THRESHOLDS: Final = 65_535  # of a feature; a rank is a uint16
MAX_SET_BYTES: Final = 256 << 20  # a category set is a byte per code up to its highest
