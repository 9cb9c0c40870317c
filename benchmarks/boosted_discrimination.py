"""Gini of ``BoostedModel()`` against LightGBM with early stopping."""

from __future__ import annotations

from benchmarks._boosted_contender import BOOSTED_CONTENDERS
from benchmarks._comparison import Comparison

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Gini of BoostedModel() against LightGBM with early stopping"
PACKAGES = ("cfscore", "lightgbm", "scikit-learn", "numpy", "pandas")

_METHOD = (
    "Both sides get the same frame, the same list of columns whose numbers are "
    "categories, and one thread. Neither is told of special codes or directions.",
    "cfscore: `BoostedModel()`, which holds a fifth of the training rows out to find "
    "the number of trees and then trains on all. LightGBM: `LGBMClassifier` with its "
    "defaults, at most 5,000 trees, stopped after 50 without a better log loss on a "
    "stratified fifth of the training rows; texts as pandas categories.",
    "Folds: 5 stratified folds, repeated 5 times, fixed seed. Gini is 2 AUC - 1 of the "
    "test rows.",
    "Paired standard error: plain s / sqrt(n) over the fold differences, which is too "
    "small as folds share training rows, and so the harder test; 'wide' is s * "
    "sqrt(1/n + 1/4) (Nadeau and Bengio 2003). Out of time: DeLong's, paired.",
    "Verdict: at least as good on average, or short by no more than 0.004 (0.002 of "
    "AUC) or one plain standard error.",
    "The defaults of `BoostedModel` were chosen on the first five of these folds.",
)

measure = Comparison(
    TITLE, "boosted_discrimination", BOOSTED_CONTENDERS, _METHOD, tolerance=0.004
).measure
