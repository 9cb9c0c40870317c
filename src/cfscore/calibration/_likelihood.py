"""Maximum likelihood: sigmoid and beta calibration as logistic regressions."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgWarning
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from cfscore.calibration._sample import CalibrationSample, refuse_order
from cfscore.exceptions import FitError
from cfscore.plan import AffineCalibration, BetaCalibration

__all__ = ["fit_beta", "fit_sigmoid"]

Floats = NDArray[np.float64]


def fit_sigmoid(sample: CalibrationSample) -> AffineCalibration:
    """Return the line of largest likelihood under Platt's targets.

    Parameters
    ----------
    sample : CalibrationSample
        Cases that the model was not trained on.

    Raises
    ------
    FitError
        When the slope is not positive.

    Notes
    -----
    A bad counts as ``(n_bad + 1) / (n_bad + 2)`` and a good as ``1 / (n_good + 2)``
    of a bad, so that a sample which the model separates has an optimum too. The mean
    PD remains the bad rate, to within one case.

    References
    ----------
    Platt, J. (1999), "Probabilistic outputs for support vector machines and
    comparisons to regularized likelihood methods", Advances in Large Margin
    Classifiers, 61-74.
    Lin, H.-T., Lin, C.-J. and Weng, R. C. (2007), "A note on Platt's probabilistic
    outputs for support vector machines", Machine Learning 68, 267-276. DOI
    10.1007/s10994-007-5018-6.
    """
    target = np.where(
        sample.y == 1.0,
        (sample.n_bad + 1.0) / (sample.n_bad + 2.0),
        1.0 / (sample.n_good + 2.0),
    )
    fit = None
    if not sample.is_constant:
        fit = _fit_logistic(sample.log_odds[:, None], target, sample.weights)
    if fit is None or not fit.coefficients[0] > 0.0:
        refuse_order("sigmoid")
    return AffineCalibration(slope=fit.coefficients[0], intercept=fit.intercept)


def fit_beta(sample: CalibrationSample) -> BetaCalibration:
    """Return the beta calibration of largest likelihood with ``a, b >= 0``.

    Parameters
    ----------
    sample : CalibrationSample
        Cases that the model was not trained on.

    Raises
    ------
    FitError
        When the model separates goods from bads, so that no optimum exists, or risk
        does not rise with the log-odds.

    References
    ----------
    Kull, M., Silva Filho, T. and Flach, P. (2017), Electronic Journal of Statistics
    11, 5052-5080, section 4. DOI 10.1214/17-EJS1338SI.
    """
    if sample.is_constant:
        refuse_order("beta")
    if sample.is_separated:
        msg = "Calibration by 'beta' has no optimum: no bad is rated below a good."
        hint = "Use method='sigmoid', and check the model for leaks."
        raise FitError(msg, code="SEPARATED", hint=hint)
    log_bad = np.logaddexp(0.0, -sample.log_odds)  # -ln(p)
    log_good = np.logaddexp(0.0, sample.log_odds)  # -ln(1 - p)
    parts = np.column_stack([-log_bad, log_good])
    both = _fit_logistic(parts, sample.y, sample.weights)
    if both is not None and min(both.coefficients) >= 0.0:
        a, b = both.coefficients
        return BetaCalibration(a, b, both.intercept)
    # The likelihood is concave: an optimum outside the bounds leaves one of them
    # active in the bounded optimum.
    candidates = []
    for kept in (0, 1):
        fit = _fit_logistic(parts[:, [kept]], sample.y, sample.weights)
        if fit is not None and fit.coefficients[0] > 0.0:
            value = fit.coefficients[0]
            a, b = (value, 0.0) if kept == 0 else (0.0, value)
            candidates.append((fit.loss, BetaCalibration(a, b, fit.intercept)))
    if not candidates:
        refuse_order("beta")
    return min(candidates, key=lambda candidate: candidate[0])[1]


@dataclass(frozen=True)
class _LogisticFit:
    coefficients: tuple[float, ...]
    intercept: float
    loss: float


def _fit_logistic(
    parts: Floats, target: Floats, weights: Floats
) -> _LogisticFit | None:
    """Return the optimum for fractional targets, None where there is none."""
    n_rows = len(target)
    model = LogisticRegression(
        C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=200
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("error", LinAlgWarning)
        try:
            model.fit(
                np.concatenate([parts, parts]),
                np.repeat([1, 0], n_rows),
                np.concatenate([weights * target, weights * (1.0 - target)]),
            )
        except (ConvergenceWarning, LinAlgWarning):
            return None
    intercept = float(model.intercept_[0])
    margin = parts @ model.coef_[0] + intercept
    loss = np.logaddexp(0.0, margin) - target * margin
    return _LogisticFit(
        tuple(map(float, model.coef_[0])), intercept, float(weights @ loss)
    )
