from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import ArtifactError, CompileError
from cfscore.plan import (
    GoldenRows,
    Provenance,
    ReasonCatalogue,
    ScoringPlan,
    decode_plan,
    encode_plan,
)
from cfscore.plan._archive import read_archive
from cfscore.plan._artifact import READERS
from cfscore.plan._protocol import PROTOCOL
from cfscore.score_scale import ScoreScale
from tests.strategies import golden_rows, plans
from tests.unit.plan.example_plan import example_bytes, listed, plan_of


def assert_same_plan(found: ScoringPlan, expected: ScoringPlan) -> None:
    for field in fields(ScoringPlan):
        if field.name != "golden":
            assert getattr(found, field.name) == getattr(expected, field.name)
    assert (found.golden is None) == (expected.golden is None)
    if found.golden is not None and expected.golden is not None:
        assert_same_rows(found.golden, expected.golden)


def assert_same_rows(found: GoldenRows, expected: GoldenRows) -> None:
    assert list(found.columns) == list(expected.columns)
    for name, cells in expected.columns.items():
        assert repr(found.columns[name]) == repr(cells)  # NaN and -0.0 included
    for name in ("log_odds", "pd", "score", "reasons", "status"):
        a, b = getattr(found, name), getattr(expected, name)
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


@settings(max_examples=30)
@given(st.data())
def test_every_plan_comes_back_as_it_was(data: st.DataObject) -> None:
    plan = data.draw(plans(max_characteristics=3))
    if data.draw(st.booleans()):
        plan = replace(plan, golden=data.draw(golden_rows(plan)))
    written = encode_plan(plan)
    found = decode_plan(written)
    assert_same_plan(found, plan)
    assert encode_plan(found) == written
    assert found.to_bytes() == written
    assert found.sha256 == hashlib.sha256(written).hexdigest()


def test_equal_plans_give_equal_bytes() -> None:
    plan = plan_of()
    assert encode_plan(plan_of()) == encode_plan(plan)
    versions = dict(reversed(plan.provenance.versions.items()))
    features = dict(reversed(plan.catalogue.features.items()))
    reordered = replace(
        plan,
        provenance=replace(plan.provenance, versions=versions),
        catalogue=replace(plan.catalogue, features=features),
        scale=ScoreScale(pdo=20, base_score=600, base_odds=50),  # integers
    )
    assert encode_plan(reordered) == encode_plan(plan)


def test_numpy_numbers_give_the_same_bytes() -> None:
    plan = plan_of()
    assert plan.development is not None
    development = replace(
        plan.development,
        n_rows=np.int64(600),
        bad_rate=np.float64(0.25),
        score_counts=tuple(np.array([100, 300, 200])),
        ranges={"age": tuple(np.array([18.0, 94.5]))},
    )
    other = replace(
        plan,
        development=development,
        provenance=replace(plan.provenance, verified=np.bool_(True)),
        reference=tuple(np.array(plan.reference)),
    )
    assert encode_plan(other) == encode_plan(plan)


def test_bytes_do_not_depend_on_process_locale_time_zone_or_directory(
    tmp_path: Path,
) -> None:
    root = Path(__file__).parents[3]
    code = "from tests.unit.plan.example_plan import plan_of; print(plan_of().sha256)"
    environment = {
        "PYTHONPATH": f"{root}:{root / 'src'}",
        "PYTHONHASHSEED": "7",
        "PYTHONUTF8": "0",
        "LC_ALL": "C",
        "TZ": "Asia/Shanghai",
    }
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == plan_of().sha256


def test_a_change_of_any_part_changes_the_hash() -> None:
    plan = plan_of()
    others = [
        replace(plan, name="Other"),
        replace(plan, reference=(0.25, -0.5, 0.125)),
        replace(plan, development=None),
        replace(plan, golden=None),
        replace(plan, provenance=replace(plan.provenance, verified=False)),
        replace(plan, provenance=replace(plan.provenance, notes=())),
        replace(plan, catalogue=replace(plan.catalogue, minimum_points=1.0)),
        plan_of(ScoreScale(base_score=601)),
    ]
    assert len({plan.sha256, *(other.sha256 for other in others)}) == 9


def test_the_manifest_says_what_the_file_holds() -> None:
    members = read_archive(example_bytes())
    assert json.loads(members["manifest.json"]) == {
        "format": "cfscore plan",
        "protocol": 1,
        "readable_since": "0.1.0",
        "members": listed(members),
        "source": "cfscore.Scorecard",
        "verified": True,
        "training_fingerprint": hashlib.sha256(b"training").hexdigest(),
        "versions": {"cfscore": "0.1.0", "numpy": "2.4.6"},
    }
    assert list(members) == [
        "manifest.json",
        "plan.json",
        "edges.npy",
        "specials.npy",
        "woe.npy",
        "log_odds.npy",
        "points.npy",
        "coefficients.npy",
        "intercept.npy",
        "reference.npy",
        "golden.json",
        "golden/numbers.npy",
        "golden/log_odds.npy",
        "golden/pd.npy",
        "golden/score.npy",
        "golden/reasons.npy",
        "golden/status.npy",
    ]


def test_the_written_protocol_can_be_read() -> None:
    assert max(READERS) == PROTOCOL
    assert sorted(READERS) == list(range(1, PROTOCOL + 1))


def test_reading_imports_nothing_new() -> None:
    decode_plan(example_bytes())
    before = set(sys.modules)
    decode_plan(example_bytes())
    assert set(sys.modules) == before


def test_save_writes_the_bytes_whose_hash_is_known_before(tmp_path: Path) -> None:
    plan = plan_of()
    path = tmp_path / "卡 card.cfs"
    plan.save(path)
    assert path.read_bytes() == plan.to_bytes()
    assert hashlib.sha256(path.read_bytes()).hexdigest() == plan.sha256
    assert list(tmp_path.iterdir()) == [path]


# --- what cannot be read back is not written


def test_a_plan_that_contradicts_itself_is_not_written() -> None:
    plan = replace(plan_of(), reference=(5.0, 0.0, 0.0))
    with pytest.raises(CompileError, match="'age'") as caught:
        encode_plan(plan)
    assert caught.value.code == "REFERENCE"


@pytest.mark.parametrize("part", ["name", "note", "reason"])
def test_half_a_surrogate_pair_is_not_written(part: str) -> None:
    plan = plan_of()
    changed = {
        "name": lambda: replace(plan, name="\ud800"),
        "note": lambda: replace(
            plan, provenance=Provenance("source", True, notes=("\ud800",))
        ),
        "reason": lambda: replace(
            plan,
            catalogue=replace(
                ReasonCatalogue.one_per_feature(plan.schema.names),
                special_rules=(),
                inquiries=None,
            ),
            provenance=Provenance("\udfff", True),
        ),
    }[part]()
    with pytest.raises(CompileError, match="surrogate") as caught:
        encode_plan(changed)
    assert caught.value.code == "JSON"


def test_a_plan_above_the_limits_is_not_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cfscore.plan._encode.MAX_JSON_BYTES", 100)
    with pytest.raises(CompileError, match="too large") as caught:
        encode_plan(plan_of())
    assert caught.value.code == "TOO_LARGE"


def test_a_file_that_could_not_be_written_is_not_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = example_bytes()
    monkeypatch.setattr("cfscore.plan._encode.MAX_JSON_BYTES", 100)
    with pytest.raises(ArtifactError, match="too large") as caught:
        decode_plan(data)
    assert caught.value.code == "TOO_LARGE"
