"""Forest scorer: shared between threads, used after a fork, refusing what it cannot."""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from cfscore._kernels import jit
from cfscore.exceptions import RowFaultError, SchemaError, UsageError
from cfscore.plan import BetaCalibration, ScoringPlan
from cfscore.score_scale import ScoreScale
from cfscore.scoring import Scorer, _family, golden_columns, load_plan, replay
from tests.unit.plan.example_forest import forest_plan
from tests.unit.scoring.small_plan import small_plan

N_ROWS = 20_000
SECONDS = 120


@pytest.fixture(scope="module")
def plan() -> ScoringPlan:
    """Return the example, 1 = bad, calibrated by a stage, with its golden rows."""
    made = forest_plan(BetaCalibration(1.0, 0.5, -1.0))
    made = replace(made, model=replace(made.forest, event="bad"))
    return replace(made, golden=replay(made, golden_columns(made)))


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(8)
    return {
        "use": rng.choice([0.1, 0.5, 0.9, 0.0, np.nan], N_ROWS),
        "城市": rng.choice(np.array(["北京", "广州", None], object), N_ROWS),
        "home owner": rng.choice(np.array([True, False]), N_ROWS),
    }


# --- one row, by hand


def test_hand_worked_row(plan):
    # 0.9 > 0.5: 上海 0.6; no owner 0.3; 0.05; 0.9 > 0: 0.2 -> raw 1.15, sigmoid 0.5
    row = {"use": 0.9, "城市": "上海", "home owner": False}
    found = Scorer(plan).score_row(row, reasons=2, language="zh")
    margin = 0.5 * (0.6 + 0.3 + 0.05 + 0.2)
    # c + a ln(p) - b ln(1 - p)
    p = 1 / (1 + math.exp(-margin))
    log_odds = -1.0 + math.log(p) - 0.5 * math.log(1 - p)
    assert found.log_odds == pytest.approx(log_odds, abs=1e-12)
    assert found.pd == pytest.approx(1 / (1 + math.exp(-log_odds)), abs=1e-12)
    expected = ScoreScale().score_from_log_odds(log_odds)
    assert found.score == pytest.approx(expected, abs=1e-9)
    # Contribution of the owner: 0.5 * (0.3 - (0.7 * -0.2 + 0.3 * 0.3)), never cited.
    assert {reason.code for reason in found.reasons} == {"R01", "R02"}
    batch = Scorer(plan).score([row], contributions=True)
    owner = 0.5 * (0.3 - (-0.14 + 0.09))
    assert batch.contributions[0, 2] == pytest.approx(owner, abs=1e-12)
    # The first tree by hand: use is met last or first. Expected values of the tree:
    # nothing known (60 * -0.4 + 30 * 0.1 + 10 * 0.6) / 100 = -0.15; use known
    # (30 * 0.1 + 10 * 0.6) / 40 = 0.225; city known 0.6 * -0.4 + 0.4 * 0.6 = 0;
    # both 0.6. The last tree: 0.2 - 0.05 for use.
    use = 0.5 * ((0.225 - -0.15) + (0.6 - 0.0)) / 2 + 0.5 * (0.2 - 0.05)
    city = 0.5 * ((0.0 - -0.15) + (0.6 - 0.225)) / 2
    assert batch.contributions[0, 0] == pytest.approx(use, abs=1e-12)
    assert batch.contributions[0, 1] == pytest.approx(city, abs=1e-12)
    cited = {reason.code: reason.contribution for reason in found.reasons}
    assert cited == pytest.approx({"R01": use, "R02": city}, abs=1e-12)
    assert [reason.text for reason in found.reasons] == ["额度使用", "居住地"]


def test_a_pickled_scorer_gives_the_same_bits(plan, table):
    scorer = Scorer(plan, threads=2)
    expected = scorer.score(table, reasons=2, contributions=True)
    for sent in (scorer, Scorer(plan, threads=2)):  # with built tables, and without
        made = pickle.loads(pickle.dumps(sent))
        found = made.score(table, reasons=2, contributions=True)
        assert found.score.tobytes() == expected.score.tobytes()
        assert found.reason_indices.tolist() == expected.reason_indices.tolist()
        assert found.contributions.tobytes() == expected.contributions.tobytes()
        row = {"use": 0.9, "城市": "上海", "home owner": False}
        assert made.score_row(row, reasons=2) == scorer.score_row(row, reasons=2)
        assert made.plan.sha256 == plan.sha256


