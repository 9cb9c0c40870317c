"""Config of a boosted model: its constraints, its training, its calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cfscore.boosting import BoostedModel
from cfscore.calibration import Calibrator
from cfscore.exceptions import UsageError

__all__ = ["BoostedConfig", "CalibrationConfig"]

Direction = Literal["ascending", "descending", "none", 1, -1, 0]


@dataclass(frozen=True)
class CalibrationConfig:
    """Section ``[boosted.calibration]``: from LightGBM's log-odds to observed ones.

    Parameters
    ----------
    method : {"sigmoid", "isotonic", "beta", "prior_shift", "long_run"}
        As of ``Calibrator``.
    target_rate : float, optional
        Bad rate to be met, for the methods that need one.
    share : float, default 0.2
        Share of the development sample that the trees do not see, to calibrate on.
    """

    method: Literal["sigmoid", "isotonic", "beta", "prior_shift", "long_run"] = (
        "sigmoid"
    )
    target_rate: float | None = None
    share: float = 0.2

    def __post_init__(self) -> None:
        """Check the share."""
        if not 0.0 < self.share < 1.0:
            msg = f"share must be within (0, 1), got {self.share}."
            raise UsageError(msg)

    def build(self) -> Calibrator:
        """Return the unfitted calibrator."""
        return Calibrator(self.method, self.target_rate)


@dataclass(frozen=True)
class BoostedConfig:
    """Section ``[boosted]``: a boosted model beside the scorecard.

    Its special codes are those of the binner's numeric columns.

    Parameters
    ----------
    monotonic : "declared", or mapping of str to direction
        Directions that must hold: those that the feature catalogues declare, or these.
    interaction : {"free", "pairs", "none"}, default "free"
        How many features a tree may combine.
    categorical : tuple of str, optional
        Numeric columns that are names.
    params : mapping of str to value
        LightGBM's own settings.
    seed : int, default 0
        Seed of everything random in the training.
    validation_share : float, default 0.2
        Share of the training rows held out for early stopping.
    refit : bool, default True
        Whether to train again on all of them with the number of trees found.
    calibration : CalibrationConfig
        On which cases and how log-odds are calibrated.
    """

    monotonic: Literal["declared"] | Mapping[str, Direction] = "declared"
    interaction: Literal["free", "pairs", "none"] = "free"
    categorical: tuple[str, ...] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    validation_share: float = 0.2
    refit: bool = True
    calibration: CalibrationConfig = field(default_factory=CalibrationConfig)

    def build(
        self,
        declared: Mapping[str, str],
        special_codes: Mapping[str, tuple[float, ...]],
    ) -> BoostedModel:
        """Return the unfitted model.

        Parameters
        ----------
        declared : mapping of str to str
            Directions that the features declare.
        special_codes : mapping of str to tuple of float
            Values of numeric columns that are no measurements.
        """
        if isinstance(self.monotonic, str):
            monotonic: Mapping[str, Any] = declared
        else:
            monotonic = self.monotonic
        if "seed" in self.params:
            msg = "The seed is set by [boosted] seed, not in params."
            raise UsageError(msg, code="CONFIG")
        return BoostedModel(
            monotonic=dict(monotonic) or None,
            interaction=self.interaction,
            categorical=None if self.categorical is None else list(self.categorical),
            params={"seed": self.seed, **self.params},
            validation_share=self.validation_share,
            refit=self.refit,
            special_codes=dict(special_codes) or None,
        )
