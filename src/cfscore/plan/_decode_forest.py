"""Decoding the forest of a plan file: features, trees and calibration."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from cfscore.exceptions import ArtifactError
from cfscore.plan._calibration import (
    AffineCalibration,
    BetaCalibration,
    Calibration,
    IsotonicCalibration,
)
from cfscore.plan._cursor import Arrays, Cursor
from cfscore.plan._fault import refused_as
from cfscore.plan._forest import ForestFeature, ForestPolicy, ForestStage
from cfscore.plan._points import NonFinite
from cfscore.plan._protocol import PLAN
from cfscore.plan._record import Record
from cfscore.plan._trees import Trees
from cfscore.tables import InputField, InputSchema

__all__ = ["decode_calibration", "decode_forest", "decode_plain_forest"]

_PLAIN_KEYS = ("categories", "missing", "name", "non_finite", "unseen")
_FEATURE_KEYS = (*_PLAIN_KEYS, "n_specials")


def decode_forest(root: Record, schema: InputSchema, arrays: Arrays) -> ForestStage:
    """Return the forest that a plan file of the present protocol describes."""
    codes = Cursor(arrays, "specials.npy")

    def feature(described: object, field: InputField) -> ForestFeature:
        record = Record(described, _FEATURE_KEYS, "feature")
        return _feature(record, field, codes.take(record.integer("n_specials")))

    stage = _decode_stage(root, schema, arrays, feature)
    codes.finish()
    return stage


def decode_plain_forest(
    root: Record, schema: InputSchema, arrays: Arrays
) -> ForestStage:
    """Return the forest that a plan file of protocol 2 describes."""

    def feature(described: object, field: InputField) -> ForestFeature:
        return _feature(Record(described, _PLAIN_KEYS, "feature"), field, ())

    return _decode_stage(root, schema, arrays, feature)


def _decode_stage(
    root: Record,
    schema: InputSchema,
    arrays: Arrays,
    read_feature: Callable[[object, InputField], ForestFeature],
) -> ForestStage:
    described = root.items("features")
    if len(described) != len(schema):
        msg = f"{PLAN} has {len(described)} features, {len(schema)} columns."
        raise ArtifactError(msg, code="SCHEMA")
    record = Record(root.raw("forest"), ("averages", "event", "sigmoid"), "forest")
    features = tuple(
        read_feature(item, field)
        for item, field in zip(described, schema.fields, strict=True)
    )
    with refused_as("TREES"):
        return ForestStage(
            features=features,
            trees=_trees(arrays),
            sigmoid=record.number("sigmoid"),
            averages=record.flag("averages"),
            event=record.choice("event", ("bad", "good")),
        )


def _feature(
    record: Record, field: InputField, special: tuple[float, ...]
) -> ForestFeature:
    if record.text("name") != field.name:
        msg = f"{PLAN}: column {field.name!r} and its feature differ."
        raise ArtifactError(msg, code="SCHEMA")
    with refused_as("FEATURES"):
        return ForestFeature(
            name=field.name,
            kind=field.kind,
            categories=record.texts("categories"),
            missing=record.choice("missing", get_args(ForestPolicy)),
            unseen=record.choice("unseen", get_args(ForestPolicy)),
            non_finite=record.choice("non_finite", get_args(NonFinite)),
            special=special,
        )


def _trees(arrays: Arrays) -> Trees:
    return Trees(
        **{
            name.removeprefix("trees/").removesuffix(".npy"): array
            for name, array in arrays.items()
            if name.startswith("trees/")
        }
    )


def decode_calibration(root: Record, arrays: Arrays) -> Calibration | None:
    """Return the calibration stage of a plan file, None where it has none."""
    method = root.optional_text("calibration")
    numbers = tuple(arrays["calibration.npy"].tolist())
    lengths = {None: 0, "affine": 2, "beta": 3}
    wanted = len(numbers) | 1 if method == "isotonic" else lengths.get(method)
    if len(numbers) != wanted:
        msg = f"{PLAN} names no known calibration, or one of other numbers."
        raise ArtifactError(msg, code="CALIBRATION")
    with refused_as("CALIBRATION"):
        if method == "affine":
            return AffineCalibration(*numbers)
        if method == "beta":
            return BetaCalibration(*numbers)
        if method == "isotonic":
            n_edges = len(numbers) // 2
            return IsotonicCalibration(numbers[:n_edges], numbers[n_edges:])
    return None
