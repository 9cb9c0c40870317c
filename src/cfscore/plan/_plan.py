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
from cfscore.plan._calibration import Calibration
from cfscore.plan._encode import encode_plan
from cfscore.plan._forest import ForestStage
from cfscore.plan._points import PointsStage
from cfscore.plan._protocol import (
    DIRECTED_FOREST_PROTOCOL,
    DIRECTED_POINTS_PROTOCOL,
    FOREST_PROTOCOL,
    PLAIN_FOREST_PROTOCOL,
    POINTS_PROTOCOL,
)
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
    margin : array of shape (n_rows,), float64, or None
        Expected margin of a forest; None for a scorecard, where it is ``log_odds``.
    """

    columns: Mapping[str, tuple[Cell, ...]]
    log_odds: NDArray[np.float64]
    pd: NDArray[np.float64]
    score: NDArray[np.float64]
    reasons: NDArray[np.int16]
    status: NDArray[np.uint8]
    margin: NDArray[np.float64] | None = None


@dataclass(frozen=True, eq=False, repr=False)
class ScoringPlan:
    """An immutable, self-contained scoring model.

    Parameters
    ----------
    name : str
        Name for people.
    model : PointsStage or ForestStage
        The points table of a scorecard or the trees of a boosted model.
    scale : ScoreScale
        Meaning of the score.
    catalogue : ReasonCatalogue
        Reasons and their rules; covers every column.
    reference : tuple of float
        Reference log-odds part of each characteristic, in column order; the base
        value is the intercept plus their sum. Empty for a forest.
    provenance : Provenance
        Source and versions.
    development : Development or None
        Aggregates of the development sample.
    golden : GoldenRows or None
        Rows that must reproduce; None only while a plan is being compiled.
    calibration : AffineCalibration, IsotonicCalibration, BetaCalibration or None
        From a forest's log-odds to calibrated ones; a scorecard has its calibration
        in its points.
    """

    name: str
    model: PointsStage | ForestStage
    scale: ScoreScale
    catalogue: ReasonCatalogue
    reference: tuple[float, ...]
    provenance: Provenance
    development: Development | None = None
    golden: GoldenRows | None = None
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        is_card = isinstance(self.model, PointsStage)
        if len(self.reference) != (len(self.schema) if is_card else 0):
            msg = "A scorecard needs one reference per characteristic, a forest none."
            raise UsageError(msg)
        if is_card and self.calibration is not None:
            msg = "A scorecard plan has no calibration stage: fold it into the points."
            raise UsageError(msg)
        self.catalogue.check_covers(self.schema.names)

    def __repr__(self) -> str:
        """Return name and size; ``model`` holds the whole table or forest."""
        if isinstance(self.model, PointsStage):
            size = f"{len(self.schema)} characteristics"
        else:
            size = f"{len(self.schema)} features, {self.model.trees.n_trees} trees"
        return f"ScoringPlan({self.name!r}, {size})"

    @property
    def points(self) -> PointsStage:
        """The points table of a scorecard plan.

        Raises
        ------
        UsageError
            When the plan is a forest.
        """
        if not isinstance(self.model, PointsStage):
            msg = f"Plan {self.name!r} is a forest and has no points table."
            raise UsageError(msg)
        return self.model

    @property
    def forest(self) -> ForestStage:
        """The trees of a forest plan.

        Raises
        ------
        UsageError
            When the plan is a scorecard.
        """
        if not isinstance(self.model, ForestStage):
            msg = f"Plan {self.name!r} is a scorecard and has no trees."
            raise UsageError(msg)
        return self.model

    @property
    def is_forest(self) -> bool:
        """Whether the plan is a forest rather than a scorecard."""
        return isinstance(self.model, ForestStage)

    @property
    def protocol(self) -> int:
        """Protocol of the plan's file: the oldest that can say all of the plan.

        So an older cfscore reads what it understands, and a plan that was read from an
        old file is the same bytes again.
        """
        is_directed = bool(self.catalogue.directions)
        if isinstance(self.model, PointsStage):
            return DIRECTED_POINTS_PROTOCOL if is_directed else POINTS_PROTOCOL
        if is_directed:
            return DIRECTED_FOREST_PROTOCOL
        if any(self.model.special_codes.values()):
            return FOREST_PROTOCOL
        return PLAIN_FOREST_PROTOCOL

    @property
    def schema(self) -> InputSchema:
        """Input columns, in column order."""
        return self.model.schema

    @property
    def special_codes(self) -> dict[str, tuple[float, ...]]:
        """Values of every numeric column that are known to be no measurements.

        Those that the model declares, and in a forest those that a reason's rule names.
        """
        if not self.is_forest:  # its bins say which values are codes
            return self.model.special_codes
        rules = self.catalogue.codes_with_rules
        return {
            name: tuple(dict.fromkeys((*codes, *rules(name))))
            for name, codes in self.model.special_codes.items()
        }

    @property
    def base_value(self) -> float:
        """Margin at the reference: log-odds of bad.

        For a forest the mean over its training cases, by the cover of its leaves.
        """
        if isinstance(self.model, PointsStage):
            total = self.model.intercept
            for value in self.reference:
                total += value
            return total
        intercept, slope = self.model.margin_line(self.calibration)
        return intercept + slope * (self.model.expected_raw / self.model.divisor)

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
