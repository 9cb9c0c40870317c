"""Random falsifications with right hashes: refused by name, or just what they say."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import ArtifactError
from cfscore.plan import decode_plan
from cfscore.plan._archive import read_archive
from tests.unit.plan.example_plan import (
    example_bytes,
    falsified,
    with_array,
    with_json,
    with_manifest,
)

ALL_MEMBERS = list(read_archive(example_bytes()))

NUMBERS = [0, 1, -1, 2**63 - 1, 0.0, -0.0, 1.5, 1e308, 5e-324]
TEXTS = ["", " ", "age", "own", "missing", "numeric", "R01", "\x00", "年龄"]
REST = [None, True, False, [], {}, [[]], [None], {"": None}, ["a", "a"], [1.0, 0.0]]
JUNK = st.sampled_from([*NUMBERS, *TEXTS, *REST])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value inside a JSON value."""
    keys: Any = ()
    if isinstance(value, dict):
        keys = value
    elif isinstance(value, list):
        keys = range(len(value))
    inside = [place for key in keys for place in places(value[key], (*path, key))]
    return [path, *inside] if path else inside


def replaced(value: Any, path: tuple[Any, ...], junk: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = copy.deepcopy(junk)


def refused_or_faithful(data: bytes) -> None:
    """Demand an ArtifactError or a plan that is the file, and nothing else."""
    try:
        plan = decode_plan(data)
    except ArtifactError:
        return
    assert plan.to_bytes() == data


@settings(max_examples=100)
@given(st.data())
def test_any_value_anywhere_in_json_is_refused_or_meant(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["plan.json", "golden.json", "manifest.json"]))
    found = places(json.loads(read_archive(example_bytes())[name]))
    path = found[data.draw(st.integers(0, len(found) - 1))]
    junk = data.draw(JUNK)

    def edit(value: Any) -> None:
        replaced(value, path, junk)

    is_manifest = name == "manifest.json"
    refused_or_faithful(with_manifest(edit) if is_manifest else with_json(name, edit))


@settings(max_examples=100)
@given(st.data())
def test_any_number_in_an_array_is_refused_or_meant(data: st.DataObject) -> None:
    names = [name for name in ALL_MEMBERS if name.endswith(".npy")]
    name = data.draw(st.sampled_from(names))
    position = data.draw(st.integers(0, 10**6))
    value = data.draw(st.floats() | st.integers(-300, 300).map(float))

    def edit(array: np.ndarray) -> None:
        with np.errstate(invalid="ignore", over="ignore"):
            array[position % array.size] = np.float64(value).astype(array.dtype)

    refused_or_faithful(with_array(name, edit))


@settings(max_examples=100)
@given(st.data())
def test_any_byte_of_a_member_is_refused_or_meant(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(ALL_MEMBERS[1:]))

    def edit(members: dict[str, bytes]) -> None:
        changed = bytearray(members[name])
        position = data.draw(st.integers(0, len(changed) - 1))
        changed[position] = data.draw(st.integers(0, 255))
        members[name] = bytes(changed)

    refused_or_faithful(falsified(edit))
