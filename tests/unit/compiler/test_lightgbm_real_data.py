"""Models of public credit data: read, and scored with LightGBM's bits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cfscore.compiler._lightgbm_categories import model_categories
from cfscore.compiler._lightgbm_names import match_feature_names
from cfscore.compiler._lightgbm_text import read_lightgbm_text
from cfscore.compiler._tree_probes import probe_rows
from tests.lightgbm_models import raw_scores, train
from tests.oracles.forest import raw_score

pytest.importorskip("lightgbm")
pytestmark = pytest.mark.data

N_ROWS = 200
#: Folder, file and target of each data set.
SETS = {
    "gmsc": ("cs_training.parquet", "SeriousDlqin2yrs"),
    "taiwan": ("UCI_Credit_Card.csv", "default.payment.next.month"),
    "homecredit": ("application_union.parquet", "TARGET"),
}


@pytest.mark.parametrize("name", SETS)
def test_raw_scores_and_categories(public_data, name: str) -> None:
    file, target = SETS[name]
    path = public_data / name / file
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    outcomes = table.pop(target).astype(float)
    texts = table.columns[table.dtypes.astype(str).isin(["object", "str", "string"])]
    table = table.astype(dict.fromkeys(texts, "category"))
    table.columns = [column.replace("_", " ") for column in table.columns]
    training = {"num_leaves": 31, "min_data_in_leaf": 20, "min_data_in_bin": 3}
    booster = train(table, outcomes, 40, **training)
    model = read_lightgbm_text(booster.model_to_string())

    names = match_feature_names(model.feature_names, table.columns)
    assert names == tuple(table.columns)
    found = {names[f]: keys for f, keys in model_categories(model, names).items()}
    expected = {
        c: tuple(table[c].cat.categories) for c in table.select_dtypes("category")
    }
    assert found == expected
    assert len(expected) == (16 if name == "homecredit" else 0)

    codes = table.apply(
        lambda c: c.cat.codes.replace(-1, np.nan) if c.name in expected else c
    )
    own = codes.to_numpy(np.float64)[:N_ROWS]
    rows = np.vstack([own, probe_rows(model.trees, len(names), N_ROWS)])
    scores = [raw_score(model.trees, row) for row in rows.tolist()]
    assert raw_scores(booster, rows).tolist() == scores
    assert raw_scores(booster, table[:N_ROWS]).tolist() == scores[:N_ROWS]
