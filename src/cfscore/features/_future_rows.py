"""Future rows: what the tables hold that was not known when a decision was made.

Found apart from the code that builds features: only the declarations of the sources
are shared, so that an error there is not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import polars as pl

from cfscore.features._attach import Attach
from cfscore.features._clock import NOW, TODAY, Clock, DateReader
from cfscore.features._derivation import Elapsed
from cfscore.features._facts import ROW
from cfscore.features._join import as_key, matched
from cfscore.features._rows import Rows, known_as, read_rows
from cfscore.features._settlement import Settlement
from cfscore.features._source import Source

__all__ = [
    "LINE",
    "FutureCells",
    "decision_times",
    "future_cells",
    "future_rows",
    "numbered",
    "withheld",
]

#: Column added to a table: the number of the row.
LINE = "@line"

_Frames = Mapping[str, pl.DataFrame]


def numbered(frames: _Frames) -> dict[str, pl.LazyFrame]:
    """Return tables with the number of each row, named apart by table."""
    return {
        name: frame.with_row_index(f"{LINE}.{name}").lazy()
        for name, frame in frames.items()
    }


@dataclass(frozen=True)
class FutureCells:
    """Cells of a table that were filled in after the decision.

    Parameters
    ----------
    table : str
        Name of the table.
    column : str
        The column.
    lines : DataFrame
        LINE with NOW and TODAY of the decision.
    """

    table: str
    column: str
    lines: pl.DataFrame


def future_rows(
    sources: Iterable[Source],
    frames: Mapping[str, pl.LazyFrame],
    decisions: pl.DataFrame,
    as_of: str,
) -> dict[str, pl.DataFrame]:
    """Return the rows of each table that a decision could not know.

    Parameters
    ----------
    sources : iterable of Source
        Whose rows the tables hold.
    frames : mapping of str to LazyFrame
        Tables with LINE; see ``numbered``.
    decisions : DataFrame
        Applications, no two of which share a key.
    as_of : str
        Column with the time of the decision.

    Returns
    -------
    dict of str to DataFrame
        Per table LINE, NOW and TODAY of the decision.
    """
    found: dict[str, list[pl.DataFrame]] = {}
    for source in sources:
        view = _View(source, frames, decisions, as_of)
        found.setdefault(source.table_name, []).append(view.own())
        for attach in source.attach:
            if isinstance(attach, Settlement) or attach.available_at is not None:
                found.setdefault(attach.table, []).append(view.attached(attach))
        if source.within is not None:
            owner = _View(source.within, frames, decisions, as_of)
            found.setdefault(source.within.table_name, []).append(owner.own())
    return {
        name: pl.concat(lines).unique(LINE).sort(LINE) for name, lines in found.items()
    }


def future_cells(
    sources: Iterable[Source],
    frames: Mapping[str, pl.LazyFrame],
    decisions: pl.DataFrame,
    as_of: str,
) -> list[FutureCells]:
    """Return the ends of elapsed times that lie, or became known, ahead.

    Parameters
    ----------
    sources, frames, decisions, as_of
        As for ``future_rows``.
    """
    found = []
    for source in sources:
        added = {name for attach in source.attach for name in attach.columns}
        for derivation in source.derive:
            if not isinstance(derivation, Elapsed) or derivation.end is None:
                continue
            if derivation.end not in added and derivation.end not in source.derived:
                view = _View(source, frames, decisions, as_of)
                lines = view.ends(derivation).unique(LINE).sort(LINE)
                found.append(FutureCells(source.table_name, derivation.end, lines))
    return found


def withheld(
    source: Source,
    frames: Mapping[str, pl.LazyFrame],
    decisions: pl.DataFrame,
    as_of: str,
) -> int:
    """Return how many facts were not known to the decision whose they would be."""
    return _View(source, frames, decisions, as_of).own().height


def decision_times(
    source: Source,
    frames: Mapping[str, pl.LazyFrame],
    decisions: pl.DataFrame,
    as_of: str,
) -> pl.DataFrame:
    """Return NOW and TODAY of each decision as a source sees them, in their order."""
    return _View(source, frames, decisions, as_of).times()


class _View:
    """One source, joined to decisions without leaving anything out."""

    def __init__(
        self,
        source: Source,
        frames: Mapping[str, pl.LazyFrame],
        decisions: pl.DataFrame,
        as_of: str,
    ) -> None:
        self.source = source
        self.frames = frames
        self.decisions = decisions
        self.as_of = as_of

    def own(self) -> pl.DataFrame:
        """Return the rows of the source's table that are ahead."""
        line = f"{LINE}.{self.source.table_name}"
        return self._ahead(self.source, line, None)

    def attached(self, attach: Attach | Settlement) -> pl.DataFrame:
        """Return the rows of an attached table that are ahead."""
        line = f"{LINE}.{attach.table}"
        if isinstance(attach, Settlement):
            payments = Attach(attach.table, attach.on, (line,), attach.available_at)
            return self._payments(attach, payments)
        wider = replace(attach, columns=(*attach.columns, line))
        attachments = [wider if one == attach else one for one in self.source.attach]
        source = replace(self.source, attach=tuple(attachments))
        return self._ahead(source, line, known_as(attach))

    def ends(self, derivation: Elapsed) -> pl.DataFrame:
        """Return the rows whose elapsed time had not ended."""
        line = f"{LINE}.{self.source.table_name}"
        ends = tuple(
            name
            for name in (derivation.end, derivation.end_available_at)
            if name is not None
        )
        return self._ahead(self.source, line, ends, ends)

    def _ahead(
        self,
        source: Source,
        line: str,
        known: tuple[str, ...] | None,
        more: tuple[str, ...] = (),
    ) -> pl.DataFrame:
        """Return the rows of which a time in ``known`` (None: any) is ahead."""
        rows = read_rows(source, (line, *more), self.frames)
        joined = self._decided(rows)
        dates = DateReader(joined.collect_schema(), source.time_zone)
        names = rows.known_columns if known is None else known
        ahead = [~dates.is_before_decision(name) for name in names]
        if "@report_ahead" in dates.schema:
            ahead.append(pl.col("@report_ahead"))
        is_ahead = pl.any_horizontal([a.fill_null(value=True) for a in ahead])
        lines = joined.filter(is_ahead, pl.col(line).is_not_null())
        return lines.select(pl.col(line).alias(LINE), NOW, TODAY).collect()

    def _payments(self, settlement: Settlement, payments: Attach) -> pl.DataFrame:
        """Return payments that are ahead, by the instalments they go towards."""
        rows = read_rows(self.source, settlement.on, self.frames)
        decided = self._decided(rows).select(*settlement.on, NOW, TODAY).unique()
        (line,) = payments.columns
        other = self.frames[payments.table].select(
            *payments.on, line, settlement.available_at
        )
        ours, theirs = matched(decided, other, payments.on, payments.table)
        joined = ours.join(theirs, on=list(payments.on))
        dates = DateReader(joined.collect_schema(), self.source.time_zone)
        ahead = ~dates.is_before_decision(settlement.available_at)
        lines = joined.filter(ahead.fill_null(value=True))
        return lines.select(pl.col(line).alias(LINE), NOW, TODAY).collect()

    def _decided(self, rows: Rows) -> pl.LazyFrame:
        """Return the rows with their decision; within a report, with that of it."""
        decisions = self._decisions(rows)
        if rows.source.within is None:
            return _joined(decisions, rows, rows.source)
        owner = rows.source.within
        reports = read_rows(owner, rows.source.keys, self.frames)
        listed = _joined(decisions, reports, owner)
        dates = DateReader(listed.collect_schema(), owner.time_zone)
        ahead = [~dates.is_before_decision(name) for name in reports.known_columns]
        listed = listed.select(
            NOW,
            TODAY,
            pl.any_horizontal(ahead).fill_null(value=True).alias("@report_ahead"),
            *(
                as_key(pl.col(name), dates.schema[name]).alias(f"@key_{i}")
                for i, name in enumerate(rows.source.keys)
            ),
        )
        return _joined(listed, rows, rows.source)

    def times(self) -> pl.DataFrame:
        """Return NOW and TODAY of each decision, in their order."""
        rows = read_rows(self.source, (), self.frames)
        return self._decisions(rows).select(NOW, TODAY).collect()

    def _decisions(self, rows: Rows) -> pl.LazyFrame:
        owner = rows.source.owner
        dtype = self.decisions.schema[self.as_of]
        clock = Clock(self.as_of, dtype, owner.time_zone, "instant")
        now, today, _ = clock.decision(clock.check(rows.dates, rows.time_columns))
        keys = [
            as_key(pl.col(name), self.decisions.schema[name]).alias(f"@key_{i}")
            for i, name in enumerate(owner.keys)
        ]
        return self.decisions.lazy().select(ROW, now, today, *keys)


def _joined(decisions: pl.LazyFrame, rows: Rows, source: Source) -> pl.LazyFrame:
    on = [f"@key_{i}" for i in range(len(source.keys))]
    keyed = rows.keyed("@key").frame
    ours, theirs = matched(decisions, keyed, on, source.table_name)
    return ours.join(theirs, on=on)
