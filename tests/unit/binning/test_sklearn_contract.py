"""scikit-learn's own checks, with a written list of those that must fail."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.estimator_checks import parametrize_with_checks

from cfscore.binning import Binner

NEEDS_BINARY_TARGET = (
    "draws a target of other values than 0 and 1, which Binner refuses; run with a "
    "recoded target below"
)

#: Check -> why it fails on purpose, whatever the target.
FAILS_BY_DESIGN = {
    "check_transformer_data_not_an_array": (
        "passes a list of lists; a table is a frame, a mapping, a list of dicts or an "
        "array, so that no column is taken for another"
    ),
    "check_sample_weights_pandas_series": (
        "names the columns of its frame 0 and 1; column names are text"
    ),
}

CHECKS_OF_ANOTHER_TARGET = (
    "check_fit_score_takes_y",
    "check_estimators_overwrite_params",
    "check_dont_overwrite_parameters",
    "check_estimators_fit_returns_self",
    "check_readonly_memmap_input",
    "check_n_features_in_after_fitting",
    "check_positive_only_tag_during_fit",
    "check_estimators_dtypes",
    "check_sample_weights_not_an_array",
    "check_sample_weights_list",
    "check_sample_weights_shape",
    "check_sample_weights_not_overwritten",
    "check_sample_weight_equivalence_on_dense_data",
    "check_dtype_object",
    "check_f_contiguous_array_estimator",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_fit2d_1feature",
    "check_dict_unchanged",
    "check_fit2d_predict1d",
)
FAILS_WITH_ITS_TARGET = dict.fromkeys(CHECKS_OF_ANOTHER_TARGET, NEEDS_BINARY_TARGET)


class BinnerOfAnyTarget(Binner):
    """A Binner that calls the largest value of any target bad."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> BinnerOfAnyTarget:
        if y is not None:
            values = np.asarray(y)
            y = values == values.max()
        return super().fit(X, y, sample_weight)


@parametrize_with_checks(
    [Binner()],
    expected_failed_checks=lambda binner: FAILS_BY_DESIGN | FAILS_WITH_ITS_TARGET,
)
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


@parametrize_with_checks(
    [BinnerOfAnyTarget(min_bin_count=1, min_bin_share=0.2)],
    expected_failed_checks=lambda binner: FAILS_BY_DESIGN,
)
def test_checks_of_scikit_learn_with_a_binary_target(estimator, check):
    check(estimator)
