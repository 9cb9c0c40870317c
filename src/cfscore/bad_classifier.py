"""Bad classifier: what estimators of the log-odds of bad share as classifiers."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from cfscore.exceptions import InputError
from cfscore.metrics import auc
from cfscore.tables import column_names

__all__ = ["BadClassifier"]

Floats = NDArray[np.float64]


class BadClassifier(ClassifierMixin):
    """A scikit-learn classifier of goods (0) and bads (1) by their log-odds of bad."""

    classes_: NDArray[np.int64]
    n_features_in_: int

    @abstractmethod
    def predict_log_odds(self, X: Any) -> Floats:
        """Return the log-odds of bad; larger is riskier."""

    def decision_function(self, X: Any) -> Floats:
        """Return the log-odds of bad, as ``predict_log_odds`` does.

        Parameters
        ----------
        X : table
            See ``predict_log_odds``, also for what is raised.

        Returns
        -------
        array of shape (n_rows,), float64
            Log-odds of bad; larger is riskier.
        """
        return self.predict_log_odds(X)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return 1 where bad is more likely than good, else 0.

        With the bad rates of consumer credit this is 0 for nearly every row; decide by
        a cut-off on the score instead.

        Parameters
        ----------
        X : table
            See ``predict_log_odds``, also for what is raised.

        Returns
        -------
        array of shape (n_rows,), int64
            1 where the log-odds of bad are above 0, else 0.
        """
        is_bad = self.predict_log_odds(X) > 0.0
        return np.asarray(self.classes_[is_bad.astype(np.intp)])

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the AUC of the log-odds, not the accuracy; larger is better, 0..1.

        Parameters
        ----------
        X : table
            See ``predict_log_odds``, also for what is raised.
        y : array-like of shape (n_rows,)
            1 = bad, 0 = good; both must occur.
        sample_weight : array-like of shape (n_rows,), optional
            Weight of each row.

        Returns
        -------
        float
            Area under the ROC curve, ties counted half.
        """
        return float(auc(y, self.predict_log_odds(X), sample_weight=sample_weight))

    def _refuse_other_width(self, X: Any) -> None:
        """Refuse a bare array in the words that scikit-learn's users know."""
        if column_names(X) is not None:
            return
        width = np.asarray(X).shape[1]
        if width != self.n_features_in_:
            msg = (
                f"X has {width} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input."
            )
            hint = "Pass the training columns in their order, or a named table."
            raise InputError(msg, hint=hint)

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn should know: two classes, kinds of input."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
