"""Demo: the whole way from raw tables to a scored file, checked against the truth."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cfscore.atomic_file import write_atomically
from cfscore.datasets import POPULATION_SHIFT_AT, synthesize
from cfscore.plan import ScoringPlan
from cfscore.scoring import Scorer, load_plan
from cfscore.scoring.files import FileReport
from cfscore.workflow._config import load_config
from cfscore.workflow._discrimination import Discrimination, discriminate
from cfscore.workflow._sample_split import SAMPLE_NAMES
from cfscore.workflow._synthetic import (
    person_features_text,
    raw_catalogue_text,
    raw_config_text,
)
from cfscore.workflow._train import Announce, TrainingRun, train

__all__ = [
    "DEMO_KEY",
    "DEMO_REASONS",
    "DemoFolder",
    "DemoModel",
    "DemoResult",
    "DemoSample",
    "run_demo",
]

#: Reasons of each scored row, and the column that identifies it.
DEMO_REASONS = 4
DEMO_KEY = "application_id"
_ALL_LATE = "out of time, rejected too"
_SINGLE_ROWS = 1_000


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
        """Raw tables, with their truth."""
        return self.root / "book"

    @property
    def incoming(self) -> Path:
        """Applications to score."""
        return self.root / "incoming.parquet"

    @property
    def config(self) -> Path:
        """Config of the development run."""
        return self.root / "run.toml"

    @property
    def reasons(self) -> Path:
        """Reason catalogue."""
        return self.root / "reasons.toml"

    @property
    def person(self) -> Path:
        """Features of the customers table."""
        return self.root / "person.toml"

    @property
    def run(self) -> Path:
        """Folder of the development run."""
        return self.root / "run"

    def plan(self, model: str) -> Path:
        """Return the compiled model of a name."""
        return self.run / f"{model}.cfs"

    def scored(self, model: str) -> Path:
        """Return the file that a model scored."""
        return self.root / f"scored_by_{model}.parquet"

    def decisions(self) -> pl.DataFrame:
        """Return outcome, sample and truth of every decision, as features are ordered.

        Returns
        -------
        polars.DataFrame
            The run's labels, with ``true_pd`` and ``would_default`` from the book.
        """
        labels = pl.read_parquet(self.run / "labels.parquet")
        truth = pl.read_parquet(
            self.book / "truth.parquet", columns=[DEMO_KEY, "true_pd", "would_default"]
        )
        return labels.join(
            truth.unique(DEMO_KEY, keep="first"),
            on=DEMO_KEY,
            how="left",
            maintain_order="left",
        )


@dataclass(frozen=True)
class DemoSample:
    """A sample, measured by a model and by the truth behind it.

    Parameters
    ----------
    model : Discrimination
        Of the model's log-odds.
    truth : Discrimination
        Of the true PD: no model can do better on average.
    mean_pd, mean_true_pd : float
        Predicted and true, averaged.
    """

    model: Discrimination
    truth: Discrimination
    mean_pd: float
    mean_true_pd: float


@dataclass(frozen=True, eq=False)
class DemoModel:
    """One model of the demo.

    Parameters
    ----------
    plan : ScoringPlan
        Loaded from its file.
    samples : dict of str to DemoSample
        Development, hold-out and out of time, the last also with those who were
        rejected, whose outcome only the truth knows.
    report : FileReport
        Of the scored file.
    examples : pyarrow.Table
        A few scored rows from the lowest to the highest score, with ``true_pd``.
    n_single_rows : int
        Rows scored again one at a time.
    n_single_differences : int
        Those of them that are not the same to the last bit; 0 unless something is
        wrong.
    """

    plan: ScoringPlan
    samples: dict[str, DemoSample]
    report: FileReport
    examples: pa.Table
    n_single_rows: int
    n_single_differences: int


@dataclass(frozen=True, eq=False)
class DemoResult:
    """Everything the demo shows.

    Parameters
    ----------
    folder : DemoFolder
        Where the files lie.
    run : TrainingRun
        The development run.
    raw_rows : int
        Rows of the raw tables.
    models : dict of str to DemoModel
        ``scorecard`` and ``boosted``.
    seconds : dict of str to float
        Wall time of each step.
    """

    folder: DemoFolder
    run: TrainingRun
    raw_rows: int
    models: dict[str, DemoModel]
    seconds: dict[str, float] = field(default_factory=dict)


def run_demo(
    root: Path,
    *,
    customers: int = 20_000,
    rows: int = 100_000,
    seed: int = 7,
    announce: Announce = lambda _: None,
) -> DemoResult:
    """Synthesize, label, measure, train, compile, load, score, compare with the truth.

    Parameters
    ----------
    root : Path
        Folder of the demo; files of an earlier demo are replaced.
    customers : int, default 20_000
        Customers of the loan book, with 1.3 applications each.
    rows : int, default 100_000
        Rows of the file to score: the book's applications, repeated under new
        identifiers as often as it takes.
    seed : int, default 7
        Of the loan book.
    announce : callable
        Told what is being done, before each step.

    Returns
    -------
    DemoResult
        Numbers to print.
    """
    folder = DemoFolder(root)
    steps = _Steps(announce)
    with steps.step("book", f"writing the raw tables of {customers:,} customers"):
        manifest = synthesize(folder.book, customers=customers, seed=seed)
    with steps.step("train", "training: labels, features, scorecard, boosted model"):
        run = _train(folder, announce)
    _write_incoming(folder, rows)
    truth = folder.decisions()
    models = {}
    for name, trained in run.models.items():
        with steps.step(
            "load", f"loading the {name} model: hashes, audit, golden rows"
        ):
            plan = load_plan(folder.plan(name), expect_sha256=trained.plan.sha256)
            scorer = Scorer(plan)
        with steps.step(
            "score", f"scoring {rows:,} rows by the {name} model, with reasons"
        ):
            report = scorer.score_file(
                folder.incoming,
                folder.scored(name),
                reasons=DEMO_REASONS,
                keep=[DEMO_KEY],
            )
        with steps.step("check", "comparing with the truth, and one row at a time"):
            models[name] = _checked(folder, name, scorer, truth, report)
    return DemoResult(folder, run, sum(manifest.rows.values()), models, steps.seconds)


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
        took = time.perf_counter() - begin
        self.seconds[name] = self.seconds.get(name, 0.0) + took


def _train(folder: DemoFolder, announce: Announce) -> TrainingRun:
    write_atomically(folder.config, raw_config_text(with_files=True).encode())
    write_atomically(folder.reasons, raw_catalogue_text().encode())
    write_atomically(folder.person, person_features_text().encode())
    config = load_config(folder.config)
    run, _ = train(config, folder.root, overwrite=True, announce=announce)
    return run


def _write_incoming(folder: DemoFolder, rows: int) -> None:
    """Write a file of so many rows, each application as often as it takes."""
    features = pq.read_table(folder.run / "features.parquet")
    turn, at = np.divmod(np.arange(rows), features.num_rows)
    table = features.take(pa.array(at))
    keys = table.column(DEMO_KEY).to_pylist()
    named = [k if t == 0 else f"{k}-{t + 1}" for k, t in zip(keys, turn, strict=True)]
    place = table.column_names.index(DEMO_KEY)
    pq.write_table(table.set_column(place, DEMO_KEY, pa.array(named)), folder.incoming)


def _checked(
    folder: DemoFolder,
    name: str,
    scorer: Scorer,
    truth: pl.DataFrame,
    report: FileReport,
) -> DemoModel:
    n_rows, n_different = _compare_single_rows(folder, name, scorer)
    return DemoModel(
        plan=scorer.plan,
        samples=_samples(folder, scorer, truth),
        report=report,
        examples=_examples(folder, name, truth),
        n_single_rows=n_rows,
        n_single_differences=n_different,
    )


def _samples(
    folder: DemoFolder, scorer: Scorer, truth: pl.DataFrame
) -> dict[str, DemoSample]:
    batch = scorer.score(pq.read_table(folder.run / "features.parquet"))
    true_pd = truth["true_pd"].to_numpy()
    sample = truth["sample"].to_numpy()
    outcomes = {name: (truth["y"], sample == name) for name in SAMPLE_NAMES}
    is_late = truth["applied_at"] >= POPULATION_SHIFT_AT
    outcomes[_ALL_LATE] = (truth["would_default"].cast(pl.Int8), is_late.to_numpy())
    return {
        name: _sample(
            y.filter(rows).to_numpy(),
            batch.log_odds[rows],
            batch.pd[rows],
            true_pd[rows],
        )
        for name, (y, rows) in outcomes.items()
    }


def _sample(
    y: NDArray[np.int8],
    log_odds: NDArray[np.float64],
    pd: NDArray[np.float64],
    true_pd: NDArray[np.float64],
) -> DemoSample:
    model, truth = discriminate(y, log_odds), discriminate(y, true_pd)
    assert model is not None, "the synthetic book has bads and goods in every sample"
    assert truth is not None
    return DemoSample(model, truth, float(pd.mean()), float(true_pd.mean()))


def _compare_single_rows(
    folder: DemoFolder, name: str, scorer: Scorer
) -> tuple[int, int]:
    """Return how many rows were scored one at a time, and how many differ at all."""
    rows = pq.read_table(folder.incoming).slice(0, _SINGLE_ROWS).to_pylist()
    scored = pq.read_table(folder.scored(name)).slice(0, _SINGLE_ROWS).to_pylist()
    names = [f"reason_{i + 1}" for i in range(DEMO_REASONS)]
    n_different = 0
    for row, written in zip(rows, scored, strict=True):
        found = scorer.score_row(row, reasons=DEMO_REASONS)
        codes = [reason.code for reason in found.reasons]
        cited = [written[name] for name in names if written[name] is not None]
        numbers = (found.log_odds, found.score)
        is_same = numbers == (written["log_odds"], written["score"]) and codes == cited
        n_different += not is_same
    return len(rows), n_different


def _examples(folder: DemoFolder, name: str, truth: pl.DataFrame) -> pa.Table:
    """Return rows at five places between the lowest and the highest score."""
    scored = pq.read_table(folder.scored(name)).slice(0, truth.height)
    order = np.argsort(scored.column("score").to_numpy(), kind="stable")
    places = (np.array([0.0, 0.1, 0.5, 0.9, 1.0]) * (order.size - 1)).astype(np.int64)
    true_pd = truth["true_pd"].head(scored.num_rows).to_arrow()
    return scored.append_column("true_pd", true_pd).take(pa.array(order[places]))
