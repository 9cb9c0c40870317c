"""Leakage tests: features must not move when the future is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from cfscore.exceptions import InputError
from cfscore.features._build import build_features, pick_applications
from cfscore.features._catalogue import FeatureCatalogue, Specs, as_catalogue
from cfscore.features._facts import ROW
from cfscore.features._future_change import Change, future_changed, future_extended
from cfscore.features._source import Source
from cfscore.features._table_reader import Table, open_table

__all__ = ["Builder", "InvarianceReport", "future_noise_test", "time_travel_test"]

#: Builds features from applications and tables by name, row by row in order.
Builder = Callable[[pl.DataFrame, Mapping[str, pl.DataFrame]], Any]

_Tables = dict[str, pl.DataFrame]
_Changed = tuple[_Tables, Mapping[str, int]]


@dataclass(frozen=True)
class InvarianceReport:
    """What happened to the features when the future was changed.

    Parameters
    ----------
    n_applications : int
        Applications compared: all of them.
    changed : mapping of str to int
        Features that moved, with the number of applications; empty where none did.
    altered : mapping of str to int
        Rows and cells of each table that were deleted, overwritten or added. Without
        any the test proves nothing.
    """

    n_applications: int
    changed: Mapping[str, int] = field(default_factory=dict)
    altered: Mapping[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether no feature of any application moved."""
        return not self.changed

    def check(self) -> None:
        """Refuse features that moved.

        Raises
        ------
        InputError
            Code ``LEAKAGE``, naming the features.
        """
        if not self.holds:
            listed = sorted(self.changed, key=lambda name: (-self.changed[name], name))
            msg = (
                f"{len(listed)} feature(s) know the future: {', '.join(listed[:10])}; "
                f"{self.changed[listed[0]]} of {self.n_applications} applications "
                f"changed in the first."
            )
            hint = "Use a fact only where available_at < as_of."
            raise InputError(msg, code="LEAKAGE", hint=hint)


def time_travel_test(
    applications: Table,
    tables: Mapping[str, Table],
    specs: Specs,
    *,
    as_of: str,
    change: Change = "delete",
    build: Builder | None = None,
    seed: int = 0,
) -> InvarianceReport:
    """Return whether features stay the same without what was not yet known.

    For every application each row with ``available_at >= as_of`` is deleted, or its
    values are replaced by those of other rows and its event moved to just before the
    decision; likewise each end of an elapsed time that had not come. Features that
    knew none of it are the same to the last bit.

    Parameters
    ----------
    applications : frame
        As for ``build_features``.
    tables : mapping of str to frame
        As for ``build_features``; read into memory.
    specs : FeatureCatalogue or iterable of FeatureSpec and Combination
        What is built; with ``build``, their sources say what the tables hold.
    as_of : str
        Column with the time of the decision.
    change : {"delete", "randomise"}
        What is done to the future.
    build : callable, optional
        Another way to build features, to be tested in the place of ``specs``: from
        applications and tables (polars) to a frame with one row per application.
    seed : int, default 0
        Of the random values.

    Returns
    -------
    InvarianceReport
        ``holds`` is the answer; ``altered`` says how much was at stake.
    """
    audit = _Audit(applications, tables, as_catalogue(specs), as_of, build)
    rng = np.random.default_rng(seed)
    sources = audit.catalogue.sources
    return audit.run(
        lambda batch: future_changed(sources, audit.tables, batch, as_of, change, rng)
    )


def future_noise_test(
    applications: Table,
    tables: Mapping[str, Table],
    specs: Specs,
    *,
    as_of: str,
    build: Builder | None = None,
    seed: int = 0,
) -> InvarianceReport:
    """Return whether features stay the same when rows are added to the future.

    Every application is given copies of rows of others, which happened shortly before
    the decision and became known at its very instant, a microsecond later or a day
    later (with dates: on its day or the next).

    Parameters
    ----------
    applications : frame
        As for ``build_features``.
    tables : mapping of str to frame
        As for ``build_features``; read into memory.
    specs : FeatureCatalogue or iterable of FeatureSpec and Combination
        As for ``time_travel_test``.
    as_of : str
        Column with the time of the decision.
    build : callable, optional
        As for ``time_travel_test``.
    seed : int, default 0
        Of the random values.

    Returns
    -------
    InvarianceReport
        ``holds`` is the answer.
    """
    audit = _Audit(applications, tables, as_catalogue(specs), as_of, build)
    rng = np.random.default_rng(seed)
    sources = audit.catalogue.sources
    return audit.run(
        lambda batch: future_extended(sources, audit.tables, batch, as_of, rng)
    )


class _Audit:
    """Features of all applications, built as they are and with a changed future."""

    def __init__(
        self,
        applications: Table,
        tables: Mapping[str, Table],
        catalogue: FeatureCatalogue,
        as_of: str,
        build: Builder | None,
    ) -> None:
        self.catalogue = catalogue
        self.as_of = as_of
        self.applications = open_table(applications, "applications").collect()
        self.tables = {n: open_table(t, n).collect() for n, t in tables.items()}
        self.build = build or self._build
        self.decisions = pick_applications(self.applications, catalogue, as_of)

    def _build(
        self, applications: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
    ) -> Any:
        return build_features(applications, tables, self.catalogue, as_of=self.as_of)

    def run(self, change: Callable[[pl.DataFrame], _Changed]) -> InvarianceReport:
        """Compare the features of each batch with those of a changed future."""
        before = self._features(self.applications, self.tables)
        changed: dict[str, int] = {}
        altered: dict[str, int] = {}
        for batch in _batches(self.decisions, self.catalogue.sources):
            tables, counts = change(batch)
            rows = batch.get_column(ROW)
            after = self._features(self.applications[rows], tables)
            for name in before.columns:
                same = before.get_column(name)[rows].eq_missing(after.get_column(name))
                if not same.all():
                    changed[name] = changed.get(name, 0) + int((~same).sum())
            for name, n in counts.items():
                altered[name] = altered.get(name, 0) + n
        return InvarianceReport(self.decisions.height, changed, altered)

    def _features(self, applications: pl.DataFrame, tables: _Tables) -> pl.DataFrame:
        built = open_table(self.build(applications, tables), "features").collect()
        if built.height != applications.height:
            msg = (
                f"build returned {built.height} rows for {applications.height} "
                f"applications."
            )
            raise InputError(msg, hint="Return one row per application, in order.")
        return built


def _batches(
    decisions: pl.DataFrame, sources: Sequence[Source]
) -> Iterator[pl.DataFrame]:
    """Yield the applications in parts of which no two share a key."""
    key_columns = {source.owner.keys for source in sources}
    seen: dict[tuple[object, ...], int] = {}
    batch_of = []
    for row in decisions.iter_rows(named=True):
        keys = [(names, *(row[name] for name in names)) for names in key_columns]
        number = max((seen.get(key, -1) for key in keys), default=-1) + 1
        seen.update(dict.fromkeys(keys, number))
        batch_of.append(number)
    number_of = pl.Series(batch_of, dtype=pl.Int64)
    for number in range(max(batch_of, default=-1) + 1):
        yield decisions.filter(number_of == number)
