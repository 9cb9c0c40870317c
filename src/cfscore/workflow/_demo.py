"""Demo: the whole way from a loan book to a scored file, checked against the truth."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cfscore.atomic_file import write_atomically
from cfscore.datasets import synthesize_flat
from cfscore.plan import ScoringPlan
from cfscore.scoring import Scorer, load_plan
from cfscore.scoring.files import FileReport
from cfscore.workflow._config import load_config
from cfscore.workflow._discrimination import Discrimination, discriminate
from cfscore.workflow._synthetic import example_config_text, synthetic_catalogue_text
from cfscore.workflow._train import TrainingRun, train

__all__ = ["DemoFolder", "DemoResult", "DemoSample", "run_demo"]

N_REASONS = 4
_BOOK_SEED = 7
_INCOMING_SEED = 8
_SINGLE_ROWS = 1_000

Announce = Callable[[str], None]


@dataclass(frozen=True)
class DemoFolder:
    """Files of the demo.

    Parameters
    ----------
    root : Path
        Their folder.
    """

    root: Path

    @property
    def book(self) -> Path:
        """Development book, with its truth."""
        return self.root / "book"

    @property
    def incoming(self) -> Path:
        """Applications to score, with their truth."""
        return self.root / "incoming"

    @property
    def config(self) -> Path:
        """Config of the development run."""
        return self.root / "run.toml"

    @property
    def reasons(self) -> Path:
        """Reason catalogue."""
        return self.root / "reasons.toml"

    @property
    def plan(self) -> Path:
        """The compiled card."""
        return self.root / "run" / "scorecard.cfs"

    @property
    def scored(self) -> Path:
        """The scored file."""
        return self.root / "scored.parquet"


@dataclass(frozen=True)
class DemoSample:
    """A sample, measured by the card and by the truth behind it.

    Parameters
    ----------
    card : Discrimination
        Of the card's log-odds.
    truth : Discrimination
        Of the true PD: no model can do better on average.
    mean_pd, mean_true_pd : float
        Predicted and true, averaged.
    """

    card: Discrimination
    truth: Discrimination
    mean_pd: float
    mean_true_pd: float


@dataclass(frozen=True, eq=False)
class DemoResult:
    """Everything the demo shows.

    Parameters
    ----------
    folder : DemoFolder
        Where the files lie.
    run : TrainingRun
        The development run.
    samples : dict of str to DemoSample
        Development, hold-out, out of time and the scored file.
    report : FileReport
        Of the scored file.
    examples : pyarrow.Table
        A few scored rows from the lowest to the highest score, with ``true_pd``.
    n_single_rows : int
        Rows scored again one at a time.
    n_single_differences : int
        Those of them that are not the same to the last bit; 0 unless something is
        wrong.
    seconds : dict of str to float
        Wall time of each step.
    """

    folder: DemoFolder
    run: TrainingRun
    samples: dict[str, DemoSample]
    report: FileReport
    examples: pa.Table
    n_single_rows: int
    n_single_differences: int
    seconds: dict[str, float] = field(default_factory=dict)


def run_demo(
    root: Path,
    *,
    customers: int = 60_000,
    rows: int = 100_000,
    announce: Announce = lambda _: None,
) -> DemoResult:
    """Synthesize, train, compile, save, load, score and compare with the truth.

    Parameters
    ----------
    root : Path
        Folder of the demo; files of an earlier demo are replaced.
    customers : int, default 60_000
        Applications to develop on.
    rows : int, default 100_000
        Applications to score.
    announce : callable
        Told what is being done, before each step.

    Returns
    -------
    DemoResult
        Numbers to print.
    """
    folder = DemoFolder(root)
    steps = _Steps(announce)
    with steps.step("book", f"writing a loan book of {customers:,} applications"):
        synthesize_flat(folder.book, customers=customers, seed=_BOOK_SEED)
        synthesize_flat(folder.incoming, customers=rows, seed=_INCOMING_SEED)
    with steps.step("train", "training and compiling a scorecard"):
        run = _train(folder)
    with steps.step("load", "loading the plan: hashes, audit, golden rows"):
        plan = load_plan(folder.plan, expect_sha256=run.plan.sha256)
    with steps.step("score", f"scoring {rows:,} applications with reasons"):
        report = Scorer(plan).score_file(
            folder.incoming / "flat_applications.parquet",
            folder.scored,
            reasons=N_REASONS,
            keep=["application_id"],
        )
    with steps.step("check", "comparing with the truth, and one row at a time"):
        samples = _samples(folder, run, plan)
        n_single, n_different = _compare_single_rows(folder, plan)
    return DemoResult(
        folder=folder,
        run=run,
        samples=samples,
        report=report,
        examples=_examples(folder),
        n_single_rows=n_single,
        n_single_differences=n_different,
        seconds=steps.seconds,
    )


class _Steps:
    """Announces steps and takes their time."""

    def __init__(self, announce: Announce) -> None:
        self.announce = announce
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, what: str) -> Iterator[None]:
        """Announce what is done and time it under a short name."""
        self.announce(what)
        begin = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begin


def _train(folder: DemoFolder) -> TrainingRun:
    text = example_config_text(with_catalogue=True)
    write_atomically(folder.config, text.encode())
    write_atomically(folder.reasons, synthetic_catalogue_text().encode())
    run, _ = train(load_config(folder.config), folder.root, overwrite=True)
    return run


def _samples(
    folder: DemoFolder, run: TrainingRun, plan: ScoringPlan
) -> dict[str, DemoSample]:
    scored = pq.read_table(folder.scored, columns=["log_odds", "pd"])
    book = pq.read_table(folder.book / "flat_applications.parquet")
    batch = Scorer(plan).score(book)
    y, true_pd = _outcomes(folder.book)
    found = {
        name: _sample(y[rows], batch.log_odds[rows], batch.pd[rows], true_pd[rows])
        for name, rows in run.split.samples.items()
    }
    y, true_pd = _outcomes(folder.incoming)
    log_odds, pd = (_floats(scored, name) for name in ("log_odds", "pd"))
    return {**found, "scored file": _sample(y, log_odds, pd, true_pd)}


def _sample(
    y: NDArray[np.int8],
    log_odds: NDArray[np.float64],
    pd: NDArray[np.float64],
    true_pd: NDArray[np.float64],
) -> DemoSample:
    card, truth = discriminate(y, log_odds), discriminate(y, true_pd)
    assert card is not None, "the synthetic book has bads and goods in every sample"
    assert truth is not None
    return DemoSample(card, truth, float(pd.mean()), float(true_pd.mean()))


def _outcomes(book: Path) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return label and true PD, which lie in two files in the same order of rows."""
    labels = pq.read_table(book / "flat_applications.parquet", columns=["bad"])
    truth = pq.read_table(book / "flat_truth.parquet", columns=["true_pd"])
    return labels.column("bad").to_numpy().astype(np.int8), _floats(truth, "true_pd")


