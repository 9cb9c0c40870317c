"""Scoring plan: the single immutable description that everything is read from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cfscore.atomic_file import write_atomically
from cfscore.exceptions import UsageError
from cfscore.plan._encode import encode_plan
from cfscore.plan._points import PointsStage
from cfscore.plan._reasons import ReasonCatalogue
from cfscore.score_scale import ScoreScale
from cfscore.tables import InputSchema

__all__ = ["Development", "GoldenRows", "Provenance", "ScoringPlan"]

Cell = float | str | None


@dataclass(frozen=True)
class Development:
    """The development sample, aggregated; never row by row.

    Parameters
    ----------
    n_rows : int
        Rows.
    bad_rate : float or None
        Weighted share of bad, None where unknown.
    score_edges : tuple of float
        Ascending inner edges of the score distribution, bins ``[a, b)``.
    score_counts : tuple of int
        Rows per score bin, one more than edges.
    ranges : mapping of str to (float, float)
        Smallest and largest finite non-special value of each numeric column.
    """

    n_rows: int
    bad_rate: float | None
    score_edges: tuple[float, ...] = ()
    score_counts: tuple[int, ...] = ()
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that the score distribution is complete."""
        if self.score_counts and len(self.score_counts) != len(self.score_edges) + 1:
            msg = "Development: one more score count than score edges is needed."
            raise UsageError(msg)


@dataclass(frozen=True)
class Provenance:
    """Where a plan comes from.

    Parameters
    ----------
    source : str
        Model family, for example ``"cfscore.Scorecard"``.
    verified : bool
        Whether the plan was compared with its source when it was compiled.
    training_fingerprint : str or None
        SHA-256 of the training table and target, None where unknown.
    versions : mapping of str to str
        Package versions at compile time.
    notes : tuple of str
        What a reader must know, for example a contradiction of the source.
    """

    source: str
    verified: bool
    training_fingerprint: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class GoldenRows:
    """Generated rows with their expected results, replayed whenever a plan is loaded.

    Parameters
    ----------
    columns : mapping of str to tuple of cells
        Inputs per column: float (NaN missing) for numeric columns, text or None else.
    log_odds, pd, score : array of shape (n_rows,), float64
        Expected results; NaN where the row is refused.
    reasons : array of shape (n_rows, 4), int16
        Expected reason indices, -1 where there are fewer.
    status : array of shape (n_rows,), uint8
        Expected status, 0 where scored.
    """

    columns: Mapping[str, tuple[Cell, ...]]
    log_odds: NDArray[np.float64]
    pd: NDArray[np.float64]
    score: NDArray[np.float64]
    reasons: NDArray[np.int16]
    status: NDArray[np.uint8]


@dataclass(frozen=True, eq=False, repr=False)
class ScoringPlan:
    """An immutable, self-contained scoring model.

    Parameters
    ----------
    name : str
        Name for people.
    points : PointsStage
        The points table.
    scale : ScoreScale
        Meaning of the score.
    catalogue : ReasonCatalogue
        Reasons and their rules; covers every column.
    reference : tuple of float
        Reference log-odds part of each characteristic, in column order; the base
        value is the intercept plus their sum.
    provenance : Provenance
        Source and versions.
    development : Development or None
        Aggregates of the development sample.
    golden : GoldenRows or None
        Rows that must reproduce; None only while a plan is being compiled.
    """

    name: str
    points: PointsStage
    scale: ScoreScale
    catalogue: ReasonCatalogue
    reference: tuple[float, ...]
    provenance: Provenance
    development: Development | None = None
    golden: GoldenRows | None = None

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        if len(self.reference) != len(self.points.characteristics):
            msg = "A plan needs one reference value per characteristic."
            raise UsageError(msg)
        self.catalogue.attribute_reasons(self.points)

    def __repr__(self) -> str:
        """Return name and size; ``points`` holds the whole table."""
        n = len(self.points.characteristics)
        return f"ScoringPlan({self.name!r}, {n} characteristics)"

    @property
    def schema(self) -> InputSchema:
        """Input columns, in column order."""
        return self.points.schema

    @property
    def base_value(self) -> float:
        """Log-odds of bad at the reference."""
        total = self.points.intercept
        for value in self.reference:
            total += value
        return total

    @cached_property
    def _encoded(self) -> bytes:
        return encode_plan(self)

    def to_bytes(self) -> bytes:
        """Return the plan as the bytes of its file.

        Returns
        -------
        bytes
            The same for equal plans; their SHA-256 is ``sha256``.
        """
        return self._encoded

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the plan's file, known before it is saved."""
        return hashlib.sha256(self._encoded).hexdigest()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the plan to ``path``; an existing file is replaced whole or not at all.

        Parameters
        ----------
        path : str or path
            Target, by custom ending in ``.cfs``.

        Raises
        ------
        OutputError
            When the file cannot be written; an existing file is then untouched.
        """
        write_atomically(path, self._encoded)
