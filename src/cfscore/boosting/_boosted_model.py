"""BoostedModel: an estimator from a raw table to LightGBM's log-odds of bad."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from cfscore.bad_classifier import BadClassifier
from cfscore.boosting._arguments import check_parameters, read_eval_set
from cfscore.boosting._constraints import check_interaction, resolve_directions
from cfscore.boosting._encoding import FeatureEncoding
from cfscore.boosting._model_text import load_booster, raw_scores
from cfscore.boosting._rows import (
    encode_rows,
    read_held_out,
    read_readable,
    refuse_mismatch,
)
from cfscore.boosting._settings import resolve_settings
from cfscore.boosting._special_codes import resolve_special_codes
from cfscore.boosting._training import TrainingPlan, train
from cfscore.boosting._tuning import tune
from cfscore.execution import available_threads
from cfscore.samples import (
    as_table,
    read_target,
    read_weights,
    training_fingerprint,
)
from cfscore.tables import column_names, infer_schema

__all__ = ["BoostedModel"]

Floats = NDArray[np.float64]

#: Rows to predict that are worth a thread of their own.
_ROWS_PER_THREAD = 10_000


class BoostedModel(BadClassifier, BaseEstimator):
    """Gradient-boosted trees of bad, with declared directions and interactions.

    Parameters
    ----------
    monotonic : mapping of str to str or int, optional
        Direction of the bad rate by column: ``"ascending"`` or 1 where it may only
        rise with the value, ``"descending"`` or -1 where it may only fall, ``"none"``
        or 0 for no direction. Missing values stand outside the order.
    interaction : {"free", "pairs", "none"}, default "free"
        ``"none"`` makes the log-odds a sum of functions of one column each,
        ``"pairs"`` of at most two columns each: no tree splits on more.
    categorical : list of str, optional
        Columns of numbers to read as categories; text is always read so.
    params : mapping of str to object, optional
        LightGBM's own parameters, under any of its names; what is left out is as in
        ``cfscore.boosting.DEFAULTS``. ``num_iterations`` is the most trees there may
        be; ``early_stopping_round=0`` trains all of them.
    validation_share : float, default 0.2
        Share of the rows held out for early stopping where ``fit`` is given no
        ``eval_set``; stratified, drawn with ``params["seed"]``.
    refit : bool, default True
        Whether, after early stopping by such a share, to train again on all rows with
        the number of trees that was best.
    special_codes : mapping of str to list of float, or list, optional
        Values of numeric columns that are no measurements; a list holds for all of
        them. In training and prediction the trees see them as missing. Whole numbers
        that no float64 equals are refused.

    Attributes
    ----------
    booster_ : lightgbm.Booster
        The model, read back from ``model_text_``. It sees columns f0, f1, ... in the
        order of ``schema_``, categories as their position in ``categories_``.
    model_text_ : str
        The model as LightGBM writes it.
    schema_ : InputSchema
        Columns and their kinds.
    categories_ : dict of str to tuple of str
        Keys of each categorical column in the order of their codes.
    special_codes_ : dict of str to tuple of float
        Declared codes of each numeric column that has any.
    directions_ : dict of str to int
        1 or -1 for each column with a direction.
    params_ : dict of str to object
        Every parameter LightGBM was given, under its main name, without constraints.
    best_iteration_ : int
        Boosting rounds of the model.
    evals_result_ : dict of str to list of float
        Metrics of the held-out rows after each round; empty without early stopping.
    training_fingerprint_ : str
        SHA-256 of the training table, its target and weights, in row order.
    classes_ : array of shape (2,)
        0 (good) and 1 (bad).
    n_features_in_ : int
        Columns of the training table.
    feature_names_in_ : array of shape (n_features_in_,)
        Their names, where it had any.
    trials_ : DataFrame
        The candidates of ``tune``, the best first; only after that.

    Notes
    -----
    Orientation: ``y`` is 1 for bad; log-odds are of bad, and equal LightGBM's raw
    score times its parameter ``sigmoid``.

    Defaults: every leaf needs a sum of ``PD (1 - PD)`` of 10, which is about ten
    expected bads; trees are small, learn slowly (0.05) and see half of the columns
    each. Weights multiply a row's part in all sums, so that weights which sum to 1
    leave no leaf large enough; ``min_data_in_leaf`` counts rows.
    ``scale_pos_weight`` and ``is_unbalance`` shift the log-odds: stop early by
    ``metric="auc"``, which does not see the shift, and calibrate afterwards.

    Missing values follow each split's learnt direction; where training held none in a
    column, nor any special code, LightGBM reads a missing number as 0. In categorical
    splits missing and unseen categories go right, with every category that the split
    does not name.

    Special codes would break a declared direction: -9993 for "never" is no smaller
    number of months than 0. Declared, they stand outside the order as missing values
    do, and a direction holds for the measurements. They share with missing values the
    one way that a split has learnt for these, so that the trees tell "no file" from
    "never" by other columns alone; where that costs too much, add an indicator of the
    code as a column. A plan still counts each code, and its reasons may name it.

    The same data and parameters give the same trees, whatever the number of threads.

    References
    ----------
    Ke, G. et al. (2017), "LightGBM: a highly efficient gradient boosting decision
    tree", NeurIPS 30. Lou, Y. et al. (2013), "Accurate intelligible models with
    pairwise interactions", KDD '13, 623-631, for additive and pairwise models.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> income = rng.normal(size=2000)
    >>> y = rng.random(2000) < 1 / (1 + np.exp(1.5 + income))
    >>> model = BoostedModel(monotonic={"income": "descending"})
    >>> log_odds = model.fit({"income": income}, y).predict_log_odds(
    ...     {"income": [-2.0, 0.0, 2.0]}
    ... )
    >>> bool(log_odds[0] > log_odds[1] > log_odds[2])
    True
    """

    def __init__(
        self,
        monotonic: Mapping[str, str | int] | None = None,
        interaction: str = "free",
        categorical: Iterable[str] | None = None,
        params: Mapping[str, Any] | None = None,
        validation_share: float = 0.2,
        refit: bool = True,
        special_codes: Any = None,
    ) -> None:
        self.monotonic = monotonic
        self.interaction = interaction
        self.categorical = categorical
        self.params = params
        self.validation_share = validation_share
        self.refit = refit
        self.special_codes = special_codes

    # -------------------------------------------------------------- fitting

    def fit(
        self, X: Any, y: Any, eval_set: Any = None, sample_weight: Any = None
    ) -> Self:
        """Train until held-out rows are predicted no better.

        Parameters
        ----------
        X : table of shape (n_rows, n_columns)
            Anything tabular: pandas, polars, Arrow, a mapping of arrays, a list of
            mappings, a 2-D array.
        y : array-like of shape (n_rows,)
            1 (or True) is bad, 0 (or False) is good.
        eval_set : tuple (X, y) or (X, y, sample_weight), optional
            Rows to stop early by, such as a later cohort. They are never trained on.
            None holds a share of X out.
        sample_weight : array-like of shape (n_rows,), optional
            Weight of each row, not negative; rows of weight 0 are left out.

        Returns
        -------
        BoostedModel
            The fitted model.

        Raises
        ------
        UsageError
            When a parameter, one of LightGBM's included, is wrong.
        SchemaError, RowFaultError
            When a table or its cells cannot be read, or a column has a blank name.
        FitError
            When the target is not binary, no split is possible, or LightGBM fails.
        """
        X = as_table(X)
        interaction = check_interaction(self.interaction)
        check_parameters(self.validation_share, self.refit)
        settings = resolve_settings(
            self.params, interaction=interaction, has_directions=bool(self.monotonic)
        )
        held_out = read_eval_set(eval_set)
        outcome = read_target(y)
        weights = read_weights(sample_weight, len(outcome))
        schema = infer_schema(X, categorical=self.categorical)
        directions = resolve_directions(self.monotonic, schema)
        codes = resolve_special_codes(self.special_codes, schema)
        batch = read_readable(X, schema)
        refuse_mismatch(batch.n_rows, outcome, weights)
        encoding = FeatureEncoding.learn(schema, batch, weights > 0.0, codes)
        plan = TrainingPlan(
            settings,
            encoding,
            directions,
            interaction,
            float(self.validation_share),
            self.refit,
        )
        rows = encode_rows(encoding, batch, outcome, weights)
        validation = None
        if held_out is not None:
            validation = read_held_out(encoding, *held_out)
        trained = train(plan, rows, validation)
        fingerprint = training_fingerprint(schema, batch, outcome, weights)
        self._keep(plan, trained.text, fingerprint)
        self.best_iteration_ = trained.n_iterations
        self.evals_result_ = trained.history
        self._keep_names(X)
        return self

    def _keep(self, plan: TrainingPlan, text: str, fingerprint: str) -> None:
        self.model_text_ = text
        self.booster_ = load_booster(text)
        self.schema_ = plan.encoding.schema
        self.categories_ = dict(plan.encoding.categories)
        self.special_codes_ = dict(plan.encoding.special_codes)
        self.directions_ = plan.directions
        self.params_ = dict(plan.settings.values)
        self._scale = _scale(plan, self.booster_.num_trees())
        self.training_fingerprint_ = fingerprint
        self.classes_ = np.array([0, 1])

    def _keep_names(self, X: Any) -> None:
        self.n_features_in_ = len(self.schema_)
        if column_names(X) is not None:
            self.feature_names_in_ = np.array(self.schema_.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def tune(
        self,
        X: Any,
        y: Any,
        *,
        n_candidates: int = 20,
        cv: Any = 5,
        sample_weight: Any = None,
    ) -> Self:
        """Return a new model, fitted with the best of several parameter sets.

        Candidates are drawn from ``cfscore.boosting.SEARCH_SPACE`` with
        ``params["seed"]`` and compared by their mean AUC over folds; this model's own
        ``params`` are the first of them, and hold wherever the space says nothing.

        Parameters
        ----------
        X : table of shape (n_rows, n_columns)
            As in ``fit``.
        y : array-like of shape (n_rows,)
            1 = bad, 0 = good.
        n_candidates : int, default 20
            Parameter sets to compare, the present one included.
        cv : int or scikit-learn splitter, default 5
            Folds; a number makes stratified ones.
        sample_weight : array-like of shape (n_rows,), optional
            Weight of each row.

        Returns
        -------
        BoostedModel
            Fitted on all rows, with a frame ``trials_``; this one is unchanged.

        Raises
        ------
        UsageError, SchemaError, RowFaultError, FitError
            As in ``fit``, or when ``n_candidates`` is not a positive number.
        """
        best: Self = tune(self, X, y, n_candidates, cv, sample_weight)
        return best

    # -------------------------------------------------------------- predicting

    def predict_log_odds(self, X: Any) -> Floats:
        """Return the log-odds of bad; larger is riskier.

        Parameters
        ----------
        X : table
            Columns are matched by name; further ones are ignored. A bare array must
            have the training columns in their order.

        Returns
        -------
        array of shape (n_rows,), float64
            Log-odds of bad; larger is riskier.

        Raises
        ------
        SchemaError, InputError
            When a column is missing or cannot be read.
        RowFaultError
            When rows hold cells that cannot be read.
        """
        check_is_fitted(self)
        X = as_table(X)
        self._refuse_other_width(X)
        batch = read_readable(X, self.schema_)
        if not batch.n_rows:
            return np.empty(0)
        encoding = FeatureEncoding(self.schema_, self.categories_, self.special_codes_)
        matrix = encoding.encode(batch)
        threads = max(1, min(available_threads(), batch.n_rows // _ROWS_PER_THREAD))
        return raw_scores(self.booster_, matrix, threads=threads) * self._scale

    def predict_proba(self, X: Any) -> Floats:
        """Return the probabilities of good and of bad.

        Parameters
        ----------
        X : table
            See ``predict_log_odds``, also for what is raised.

        Returns
        -------
        array of shape (n_rows, 2), float64
            Column 1 is the probability of default.
        """
        pd_bad = expit(self.predict_log_odds(X))
        return np.column_stack([1.0 - pd_bad, pd_bad])

    @property
    def feature_importances_(self) -> Floats:
        """Share of each column in the loss that all splits saved; sums to 1.

        Returns
        -------
        array of shape (n_features_in_,), float64
            In the order of the training columns.
        """
        check_is_fitted(self)
        gain = np.asarray(self.booster_.feature_importance("gain"), np.float64)
        return np.asarray(gain / gain.sum())

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether ``fit`` has finished."""
        return hasattr(self, "n_features_in_")


def _scale(plan: TrainingPlan, n_trees: int) -> float:
    """Return the log-odds per unit of raw score, which a random forest sums up."""
    n_summed = n_trees if plan.settings.boosting == "rf" else 1
    return plan.settings.sigmoid / n_summed
