"""Falsified forest files: every hash is right, and what they say is not."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cfscore.exceptions import ArtifactError
from cfscore.plan import ScoringPlan, decode_plan
from tests.unit.plan.example_forest import forest_bytes
from tests.unit.plan.example_plan import falsified, with_array, with_json, with_manifest

Edit = Callable[[Any], object]


def error_of(data: bytes) -> ArtifactError:
    with pytest.raises(ArtifactError) as caught:
        decode_plan(data)
    return caught.value


def code_of(data: bytes) -> str:
    return error_of(data).code


def test_the_helpers_change_nothing_of_their_own() -> None:
    same = forest_bytes()
    assert with_json("plan.json", lambda plan: None, same) == same
    assert with_array("trees/threshold.npy", lambda array: None, same) == same
    assert with_manifest(lambda manifest: None, same) == same


# --- plan.json

USE, CITY, OWNER = 0, 1, 2


def feature(index: int, **values: object) -> Edit:
    return lambda plan: plan["features"][index].update(values)


def forest(**values: object) -> Edit:
    return lambda plan: plan["forest"].update(values)


def catalogue(**values: object) -> Edit:
    return lambda plan: plan["catalogue"].update(values)


def rename(index: int, name: str) -> Edit:
    def edit(plan: dict[str, Any]) -> None:
        plan["schema"][index]["name"] = plan["features"][index]["name"] = name
        plan["catalogue"]["features"][name] = None

    return edit


PLAN_EDITS: list[tuple[str, Edit, str]] = [
    ("unknown key", lambda p: p.update(characteristics=[]), "STRUCTURE"),
    ("missing key", lambda p: p.pop("forest"), "STRUCTURE"),
    ("no calibration", lambda p: p.pop("calibration"), "STRUCTURE"),
    # columns and features
    ("column renamed", lambda p: p["schema"][USE].update(name="other"), "SCHEMA"),
    ("feature renamed", feature(USE, name="other"), "SCHEMA"),
    ("columns swapped", lambda p: p["schema"].reverse(), "SCHEMA"),
    ("features swapped", lambda p: p["features"].reverse(), "SCHEMA"),
    ("column too few", lambda p: p["schema"].pop(), "SCHEMA"),
    ("feature too few", lambda p: p["features"].pop(), "SCHEMA"),
    (
        "both too few",
        lambda p: (p["features"].pop(), p["schema"].pop()),
        "TREES",
    ),
    ("same name twice", rename(OWNER, "use"), "SCHEMA"),
    ("number with keys", feature(USE, categories=["a"]), "FEATURES"),
    ("key twice", feature(CITY, categories=["北京", "北京"]), "FEATURES"),
    ("key blank", feature(CITY, categories=["北京", " "]), "FEATURES"),
    ("key number", feature(CITY, categories=["北京", 1]), "STRUCTURE"),
    ("boolean key", feature(OWNER, categories=["no", "yes"]), "FEATURES"),
    (
        "kind changed",
        lambda p: p["schema"][CITY].update(kind="boolean"),
        "FEATURES",
    ),
    ("unknown policy", feature(USE, missing="own"), "STRUCTURE"),
    ("policy of unseen", feature(USE, unseen=None), "STRUCTURE"),
    ("policy of infinity", feature(USE, non_finite="model"), "STRUCTURE"),
    ("key of a feature", feature(USE, extra=1), "STRUCTURE"),
    # forest
    ("sigmoid 0", forest(sigmoid=0.0), "TREES"),
    ("sigmoid negative", forest(sigmoid=-1.0), "TREES"),
    ("sigmoid huge", forest(sigmoid=1.7e308), "TREES"),
    ("sigmoid integer", forest(sigmoid=1), "STRUCTURE"),
    ("averages text", forest(averages="yes"), "STRUCTURE"),
    ("unknown event", forest(event="default"), "STRUCTURE"),
    ("key of the forest", forest(trees=4), "STRUCTURE"),
    # calibration
    ("calibration gone", lambda p: p.update(calibration=None), "CALIBRATION"),
    ("another kind", lambda p: p.update(calibration="beta"), "CALIBRATION"),
    ("unknown kind", lambda p: p.update(calibration="spline"), "CALIBRATION"),
    ("kind is no text", lambda p: p.update(calibration=1), "STRUCTURE"),
    # catalogue
    ("cut-off reference", catalogue(reference="maximum"), "CATALOGUE"),
    (
        "reference band",
        catalogue(reference={"score": 600.0, "width": 20.0}),
        "CATALOGUE",
    ),
    ("not covered", lambda p: p["catalogue"]["features"].pop("use"), "CATALOGUE"),
    # development
    (
        "range of a category",
        lambda p: p["development"]["ranges"].update({"城市": [0.0, 1.0]}),
        "DEVELOPMENT",
    ),
]


@pytest.mark.parametrize(
    ("edit", "code"),
    [pytest.param(edit, code, id=name) for name, edit, code in PLAN_EDITS],
)
def test_a_plan_that_contradicts_itself_is_refused(edit: Edit, code: str) -> None:
    assert code_of(with_json("plan.json", edit, forest_bytes())) == code


def test_an_edited_policy_is_what_the_plan_says() -> None:
    data = with_json("plan.json", feature(USE, missing="error"), forest_bytes())
    assert decode_plan(data).forest.features[USE].missing == "error"


# --- arrays


def put(index: int, value: float) -> Edit:
    return lambda array: array.__setitem__(index, value)


NUMBER_EDITS: list[tuple[str, Edit, str]] = [
    ("node_starts", put(1, 1), "TREES"),
    ("node_starts", put(1, 5), "TREES"),
    ("node_starts", put(0, -1), "TREES"),
    ("node_starts", put(4, 2**62), "TREES"),
    ("leaf_starts", put(1, 2), "TREES"),
    ("feature", put(0, -1), "TREES"),
    ("feature", put(0, 3), "TREES"),
    ("threshold", put(0, math.nan), "TREES"),
    ("threshold", put(0, -math.inf), "TREES"),
    ("decision", put(0, 12), "TREES"),
    ("decision", put(0, 11), "TREES"),  # category split without a set
    ("left", put(0, 0), "TREES"),  # its own child: an endless loop
    ("right", put(0, 0), "TREES"),
    ("right", put(0, 2), "TREES"),
    ("right", put(0, -1), "TREES"),
    ("left", put(1, ~3), "TREES"),
    ("category_set", put(1, 2), "TREES"),
    ("category_set", put(1, -1), "TREES"),
    ("category_set", put(0, 0), "TREES"),
    ("set_starts", put(1, 4), "TREES"),
    ("set_codes", put(0, 2), "TREES"),
    ("set_codes", put(0, -1), "TREES"),
    ("set_codes", put(1, 2**31 - 1), "TREES"),  # a set of 2 GiB
    ("leaf_value", put(0, math.nan), "TREES"),
    ("leaf_value", put(0, math.inf), "TREES"),
    ("leaf_value", lambda array: array.fill(1.7e308), "TREES"),
    ("node_cover", put(0, -1), "TREES"),
    ("leaf_cover", put(0, -1), "TREES"),
]


@pytest.mark.parametrize(("name", "edit", "code"), NUMBER_EDITS)
def test_trees_that_are_no_trees_are_refused(name: str, edit: Edit, code: str) -> None:
    assert code_of(with_array(f"trees/{name}.npy", edit, forest_bytes())) == code


@pytest.mark.parametrize(
    ("name", "edit", "code"),
    [
        ("calibration.npy", put(0, math.nan), "CALIBRATION"),
        ("calibration.npy", put(0, 0.25), "CALIBRATION"),  # edges must ascend
        ("calibration.npy", put(2, -1.0), "CALIBRATION"),  # steps must not fall
        ("calibration.npy", put(4, math.inf), "CALIBRATION"),
        ("golden/margin.npy", put(0, math.nan), "GOLDEN"),
        ("golden/margin.npy", put(2, 0.0), "GOLDEN"),
        ("golden/log_odds.npy", put(0, math.inf), "GOLDEN"),
        ("golden/reasons.npy", put(0, 2), "GOLDEN"),
        ("golden/status.npy", put(2, 200), "GOLDEN"),
    ],
)
def test_numbers_that_contradict_the_plan_are_refused(
    name: str, edit: Edit, code: str
) -> None:
    assert code_of(with_array(name, edit, forest_bytes())) == code


@pytest.mark.parametrize(
    ("method", "numbers", "code"),
    [
        (None, [1.0], "CALIBRATION"),
        ("affine", [], "CALIBRATION"),
        ("affine", [1.0], "CALIBRATION"),
        ("affine", [1.0, 0.0, 0.0], "CALIBRATION"),
        ("affine", [0.0, 1.0], "CALIBRATION"),
        ("affine", [-1.0, 1.0], "CALIBRATION"),
        ("affine", [1.7e308, 0.0], "TREES"),
        ("beta", [1.0, 1.0], "CALIBRATION"),
        ("beta", [-1.0, 1.0, 0.0], "CALIBRATION"),
        ("beta", [0.0, 0.0, 0.0], "CALIBRATION"),
        ("isotonic", [], "CALIBRATION"),
        ("isotonic", [1.0, 2.0], "CALIBRATION"),
    ],
)
def test_calibrations_of_other_numbers_are_refused(
    method: str | None, numbers: list[float], code: str
) -> None:
    assert code_of(recalibrated(method, numbers)) == code


@pytest.mark.parametrize(
    ("method", "numbers"),
    [(None, []), ("affine", [2.0, -1.0]), ("beta", [1.0, 0.0, 0.5]), ("isotonic", [1])],
)
def test_every_kind_of_calibration_is_read(
    method: str | None, numbers: list[float]
) -> None:
    plan = decode_plan(recalibrated(method, numbers))
    assert isinstance(plan, ScoringPlan)
    kind = type(plan.calibration).__name__.lower()
    assert kind.startswith((method or "none").replace("isotonic", "isotonic"))


def recalibrated(method: str | None, numbers: list[float]) -> bytes:
    """Return the example with another calibration and numbers."""
    stored = other_array("calibration.npy", np.array(numbers, "<f8"))
    return with_json("plan.json", lambda p: p.update(calibration=method), stored)


def other_array(name: str, array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    stored = {name: buffer.getvalue()}
    return falsified(lambda members: members.update(stored), forest_bytes())


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("trees/threshold.npy", np.zeros(4, "<f4")),
        ("trees/threshold.npy", np.zeros(4, ">f8")),
        ("trees/threshold.npy", np.zeros((4, 1))),
        ("trees/feature.npy", np.zeros(4, "<i8")),
        ("trees/decision.npy", np.zeros(4, "i1")),
        ("trees/node_starts.npy", np.zeros(5, "<i4")),
        ("calibration.npy", np.array(1.0)),
        ("golden/margin.npy", np.zeros((3, 1))),
    ],
)
def test_arrays_of_another_type_or_shape_are_refused(
    name: str, array: np.ndarray
) -> None:
    assert code_of(other_array(name, array)) == "ARRAY"


@pytest.mark.parametrize(
    ("name", "array", "code"),
    [
        ("trees/threshold.npy", np.zeros(3), "TREES"),
        ("trees/leaf_value.npy", np.zeros(9), "TREES"),
        ("trees/node_starts.npy", np.zeros(0, "<i8"), "TREES"),
        ("trees/node_starts.npy", np.array([0, 4], "<i8"), "TREES"),
        ("trees/set_codes.npy", np.zeros(0, "<i4"), "TREES"),
        ("trees/set_starts.npy", np.zeros(1, "<i8"), "TREES"),
        ("golden/margin.npy", np.zeros(2), "GOLDEN"),
    ],
)
def test_arrays_of_another_length_are_refused(
    name: str, array: np.ndarray, code: str
) -> None:
    assert code_of(other_array(name, array)) == code


def test_another_nan_is_refused() -> None:
    nan = np.array([0x7FF8000000000001], np.uint64).view(np.float64)[0]
    data = with_array("golden/margin.npy", put(2, nan), forest_bytes())
    assert code_of(data) == "NOT_CANONICAL"


def test_a_forest_without_trees_is_refused() -> None:
    def empty(members: dict[str, bytes]) -> None:
        for name, data in members.items():
            if name.startswith("trees/"):
                kept = 1 if name.endswith("_starts.npy") else 0
                array = np.load(io.BytesIO(data))[:kept]
                buffer = io.BytesIO()
                np.save(buffer, array)
                members[name] = buffer.getvalue()

    error = error_of(falsified(empty, forest_bytes()))
    assert (error.code, "at least one feature" in str(error)) == ("TREES", True)


def test_messages_name_the_contradiction() -> None:
    data = with_array("trees/right.npy", put(0, 0), forest_bytes())
    assert "larger index than its parent" in str(error_of(data))
