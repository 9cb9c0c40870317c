"""Availability: evidence that every fact in use was known before its decision."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd
import polars as pl

from cfscore.exceptions import InputError
from cfscore.features._build import build_features, fact_readers, pick_applications
from cfscore.features._catalogue import Specs, as_catalogue
from cfscore.features._clock import NOW, TODAY
from cfscore.features._fact_table import KNOWN
from cfscore.features._facts import ROW, FactReader
from cfscore.features._future_rows import numbered, withheld
from cfscore.features._table_reader import Table, open_table

__all__ = ["AvailabilityProof", "SourceEvidence", "prove_availability"]

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class SourceEvidence:
    """Which facts of a source were used, and how late the latest became known.

    Parameters
    ----------
    source : str
        Name of the source.
    n_applications : int
        Applications with a fact in use.
    n_facts : int
        Facts in use, each counted for every application that uses it.
    n_withheld : int
        Facts of these customers that were not yet known, counted likewise.
    shortest_lead : timedelta or None
        Least time by which a fact in use was known before its decision; of sources
        with dates, in days. None without facts.
    """

    source: str
    n_applications: int
    n_facts: int
    n_withheld: int
    shortest_lead: timedelta | None

    @property
    def holds(self) -> bool:
        """Whether every fact was known strictly before its decision."""
        return self.shortest_lead is None or self.shortest_lead >= _MICROSECOND


@dataclass(frozen=True)
class AvailabilityProof:
    """Evidence for a table of features.

    Parameters
    ----------
    sources : tuple of SourceEvidence
        One per source.
    differing : tuple of str
        Features of the given table that are not what the facts in use give.
    """

    sources: tuple[SourceEvidence, ...]
    differing: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the table is made of facts known before their decisions, only."""
        return not self.differing and all(one.holds for one in self.sources)

    def to_frame(self) -> pd.DataFrame:
        """Return the evidence as a table.

        Returns
        -------
        pandas.DataFrame
            One row per source.
        """
        return pd.DataFrame([dataclasses.asdict(one) for one in self.sources])

    def check(self) -> None:
        """Refuse a table that is not proved.

        Raises
        ------
        InputError
            Code ``LEAKAGE``.
        """
        late = [one.source for one in self.sources if not one.holds]
        if late:
            msg = f"Facts were used before they were known: {', '.join(late)}."
            raise InputError(msg, code="LEAKAGE")
        if self.differing:
            msg = (
                f"{len(self.differing)} feature(s) are not what the tables give: "
                f"{', '.join(self.differing[:10])}."
            )
            hint = "Build them from the same tables, or pass the tables they are of."
            raise InputError(msg, code="LEAKAGE", hint=hint)


def prove_availability(
    applications: Table,
    tables: Mapping[str, Table],
    specs: Specs,
    *,
    as_of: str,
    features: Table | None = None,
) -> AvailabilityProof:
    """Return the evidence that features use only what was known before each decision.

    Parameters
    ----------
    applications : frame
        As for ``build_features``.
    tables : mapping of str to frame
        As for ``build_features``.
    specs : FeatureCatalogue or iterable of FeatureSpec and Combination
        What is computed.
    as_of : str
        Column with the time of the decision.
    features : frame, optional
        A table of these features, row by row as the applications; it is compared
        with one built anew, so that the proof is one of that table.

    Returns
    -------
    AvailabilityProof
        Per source the facts in use, the least time by which one was known before its
        decision, and how many were withheld.

    Raises
    ------
    UsageError, SchemaError, InputError
        As ``build_features`` does.
    """
    catalogue = as_catalogue(specs)
    frames = {name: open_table(table, name) for name, table in tables.items()}
    picked = pick_applications(applications, catalogue, as_of)
    readers = fact_readers(catalogue, frames, as_of, picked.schema[as_of])
    lines = numbered({name: frame.collect() for name, frame in frames.items()})
    evidence = [
        _evidence(reader, picked, withheld(reader.source, lines, picked, as_of))
        for reader in readers
    ]
    differing: tuple[str, ...] = ()
    if features is not None:
        built = build_features(picked, tables, catalogue, as_of=as_of)
        differing = _differing(open_table(features, "features").collect(), built)
    return AvailabilityProof(tuple(evidence), differing)


def _evidence(
    reader: FactReader, applications: pl.DataFrame, n_withheld: int
) -> SourceEvidence:
    facts = reader.marked(applications, "streaming").collect(engine="streaming")
    known = facts
    if reader.source.within is not None:
        reports = reader.reports(applications, "streaming")
        known = reports.filter(pl.col(ROW).is_in(facts.get_column(ROW).implode()))
    names = [name for name in known.columns if name.startswith(KNOWN)]
    leads = [
        lead for name in names if (lead := _shortest_lead(known, name)) is not None
    ]
    return SourceEvidence(
        source=reader.source.name,
        n_applications=facts.get_column(ROW).n_unique(),
        n_facts=facts.height,
        n_withheld=n_withheld,
        shortest_lead=min(leads, default=None),
    )


def _shortest_lead(facts: pl.DataFrame, name: str) -> timedelta | None:
    is_instant = isinstance(facts.schema[name], pl.Datetime)
    lead = pl.col(NOW if is_instant else TODAY) - pl.col(name)
    found: timedelta | None = facts.select(lead.min()).item()
    return found


def _differing(given: pl.DataFrame, built: pl.DataFrame) -> tuple[str, ...]:
    if given.height != built.height:
        msg = f"features has {given.height} rows for {built.height} applications."
        raise InputError(msg, code="LENGTH")
    return tuple(
        name
        for name in built.columns
        if name not in given.columns
        or not given.get_column(name).equals(built.get_column(name))
    )