def test_margin_is_explained_and_log_odds_are_scored(plan, table):
    found = Scorer(plan).score(table, contributions=True)
    total = found.base_value + found.contributions.sum(axis=1)
    np.testing.assert_allclose(total, found.margin, atol=1e-12)
    assert found.margin is not found.log_odds
    stage = plan.calibration
    assert stage.apply(found.margin).tolist() == found.log_odds.tolist()
    uncalibrated = Scorer(replace(plan, calibration=None)).score(table)
    assert uncalibrated.margin is uncalibrated.log_odds
    assert uncalibrated.margin.tobytes() == found.margin.tobytes()


# --- refusing


def test_missing_keys_of_a_row_are_all_listed(plan):
    with pytest.raises(SchemaError, match=r"'use'.*'home owner'"):
        Scorer(plan).score_row({"城市": "北京"})


@pytest.mark.parametrize(
    ("row", "faults"),
    [
        ({"use": "x"}, {("use", "NOT_A_NUMBER")}),
        ({"use": 2**53 + 1}, {("use", "INT_LOSSY")}),
        ({"use": math.inf}, {("use", "NOT_FINITE")}),
        ({"城市": "深圳"}, {("城市", "UNSEEN")}),
        ({"home owner": None}, {("home owner", "MISSING")}),
        ({"home owner": "maybe"}, {("home owner", "NOT_A_BOOLEAN")}),
        (
            {"use": -math.inf, "城市": "深圳", "home owner": " "},
            {("use", "NOT_FINITE"), ("城市", "UNSEEN"), ("home owner", "MISSING")},
        ),
    ],
)
def test_a_row_is_refused_with_every_fault_alone_and_in_a_table(plan, row, faults):
    whole = {"use": 0.5, "城市": "北京", "home owner": True} | row
    for call in (Scorer(plan).score_row, lambda row: Scorer(plan).score([row])):
        with pytest.raises(RowFaultError) as caught:
            call(whole)
        assert caught.value.counts == dict.fromkeys(faults, 1)
        assert "深圳" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"reasons": -1},
        {"reasons": 1, "language": "fr"},
        *({"reasons": wrong} for wrong in (True, 2.0, "4", None)),
    ],
)
def test_wrong_options_of_a_row_are_refused(plan, options):
    row = {"use": 0.5, "城市": "北京", "home owner": True}
    for scorer in (Scorer(plan), Scorer(small_plan())):
        with pytest.raises(UsageError, match="reasons must be an integer >= 0"):
            scorer.score_row({**row, "city": "north"}, **options)


def test_a_row_tells_how_many_reasons_were_asked_for(plan):
    row = {"use": 0.5, "城市": "北京", "home owner": True, "city": "north"}
    for scorer in (Scorer(plan), Scorer(small_plan())):
        for k in (0, 2, np.int64(3)):
            found = scorer.score_row(row, reasons=k)
            assert found.most_reasons == k
            assert type(found.most_reasons) is int
            assert len(found.reasons) <= k


def test_empty_tables_give_empty_batches(plan):
    columns = {"use": [], "城市": [], "home owner": []}
    batch = Scorer(plan).score(columns, reasons=2, contributions=True)
    assert (len(batch), batch.contributions.shape) == (0, (0, 3))
    assert batch.to_arrow().num_rows == 0


# --- threads


