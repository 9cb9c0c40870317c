"""Gini of ``Scorecard()`` against optbinning's card, neither touched by hand."""

from __future__ import annotations

from benchmarks._comparison import Comparison
from benchmarks._contender import CONTENDERS

__all__ = ["PACKAGES", "TITLE", "measure"]

TITLE = "Gini of Scorecard() against optbinning's Scorecard, defaults on both sides"
PACKAGES = ("cfscore", "optbinning", "scikit-learn", "numpy", "pandas")

_METHOD = (
    "Both sides get the same frame, the same special codes (each its own bin), the "
    "same list of columns whose numbers are categories, and one thread.",
    "cfscore: `Scorecard()`. optbinning: `Scorecard(BinningProcess(...), "
    "LogisticRegression(max_iter=1000))`, all else default, "
    '`metric_missing="empirical"`, `metric_special="empirical"`.',
    "Folds: 5 stratified folds, repeated 5 times, fixed seed. Gini is 2 AUC - 1 of the "
    "test rows.",
    "Paired standard error: plain s / sqrt(n) over the fold differences, which is too "
    "small as folds share training rows, and so the harder test; 'wide' is s * "
    "sqrt(1/n + 1/4) (Nadeau and Bengio 2003). Out of time: DeLong's, paired.",
    "Verdict: at least as good on average, or short by no more than 0.005 or one plain "
    "standard error.",
)

measure = Comparison(TITLE, "discrimination", CONTENDERS, _METHOD).measure