def _floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = table.column(name).to_numpy()
    return values


def _compare_single_rows(folder: DemoFolder, plan: ScoringPlan) -> tuple[int, int]:
    """Return how many rows were scored one at a time, and how many differ at all."""
    scorer = Scorer(plan)
    table = pq.read_table(folder.incoming / "flat_applications.parquet")
    rows = table.slice(0, _SINGLE_ROWS).to_pylist()
    expected = pq.read_table(folder.scored).slice(0, _SINGLE_ROWS).to_pylist()
    names = [f"reason_{i + 1}" for i in range(N_REASONS)]
    n_different = 0
    for row, written in zip(rows, expected, strict=True):
        found = scorer.score_row(row, reasons=N_REASONS)
        codes = [reason.code for reason in found.reasons]
        cited = [written[name] for name in names if written[name] is not None]
        numbers = (found.log_odds, found.score)
        is_same = numbers == (written["log_odds"], written["score"]) and codes == cited
        n_different += not is_same
    return len(rows), n_different


def _examples(folder: DemoFolder) -> pa.Table:
    """Return rows at five places between the lowest and the highest score."""
    scored = pq.read_table(folder.scored)
    truth = pq.read_table(folder.incoming / "flat_truth.parquet", columns=["true_pd"])
    order = np.argsort(_floats(scored, "score"), kind="stable")
    places = (np.array([0.0, 0.1, 0.5, 0.9, 1.0]) * (order.size - 1)).astype(np.int64)
    rows = pa.array(order[places])
    return scored.append_column("true_pd", truth.column("true_pd")).take(rows)
