"""Decoding the points table: columns, bins, attributes and scale of a plan file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from cfscore.exceptions import ArtifactError
from cfscore.plan._bins import Bins, CategoricalBins, NumericBins, Role
from cfscore.plan._cursor import Arrays, Cursor
from cfscore.plan._fault import refused_as
from cfscore.plan._points import (
    Attribute,
    Characteristic,
    NonFinite,
    PointsStage,
    Policy,
)
from cfscore.plan._protocol import MAX_CHARACTERISTICS, PLAN
from cfscore.plan._record import Record
from cfscore.score_scale import Rounding, ScoreScale
from cfscore.tables import InputField, InputSchema, Kind

__all__ = ["decode_points", "decode_reference", "decode_scale", "decode_schema"]


def decode_schema(root: Record) -> InputSchema:
    """Return the input columns that a plan file lists."""
    found = root.items("schema", MAX_CHARACTERISTICS)
    records = [Record(item, ("kind", "name"), "schema") for item in found]
    with refused_as("SCHEMA"):
        return InputSchema(
            tuple(
                InputField(r.text("name"), r.choice("kind", get_args(Kind)))
                for r in records
            )
        )


_TABLE_ARRAYS = (
    "edges.npy",
    "specials.npy",
    "woe.npy",
    "log_odds.npy",
    "points.npy",
    "coefficients.npy",
    "intercept.npy",
)


def decode_points(root: Record, schema: InputSchema, arrays: Arrays) -> PointsStage:
    """Return the points table: what JSON describes, filled with the arrays' numbers."""
    described = root.items("characteristics")
    if len(described) != len(schema):
        msg = f"{PLAN} has {len(described)} characteristics, {len(schema)} columns."
        raise ArtifactError(msg, code="SCHEMA")
    cursors = {name: Cursor(arrays, name) for name in _TABLE_ARRAYS}
    with refused_as("BINS"):
        characteristics = tuple(
            _characteristic(item, field, cursors)
            for item, field in zip(described, schema.fields, strict=True)
        )
    (intercept,) = cursors["intercept.npy"].take(1)
    for cursor in cursors.values():
        cursor.finish()
    with refused_as("POINTS"):
        return PointsStage(intercept, characteristics)


_CHARACTERISTIC_KEYS = ("attributes", "bins", "name", "non_finite")


def _characteristic(
    described: object, field: InputField, cursors: Mapping[str, Cursor]
) -> Characteristic:
    record = Record(described, _CHARACTERISTIC_KEYS, "characteristic")
    if record.text("name") != field.name:
        msg = f"{PLAN}: column {field.name!r} and its characteristic differ."
        raise ArtifactError(msg, code="SCHEMA")
    bins = _bins(record.raw("bins"), field, cursors)
    rows = [_attribute(item, cursors) for item in record.items("attributes")]
    return Characteristic(
        name=field.name,
        kind=field.kind,
        bins=bins,
        attributes=tuple(rows),
        coefficient=cursors["coefficients.npy"].take(1)[0],
        non_finite=record.choice("non_finite", get_args(NonFinite)),
    )


def _bins(described: object, field: InputField, cursors: Mapping[str, Cursor]) -> Bins:
    if field.kind == "numeric":
        record = Record(described, ("n_edges", "n_specials"), f"bins of {field.name!r}")
        return NumericBins(
            edges=cursors["edges.npy"].take(record.integer("n_edges")),
            specials=cursors["specials.npy"].take(record.integer("n_specials")),
        )
    record = Record(described, ("groups", "specials"), f"bins of {field.name!r}")
    return CategoricalBins(record.text_groups("groups"), record.texts("specials"))


_ATTRIBUTE_KEYS = ("bad_rate", "count", "label", "policy", "role")


def _attribute(described: object, cursors: Mapping[str, Cursor]) -> Attribute:
    record = Record(described, _ATTRIBUTE_KEYS, "attribute")
    with refused_as("POINTS"):
        return Attribute(
            label=record.text("label"),
            role=record.choice("role", get_args(Role)),
            policy=record.choice("policy", get_args(Policy)),
            count=record.integer("count"),
            bad_rate=record.optional_number("bad_rate"),
            woe=cursors["woe.npy"].take(1)[0],
            log_odds=cursors["log_odds.npy"].take(1)[0],
            points=cursors["points.npy"].take(1)[0],
        )


def decode_scale(described: object) -> ScoreScale:
    """Return the score scale."""
    keys = ("base_odds", "base_score", "pdo", "rounding")
    record = Record(described, keys, "scale")
    with refused_as("SCALE"):
        return ScoreScale(
            pdo=record.number("pdo"),
            base_score=record.number("base_score"),
            base_odds=record.number("base_odds"),
            rounding=record.choice("rounding", get_args(Rounding)),
        )


def decode_reference(arrays: Arrays, n_columns: int) -> tuple[float, ...]:
    """Return the reference of every column."""
    cursor = Cursor(arrays, "reference.npy")
    values = cursor.take(n_columns)
    cursor.finish()
    return values
