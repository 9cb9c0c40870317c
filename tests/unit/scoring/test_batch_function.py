"""Batch function: what other engines' workers call, without those engines."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import ArtifactError, SchemaError, UsageError
from cfscore.scoring import Scorer
from cfscore.scoring.files import BatchFunction, _batch_function, batch_function
from tests.unit.scoring.file_runs import developed_plan, make_rows

PLAN = developed_plan()
N_ROWS = 300
BAD = {"id": [1, 2, 3], "use": ["x", "0.5", "1_0"], "city": ["north", None, "new"]}


def texts(column: Any) -> list[str | None]:
    """Return texts of pandas or Arrow, missing as None."""
    cells = column.to_pylist() if isinstance(column, pa.ChunkedArray) else list(column)
    return [cell if isinstance(cell, str) else None for cell in cells]


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    PLAN.save(tmp_path / "card.cfs")
    return tmp_path / "card.cfs"


@pytest.fixture
def function(plan_file: Path) -> BatchFunction:
    """Return the function as a worker gets it."""
    made = batch_function(plan_file, reasons=2, keep=["id"])
    return pickle.loads(pickle.dumps(made))


def test_arrow_gives_the_file_run_s_columns(
    function: BatchFunction, tmp_path: Path
) -> None:
    table = make_rows(N_ROWS)
    pq.write_table(table, tmp_path / "in.parquet")
    target = tmp_path / "out.parquet"
    Scorer(PLAN).score_file(tmp_path / "in.parquet", target, reasons=2, keep=["id"])
    expected = pq.read_table(target)
    found = function(table)
    assert found.column_names == [*expected.column_names, "rejects"]
    assert found["rejects"].null_count == N_ROWS
    assert found["status"].type == pa.int16()
    for name in expected.column_names[:-1]:
        assert found[name].equals(expected[name])
        if name in ("log_odds", "pd", "score"):
            a, b = (t[name].to_numpy().tobytes() for t in (found, expected))
            assert a == b


def test_stream_gives_the_same_batch_by_batch(function: BatchFunction) -> None:
    table = make_rows(N_ROWS)
    batches = [*table.to_batches(max_chunksize=70), table.slice(0, 0).to_batches()]
    batches = [batch for batch in batches if isinstance(batch, pa.RecordBatch)]
    found = pa.Table.from_batches(function.stream(batches))
    assert found.equals(function(table))
    assert list(function.stream([])) == []


def test_pandas_gives_pandas(function: BatchFunction) -> None:
    pytest.importorskip("pandas")
    table = make_rows(N_ROWS)
    frame = table.to_pandas().set_index(np.arange(N_ROWS)[::-1])
    found, expected = function(frame), function(table)
    assert list(found.columns) == expected.column_names
    assert list(found.index) == list(frame.index)
    for name in ("log_odds", "pd", "score"):
        assert found[name].to_numpy().tobytes() == expected[name].to_numpy().tobytes()
    assert texts(found["reason_1"]) == texts(expected["reason_1"])
    assert list(function(frame.iloc[:0]).columns) == expected.column_names


@pytest.mark.parametrize("is_frame", [False, True])
def test_rows_that_cannot_be_scored_end_no_job(
    function: BatchFunction, is_frame: bool
) -> None:
    table = pa.table(BAD)
    found = function(table.to_pandas() if is_frame else table)
    assert texts(found["rejects"]) == ["use: NOT_A_NUMBER", None, "use: NOT_A_NUMBER"]
    statuses = np.asarray(found["status"]).tolist()
    assert statuses == [1, 0, 1]


def test_plan_is_loaded_once_in_a_process(
    function: BatchFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_batch_function, "_scorers", {})
    loads = []
    real = _batch_function.decode_plan
    monkeypatch.setattr(
        _batch_function, "decode_plan", lambda data: (loads.append(1), real(data))[1]
    )
    for copy in (function, pickle.loads(pickle.dumps(function))):
        for _ in range(3):
            copy(make_rows(5))
    assert loads == [1]
    (scorer,) = _batch_function._scorers.values()
    assert scorer.threads == 1


def test_damaged_bytes_are_refused(function: BatchFunction) -> None:
    damaged = bytearray(function.plan_bytes)
    damaged[len(damaged) // 2] ^= 1
    with pytest.raises(ArtifactError):
        BatchFunction(bytes(damaged), 1, ())(make_rows(1))


def test_wrong_requests_are_refused_before_anything_is_sent(plan_file: Path) -> None:
    with pytest.raises(UsageError, match="names of result columns"):
        batch_function(plan_file, keep=["score"])
    with pytest.raises(SchemaError, match="'rejects'"):
        batch_function(plan_file, keep=["rejects"])
    with pytest.raises(ArtifactError):
        batch_function(plan_file, expect_sha256="0" * 64)
    for reasons in (True, 2.0):
        with pytest.raises(UsageError, match="reasons must be an integer"):
            batch_function(plan_file, reasons=reasons)


def test_integers_of_numpy_are_sent_as_plain_ones(plan_file: Path) -> None:
    made = batch_function(plan_file, reasons=np.int64(2))
    assert type(made.reasons) is int


def test_function_is_shown_without_its_bytes(function: BatchFunction) -> None:
    assert repr(function) == "BatchFunction(reasons=2, keep=('id',))"
