"""Calibrator: an estimator from log-odds of bad to a calibration stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, Literal, Self, cast, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from cfscore.calibration._isotonic import fit_isotonic
from cfscore.calibration._likelihood import fit_beta, fit_sigmoid
from cfscore.calibration._sample import CalibrationSample, read_log_odds, read_sample
from cfscore.calibration._shift import fit_long_run_shift, fit_prior_shift
from cfscore.exceptions import UsageError
from cfscore.plan import Calibration

__all__ = ["Calibrator"]

Floats = NDArray[np.float64]
Method = Literal["sigmoid", "isotonic", "beta", "prior_shift", "long_run"]

_FIT_TO_OUTCOMES: Mapping[str, Callable[[CalibrationSample], Calibration]] = {
    "sigmoid": fit_sigmoid,
    "isotonic": fit_isotonic,
    "beta": fit_beta,
}
_FIT_TO_RATE = {"prior_shift": fit_prior_shift, "long_run": fit_long_run_shift}


class Calibrator(TransformerMixin, BaseEstimator):
    """Maps a model's log-odds of bad to log-odds that agree with observed bad rates.

    Fit it on cases that the model was not trained on: on training cases a model is
    surer of itself than it has a right to be, and calibration would keep that.

    Parameters
    ----------
    method : {"sigmoid", "isotonic", "beta", "prior_shift", "long_run"}
        ``"sigmoid"`` (default) fits slope and intercept to Platt's targets, which keep
        away from 0 and 1 by the number of cases. ``"beta"`` fits how fast risk
        falls at the safe and rises at the risky end. ``"isotonic"`` takes observed bad
        rates in steps: it needs about 1,000 bads and gives equal log-odds to unequal
        applicants, who should be ranked by the model's own. ``"prior_shift"`` moves
        every log-odds by ``logit(target_rate) - logit(bad rate of y)``.
        ``"long_run"`` moves them so that their mean PD is ``target_rate``.
    target_rate : float, optional
        Bad rate to be met, within (0, 1); for the last two methods, which need it.

    Attributes
    ----------
    calibration_ : AffineCalibration, IsotonicCalibration or BetaCalibration
        What was found, in the form that plans hold and score by.
    bad_rate_ : float
        Weighted share of bad in the calibration sample.
    n_features_in_ : int
        Always 1.

    Notes
    -----
    Orientation: larger log-odds are riskier, and ``y`` is 1 for bad. No method
    reverses the order of two applicants; a sample that asks for it is refused.
    ``sample_weight`` counts as repetition.

    References
    ----------
    Platt (1999); Zadrozny and Elkan (2002); Saerens, Latinne and Decaestecker (2002);
    Kull, Silva Filho and Flach (2017).

    Examples
    --------
    >>> log_odds = np.repeat([-3.0, -1.0], [100, 100])
    >>> bad = np.r_[np.arange(100) < 10, np.arange(100) < 40]
    >>> Calibrator("isotonic").fit(log_odds, bad).predict_pd([-4.0, -1.0]).round(3)
    array([0.1, 0.4])
    >>> shift = Calibrator("prior_shift", target_rate=0.05).fit(log_odds, bad)
    >>> round(shift.calibration_.intercept, 6)
    -1.845827
    """

    def __init__(
        self, method: str = "sigmoid", target_rate: float | None = None
    ) -> None:
        self.method = method
        self.target_rate = target_rate

    # -------------------------------------------------------------- fitting

    def fit(self, log_odds: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the calibration.

        Parameters
        ----------
        log_odds : array-like of shape (n_rows,)
            The model's log-odds of bad, finite.
        y : array-like of shape (n_rows,)
            1 (or True) is bad, 0 (or False) is good.
        sample_weight : array-like of shape (n_rows,), optional
            Weight of each row, not negative.

        Returns
        -------
        Calibrator
            The fitted calibrator.

        Raises
        ------
        UsageError
            When a parameter is wrong.
        InputError
            When the log-odds are not finite numbers.
        FitError
            When the target is not binary, the bad rate does not rise with the
            log-odds, or no optimum exists.
        """
        self._check_parameters()
        sample = read_sample(log_odds, y, sample_weight)
        self.calibration_ = self._calibration(sample)
        self.bad_rate_ = sample.bad_rate
        self.n_features_in_ = 1
        return self

    def _calibration(self, sample: CalibrationSample) -> Calibration:
        if self.method in _FIT_TO_RATE:
            assert self.target_rate is not None
            return _FIT_TO_RATE[self.method](sample, float(self.target_rate))
        return _FIT_TO_OUTCOMES[self.method](sample)

    def _check_parameters(self) -> None:
        methods = get_args(Method)
        if not isinstance(self.method, str) or self.method not in methods:
            msg = f"Calibrator method must be one of {methods}, got {self.method!r}."
            raise UsageError(msg)
        rate = self.target_rate
        if self.method not in _FIT_TO_RATE:
            if rate is not None:
                msg = f"Calibrator method {self.method!r} takes no target_rate."
                raise UsageError(msg, hint="Use method='prior_shift' or 'long_run'.")
            return
        is_number = isinstance(rate, Real) and not isinstance(rate, bool)
        if not (is_number and 0.0 < cast(float, rate) < 1.0):
            msg = (
                f"Calibrator method {self.method!r} needs a target_rate between 0 and "
                f"1, got {rate!r}."
            )
            raise UsageError(msg)

    # -------------------------------------------------------------- using

    @property
    def is_affine(self) -> bool:
        """Whether the calibration is a line, and folds into points and contributions.

        Returns
        -------
        bool
            True for sigmoid and shifts.
        """
        check_is_fitted(self)
        return self.calibration_.is_affine

    def predict_log_odds(self, log_odds: Any) -> Floats:
        """Return the calibrated log-odds of bad; larger is riskier.

        Parameters
        ----------
        log_odds : array-like of shape (n_rows,)
            The model's log-odds of bad, finite.

        Returns
        -------
        array of shape (n_rows,), float64
            Calibrated log-odds of bad.

        Raises
        ------
        InputError
            When the log-odds are not finite numbers.
        """
        check_is_fitted(self)
        return self.calibration_.apply(read_log_odds(log_odds))

    def transform(self, log_odds: Any) -> Floats:
        """Return the calibrated log-odds of bad, as ``predict_log_odds`` does.

        Parameters
        ----------
        log_odds : array-like of shape (n_rows,)
            The model's log-odds of bad, finite.

        Returns
        -------
        array of shape (n_rows,), float64
            Calibrated log-odds of bad.
        """
        return self.predict_log_odds(log_odds)

    def predict_pd(self, log_odds: Any) -> Floats:
        """Return the calibrated probability of default.

        Parameters
        ----------
        log_odds : array-like of shape (n_rows,)
            The model's log-odds of bad, finite.

        Returns
        -------
        array of shape (n_rows,), float64
            Probability of default, 0..1.
        """
        return np.asarray(expit(self.predict_log_odds(log_odds)))

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn should know: one column in, y required."""
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.target_tags.required = True
        return tags
