"""The promise: one row has one result, bit for bit, by every way into the scorer.

The reference is the plainest form: look the attribute up, add its points from left to
right. Batch, single row, any chunking, any number of threads, pandas, polars, Arrow,
mapping, list of dicts, Parquet and CSV file must give exactly that.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import RowFaultError
from cfscore.plan import NumericBins
from cfscore.scoring import Scorer
from cfscore.tables import FAULT_CODES, infer_schema
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
from tests.oracles import points as plain
from tests.oracles import reasons as plain_reasons
from tests.strategies import plans, row_values


@st.composite
def cases(draw):
    """Return a plan and columns of cells for it."""
    plan = draw(plans())
    return plan, draw(row_values(plan))


def attribute_of(characteristic, cell):
    """Return the attribute index of a cell by the bins' own plain look-up."""
    numeric = isinstance(characteristic.bins, NumericBins)
    return characteristic.bins.attribute_of(
        as_number(cell) if numeric else as_text(cell)
    )


def plain_row(plan, row):
    """Return (log_odds, pd, score, status, reason codes) of a row, the plain way."""
    characteristics = plan.points.characteristics
    found = [attribute_of(c, row[c.name]) for c in characteristics]
    status = next(filter(None, map(fault, characteristics, found, row.values())), 0)
    if status:
        return (math.nan, math.nan, math.nan, status, [None] * REASONS)
    parts = [[a.log_odds for a in c.attributes] for c in characteristics]
    worth = [[a.points for a in c.attributes] for c in characteristics]
    log_odds = plain.sum_row(found, parts, plan.points.intercept)
    reason_of = plan.catalogue.attribute_reasons(plan.points)
    ranked = plain_reasons.rank_reasons(
        [parts[j][a] - plan.reference[j] for j, a in enumerate(found)],
        [reason_of[j][a] for j, a in enumerate(found)],
        len(plan.catalogue.reasons),
        plan.catalogue.minimum_points / plan.scale.factor,
        plan.catalogue.index_of(plan.catalogue.inquiries),
        REASONS,
    )
    codes = [None if r < 0 else plan.catalogue.reasons[r].code for r in ranked]
    score = plain.sum_row(found, worth, 0.0)
    return (log_odds, plain.probability(log_odds), score, 0, codes)


def fault(characteristic, attribute, cell):
    """Return the fault code of a cell under the plan's policies, 0 if none."""
    row = characteristic.attributes[attribute]
    if row.policy == "error":
        return FAULT_CODES[row.role.upper()]
    numeric = isinstance(characteristic.bins, NumericBins)
    if numeric and characteristic.non_finite == "error" and math.isinf(as_number(cell)):
        return FAULT_CODES["NOT_FINITE"]
    return 0


@settings(max_examples=30)
@given(cases())
def test_every_container_gives_the_plain_result(case):
    plan, columns = case
    expected = [plain_row(plan, row) for row in rows_of(plan, columns)]
    scorer = Scorer(plan, threads=1)
    for name, container in containers(plan, columns):
        found = scorer.score(container, reasons=REASONS, on_bad="quarantine")
        try:
            assert_equal(found, expected)
        except AssertionError as error:
            msg = f"{name}: {error}"
            raise AssertionError(msg) from error


@settings(max_examples=30)
@given(cases())
def test_one_row_alone_gives_the_plain_result(case):
    plan, columns = case
    scorer = Scorer(plan)
    for row in rows_of(plan, columns):
        log_odds, pd_, score, status, codes = plain_row(plan, row)
        if status:
            with pytest.raises(RowFaultError):
                scorer.score_row(row, reasons=REASONS)
            continue
        found = scorer.score_row(row, reasons=REASONS)
        assert (found.log_odds, found.pd, found.score) == (log_odds, pd_, score)
        assert [r.code for r in found.reasons] == [c for c in codes if c is not None]
        harms = [r.contribution for r in found.reasons]
        assert all(h > 0 for h in harms)


@settings(max_examples=30)
@given(cases())
def test_contributions_add_up_to_the_margin(case):
    plan, columns = case
    found = Scorer(plan).score(columns, contributions=True, on_bad="quarantine")
    total = found.base_value + found.contributions.sum(axis=1)
    np.testing.assert_allclose(total, found.margin, rtol=1e-9, atol=1e-9)


@settings(max_examples=15)
@given(cases(), st.integers(1, 7))
def test_stream_and_files_give_the_plain_result(case, chunk):
    plan, columns = case
    expected = [plain_row(plan, row) for row in rows_of(plan, columns)]
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


@settings(max_examples=10)
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


def test_inferred_schema_of_the_containers_is_the_same():
    columns = {"x": [1.0, None], "c": ["A", None], "flag": [True, False]}
    table = pa.table(columns)
    expected = infer_schema(table)
    for container in (pd.DataFrame(columns), pl.DataFrame(columns), columns):
        assert infer_schema(container) == expected
