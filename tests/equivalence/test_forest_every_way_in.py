"""The promise for forests: one row has one result, bit for bit, by every way in.

The reference is the plainest form: walk every tree, add the leaf values in the order of
the trees, calibrate, scale. Reasons are ranked the plain way from the contributions of
the batch, which must add up to the margin.
"""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import RowFaultError, SchemaError
from cfscore.plan import AffineCalibration, SpecialRule
from cfscore.scoring import Scorer, golden_columns, load_plan, replay
from cfscore.tables import FAULT_CODES
from tests.equivalence.same_cells import (
    REASONS,
    RESULTS,
    arrow_table,
    as_number,
    as_text,
    assert_equal,
    assert_rows,
    containers,
    rows_of,
    write_files,
)
from tests.forest_strategies import forest_plans, forest_row_values
from tests.oracles import reasons as plain_reasons
from tests.oracles.forest import raw_score
from tests.oracles.points import probability
from tests.unit.plan.example_forest import forest_plan


@st.composite
def cases(draw):
    """Return a plan and columns of cells for it."""
    plan = draw(forest_plans())
    return plan, draw(forest_row_values(plan))


def seen_by_trees(feature, cell):
    """Return the number that the trees see in a cell."""
    if feature.kind == "numeric":
        value = as_number(cell)
        return math.nan if value in feature.special else value
    key = as_text(cell)
    known = key in feature.categories
    return float(feature.categories.index(key)) if known else math.nan


def plain_margin(plan, row):
    """Return the margin of a row and the log-odds before any calibration."""
    stage = plan.forest
    values = [seen_by_trees(feature, row[feature.name]) for feature in stage.features]
    raw = raw_score(stage.trees, values)
    slope, intercept = stage.sigmoid * (1 if stage.event == "bad" else -1), 0.0
    if isinstance(plan.calibration, AffineCalibration):
        slope, intercept = plan.calibration.slope * slope, plan.calibration.intercept
    return intercept + slope * (raw / (stage.trees.n_trees if stage.averages else 1))


def plain_row(plan, row, contributions):
    """Return (log_odds, pd, score, status, reason codes) of a row, the plain way."""
    status = next(
        filter(None, (fault(f, row[f.name]) for f in plan.forest.features)), 0
    )
    if status:
        return (math.nan, math.nan, math.nan, status, [None] * REASONS)
    margin = plain_margin(plan, row)
    stage = plan.calibration
    is_folded = stage is None or isinstance(stage, AffineCalibration)
    log_odds = margin if is_folded else stage.apply_one(margin)
    score = plan.scale.score_from_log_odds(log_odds)
    if plan.scale.rounding == "points":
        score = float(round(score))
    return (
        log_odds,
        probability(log_odds),
        score,
        0,
        codes_of(plan, row, contributions),
    )


def codes_of(plan, row, contributions):
    """Return the reason codes of a row, given its contributions."""
    catalogue = plan.catalogue
    ranked = plain_reasons.rank_reasons(
        contributions,
        [
            catalogue.index_of(reason(plan, f, row[f.name]))
            for f in plan.forest.features
        ],
        len(catalogue.reasons),
        catalogue.minimum_points / plan.scale.factor,
        catalogue.index_of(catalogue.inquiries),
        REASONS,
    )
    return [None if r < 0 else catalogue.reasons[r].code for r in ranked]


def reason(plan, feature, cell):
    """Return the reason code of a cell: its own rule's, a general one's, its column's.

    A rule for a value comes before one for unseen categories.
    """
    rules = plan.catalogue.special_rules
    for is_label in labels(feature, cell):
        for scope in (feature.name, None):
            for rule in reversed(rules):  # the last one of a scope wins
                if rule.feature == scope and is_label(rule.attribute):
                    return rule.code
    return plan.catalogue.features[feature.name]


def labels(feature, cell):
    """Yield what tells the labels of a cell, the most telling first."""
    numeric = feature.kind == "numeric"
    value = as_number(cell) if numeric else as_text(cell)
    if value is None or value != value:
        yield "MISSING".__eq__
    elif numeric:
        yield lambda label: is_number(label, value)
    else:
        yield f"SPECIAL {value}".__eq__
        if value not in feature.categories:
            yield "UNSEEN".__eq__


def is_number(label, value):
    prefix, _, text = label.partition("SPECIAL ")
    try:
        return not prefix and float(text) == value
    except ValueError:
        return False


def fault(feature, cell):
    """Return the fault code of a cell under the policies of its feature, 0 if none."""
    numeric = feature.kind == "numeric"
    value = as_number(cell) if numeric else as_text(cell)
    if value is None or value != value:
        return FAULT_CODES["MISSING"] if feature.missing == "error" else 0
    if numeric:
        refused = feature.non_finite == "error" and math.isinf(value)
        return FAULT_CODES["NOT_FINITE"] if refused else 0
    refused = feature.unseen == "error" and value not in feature.categories
    return FAULT_CODES["UNSEEN"] if refused else 0


def plain_rows(plan, columns):
    """Return the plain result of every row; contributions are those of a batch."""
    rows = rows_of(plan, columns)
    found = Scorer(plan, threads=1).score(rows, contributions=True, on_bad="quarantine")
    return [
        plain_row(plan, row, given.tolist())
        for row, given in zip(rows, found.contributions, strict=True)
    ]


@settings(max_examples=25)
@given(cases())
def test_every_container_gives_the_plain_result(case):
    plan, columns = case
    expected = plain_rows(plan, columns)
    scorer = Scorer(plan, threads=1)
    for name, container in containers(plan, columns):
        found = scorer.score(container, reasons=REASONS, on_bad="quarantine")
        try:
            assert_equal(found, expected)
        except AssertionError as error:
            msg = f"{name}: {error}"
            raise AssertionError(msg) from error


