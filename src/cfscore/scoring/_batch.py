"""Score batch: the results of many rows, in row order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.exceptions import MissingExtraError
from cfscore.explain import catalogue_codes
from cfscore.plan import ScoringPlan
from cfscore.scoring._arrow import result_table

__all__ = ["BatchCounts", "OnBad", "ScoreBatch"]

#: Whether a row that cannot be scored refuses the table, or gets a status.
OnBad = Literal["strict", "quarantine"]


@dataclass(frozen=True, eq=False)
class BatchCounts:
    """What was seen while scoring, per column; counts only, never values.

    Parameters
    ----------
    faults : mapping of (column, fault name) to int
        Refused cells.
    roles : mapping of str to (mapping of str to int)
        Per column, rows in MISSING, UNSEEN and special attributes.
    infinite : mapping of str to int
        Cells with ``+inf`` or ``-inf``.
    """

    faults: Mapping[tuple[str, str], int] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    infinite: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class ScoreBatch:
    """Scores, reasons and contributions of a table's rows.

    Parameters
    ----------
    plan : ScoringPlan
        The plan that scored.
    margin : array of shape (n_rows,), float64
        The explained log-odds of bad: before a calibration that is not affine, else
        ``log_odds``.
    log_odds, pd, score : array of shape (n_rows,), float64
        Log-odds of bad, probability of default, score points; NaN where refused.
    status : array of shape (n_rows,), uint8
        0 scored, else a fault code; not 0 only with ``on_bad="quarantine"``.
    reason_indices : array of shape (n_rows, k), int16
        Index into the catalogue's reasons, -1 where there are fewer than k.
    contributions : array of shape (n_rows, n_features), float64, or None
        Log-odds of bad, positive is riskier; None unless asked for.
    counts : BatchCounts
        Faults and infinite values; roles only where counted.
    language : str
        Language of ``reason_texts``.
    """

    plan: ScoringPlan
    margin: NDArray[np.float64]
    log_odds: NDArray[np.float64]
    pd: NDArray[np.float64]
    score: NDArray[np.float64]
    status: NDArray[np.uint8]
    reason_indices: NDArray[np.int16]
    contributions: NDArray[np.float64] | None = None
    counts: BatchCounts = field(default_factory=BatchCounts)
    language: str = "en"

    def __repr__(self) -> str:
        """Return the number of rows, of refused rows and of reasons."""
        refused = int(np.count_nonzero(self.status))
        k = self.reason_indices.shape[1]
        return f"ScoreBatch({len(self)} rows, {refused} refused, {k} reasons)"

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.score)

    @property
    def base_value(self) -> float:
        """Log-odds of bad at the reference; plus a row's contributions, its margin."""
        return self.plan.base_value

    @cached_property
    def reasons(self) -> NDArray[np.object_]:
        """Reason codes, shape (n_rows, k), most harmful first, padded with None."""
        return catalogue_codes(self.plan.catalogue)[self.reason_indices]

    @cached_property
    def reason_texts(self) -> NDArray[np.object_]:
        """Reason names in the batch's language, shaped like ``reasons``."""
        catalogue = self.plan.catalogue
        texts = [reason.text(self.language) for reason in catalogue.reasons]
        return np.array([*texts, None], object)[self.reason_indices]

    def to_arrow(self) -> pa.Table:
        """Return log_odds, pd, score, reason_1 .. reason_k and status as Arrow.

        Reasons are text, null where there are fewer than k; the scores of refused
        rows are null.
        """
        return result_table(
            {"log_odds": self.log_odds, "pd": self.pd, "score": self.score},
            self.reason_indices,
            [reason.code for reason in self.plan.catalogue.reasons],
            self.status,
        )

    def to_pandas(self) -> Any:
        """Return the same columns as a pandas frame.

        Raises
        ------
        MissingExtraError
            When pandas is not installed.
        """
        return self._to_frame("pandas")

    def to_polars(self) -> Any:
        """Return the same columns as a polars frame.

        Raises
        ------
        MissingExtraError
            When polars is not installed.
        """
        return self._to_frame("polars")

    def _to_frame(self, backend: Literal["pandas", "polars"]) -> Any:
        try:
            # by name and late: narwhals is 0.1 s of a process that leaves it alone
            frames = import_module("narwhals.stable.v2")
            frame = frames.from_arrow(self.to_arrow(), backend=backend)
        except ModuleNotFoundError as error:
            msg = f"{backend} is not installed."
            hint = 'Run: pip install "cfscore[train]"'
            raise MissingExtraError(msg, hint=hint) from error
        return frame.to_native()
