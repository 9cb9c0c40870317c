"""Decoding: the members of a plan file to the plan they describe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import ArtifactError
from cfscore.plan._audit import first_fault
from cfscore.plan._cursor import Arrays
from cfscore.plan._decode_forest import (
    decode_calibration,
    decode_forest,
    decode_plain_forest,
)
from cfscore.plan._decode_points import (
    decode_points,
    decode_reference,
    decode_scale,
    decode_schema,
)
from cfscore.plan._decode_reasons import decode_catalogue
from cfscore.plan._fault import refused_as
from cfscore.plan._forest import ForestStage
from cfscore.plan._json import parse_json
from cfscore.plan._manifest import open_manifest
from cfscore.plan._npy import read_npy
from cfscore.plan._plan import Development, GoldenRows, Provenance, ScoringPlan
from cfscore.plan._protocol import (
    DIRECTED_FOREST_PROTOCOL,
    DIRECTED_POINTS_PROTOCOL,
    FOREST_PROTOCOL,
    GOLDEN_TEXT,
    MEMBERS,
    PLAIN_FOREST_PROTOCOL,
    PLAN,
    POINTS_PROTOCOL,
    ArraySpec,
)
from cfscore.plan._record import Record
from cfscore.tables import InputSchema

__all__ = [
    "decode_protocol_1",
    "decode_protocol_2",
    "decode_protocol_3",
    "decode_protocol_4",
    "decode_protocol_5",
]

_COMMON_KEYS = ("catalogue", "development", "name", "notes", "scale", "schema")
_POINTS_KEYS = (*_COMMON_KEYS, "characteristics")
_FOREST_KEYS = (*_COMMON_KEYS, "calibration", "features", "forest")


def decode_protocol_1(members: Mapping[str, bytes]) -> ScoringPlan:
    """Return the scorecard plan that the members of a protocol 1 file describe.

    Parameters
    ----------
    members : mapping of str to bytes
        All members, their bytes as read.

    Returns
    -------
    ScoringPlan
        Audited; golden rows, where there are any, are not replayed here.

    Raises
    ------
    ArtifactError
        When anything is missing, unknown or contradictory.
    """
    return _decode_points_plan(members, POINTS_PROTOCOL)


def _decode_points_plan(members: Mapping[str, bytes], protocol: int) -> ScoringPlan:
    manifest = open_manifest(members, protocol)
    root = Record(parse_json(members[PLAN], PLAN), _POINTS_KEYS, PLAN)
    arrays = _read_arrays(members, MEMBERS[protocol].scoring)
    schema = decode_schema(root)
    with refused_as("CATALOGUE"):  # the catalogue must cover the columns
        plan = ScoringPlan(
            model=decode_points(root, schema, arrays),
            reference=decode_reference(arrays, len(schema)),
            golden=_golden(members, schema, MEMBERS[protocol].golden),
            **_common_parts(manifest, root, protocol),
        )
    return _audited(plan)


def decode_protocol_2(members: Mapping[str, bytes]) -> ScoringPlan:
    """Return the forest plan that the members of a protocol 2 file describe.

    See ``decode_protocol_1``.
    """
    return _decode_forest_plan(members, PLAIN_FOREST_PROTOCOL, decode_plain_forest)


def decode_protocol_3(members: Mapping[str, bytes]) -> ScoringPlan:
    """Return the forest plan with special codes that a protocol 3 file describes.

    See ``decode_protocol_1``.
    """
    return _decode_forest_plan(members, FOREST_PROTOCOL, decode_forest)


def decode_protocol_4(members: Mapping[str, bytes]) -> ScoringPlan:
    """Return the scorecard plan whose reasons state directions.

    See ``decode_protocol_1``.
    """
    return _decode_points_plan(members, DIRECTED_POINTS_PROTOCOL)


def decode_protocol_5(members: Mapping[str, bytes]) -> ScoringPlan:
    """Return the forest plan whose reasons state directions.

    See ``decode_protocol_1``.
    """
    return _decode_forest_plan(members, DIRECTED_FOREST_PROTOCOL, decode_forest)


def _decode_forest_plan(
    members: Mapping[str, bytes],
    protocol: int,
    decode_stage: Callable[[Record, InputSchema, Arrays], ForestStage],
) -> ScoringPlan:
    manifest = open_manifest(members, protocol)
    root = Record(parse_json(members[PLAN], PLAN), _FOREST_KEYS, PLAN)
    arrays = _read_arrays(members, MEMBERS[protocol].scoring)
    schema = decode_schema(root)
    with refused_as("CATALOGUE"):
        plan = ScoringPlan(
            model=decode_stage(root, schema, arrays),
            reference=(),
            calibration=decode_calibration(root, arrays),
            golden=_golden(members, schema, MEMBERS[protocol].golden),
            **_common_parts(manifest, root, protocol),
        )
    return _audited(plan)


def _common_parts(manifest: Record, root: Record, protocol: int) -> dict[str, Any]:
    is_directed = protocol in (DIRECTED_POINTS_PROTOCOL, DIRECTED_FOREST_PROTOCOL)
    return {
        "name": root.text("name"),
        "scale": decode_scale(root.raw("scale")),
        "catalogue": decode_catalogue(root.raw("catalogue"), is_directed=is_directed),
        "provenance": _provenance(manifest, root),
        "development": _development(root.raw("development")),
    }


def _audited(plan: ScoringPlan) -> ScoringPlan:
    fault = first_fault(plan)
    if fault is not None:
        msg = f"The plan file is refused: {fault.text}"
        raise ArtifactError(msg, code=fault.code)
    return plan


def _read_arrays(
    members: Mapping[str, bytes], specs: Mapping[str, ArraySpec]
) -> dict[str, NDArray[Any]]:
    return {name: read_npy(members[name], spec, name) for name, spec in specs.items()}


def _provenance(manifest: Record, root: Record) -> Provenance:
    return Provenance(
        source=manifest.text("source"),
        verified=manifest.flag("verified"),
        training_fingerprint=manifest.optional_text("training_fingerprint"),
        versions=manifest.text_mapping("versions"),
        notes=root.texts("notes"),
    )


_DEVELOPMENT_KEYS = ("bad_rate", "n_rows", "ranges", "score_counts", "score_edges")


def _development(described: object) -> Development | None:
    if described is None:
        return None
    record = Record(described, _DEVELOPMENT_KEYS, "development")
    ranges = record.mapping("ranges")
    by_name = Record(ranges, ranges, "development ranges")
    with refused_as("DEVELOPMENT"):
        return Development(
            n_rows=record.integer("n_rows"),
            bad_rate=record.optional_number("bad_rate"),
            score_edges=record.numbers("score_edges"),
            score_counts=record.integers("score_counts"),
            ranges={name: _range(by_name.numbers(name)) for name in ranges},
        )


def _range(bounds: tuple[float, ...]) -> tuple[float, float]:
    if len(bounds) != 2:
        msg = f"{PLAN}: a development range needs two numbers."
        raise ArtifactError(msg, code="STRUCTURE")
    return bounds[0], bounds[1]


def _golden(
    members: Mapping[str, bytes], schema: InputSchema, specs: Mapping[str, ArraySpec]
) -> GoldenRows | None:
    if GOLDEN_TEXT not in members:
        return None
    arrays = _read_arrays(members, specs)
    root = Record(
        parse_json(members[GOLDEN_TEXT], GOLDEN_TEXT), ["columns"], GOLDEN_TEXT
    )
    return GoldenRows(
        columns=_golden_columns(root, arrays["golden/numbers.npy"], schema),
        log_odds=arrays["golden/log_odds.npy"],
        pd=arrays["golden/pd.npy"],
        score=arrays["golden/score.npy"],
        reasons=arrays["golden/reasons.npy"].astype(np.int16),
        status=arrays["golden/status.npy"],
        margin=arrays.get("golden/margin.npy"),
    )


def _golden_columns(
    root: Record, numbers: NDArray[np.float64], schema: InputSchema
) -> dict[str, tuple[Any, ...]]:
    numeric = [field.name for field in schema.fields if field.kind == "numeric"]
    others = [name for name in schema.names if name not in set(numeric)]
    texts = Record(root.raw("columns"), others, GOLDEN_TEXT)
    if len(numbers) != len(numeric):
        msg = "golden/numbers.npy does not have one row per numeric column."
        raise ArtifactError(msg, code="GOLDEN")
    found: dict[str, tuple[Any, ...]] = {
        name: tuple(texts.items(name)) for name in others
    }
    found |= {
        name: tuple(row.tolist()) for name, row in zip(numeric, numbers, strict=True)
    }
    return {name: found[name] for name in schema.names}
