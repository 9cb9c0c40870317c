"""Protocol 3: special codes of a forest come back, and their damage is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cfscore.exceptions import ArtifactError, CompileError
from cfscore.plan import ScoringPlan, SpecialRule, decode_plan
from cfscore.plan._archive import read_archive
from cfscore.plan._npy import write_npy
from cfscore.plan._protocol import ARRAYS, MAX_NUMERIC_SPECIALS
from tests.unit.plan.example_forest import forest_bytes, forest_plan
from tests.unit.plan.example_plan import falsified, with_array, with_json, with_manifest
from tests.unit.scoring.small_plan import small_plan

CODES = (-9993.0, 0.5, -9991.0)


def special_plan(codes: tuple[float, ...] = CODES) -> ScoringPlan:
    """Return the example with special codes of its one number."""
    plan = forest_plan()
    use, *others = plan.forest.features
    stage = replace(plan.forest, features=(replace(use, special=codes), *others))
    return replace(plan, model=stage)


DATA = special_plan().to_bytes()


def error_of(data: bytes) -> ArtifactError:
    with pytest.raises(ArtifactError) as caught:
        decode_plan(data)
    return caught.value


def test_codes_come_back_in_their_order() -> None:
    found = decode_plan(DATA)
    assert found.forest.features == special_plan().forest.features
    assert found.forest.special_codes == {"use": CODES}
    assert found.to_bytes() == DATA
    assert found.protocol == 3


def test_a_plan_knows_the_codes_of_its_model_and_of_its_rules() -> None:
    plan = special_plan()
    assert plan.special_codes == {"use": CODES}
    code = plan.catalogue.reasons[0].code
    rules = (
        SpecialRule("SPECIAL -9993", code),
        SpecialRule("SPECIAL -7", code),
        SpecialRule("SPECIAL -8", code, feature="another"),
        SpecialRule("SPECIAL text", code),
        SpecialRule("SPECIAL nan", code),
        SpecialRule("SPECIAL inf", code),
        SpecialRule("SPECIAL 1e3", code),
        SpecialRule("MISSING", code),
    )
    features = {**plan.catalogue.features, "another": code}
    catalogue = replace(plan.catalogue, features=features, special_rules=rules)
    assert replace(plan, catalogue=catalogue).special_codes == {
        "use": (*CODES, -7.0, 1e3)
    }


def test_a_scorecard_has_the_codes_of_its_bins_alone() -> None:
    plan = small_plan()
    assert plan.special_codes == {"use": (-9991.0,)}
    code = plan.catalogue.reasons[0].code
    rules = (SpecialRule("SPECIAL -9991", code), SpecialRule("SPECIAL 0.5", code))
    catalogue = replace(plan.catalogue, special_rules=rules)
    assert replace(plan, catalogue=catalogue).special_codes == {"use": (-9991.0,)}


def test_codes_are_numbers_of_the_file() -> None:
    members = read_archive(DATA)
    assert json.loads(members["manifest.json"])["protocol"] == 3
    names = list(members)
    assert names[names.index("calibration.npy") + 1] == "specials.npy"
    described = json.loads(members["plan.json"])["features"]
    assert [feature["n_specials"] for feature in described] == [3, 0, 0]


def test_a_forest_without_codes_is_the_file_that_it_always_was() -> None:
    assert special_plan(()).to_bytes() == forest_bytes()
    assert decode_plan(forest_bytes()).protocol == 2
    assert decode_plan(forest_bytes()).forest.special_codes == {"use": ()}


def test_every_code_and_its_sign_is_part_of_the_hash() -> None:
    plans = [special_plan(c) for c in ((), (0.0,), (-0.0,), (1.0,), (1.0, 2.0))]
    assert len({plan.sha256 for plan in plans}) == len(plans)


def test_a_file_of_the_present_protocol_without_codes_is_refused() -> None:
    def bare(plan: dict[str, Any]) -> None:
        plan["features"][0]["n_specials"] = 0

    empty = {"specials.npy": write_npy(np.empty(0), ARRAYS["specials.npy"])}
    data = falsified(
        lambda members: members.update(empty), with_json("plan.json", bare, DATA)
    )
    assert error_of(data).code == "NOT_CANONICAL"


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (2, "STRUCTURE", "specials.npy holds too many numbers"),
        (4, "STRUCTURE", "specials.npy holds too few numbers"),
        (-1, "STRUCTURE", "n_specials"),
        (3.0, "STRUCTURE", "n_specials"),
        (None, "STRUCTURE", "n_specials"),
    ],
)
def test_a_wrong_number_of_codes_is_refused(value: Any, code: str, text: str) -> None:
    def edit(plan: dict[str, Any]) -> None:
        plan["features"][0]["n_specials"] = value

    error = error_of(with_json("plan.json", edit, DATA))
    assert error.code == code
    assert text in str(error)


def test_codes_of_a_category_are_refused() -> None:
    def edit(plan: dict[str, Any]) -> None:
        plan["features"][0]["n_specials"] = 2
        plan["features"][1]["n_specials"] = 1

    error = error_of(with_json("plan.json", edit, DATA))
    assert error.code == "FEATURES"
    assert "only a numeric column has special codes" in str(error)


@pytest.mark.parametrize("value", [np.nan, np.inf, -9993.0])
def test_a_code_that_is_no_number_or_twice_is_refused(value: float) -> None:
    def edit(codes: np.ndarray) -> None:
        codes[1] = value

    assert error_of(with_array("specials.npy", edit, DATA)).code == "FEATURES"


def test_keys_and_members_are_those_of_the_protocol() -> None:
    def without_key(plan: dict[str, Any]) -> None:
        del plan["features"][0]["n_specials"]

    assert error_of(with_json("plan.json", without_key, DATA)).code == "STRUCTURE"

    def with_key(plan: dict[str, Any]) -> None:
        plan["features"][0]["n_specials"] = 0

    old = with_json("plan.json", with_key, forest_bytes())
    assert error_of(old).code == "STRUCTURE"
    gone = falsified(lambda members: members.pop("specials.npy"), DATA)
    assert error_of(gone).code == "MEMBERS"
    as_old = with_manifest(lambda manifest: manifest.update(protocol=2), DATA)
    assert error_of(as_old).code == "MEMBERS"


def test_a_flip_of_any_bit_is_seen() -> None:
    rng = np.random.default_rng(3)
    for position in rng.choice(len(DATA), 300, replace=False).tolist():
        changed = bytearray(DATA)
        changed[position] ^= 1 << int(rng.integers(8))
        assert error_of(bytes(changed)).code in ("NOT_A_PLAN", "HASH")


def test_no_file_has_codes_without_end() -> None:
    most = tuple(map(float, range(MAX_NUMERIC_SPECIALS)))
    assert (
        decode_plan(special_plan(most).to_bytes()).forest.special_codes["use"] == most
    )
    with pytest.raises(CompileError, match="'use' has 1001 special codes: too many"):
        special_plan((*most, -1.0)).to_bytes()
