"""One small plan written by hand, with golden rows, and the means to falsify its file.

The results of the golden rows are of the right form only; replaying them is not a
matter of the artefact.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from cfscore.plan import (
    Attribute,
    Bins,
    CategoricalBins,
    Characteristic,
    Development,
    GoldenRows,
    NumericBins,
    PointsStage,
    Policy,
    Provenance,
    Reason,
    ReasonCatalogue,
    ScoringPlan,
    SpecialRule,
    attribute_points,
    encode_plan,
)
from cfscore.plan._archive import read_archive, write_archive
from cfscore.score_scale import ScoreScale
from cfscore.tables import Kind

SCALE = ScoreScale()
INTERCEPT = -2.5
N_CHARACTERISTICS = 3


def characteristic(
    name: str,
    kind: Kind,
    bins: Bins,
    rows: list[tuple[Policy, float]],
    scale: ScoreScale = SCALE,
) -> Characteristic:
    """Return a characteristic from (policy, WOE) per attribute, coefficient -1."""
    attributes = tuple(
        Attribute(
            label=label,
            role=role,
            policy=policy,
            count=100,
            bad_rate=0.25,
            woe=woe,
            log_odds=-woe,
            points=attribute_points(-woe, INTERCEPT, scale, N_CHARACTERISTICS),
        )
        for label, role, (policy, woe) in zip(
            bins.labels, bins.roles, rows, strict=True
        )
    )
    return Characteristic(name, kind, bins, attributes, -1.0)


def points_stage(scale: ScoreScale = SCALE) -> PointsStage:
    """Return a numeric, a categorical and a boolean column with every policy."""
    age = characteristic(
        "age",
        "numeric",
        NumericBins(edges=(25.0, 35.5), specials=(-7.0, -8.0)),
        [
            ("own", -0.5),
            ("own", 0.125),
            ("own", 1.0),
            ("own", -0.25),
            ("error", 0.0),
            ("worst", -0.5),
        ],
        scale,
    )
    city = characteristic(
        "城市",
        "categorical",
        CategoricalBins(groups=(("北京", "上海"), ("广州",)), specials=("NO HIT",)),
        [
            ("own", 0.75),
            ("own", -1.5),
            ("neutral", 0.0),
            ("own", 0.25),
            ("missing", 0.25),
        ],
        scale,
    )
    owner = characteristic(
        "home owner",
        "boolean",
        CategoricalBins(groups=(("True",), ("False",))),
        [("own", 0.5), ("own", -0.5), ("neutral", 0.0), ("neutral", 0.0)],
        scale,
    )
    return PointsStage(INTERCEPT, (age, city, owner))


def golden_rows() -> GoldenRows:
    """Return three rows, one of them refused."""
    return GoldenRows(
        columns={
            "age": (25.0, math.nan, -8.0),
            "城市": ("北京", None, "unseen"),
            "home owner": ("True", "False", None),
        },
        log_odds=np.array([-2.0, -1.0, np.nan]),
        pd=np.array([0.1, 0.25, np.nan]),
        score=np.array([610.0, 590.5, np.nan]),
        reasons=np.array([[0, 1, -1, -1], [1, -1, -1, -1], [-1] * 4], np.int16),
        status=np.array([0, 0, 6], np.uint8),
    )


def plan_of(scale: ScoreScale = SCALE) -> ScoringPlan:
    """Return the plan with every optional part filled in."""
    return ScoringPlan(
        name="Example 示例",
        model=points_stage(scale),
        scale=scale,
        catalogue=ReasonCatalogue(
            reasons=(
                Reason("R01", "Age of applicant", "年龄", "Too young.", "过于年轻。"),
                Reason("R02", "Place", "居住地", actionable=False),
            ),
            features={"age": "R01", "城市": "R02", "home owner": None},
            special_rules=(SpecialRule("MISSING", "R02", "age"),),
            minimum_points=0.5,
            inquiries="R02",
        ),
        reference=(0.25, -0.5, 0.0),
        provenance=Provenance(
            source="cfscore.Scorecard",
            verified=True,
            training_fingerprint=hashlib.sha256(b"training").hexdigest(),
            versions={"numpy": "2.4.6", "cfscore": "0.1.0"},
            notes=("Written by hand.",),
        ),
        development=Development(
            n_rows=600,
            bad_rate=0.25,
            score_edges=(560.0, 600.0),
            score_counts=(100, 300, 200),
            ranges={"age": (18.0, 94.5)},
        ),
        golden=golden_rows(),
    )


@cache
def example_bytes() -> bytes:
    """Return the file of the example plan."""
    return encode_plan(plan_of())


@cache
def other_bytes() -> bytes:
    """Return the file of another plan with the same columns."""
    plan = plan_of(ScoreScale(pdo=30.0))
    return encode_plan(replace(plan, name="Another"))


# --- falsified files whose hashes are right


def sealed(data: bytes) -> bytes:
    """Return a zip with a comment of 64 bytes under its true trailing hash."""
    return data[:-64] + hashlib.sha256(data[:-64]).hexdigest().encode()


def dumps(value: Any) -> bytes:
    """Return canonical JSON, by other code than the library's."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def listed(members: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """Return the manifest's list of members with true sizes and hashes."""
    return {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in members.items()
        if name != "manifest.json"
    }


def falsified(
    edit: Callable[[dict[str, bytes]], object], data: bytes | None = None
) -> bytes:
    """Return a plan file with edited members and all hashes computed anew."""
    members = dict(read_archive(data or example_bytes()))
    edit(members)
    manifest = json.loads(members["manifest.json"])
    manifest["members"] = listed(members)
    return write_archive(members | {"manifest.json": dumps(manifest)})


def with_json(
    name: str, edit: Callable[[Any], object], data: bytes | None = None
) -> bytes:
    """Return a plan file with an edited JSON member and all hashes computed anew."""

    def change(members: dict[str, bytes]) -> None:
        value = json.loads(members[name])
        edit(value)
        members[name] = dumps(value)

    return falsified(change, data)


def with_array(
    name: str, edit: Callable[[np.ndarray], object], data: bytes | None = None
) -> bytes:
    """Return a plan file with an edited array and all hashes computed anew."""

    def change(members: dict[str, bytes]) -> None:
        length = int.from_bytes(members[name][8:10], "little")
        header, body = members[name][: 10 + length], members[name][10 + length :]
        descr = header.split(b"'")[3].decode()
        array = np.frombuffer(body, descr).copy()
        edit(array)
        members[name] = header + array.tobytes()

    return falsified(change, data)


def with_manifest(edit: Callable[[Any], object], data: bytes | None = None) -> bytes:
    """Return a plan file with an edited manifest under a true trailing hash."""
    members = read_archive(data or example_bytes())
    manifest = json.loads(members["manifest.json"])
    edit(manifest)
    return write_archive(members | {"manifest.json": dumps(manifest)})
