"""Loading: only what is whole, expected and reproducible is handed out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import ArtifactError
from cfscore.plan import encode_plan
from cfscore.scoring import (
    Scorer,
    _load,
    check_golden,
    golden_columns,
    load_plan,
    replay,
)
from tests.strategies import plans
from tests.unit.scoring.small_plan import small_plan


def with_golden(plan):
    return replace(plan, golden=replay(plan, golden_columns(plan)))


@settings(max_examples=25)
@given(plans())
def test_a_saved_plan_comes_back_whole(tmp_path_factory, plan):
    path = tmp_path_factory.mktemp("plans") / "card.cfs"
    complete = with_golden(plan)
    complete.save(path)
    loaded = load_plan(path, expect_sha256=complete.sha256)
    assert loaded.sha256 == complete.sha256
    assert loaded.points == complete.points


@settings(max_examples=25)
@given(plans())
def test_golden_rows_meet_every_attribute(plan):
    columns = golden_columns(plan)
    for c in plan.points.characteristics:
        met = {c.bins.attribute_of(cell) for cell in columns[c.name]}
        known = {i for i, role in enumerate(c.bins.roles) if role != "unseen"}
        if c.kind == "boolean":
            known = {c.bins.attribute_of(key) for key in ("True", "False", None)}
        assert known <= met


@settings(max_examples=10)
@given(plans(), st.sampled_from(["log_odds", "score"]))
def test_one_ulp_off_is_refused(plan, name):
    golden = with_golden(plan).golden
    values = getattr(golden, name).copy()
    finite = np.flatnonzero(~np.isnan(values))
    if len(finite) == 0:
        return
    values[finite[0]] = np.nextafter(values[finite[0]], np.inf)
    with pytest.raises(ArtifactError, match=name) as caught:
        check_golden(replace(plan, golden=replace(golden, **{name: values})))
    assert caught.value.code == "GOLDEN_MISMATCH"


@settings(max_examples=5)
@given(plans())
def test_pd_may_differ_by_two_ulp_between_machines(plan):
    golden = with_golden(plan).golden
    near = np.nextafter(np.nextafter(golden.pd, 1.0), 1.0)
    check_golden(replace(plan, golden=replace(golden, pd=near)))
    far = golden.pd + 1e-9
    if not np.isnan(far).all():
        with pytest.raises(ArtifactError, match="pd"):
            check_golden(replace(plan, golden=replace(golden, pd=far)))


@settings(max_examples=2)
@given(plans())
def test_plans_without_golden_rows_are_refused(plan):
    with pytest.raises(ArtifactError, match="no golden rows"):
        check_golden(replace(plan, golden=None))


@settings(max_examples=2)
@given(plans())
def test_another_hash_than_expected_is_refused(tmp_path_factory, plan):
    path = tmp_path_factory.mktemp("plans") / "card.cfs"
    path.write_bytes(encode_plan(with_golden(plan)))
    with pytest.raises(ArtifactError, match="not the expected one") as caught:
        load_plan(path, expect_sha256="0" * 64)
    assert caught.value.code == "HASH_MISMATCH"


def test_missing_files_and_folders_are_refused(tmp_path):
    for path in (tmp_path / "none.cfs", tmp_path):
        with pytest.raises(ArtifactError) as caught:
            load_plan(path)
        assert caught.value.code == "NOT_FOUND"


def other(plan):
    return with_golden(replace(plan, name="another"))


def test_a_file_that_is_replaced_while_it_is_read_is_read_as_it_was(
    tmp_path, monkeypatch
):
    path = tmp_path / "card.cfs"
    plan = small_plan()
    plan.save(path)
    real = _load.decode_plan

    def decode(data):
        other(plan).save(path)
        return real(data)

    monkeypatch.setattr(_load, "decode_plan", decode)
    assert load_plan(path, expect_sha256=plan.sha256).sha256 == plan.sha256
    assert load_plan(path).name == "another"


def test_a_file_that_is_replaced_leaves_a_running_scorer_alone(tmp_path):
    path = tmp_path / "card.cfs"
    plan = small_plan()
    plan.save(path)
    scorer = Scorer(load_plan(path))
    row = {"use": 0.5, "city": "north"}
    before = scorer.score_row(row, reasons=2)
    other(plan).save(path)
    assert scorer.score_row(row, reasons=2) == before
    path.unlink()
    assert scorer.score_row(row, reasons=2) == before
    assert scorer.plan.sha256 == plan.sha256


def test_loading_writes_nothing(tmp_path):
    folder = tmp_path / "plans"
    folder.mkdir()
    small_plan().save(folder / "card.cfs")
    (folder / "card.cfs").chmod(0o400)
    folder.chmod(0o500)
    marks = [path.stat().st_mtime_ns for path in (folder, folder / "card.cfs")]
    load_plan(folder / "card.cfs")
    after = [path.stat().st_mtime_ns for path in (folder, folder / "card.cfs")]
    folder.chmod(0o700)
    assert after == marks
    assert [path.name for path in folder.iterdir()] == ["card.cfs"]
