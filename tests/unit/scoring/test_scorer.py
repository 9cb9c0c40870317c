"""Scorer: shared between threads, used after a fork, refusing what it cannot do."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import threading
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.exceptions import RowFaultError, SchemaError, UsageError
from cfscore.scoring import Scorer, _scorer
from tests.unit.scoring.small_plan import small_plan

N_ROWS = 50_000


@pytest.fixture(scope="module")
def scorer():
    return Scorer(small_plan(), threads=2)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(8)
    return {
        "use": rng.choice([0.1, 0.3, 0.9, -9991.0, np.nan], N_ROWS),
        "city": rng.choice(np.array(["north", "中部", None], object), N_ROWS),
    }


def test_hand_worked_row(scorer):
    # use 0.1 has WOE 0.8, city north 0.4; coefficient -1, intercept -2
    row = scorer.score_row({"use": 0.1, "city": "north"}, reasons=2)
    assert row.log_odds == pytest.approx(-2 - 0.8 - 0.4, abs=1e-12)
    assert row.pd == pytest.approx(1 / (1 + np.exp(3.2)), abs=1e-12)
    assert row.reasons == ()
    bad = scorer.score_row({"use": 0.9, "city": "中部"}, reasons=2, language="zh")
    # reference 0.1 and 0.05: 0.9 - 0.1 and 0.4 - 0.05
    assert [(r.code, round(r.contribution, 9)) for r in bad.reasons] == [
        ("use", 0.8),
        ("city", 0.35),
    ]


def test_short_descriptions_hold_no_values(scorer):
    batch = scorer.score([{"use": 0.9, "city": "north"}], reasons=2)
    assert repr(batch) == "ScoreBatch(1 rows, 0 refused, 2 reasons)"
    plan = "ScoringPlan('small', 2 characteristics)"
    assert repr(scorer) == f"Scorer({plan}, threads=2)"


def test_frames_leave_with_the_contract_s_columns(scorer, table):
    batch = scorer.score(table, reasons=2)
    names = ["log_odds", "pd", "score", "reason_1", "reason_2", "status"]
    assert batch.to_arrow().column_names == names
    as_pandas, as_polars = batch.to_pandas(), batch.to_polars()
    assert isinstance(as_pandas, pd.DataFrame)
    assert isinstance(as_polars, pl.DataFrame)
    assert list(as_pandas.columns) == as_polars.columns == names
    assert as_pandas.score.to_numpy().tobytes() == batch.score.tobytes()
    codes = [None if pd.isna(code) else code for code in as_pandas.reason_1]
    assert codes == batch.reasons[:, 0].tolist() == as_polars["reason_1"].to_list()
    assert len(batch) == N_ROWS
    assert batch.margin is batch.log_odds


def test_reason_texts_follow_the_language(scorer):
    batch = scorer.score([{"use": 0.9, "city": "north"}], reasons=2, language="zh")
    assert batch.reason_texts.tolist() == [["use", None]]


def test_many_threads_share_one_scorer(scorer, table):
    expected = scorer.score(table, reasons=2)
    start = threading.Barrier(16)
    differing = []

    def work():
        start.wait()
        for _ in range(3):
            found = scorer.score(table, reasons=2)
            if found.score.tobytes() != expected.score.tobytes():
                differing.append("score")
            if (found.reason_indices != expected.reason_indices).any():
                differing.append("reasons")

    workers = [threading.Thread(target=work) for _ in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert differing == []


def _score_in_child(scorer, table, results):
    results.put(scorer.score(table).score.tobytes())


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="no fork here"
)
def test_a_scorer_works_after_a_fork_and_never_hangs(scorer, table):
    expected = scorer.score(table).score.tobytes()  # the parent's threads exist now
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    child = context.Process(target=_score_in_child, args=(scorer, table, results))
    child.start()
    found = results.get(timeout=30)
    child.join(timeout=30)
    assert found == expected
    assert child.exitcode == 0


def test_a_pickled_scorer_gives_the_same_bits(scorer, table):
    expected = scorer.score(table, reasons=2, contributions=True)
    made = pickle.loads(pickle.dumps(scorer))
    found = made.score(table, reasons=2, contributions=True)
    assert found.score.tobytes() == expected.score.tobytes()
    assert found.reason_indices.tolist() == expected.reason_indices.tolist()
    assert found.contributions.tobytes() == expected.contributions.tobytes()
    row = {"use": 0.9, "city": "north"}
    assert made.score_row(row, reasons=2) == scorer.score_row(row, reasons=2)
    assert (made.plan.sha256, made.threads) == (scorer.plan.sha256, 2)


def test_a_pickled_scorer_takes_the_cpus_that_are_there(monkeypatch):
    sent = pickle.dumps(Scorer(small_plan()))
    monkeypatch.setattr(_scorer, "available_threads", lambda: 7)
    assert pickle.loads(sent).threads == 7


def test_a_copy_shares_what_was_built(scorer):
    twin = copy.copy(scorer)
    assert twin._runtime is scorer._runtime
    assert repr(twin) == repr(scorer)


def test_a_scorer_works_in_a_spawned_process(scorer, table):
    few = {name: cells[:100] for name, cells in table.items()}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as workers:
        found = workers.submit(scorer.score, few, reasons=2).result(timeout=120)
    expected = scorer.score(few, reasons=2)
    assert found.score.tobytes() == expected.score.tobytes()
    assert found.reason_indices.tolist() == expected.reason_indices.tolist()


def test_empty_tables_give_empty_batches(scorer):
    batch = scorer.score({"use": [], "city": []}, reasons=2, contributions=True)
    assert len(batch) == 0
    assert batch.reasons.shape == (0, 2)
    assert batch.contributions.shape == (0, 2)
    assert batch.to_arrow().num_rows == 0


def test_bare_arrays_have_the_plan_s_columns_in_order(scorer):
    cells = np.array([[0.1, "north"], [0.9, None]], object)
    found = scorer.score(cells)
    assert found.score[0] == scorer.score_row({"use": 0.1, "city": "north"}).score
    with pytest.raises(SchemaError):
        scorer.score(np.zeros((2, 3)))


def test_strict_lists_faults_by_column_without_values(scorer):
    rows = [{"use": "secret", "city": "north"}, {"use": 2**53 + 1, "city": None}]
    with pytest.raises(RowFaultError) as caught:
        scorer.score(rows)
    assert caught.value.counts == {("use", "NOT_A_NUMBER"): 1, ("use", "INT_LOSSY"): 1}
    assert caught.value.n_bad_rows == 2
    assert "secret" not in str(caught.value)
    for row in rows:
        with pytest.raises(RowFaultError) as alone:
            scorer.score_row(row)
        assert "secret" not in str(alone.value)


def test_quarantine_blanks_scores_reasons_and_contributions(scorer):
    rows = [{"use": "x", "city": "north"}, {"use": 0.9, "city": "north"}]
    batch = scorer.score(rows, reasons=1, contributions=True, on_bad="quarantine")
    assert batch.status.tolist() == [1, 0]
    assert np.isnan(batch.contributions[0]).all()
    assert batch.reasons.tolist() == [[None], ["use"]]
    assert batch.to_arrow().column("score").null_count == 1


@pytest.mark.parametrize(
    "options",
    [
        {"reasons": -1},
        {"reasons": 1.5},
        {"reasons": 2.0},
        {"reasons": np.float64(2)},
        {"reasons": "2"},
        {"reasons": None},
        {"reasons": True},
        {"reasons": np.True_},
        {"on_bad": "drop"},
        {"language": "fr"},
    ],
)
def test_wrong_options_are_refused(scorer, table, options):
    with pytest.raises(UsageError, match=next(iter(options))):
        scorer.score(table, **options)


def test_integers_of_numpy_are_integers(scorer, table):
    expected = scorer.score(table, reasons=2)
    found = Scorer(small_plan(), threads=np.uint8(2)).score(table, reasons=np.int64(2))
    assert found.reasons.tolist() == expected.reasons.tolist()
    batches = pa.table(table).to_batches()
    streamed = pa.Table.from_batches(scorer.score_batches(batches, reasons=np.int32(2)))
    assert streamed.equals(expected.to_arrow())


@pytest.mark.parametrize("reasons", [2.0, True, -1])
def test_wrong_reasons_of_a_stream_are_refused(scorer, table, reasons):
    batches = pa.table(table).to_batches()
    with pytest.raises(UsageError, match="reasons must be an integer >= 0"):
        next(scorer.score_batches(batches, reasons=reasons))


@pytest.mark.parametrize(
    "threads", [0, -1, 1.5, 2.0, np.float64(2), "2", True, False, np.True_]
)
def test_wrong_threads_are_refused(threads):
    with pytest.raises(UsageError, match="threads"):
        Scorer(small_plan(), threads=threads)


def test_only_plans_make_scorers():
    with pytest.raises(UsageError, match="ScoringPlan"):
        Scorer("card.cfs")


def test_missing_keys_of_a_row_are_all_listed(scorer):
    with pytest.raises(SchemaError, match=r"'use'.*'city'"):
        scorer.score_row({"other": 1})


@pytest.mark.parametrize("options", [{"reasons": -1}, {"reasons": 1, "language": "fr"}])
def test_wrong_options_of_a_row_are_refused(scorer, options):
    with pytest.raises(UsageError):
        scorer.score_row({"use": 0.9, "city": "north"}, **options)


def test_streams_keep_columns_and_row_counts(scorer, table):
    whole = pa.table({"id": np.arange(N_ROWS), **table})
    batches = whole.to_batches(max_chunksize=7_000)
    out = list(scorer.score_batches(batches, reasons=1, keep=["id"]))
    assert [b.num_rows for b in out] == [b.num_rows for b in batches]
    found = pa.Table.from_batches(out)
    assert found.column_names == ["id", "log_odds", "pd", "score", "reason_1", "status"]
    assert found.column("id").to_pylist() == list(range(N_ROWS))


def test_no_memory_is_kept_between_rows(scorer):
    row = {"use": 0.9, "city": "north"}
    results = {scorer.score_row(row, reasons=2) for _ in range(100)}
    assert len(results) == 1
