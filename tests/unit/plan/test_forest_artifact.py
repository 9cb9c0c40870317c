"""Protocol 2: a forest plan comes back as it was, and damage of any kind is refused."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import ArtifactError, CompileError
from cfscore.plan import Calibration, ForestStage, ScoringPlan, Trees, decode_plan
from cfscore.plan import encode_plan as encode
from cfscore.plan._archive import read_archive, write_archive
from cfscore.plan._audit import first_fault
from cfscore.score_scale import ScoreScale
from tests.forest_strategies import forest_golden_rows, forest_plans
from tests.unit.plan.example_forest import (
    STEPS,
    forest_bytes,
    forest_plan,
    other_forest_bytes,
)
from tests.unit.plan.example_plan import (
    falsified,
    listed,
    with_array,
    with_json,
    with_manifest,
)
from tests.unit.plan.test_artifact import assert_same_rows
from tests.unit.plan.test_artifact_fuzz import JUNK, places, replaced

ALL_MEMBERS = list(read_archive(forest_bytes()))


def code_of(data: bytes) -> str:
    with pytest.raises(ArtifactError) as caught:
        decode_plan(data)
    return caught.value.code


def assert_same_forest(found: ForestStage, expected: ForestStage) -> None:
    for name in ("features", "sigmoid", "averages", "event"):
        assert getattr(found, name) == getattr(expected, name)
    for field in fields(Trees):
        a, b = (getattr(stage.trees, field.name) for stage in (found, expected))
        assert (a.dtype, a.tobytes()) == (b.dtype, b.tobytes()), field.name


@settings(max_examples=40)
@given(st.data())
def test_every_plan_comes_back_as_it_was(data: st.DataObject) -> None:
    plan = data.draw(forest_plans())
    assert first_fault(plan) is None
    if data.draw(st.booleans()):
        plan = replace(plan, golden=data.draw(forest_golden_rows(plan)))
    written = encode(plan)
    found = decode_plan(written)
    assert_same_forest(found.forest, plan.forest)
    for field in fields(ScoringPlan):
        if field.name not in ("golden", "model"):
            assert getattr(found, field.name) == getattr(plan, field.name)
    assert (found.golden is None) == (plan.golden is None)
    if plan.golden is not None:
        assert_same_rows(found.golden, plan.golden)
        assert found.golden.margin.tobytes() == plan.golden.margin.tobytes()
    assert encode(found) == written
    assert found.sha256 == hashlib.sha256(written).hexdigest()


def test_equal_forests_give_equal_bytes() -> None:
    assert encode(forest_plan()) == forest_bytes()
    plan = forest_plan(scale=ScoreScale(pdo=20, base_score=600, base_odds=50))
    stage = replace(plan.forest, averages=np.False_, sigmoid=np.float64(0.5))
    assert encode(replace(plan, model=stage)) == forest_bytes()


def test_a_change_of_any_part_changes_the_hash() -> None:
    plan = forest_plan()
    stage = plan.forest
    others = [
        replace(plan, model=replace(stage, **change))
        for change in (
            {"sigmoid": 1.0},
            {"averages": True},
            {"event": "bad"},
            {"features": (*stage.features[:2], renamed(stage))},
            {"trees": replace(stage.trees, leaf_cover=stage.trees.leaf_cover + 1)},
        )
    ]
    others += [replace(plan, calibration=None), replace(plan, golden=None)]
    others.append(replace(plan, calibration=replace(STEPS, log_odds=(-3.0, -2.0, 0.6))))
    assert len({plan.sha256, *(other.sha256 for other in others)}) == 9


def renamed(stage: ForestStage) -> Any:
    return replace(stage.features[2], missing="model")


def test_the_manifest_says_what_the_file_holds() -> None:
    members = read_archive(forest_bytes())
    manifest = json.loads(members["manifest.json"])
    assert (manifest["protocol"], manifest["source"]) == (2, "lightgbm")
    assert manifest["members"] == listed(members)
    assert list(members) == [
        *("manifest.json", "plan.json", "trees/node_starts.npy"),
        *("trees/leaf_starts.npy", "trees/feature.npy", "trees/threshold.npy"),
        *("trees/decision.npy", "trees/left.npy", "trees/right.npy"),
        *("trees/category_set.npy", "trees/set_starts.npy", "trees/set_codes.npy"),
        *("trees/leaf_value.npy", "trees/node_cover.npy", "trees/leaf_cover.npy"),
        *("calibration.npy", "golden.json", "golden/numbers.npy"),
        *("golden/log_odds.npy", "golden/pd.npy", "golden/score.npy"),
        *("golden/reasons.npy", "golden/status.npy", "golden/margin.npy"),
    ]


# --- damage without and with right hashes


def test_a_file_cut_anywhere_is_refused() -> None:
    data = forest_bytes()
    cuts = {len(data) * percent // 100 for percent in range(100)}
    for cut in (*cuts, *range(len(data) - 100, len(data))):
        assert code_of(data[:cut]) in ("ARTIFACT_EMPTY", "NOT_A_PLAN", "HASH")


def test_a_flip_of_any_bit_is_seen() -> None:
    data = forest_bytes()
    rng = np.random.default_rng(20261130)
    for position in rng.choice(len(data), 1_500, replace=False).tolist():
        changed = bytearray(data)
        changed[position] ^= 1 << int(rng.integers(8))
        assert code_of(bytes(changed)) in ("NOT_A_PLAN", "HASH")


@pytest.mark.parametrize("name", ALL_MEMBERS)
def test_a_missing_member_is_refused(name: str) -> None:
    members = read_archive(forest_bytes())
    del members[name]
    assert code_of(write_archive(members)) == "MEMBERS"


@pytest.mark.parametrize("name", ["extra.npy", "trees/extra.npy", "edges.npy"])
def test_an_extra_member_is_refused(name: str) -> None:
    data = falsified(lambda members: members.update({name: b""}), forest_bytes())
    assert code_of(data) == "MEMBERS"


def test_members_in_another_order_are_refused() -> None:
    members = read_archive(forest_bytes())
    assert code_of(write_archive(dict(reversed(members.items())))) == "MEMBERS"


@pytest.mark.parametrize("protocol", [1, 3, 4, 5, 6])
def test_a_forest_under_another_protocol_is_refused(protocol: int) -> None:
    data = with_manifest(lambda m: m.update(protocol=protocol), forest_bytes())
    assert code_of(data) == ("TOO_NEW" if protocol == 6 else "MEMBERS")


def swapped(name: str) -> Callable[[dict[str, bytes]], object]:
    """Take a member from a forest that has the same columns."""
    other = read_archive(other_forest_bytes())
    return lambda members: members.update({name: other[name]})


def test_a_member_of_another_forest_is_refused() -> None:
    members = dict(read_archive(forest_bytes()))
    swapped("plan.json")(members)
    assert code_of(write_archive(members)) == "MANIFEST"
    for name in ("plan.json", "calibration.npy"):
        assert code_of(falsified(swapped(name), forest_bytes())) == "CALIBRATION"


def test_golden_rows_may_be_absent_as_a_whole_only() -> None:
    def drop(members: dict[str, bytes]) -> None:
        for name in [name for name in members if name.startswith("golden")]:
            del members[name]

    assert decode_plan(falsified(drop, forest_bytes())).golden is None


# --- random falsifications with right hashes


def refused_or_faithful(data: bytes) -> None:
    """Demand an ArtifactError or a plan that is the file, and nothing else."""
    try:
        plan = decode_plan(data)
    except ArtifactError:
        return
    assert plan.to_bytes() == data


@settings(max_examples=80)
@given(st.data())
def test_any_value_anywhere_in_json_is_refused_or_meant(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["plan.json", "golden.json"]))
    found = places(json.loads(read_archive(forest_bytes())[name]))
    path = found[data.draw(st.integers(0, len(found) - 1))]
    junk = data.draw(JUNK)
    edit = lambda value: replaced(value, path, copy.deepcopy(junk))  # noqa: E731
    refused_or_faithful(with_json(name, edit, forest_bytes()))


@settings(max_examples=120)
@given(st.data())
def test_any_number_in_an_array_is_refused_or_meant(data: st.DataObject) -> None:
    names = [name for name in ALL_MEMBERS if name.endswith(".npy")]
    name = data.draw(st.sampled_from(names))
    position = data.draw(st.integers(0, 10**6))
    value = data.draw(st.floats() | st.integers(-300, 300).map(float))

    def edit(array: np.ndarray) -> None:
        with np.errstate(invalid="ignore", over="ignore"):
            array[position % array.size] = np.float64(value).astype(array.dtype)

    refused_or_faithful(with_array(name, edit, forest_bytes()))


@settings(max_examples=80)
@given(st.data())
def test_any_byte_of_a_member_is_refused_or_meant(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(ALL_MEMBERS[1:]))

    def edit(members: dict[str, bytes]) -> None:
        changed = bytearray(members[name])
        position = data.draw(st.integers(0, len(changed) - 1))
        changed[position] = data.draw(st.integers(0, 255))
        members[name] = bytes(changed)

    refused_or_faithful(falsified(edit, forest_bytes()))


# --- what cannot be read back is not written


@pytest.mark.parametrize("calibration", [None, STEPS])
def test_a_plan_that_contradicts_itself_is_not_written(
    calibration: Calibration | None,
) -> None:
    plan = forest_plan(calibration)
    assert plan.golden is not None
    golden = replace(plan.golden, margin=None)
    with pytest.raises(CompileError, match="only a forest, has margins") as caught:
        encode(replace(plan, golden=golden))
    assert caught.value.code == "GOLDEN"
