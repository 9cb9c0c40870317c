"""Protocols 4 and 5: directions of reasons come back, and their damage is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cfscore.exceptions import ArtifactError, UsageError
from cfscore.plan import Reason, ReasonCatalogue, ScoringPlan, decode_plan
from cfscore.plan._archive import read_archive
from tests.unit.plan.example_forest import forest_plan
from tests.unit.plan.example_plan import plan_of, with_json, with_manifest


def directed(plan: ScoringPlan, name: str, direction: Any = "higher") -> ScoringPlan:
    catalogue = replace(plan.catalogue, directions={name: direction})
    return replace(plan, catalogue=catalogue)


CARD, FOREST = directed(plan_of(), "age", "lower"), directed(forest_plan(), "use")
both = pytest.mark.parametrize(
    ("plan", "protocol", "plain"),
    [(CARD, 4, plan_of()), (FOREST, 5, forest_plan())],
    ids=["card", "forest"],
)


def code_of(data: bytes) -> str | None:
    with pytest.raises(ArtifactError) as caught:
        decode_plan(data)
    return caught.value.code


@both
def test_directions_come_back(
    plan: ScoringPlan, protocol: int, plain: ScoringPlan
) -> None:
    data = plan.to_bytes()
    found = decode_plan(data)
    assert found.catalogue == plan.catalogue
    assert found.to_bytes() == data
    assert found.protocol == protocol
    assert json.loads(read_archive(data)["manifest.json"])["protocol"] == protocol
    ((name, direction),) = plan.catalogue.directions.items()
    other = directed(plain, name, "higher" if direction == "lower" else "lower")
    assert len({plain.sha256, plan.sha256, other.sha256}) == 3


@both
def test_without_directions_the_file_is_the_one_that_it_always_was(
    plan: ScoringPlan, protocol: int, plain: ScoringPlan
) -> None:
    bare = replace(plan, catalogue=replace(plan.catalogue, directions={}))
    assert bare.to_bytes() == plain.to_bytes()
    assert "directions" not in json.loads(read_archive(plain.to_bytes())["plan.json"])


@both
@pytest.mark.parametrize(
    ("directions", "code"),
    [
        ({}, "NOT_CANONICAL"),
        (None, "STRUCTURE"),
        ([], "STRUCTURE"),
        ({"age": "up"}, "STRUCTURE"),
        ({"age": 1}, "STRUCTURE"),
        ({"nobody": "higher"}, "CATALOGUE"),
    ],
)
def test_other_directions_are_refused(
    plan: ScoringPlan,
    protocol: int,
    plain: ScoringPlan,
    directions: Any,
    code: str,
) -> None:
    def change(found: dict[str, Any]) -> None:
        found["catalogue"].update(directions=directions)

    assert code_of(with_json("plan.json", change, plan.to_bytes())) == code


@both
def test_keys_are_those_of_the_protocol(
    plan: ScoringPlan, protocol: int, plain: ScoringPlan
) -> None:
    older = {4: 1, 5: 3}[protocol]
    data = with_manifest(lambda m: m.update(protocol=older), plan.to_bytes())
    assert code_of(data) in ("STRUCTURE", "MEMBERS")
    newer = with_manifest(lambda m: m.update(protocol=protocol), plain.to_bytes())
    assert code_of(newer) in ("STRUCTURE", "MEMBERS")


@pytest.mark.parametrize(
    ("directions", "message"),
    [
        ({"use": "up"}, r"direction of 'use' must be one of \('higher', 'lower'\)"),
        ({"x": "higher"}, r"Directions name features without a reason: \['x'\]"),
        ({"silent": "higher"}, r"without a reason: \['silent'\]"),
    ],
)
def test_directions_that_say_nothing_are_refused(
    directions: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        ReasonCatalogue(
            (Reason("A"),), {"use": "A", "silent": None}, directions=directions
        )