@settings(max_examples=60)
@given(cases())
def test_one_row_alone_gives_the_plain_result(case):
    plan, columns = case
    scorer = Scorer(plan)
    rows = rows_of(plan, columns)
    for row, expected in zip(rows, plain_rows(plan, columns), strict=True):
        log_odds, pd_, score, status, codes = expected
        if status:
            with pytest.raises(RowFaultError):
                scorer.score_row(row, reasons=REASONS)
            continue
        found = scorer.score_row(row, reasons=REASONS)
        assert (found.log_odds, found.pd, found.score) == (log_odds, pd_, score)
        assert str(found.score) == str(score)  # no minus zero
        assert [r.code for r in found.reasons] == [c for c in codes if c is not None]
        assert all(r.contribution > 0 for r in found.reasons)


@settings(max_examples=25)
@given(cases())
def test_contributions_add_up_to_the_margin(case):
    plan, columns = case
    rows = rows_of(plan, columns)
    found = Scorer(plan).score(rows, contributions=True, on_bad="quarantine")
    total = found.base_value + found.contributions.sum(axis=1)
    np.testing.assert_allclose(total, found.margin, rtol=1e-9, atol=1e-9)
    scored = np.flatnonzero(found.status == 0).tolist()
    expected = [plain_margin(plan, rows[i]) for i in scored]
    assert found.margin[scored].tolist() == expected


@settings(max_examples=12)
@given(cases(), st.integers(1, 7))
def test_stream_and_files_give_the_plain_result(case, chunk):
    plan, columns = case
    expected = plain_rows(plan, columns)
    table = arrow_table(plan, columns)
    scorer = Scorer(plan)
    batches = table.to_batches(max_chunksize=chunk)
    streamed = scorer.score_batches(batches, reasons=REASONS, on_bad="quarantine")
    assert_rows(pa.Table.from_batches(streamed), expected)
    with tempfile.TemporaryDirectory() as folder:
        for source in write_files(Path(folder), plan, table):
            target = Path(folder, "out", f"{source.suffix[1:]}.parquet")
            target.parent.mkdir(exist_ok=True)
            scorer.score_file(
                source, target, reasons=REASONS, on_bad="quarantine", batch_rows=chunk
            )
            assert_rows(pq.read_table(target), expected)


@settings(max_examples=8)
@given(cases(), st.integers(0, 2**32 - 1))
def test_threads_chunks_and_row_order_do_not_change_a_bit(case, seed):
    plan, columns = case
    table = arrow_table(plan, columns)
    rng = np.random.default_rng(seed)
    order = rng.integers(0, table.num_rows, 20_000)
    many = table.take(pa.array(order))
    one = Scorer(plan, threads=1).score(table, reasons=REASONS, on_bad="quarantine")
    for threads in (1, 3):
        found = Scorer(plan, threads=threads).score(
            many, reasons=REASONS, on_bad="quarantine"
        )
        for name in RESULTS:
            assert getattr(found, name).tobytes() == getattr(one, name)[order].tobytes()
        assert (found.reason_indices == one.reason_indices[order]).all()


@settings(max_examples=15)
@given(cases())
def test_a_saved_plan_gives_the_same_bits(tmp_path_factory, case):
    plan, columns = case
    complete = replace(plan, golden=replay(plan, golden_columns(plan)))
    path = tmp_path_factory.mktemp("plans") / "forest.cfs"
    complete.save(path)
    loaded = load_plan(path, expect_sha256=complete.sha256)
    assert loaded.to_bytes() == complete.to_bytes()
    for name, found in results(loaded, columns).items():
        expected = results(plan, columns)[name]
        assert found.tobytes() == expected.tobytes(), name


def results(plan, columns):
    found = Scorer(plan, threads=1).score(
        columns, reasons=REASONS, contributions=True, on_bad="quarantine"
    )
    names = (*RESULTS, "margin", "contributions", "reason_indices")
    return {name: getattr(found, name) for name in names}


@settings(max_examples=10)
@given(cases())
def test_columns_are_matched_by_name_and_a_missing_one_is_refused(case):
    plan, columns = case
    names = plan.schema.names
    scorer = Scorer(plan)
    for gone in names:
        kept = {name: cells for name, cells in columns.items() if name != gone}
        with pytest.raises(SchemaError) as caught:
            scorer.score({**kept, "another": [0] * len(columns[gone])})
        assert repr(gone) in str(caught.value)
        row = {name: cells[0] for name, cells in kept.items()}
        with pytest.raises(SchemaError):
            scorer.score_row(row)


@pytest.mark.parametrize("spelt", ["9991", "9991.0", "9.991e3"])
def test_a_special_value_has_one_reason_however_its_rule_spells_it(spelt):
    """1 = good, so that use below 0.5 is risky: it lowers the log-odds of good."""
    plan = forest_plan(None)
    trees = replace(plan.forest.trees, leaf_value=-plan.forest.trees.leaf_value)
    rules = (SpecialRule(f"SPECIAL {spelt}", "R02", "use"),)
    scorer = Scorer(
        replace(
            plan,
            model=replace(plan.forest, trees=trees),
            catalogue=replace(plan.catalogue, special_rules=rules, inquiries=None),
            golden=None,
        )
    )
    rest = {"城市": "北京", "home owner": True}
    rows = [{"use": use, **rest} for use in (9991.0, 9991, 9990.0)]
    found = scorer.score(rows, reasons=1).reasons[:, 0].tolist()
    alone = [scorer.score_row(row, reasons=1).reasons[0].code for row in rows]
    assert found == alone == ["R02", "R02", "R01"]
