"""Scorecard: an estimator from a raw table to points and probability of default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted

from cfscore.bad_classifier import BadClassifier
from cfscore.binning import Binner
from cfscore.exceptions import RowFaultError
from cfscore.execution import PointsEngine, Scores, available_threads
from cfscore.samples import (
    as_table,
    read_target,
    read_weights,
    training_fingerprint,
)
from cfscore.score_scale import ScoreScale
from cfscore.scorecard._arguments import (
    check_parameters,
    refuse_intercept,
    resolve_selection,
)
from cfscore.scorecard._development import aggregate_development
from cfscore.scorecard._frames import coefficient_frame, points_frame, selection_frame
from cfscore.scorecard._html import points_html
from cfscore.scorecard._logistic_fit import LogisticSample
from cfscore.scorecard._points_stage import points_stage
from cfscore.scorecard._rules import SelectionRules
from cfscore.scorecard._selection import (
    Candidate,
    Selection,
    select_all,
    select_by_rules,
)
from cfscore.scorecard._training import TrainingSample
from cfscore.tables import ColumnBatch, column_names, read_table

__all__ = ["Scorecard"]

Floats = NDArray[np.float64]


class Scorecard(BadClassifier, BaseEstimator):
    """Logistic regression of bad on weights of evidence, scaled to points.

    Parameters
    ----------
    binner : Binner, optional
        How to bin; cloned and refitted on the training table, its edits included. A
        ``Binner()`` when omitted.
    scale : ScoreScale, optional
        Meaning of the points; ``ScoreScale()`` when omitted.
    selection : "auto", SelectionRules, list of str or None, default "auto"
        Which characteristics enter. ``"auto"`` applies ``SelectionRules()``:
        information value, correlation, variance inflation, sign and p-value, in this
        order. A list chooses exactly these columns, None every column that binning
        could use.
    sign : {"constrained", "free"}, default "constrained"
        Whether the coefficient of every WOE must be <= 0, so that a safer attribute
        never costs points. The bound is part of the optimisation, not a correction
        afterwards: a coefficient at its bound is exactly 0.0.
    C : float, optional
        Inverse strength of an L2 penalty on the coefficients, the intercept free of it,
        as in scikit-learn's ``LogisticRegression``. None is no penalty.

    Attributes
    ----------
    points_ : PointsStage
        The points table, in the form that plans hold and score by.
    scale_ : ScoreScale
        Scale of the points.
    binner_ : Binner
        The binner fitted on the training table.
    selection_ : DataFrame
        One row per column of the training table: characteristic, iv, chosen, rule (that
        rejected it), value, limit, reason.
    coefficients_ : DataFrame
        The intercept and one row per chosen characteristic: coefficient,
        standard_error, z, p_value, vif, bound_active.
    development_ : Development
        Aggregates of the training sample.
    training_fingerprint_ : str
        SHA-256 of the training table, its target and weights, in row order.
    classes_ : array of shape (2,)
        0 (good) and 1 (bad).
    n_features_in_ : int
        Columns of the training table.
    feature_names_in_ : array of shape (n_features_in_,)
        Their names, where it had any.

    Notes
    -----
    Orientation: ``y`` is 1 for bad; log-odds are of bad; a larger score is safer; WOE
    is positive where safer. Predictions run through the engine that scores plans, so
    that training and serving are one code path.

    Standard errors are the inverse of the observed information of the coefficients not
    at a bound, those at a bound being taken as fixed. ``sample_weight`` counts as
    repetition: a row of weight 2 is two rows. Weights that correct a sampling scheme
    give right coefficients, but errors for the weighted number of cases. With ``C`` the
    penalty's curvature is part of the information. The p-values do not know that bins
    and characteristics were chosen on the same sample, and are too small for that.

    Rows that a policy ``"error"`` refuses, or whose cells cannot be read, raise.

    References
    ----------
    Siddiqi, N. (2006), *Credit Risk Scorecards*, ch. 6.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> income = rng.normal(size=2000)
    >>> y = rng.random(2000) < 1 / (1 + np.exp(1.5 + income))
    >>> card = Scorecard().fit({"income": income}, y)
    >>> [name for name in card.selection_.characteristic[card.selection_.chosen]]
    ['income']
    >>> score = card.predict_score({"income": [-2.0, 2.0]})
    >>> bool(score[1] > score[0])
    True
    """

    def __init__(
        self,
        binner: Binner | None = None,
        scale: ScoreScale | None = None,
        selection: str | SelectionRules | Sequence[str] | None = "auto",
        sign: str = "constrained",
        C: float | None = None,
    ) -> None:
        self.binner = binner
        self.scale = scale
        self.selection = selection
        self.sign = sign
        self.C = C

    # -------------------------------------------------------------- fitting

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Bin, select and fit.

        Parameters
        ----------
        X : table of shape (n_rows, n_columns)
            Anything tabular: pandas, polars, Arrow, a mapping of arrays, a list of
            mappings, a 2-D array.
        y : array-like of shape (n_rows,)
            1 (or True) is bad, 0 (or False) is good. Other labels are refused, as their
            orientation would have to be guessed.
        sample_weight : array-like of shape (n_rows,), optional
            Weight of each row, not negative. Weights count cases: whole ones are
            repeated rows, others should average about 1. Weights that count none are
            refused, as ``Binner.fit`` says.

        Returns
        -------
        Scorecard
            The fitted card.

        Raises
        ------
        UsageError
            When a parameter is wrong, or the weights do not count cases.
        SchemaError, RowFaultError
            When the table or its cells cannot be read, or a column has a blank name or
            that of the intercept, ``"(intercept)"``.
        FitError
            When the target is not binary, no characteristic is left, or the regression
            has no optimum.
        """
        X = as_table(X)
        check_parameters(self.binner, self.scale, self.sign, self.C)
        if (names := column_names(X)) is not None:
            refuse_intercept(names)
            resolve_selection(self.selection, names)
        outcome = read_target(y)
        weights = read_weights(sample_weight, len(outcome))
        binner = Binner() if self.binner is None else clone(self.binner)
        binner.fit(X, outcome, None if sample_weight is None else weights)
        batch = read_table(X, binner.schema_)
        sample = TrainingSample(batch, outcome, weights)
        selection = self._select(binner, sample)
        coefficients = selection.fit.coefficients.tolist()
        self.scale_ = self.scale or ScoreScale()
        self.points_ = points_stage(
            binner.tables_,
            dict(zip(selection.sample.names, coefficients, strict=True)),
            selection.fit.intercept,
            self.scale_,
        )
        self._engine = PointsEngine(self.points_)
        self._keep_reports(binner, sample, selection)
        return self

    def _select(self, binner: Binner, sample: TrainingSample) -> Selection:
        tables = binner.tables_
        candidates = [Candidate(t.name, t.iv, t.rejected) for t in tables.values()]
        bounded = self.sign == "constrained"

        def build(names: Sequence[str]) -> LogisticSample:
            return sample.weights_of_evidence(names, tables)

        chosen = resolve_selection(self.selection, tuple(tables))
        if isinstance(chosen, SelectionRules):
            return select_by_rules(candidates, chosen, build, bounded=bounded, C=self.C)
        return select_all(candidates, chosen, build, bounded=bounded, C=self.C)

    def _keep_reports(
        self, binner: Binner, sample: TrainingSample, selection: Selection
    ) -> None:
        scores = self._engine.run(sample.batch, threads=available_threads())
        self.selection_ = selection_frame(selection.verdicts)
        self.coefficients_ = coefficient_frame(selection)
        self.development_ = aggregate_development(
            self.points_.special_codes, sample, scores.score
        )
        self.training_fingerprint_ = training_fingerprint(
            binner.schema_, sample.batch, sample.y, sample.weights
        )
        self.binner_ = binner
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = binner.n_features_in_
        if hasattr(binner, "feature_names_in_"):
            self.feature_names_in_ = binner.feature_names_in_
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    # -------------------------------------------------------------- predicting

    def predict_log_odds(self, X: Any) -> Floats:
        """Return the log-odds of bad; larger is riskier.

        Parameters
        ----------
        X : table
            Columns are matched by name; only those of chosen characteristics are
            needed. A bare array must have the training columns in their order.

        Returns
        -------
        array of shape (n_rows,), float64
            Log-odds of bad; larger is riskier.

        Raises
        ------
        SchemaError, InputError
            When a column is missing or cannot be read.
        RowFaultError
            When rows hold cells that cannot be read or that a policy refuses.
        """
        return self._score_table(X).log_odds

    def predict_score(self, X: Any) -> Floats:
        """Return the score, the sum of the points of the table; larger is safer.

        Parameters
        ----------
        X : table
            See ``predict_log_odds``, also for what is raised.

        Returns
        -------
        array of shape (n_rows,), float64
            Sum of table points; larger is safer.
        """
        return self._score_table(X).score

    def predict_proba(self, X: Any) -> Floats:
        """Return the probabilities of good and of bad.

        Parameters
        ----------
        X : table
            See ``predict_log_odds``, also for what is raised.

        Returns
        -------
        array of shape (n_rows, 2), float64
            Column 1 is the probability of default, from the unrounded log-odds.
        """
        pd_bad = self._score_table(X).pd
        return np.column_stack([1.0 - pd_bad, pd_bad])

    def _score_table(self, X: Any) -> Scores:
        check_is_fitted(self)
        batch = self._read(X)
        scores = self._engine.run(batch, threads=available_threads())
        n_refused = int(np.count_nonzero(scores.status))
        if n_refused:
            raise RowFaultError(batch.n_rows, n_refused, scores.fault_counts)
        return scores

    def _read(self, X: Any) -> ColumnBatch:
        """Return the columns of the card; those of a bare array go by position."""
        schema = self.points_.schema
        X = as_table(X)
        if column_names(X) is None:
            self._refuse_other_width(X)
            X = np.asarray(X)
            position = {name: j for j, name in enumerate(self.binner_.schema_.names)}
            X = X[:, [position[name] for name in schema.names]]
        return read_table(X, schema)

    # -------------------------------------------------------------- reporting

    def table(self) -> pd.DataFrame:
        """Return the points table.

        Returns
        -------
        DataFrame
            One row per attribute: characteristic, attribute, count (training cases),
            bad_rate (weighted; NaN without cases), woe (as used), coefficient, points,
            policy, log_odds (part added to the log-odds of bad, never rounded), note
            (a policy that fell back, a smoothed zero cell). Where the policy is
            ``"error"`` rows are refused; the points shown there are those of WOE 0.
        """
        check_is_fitted(self)
        return points_frame(self.points_, self.binner_.tables_)

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether ``fit`` has finished."""
        return hasattr(self, "training_fingerprint_")

    def _html_repr(self) -> str:
        """Return scikit-learn's diagram, once fitted with the points table below."""
        diagram = str(estimator_html_repr(self))
        if not self.__sklearn_is_fitted__():
            return diagram
        return f"<div>{diagram}{points_html(self.points_)}</div>"

    def _repr_html_inner(self) -> str:
        return self._html_repr()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle = dict(super()._repr_mimebundle_(**kwargs))
        if "text/html" in bundle:
            bundle["text/html"] = self._html_repr()
        return bundle