def test_32_threads_share_a_scorer_that_nobody_has_used_before(plan, table):
    rows = [{name: cells[i] for name, cells in table.items()} for i in range(20)]
    expected = outcome(Scorer(plan, threads=1), table, rows)
    shared = Scorer(plan, threads=2)
    start, found = threading.Barrier(32), []

    def work() -> None:
        start.wait()
        found.append(outcome(shared, table, rows))

    workers = [threading.Thread(target=work) for _ in range(32)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [expected] * 32


def outcome(scorer, table, rows):
    """Return all bits of a batch with reasons, and single rows with theirs."""
    small = {name: cells[:2_000] for name, cells in table.items()}
    whole = scorer.score(table)
    explained = scorer.score(small, reasons=3, contributions=True)
    return (
        whole.score.tobytes(),
        whole.margin.tobytes(),
        explained.reason_indices.tobytes(),
        explained.contributions.tobytes(),
        [scorer.score_row(row, reasons=3) for row in rows],
    )


# --- forks

can_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
#: Python 3.12 warns that threads do not survive; that they are not needed is tested.
no_warning = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def in_a_fork(work: Callable[[], str]) -> str:
    """Return what a forked child says; an alarm ends one that hangs."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        try:
            os.write(writable, work().encode())
        finally:
            os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        answer = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return answer if status == 0 else f"ended with status {status}"


@can_fork
@no_warning
def test_loaded_before_a_fork_and_used_after_it(plan, table, tmp_path):
    """As a server does that loads its plan once and forks its workers."""
    plan.save(tmp_path / "forest.cfs")
    scorer = Scorer(load_plan(tmp_path / "forest.cfs"), threads=2)
    expected = Scorer(plan).score(table, reasons=2)
    found = in_a_fork(lambda: digest(scorer.score(table, reasons=2)))
    assert found == digest(expected)  # the parent never scored
    assert digest(scorer.score(table, reasons=2)) == found
    assert in_a_fork(lambda: digest(scorer.score(table, reasons=2))) == found


def digest(batch) -> str:
    return f"{batch.score.sum().hex()} {batch.reason_indices.sum()}"


@can_fork
@no_warning
def test_a_fork_after_lightgbm_used_its_threads(plan, table):
    """LightGBM itself hangs in such a child; scoring needs none of its threads."""
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(1)
    data = lightgbm.Dataset(rng.normal(size=(5_000, 5)), rng.integers(0, 2, 5_000))
    params = {"num_threads": 2, "verbosity": -1, "objective": "binary"}
    lightgbm.train(params, data, 2).predict(rng.normal(size=(5_000, 5)))
    scorer = Scorer(plan, threads=2)
    expected = digest(scorer.score(table, reasons=2))
    assert in_a_fork(lambda: digest(scorer.score(table, reasons=2))) == expected


def _score_in_child(scorer, table, results):
    results.put(digest(scorer.score(table, reasons=2)))


@no_warning
@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="no fork here"
)
def test_worker_processes_that_multiprocessing_forks(plan, table):
    scorer = Scorer(plan, threads=2)
    expected = digest(scorer.score(table, reasons=2))
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    workers = [
        context.Process(target=_score_in_child, args=(scorer, table, results))
        for _ in range(3)
    ]
    for worker in workers:
        worker.start()
    assert [results.get(timeout=SECONDS) for _ in workers] == [expected] * 3
    for worker in workers:
        worker.join(timeout=SECONDS)
        assert worker.exitcode == 0


@can_fork
@no_warning
def test_a_fork_while_another_thread_builds_the_explainer(plan, table):
    row = {name: cells[0] for name, cells in table.items()}
    expected = repr(Scorer(plan).score_row(row, reasons=2))
    scorer = Scorer(plan)
    with _family._building:  # the child has a copy of the lock, and nobody to open it
        found = in_a_fork(lambda: repr(scorer.score_row(row, reasons=2)))
    assert found == expected


@can_fork
@no_warning
def test_a_fork_waits_for_a_kernel_that_another_thread_compiles():
    is_compiling, is_done = threading.Event(), threading.Event()

    def compile_for_a_while() -> None:
        with jit._compiling:
            is_compiling.set()
            is_done.wait(0.5)

    thread = threading.Thread(target=compile_for_a_while)
    thread.start()
    is_compiling.wait()
    found = in_a_fork(lambda: str(jit._compiling.acquire(timeout=5)))
    is_done.set()
    thread.join()
    assert found == "True"


def test_no_memory_is_kept_between_rows(plan):
    scorer = Scorer(plan)
    row = {"use": 0.9, "城市": "上海", "home owner": False}
    assert len({scorer.score_row(row, reasons=2) for _ in range(50)}) == 1
