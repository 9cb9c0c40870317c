"""Rows: the table of a source with its attached and derived columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from cfscore.exceptions import InputError, UsageError
from cfscore.features._attach import Attach
from cfscore.features._clock import Clock, DateReader
from cfscore.features._derivation import Elapsed
from cfscore.features._fact_table import EVENT, KNOWN
from cfscore.features._join import as_key, matched
from cfscore.features._source import Attachment, Source
from cfscore.features._spelling import spelling_hint
from cfscore.features._table_reader import pick_columns

__all__ = [
    "Rows",
    "check_attached",
    "find_table",
    "read_rows",
]

_Frames = Mapping[str, pl.LazyFrame]


@dataclass(frozen=True)
class Rows:
    """The rows of a source, not yet joined to any decision.

    Parameters
    ----------
    source : Source
        Whose rows these are.
    frame : LazyFrame
        The columns that were asked for, keys and times among them.
    known_columns : tuple of str
        Columns that say when a row became known.
    elapsed : tuple of Elapsed
        Derivations that are still to be made, as they need the decision.
    """

    source: Source
    frame: pl.LazyFrame
    known_columns: tuple[str, ...]
    elapsed: tuple[Elapsed, ...]

    @property
    def dates(self) -> DateReader:
        """Reader of the dates of these rows."""
        return DateReader(self.frame.collect_schema(), self.source.time_zone)

    @property
    def known(self) -> tuple[str, ...]:
        """Names of the columns that ``timed`` adds for ``known_columns``."""
        return tuple(f"{KNOWN}_{i}" for i in range(len(self.known_columns)))

    @property
    def time_columns(self) -> tuple[str, ...]:
        """All columns that are compared with the decision."""
        event = (self.source.event_time,) if self.source.event_time else ()
        ends = (name for derivation in self.elapsed for name in derivation.inputs)
        return (*event, *self.known_columns, *ends)

    def where_hit(self, hit: str) -> Rows:
        """Return the rows that do not say "nothing is known"."""
        is_hit = pl.col(hit).cast(pl.Boolean).fill_null(value=False)
        return replace(self, frame=self.frame.filter(is_hit))

    def timed(self, clock: Clock, has_zone: bool) -> Rows:
        """Return the rows with EVENT and the columns of ``known``."""
        dates = self.dates
        times = [
            dates.moment(column).alias(name)
            for column, name in zip(self.known_columns, self.known, strict=True)
        ]
        event = self.source.event_time
        if event is not None:
            times.append(clock.event(dates, event, has_zone).alias(EVENT))
        return replace(self, frame=self.frame.with_columns(times))

    def keyed(self, prefix: str) -> Rows:
        """Return the rows with copies of their key columns to join on."""
        schema = self.frame.collect_schema()
        keys = [
            as_key(pl.col(name), schema[name]).alias(f"{prefix}_{i}")
            for i, name in enumerate(self.source.keys)
        ]
        return replace(self, frame=self.frame.with_columns(keys))


def read_rows(source: Source, names: tuple[str, ...], frames: _Frames) -> Rows:
    """Return the rows of a source with the columns that are asked for.

    Parameters
    ----------
    source : Source
        The source.
    names : tuple of str
        Columns, attached and derived ones among them; keys and times are added.
    frames : mapping of str to LazyFrame
        The tables.

    Raises
    ------
    UsageError
        When a table is missing.
    SchemaError
        When a column is.
    """
    attached = [name for attach in source.attach for name in known_as(attach)]
    own = (source.available_at,) if source.available_at else ()
    event = (source.event_time,) if source.event_time else ()
    hit = (source.hit,) if source.hit else ()
    needed = tuple(dict.fromkeys((*source.keys, *event, *own, *hit, *names)))
    frame = _attached(source, source.raw_columns(needed), frames)
    wanted = _with_inputs(source, needed)
    elapsed = []
    for derivation in source.derive:
        if isinstance(derivation, Elapsed):
            if {derivation.name, f"{derivation.name}_open"} & wanted:
                elapsed.append(derivation)
        elif derivation.name in wanted:
            dates = DateReader(frame.collect_schema(), source.time_zone)
            column = derivation.expression(dates).alias(derivation.name)
            frame = frame.with_columns(column)
    return Rows(source, frame, (*own, *attached), tuple(elapsed))


def _with_inputs(source: Source, names: tuple[str, ...]) -> set[str]:
    """Return columns together with all that they are derived from."""
    found = set(names)
    for name in names:
        derivation = source.derived.get(name)
        if derivation is not None:
            found |= _with_inputs(source, derivation.inputs)
    return found


def _attached(source: Source, wanted: tuple[str, ...], frames: _Frames) -> pl.LazyFrame:
    """Return the raw columns, joined from the table and those attached to it."""
    needed, used = dict.fromkeys(wanted), []
    for attach in reversed(source.attach):
        added = [name for name in attach.columns if name in needed]
        if added or known_as(attach):
            needed = {name: None for name in needed if name not in added}
            needed |= dict.fromkeys(attach.needs)
            used.append(attach)
    frame = _pick(source.table_name, tuple(needed), frames)
    for attach in reversed(used):
        other = _pick(attach.table, attach.other_columns, frames)
        frame, other = matched(frame, other, attach.on, attach.table)
        frame = attach.attached_to(frame, other)
    return frame


def known_as(attach: Attachment) -> tuple[str, ...]:
    """Return the columns by which an attachment says when a fact became known."""
    name = attach.known_as if isinstance(attach, Attach) else None
    return () if name is None else (name,)


def _pick(table: str, names: tuple[str, ...], frames: _Frames) -> pl.LazyFrame:
    return pick_columns(find_table(table, frames), names, table)


def find_table(name: str, frames: _Frames) -> pl.LazyFrame:
    """Return a table by name.

    Raises
    ------
    UsageError
        When there is none; the likely spelling is suggested.
    """
    if name not in frames:
        msg = f"Table {name!r} is needed and not among the tables."
        hint = spelling_hint(name, frames) or f"Pass tables[{name!r}]."
        raise UsageError(msg, hint=hint)
    return frames[name]


def check_attached(source: Source, frames: _Frames) -> None:
    """Refuse attached tables that say different things of one key.

    Raises
    ------
    InputError
        Code ``DUPLICATE_KEY``.
    """
    for attach in source.attach:
        if not isinstance(attach, Attach):
            continue
        rows = _pick(attach.table, attach.other_columns, frames).unique()
        counts = rows.drop_nulls(attach.on).group_by(attach.on).len()
        counts = counts.filter(pl.col("len") > 1)
        repeated = counts.select(pl.len()).collect().item()
        if repeated:
            msg = (
                f"Table {attach.table!r} has {repeated} value(s) of "
                f"{', '.join(attach.on)} with rows that contradict each other."
            )
            hint = "An attached table says one thing of each value; correct it."
            raise InputError(msg, code="DUPLICATE_KEY", hint=hint)
