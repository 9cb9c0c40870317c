"""BoostedModel on public credit data."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, train_test_split

from cfscore.boosting import BoostedModel
from cfscore.boosting._tree_text import columns_of_trees

pytestmark = pytest.mark.data


def fit_lightgbm(X, y):
    """Return LightGBM with its defaults, stopped early, on pandas categories."""
    kept_X, held_out_X, kept_y, held_out_y = train_test_split(
        X, y, test_size=0.2, stratify=y, random_state=0
    )
    params = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    data = lgb.Dataset(kept_X, kept_y)
    return lgb.train(
        params,
        data,
        num_boost_round=1000,
        valid_sets=[data.create_valid(held_out_X, held_out_y)],
        callbacks=[lgb.early_stopping(50, verbose=False)],
    )


def test_defaults_rank_at_least_as_well_as_lightgbm(public_data):
    X = pd.read_csv(public_data / "german" / "germancredit.csv")
    y = (X.pop("creditability") == "bad").to_numpy(int)
    texts = X.select_dtypes(exclude="number")
    as_categories = X.assign(**{name: X[name].astype("category") for name in texts})
    ours, theirs = [], []
    folds = StratifiedKFold(5, shuffle=True, random_state=3)
    for train, test in folds.split(X, y):
        model = BoostedModel().fit(X.iloc[train], y[train])
        ours.append(model.score(X.iloc[test], y[test]))
        peer = fit_lightgbm(as_categories.iloc[train], y[train])
        theirs.append(roc_auc_score(y[test], peer.predict(as_categories.iloc[test])))
    differences = np.subtract(ours, theirs)
    error = differences.std(ddof=1) / np.sqrt(5)
    assert differences.mean() >= -max(0.002, error)


@pytest.mark.parametrize("interaction", ["none", "pairs"])
def test_home_credit_trains_under_constraints(public_data, interaction):
    path = public_data / "homecredit" / "application_union.parquet"
    frame = pd.read_parquet(path).iloc[:4000]
    y = frame.pop("TARGET").to_numpy(int)
    frame = frame.drop(columns="SK_ID_CURR")
    params = {"num_iterations": 25, "early_stopping_round": 0, "learning_rate": 0.1}
    directions = {"EXT_SOURCE_2": "descending", "EXT_SOURCE_3": "descending"}
    model = BoostedModel(directions, interaction, params=params).fit(frame, y)
    widest = max(map(len, columns_of_trees(model.model_text_)))
    assert widest == {"none": 1, "pairs": 2}[interaction]
    assert len(model.categories_) == 16
    grid = np.linspace(0.0, 0.9, 31)
    rows = frame.loc[frame.index[:50].repeat(31)].assign(EXT_SOURCE_2=np.tile(grid, 50))
    steps = np.diff(model.predict_log_odds(rows).reshape(50, 31), axis=1)
    assert (steps <= 0.0).all()
    assert (steps < 0.0).any()
