"""Facts: the rows of a source that each decision may use, joined and marked.

This is the one place where "known before the decision" is decided. Whatever is built
on facts, features and proofs alike, cannot see another row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

import polars as pl

from cfscore.features._clock import NOW, POINT, TODAY, Clock, DateReader
from cfscore.features._condition import Condition, condition_mask
from cfscore.features._fact_table import EVENT, KNOWN
from cfscore.features._join import as_key, matched
from cfscore.features._rows import check_attached, read_rows
from cfscore.features._source import Flag, Source
from cfscore.features._spec import FeatureSpec
from cfscore.features._window import Window

__all__ = ["ROW", "Engine", "FactReader", "is_set"]

#: Engine of polars: streaming for many applications, in-memory for one.
Engine = Literal["streaming", "in-memory"]

#: Column of applications and facts: the number of the application.
ROW = "@row"


class FactReader:
    """Facts of one source for the decisions of an application table.

    Parameters
    ----------
    source : Source
        The source.
    specs : sequence of FeatureSpec
        What will be computed from the facts; decides which columns are read.
    frames : mapping of str to LazyFrame
        The tables, by name.
    as_of : str
        Column of the applications with the time of the decision.
    dtype : polars type
        Its type.
    """

    def __init__(
        self,
        source: Source,
        specs: Sequence[FeatureSpec],
        frames: Mapping[str, pl.LazyFrame],
        as_of: str,
        dtype: pl.DataType,
    ) -> None:
        self.source = source
        self.specs = specs
        self.frames = frames
        self.clock = Clock(as_of, dtype, source.time_zone, source.resolution)
        self.windows = _distinct_windows(specs)
        self.conditions = _distinct_conditions(specs)
        self._reports: tuple[pl.DataFrame, pl.DataFrame] | None = None
        check_attached(source, frames)

    def decisions(self, applications: pl.DataFrame) -> pl.LazyFrame:
        """Return the applications for which the source may be read.

        Parameters
        ----------
        applications : DataFrame
            With ROW, the key columns, ``as_of``, and what consent and outage need.
        """
        allowed = pl.col(self.clock.as_of).is_not_null()
        if self.source.owner.consent is not None:
            allowed &= is_set(self.source.owner.consent)
        if self.source.owner.outage is not None:
            allowed &= ~is_set(self.source.owner.outage)
        keys = [
            as_key(pl.col(name), applications.schema[name]).alias(f"@key_{i}")
            for i, name in enumerate(self.source.owner.keys)
        ]
        return applications.lazy().filter(allowed).select(ROW, *keys, self.clock.as_of)

    def usable(
        self,
        applications: pl.DataFrame,
        engine: Engine,
        names: tuple[str, ...] = (),
    ) -> pl.LazyFrame:
        """Return every usable fact of every decision.

        Parameters
        ----------
        applications : DataFrame
            See ``decisions``.
        engine : {"streaming", "in-memory"}
            Engine that joins reports.
        names : tuple of str
            Columns of the facts to return, derived ones among them.

        Returns
        -------
        LazyFrame
            With ROW, the three columns of the decision, EVENT, the times at which a
            fact became known (``@known_0``, ...) and ``names``.
        """
        decisions = self.decisions(applications)
        if self.source.within is None:
            return self._joined(self.source, decisions, "@key", names)
        reports = self.reports(applications, engine).lazy().filter(pl.col("@hit"))
        schema = reports.collect_schema()
        links = reports.select(
            ROW,
            pl.col(EVENT).alias("@report_event"),
            *(
                as_key(pl.col(name), schema[name]).alias(f"@link_{i}")
                for i, name in enumerate(self.source.keys)
            ),
        )
        linked = decisions.join(links, on=ROW)
        return self._joined(self.source, linked, "@link", names)

    def reports(self, applications: pl.DataFrame, engine: Engine) -> pl.DataFrame:
        """Return the latest usable report of every decision that has one.

        Returns
        -------
        DataFrame
            With ROW, EVENT, the key columns of the source, and ``@hit``.
        """
        if self._reports is not None and self._reports[0] is applications:
            return self._reports[1]
        owner = self.source.owner
        columns = tuple(
            dict.fromkeys((*self.source.keys, *((owner.hit,) if owner.hit else ())))
        )
        usable = self._joined(
            owner, self.decisions(applications), "@key", columns, keep_misses=True
        )
        hit = pl.lit(value=True) if owner.hit is None else pl.col(owner.hit)
        known = [n for n in usable.collect_schema().names() if n.startswith(KNOWN)]
        latest = (
            usable.sort(ROW, EVENT, *known, *self.source.keys)
            .group_by(ROW, maintain_order=True)
            .last()
            .with_columns(hit.cast(pl.Boolean).fill_null(value=False).alias("@hit"))
            .collect(engine=engine)
        )
        self._reports = applications, latest
        return latest

    def marked(self, applications: pl.DataFrame, engine: Engine) -> pl.LazyFrame:
        """Return the usable facts that any window covers, marked and in order.

        Returns
        -------
        LazyFrame
            Sorted by application and time. Besides the columns that the specs read:
            ``@in_0``, ... say whether a fact is in a window and ``@meets_0``, ...
            whether it meets a condition; see ``marks``.
        """
        names = tuple(dict.fromkeys(n for spec in self.specs for n in spec.inputs))
        facts = self.usable(applications, engine, names)
        schema = facts.collect_schema()
        marks = [
            condition_mask(condition, schema).alias(f"@meets_{i}")
            for i, condition in enumerate(self.conditions)
        ]
        inside = [self._inside(window, schema) for window in self.windows]
        marks += [mask.alias(f"@in_{i}") for i, mask in enumerate(inside)]
        if inside and not self.is_unbounded:
            facts = facts.filter(pl.any_horizontal(inside))
        facts = facts.with_columns(marks)
        known = [name for name in schema.names() if name.startswith(KNOWN)]
        return facts.sort(ROW, EVENT, *known, *self._tie_breakers())

    @property
    def is_unbounded(self) -> bool:
        """Whether a feature looks at the whole history."""
        return any(not spec.windows for spec in self.specs)

    def present(self, applications: pl.DataFrame, engine: Engine) -> pl.Series:
        """Return ROW of the decisions for which there is anything at all."""
        if self.source.within is not None:
            reports = self.reports(applications, engine)
            return reports.filter(pl.col("@hit")).get_column(ROW)
        usable = self.usable(applications, engine).select(ROW).unique()
        return usable.collect(engine=engine).get_column(ROW)

    def marks(self, condition: Condition, window: Window | None) -> tuple[str, ...]:
        """Return the columns that mark the facts of a condition in a window."""
        found = []
        if window is not None:
            found.append(f"@in_{self.windows.index(window)}")
        if condition:
            found.append(f"@meets_{self.conditions.index(condition)}")
        return tuple(found)

    def _inside(self, window: Window, schema: pl.Schema) -> pl.Expr:
        now = schema[NOW]
        has_zone = isinstance(now, pl.Datetime) and now.time_zone is not None
        start, end = self.clock.bounds(window, has_zone)
        return (pl.col(EVENT) >= start) & (pl.col(EVENT) < end)

    def _tie_breakers(self) -> list[str]:
        """Return columns by which facts of one moment are put in order.

        Sums of floats depend on their order in the last bit; with these, the order
        is that of the values and not that of the table.
        """
        names = [
            name
            for spec in self.specs
            if spec.rule.is_number
            for name in (*spec.column_names, spec.denominator)
        ]
        return [name for name in dict.fromkeys(names) if name is not None]

    def _joined(
        self,
        source: Source,
        decisions: pl.LazyFrame,
        key: str,
        names: tuple[str, ...],
        *,
        keep_misses: bool = False,
    ) -> pl.LazyFrame:
        """Return decisions with their facts, those not known before it left out."""
        rows = read_rows(source, names, self.frames)
        if source.hit is not None and not keep_misses:
            rows = rows.where_hit(source.hit)
        clock = replace(
            self.clock, time_zone=source.time_zone, resolution=source.resolution
        )
        has_zone = clock.check(rows.dates, rows.time_columns)
        facts = rows.timed(clock, has_zone).keyed(key)
        on = [f"{key}_{i}" for i in range(len(source.keys))]
        decided = decisions.with_columns(clock.decision(has_zone))
        ours, theirs = matched(decided, facts.frame, on, source.table_name)
        joined = ours.join(theirs, on=on)
        if source.event_time is None:
            joined = joined.rename({"@report_event": EVENT})
        dates = DateReader(joined.collect_schema(), source.time_zone)
        known = facts.known
        joined = joined.filter(
            pl.col(EVENT) < pl.col(POINT), *map(dates.is_before_decision, known)
        )
        elapsed = [e for d in rows.elapsed for e in d.expressions(dates)]
        wanted = dict.fromkeys((ROW, NOW, TODAY, POINT, EVENT, *known, *names))
        return joined.with_columns(elapsed).select(*wanted)


def is_set(flag: Flag) -> pl.Expr:
    """Return whether a flag of the applications is set; missing is not."""
    if flag.bit is None:
        return pl.col(flag.column).cast(pl.Boolean).fill_null(value=False)
    mask = pl.col(flag.column).cast(pl.Int64).fill_null(0)
    return (mask & pl.lit(1 << flag.bit, dtype=pl.Int64)) != 0


def _distinct_windows(specs: Sequence[FeatureSpec]) -> list[Window]:
    found = [w for s in specs for w in (*s.windows, s.against) if w is not None]
    return list(dict.fromkeys(found))


def _distinct_conditions(specs: Sequence[FeatureSpec]) -> list[Condition]:
    found: list[Condition] = []
    for condition in (c for s in specs for c in (s.where, s.part or {})):
        if condition and condition not in found:
            found.append(condition)
    return found
