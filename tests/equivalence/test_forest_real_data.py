"""Models of public credit data and of great size: LightGBM's bits by every way in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cfscore.compiler import compile_plan
from cfscore.compiler._lightgbm_text import read_lightgbm_text
from cfscore.plan import (
    ForestFeature,
    ForestStage,
    Provenance,
    ReasonCatalogue,
    ScoringPlan,
)
from cfscore.score_scale import ScoreScale
from cfscore.scoring import Scorer
from tests.lightgbm_models import raw_scores, train

lightgbm = pytest.importorskip("lightgbm")

N_TRAINING, N_ROWS = 8_000, 3_000
#: Folder, file, target and number of text columns of each data set.
SETS = {
    "gmsc": ("cs_training.parquet", "SeriousDlqin2yrs", 0),
    "taiwan": ("UCI_Credit_Card.csv", "default.payment.next.month", 0),
    "homecredit": ("application_union.parquet", "TARGET", 16),
}


def read_set(folder, name):
    """Return a table, its texts as categories, and the outcomes."""
    file, target, _ = SETS[name]
    path = folder / name / file
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    outcomes = table.pop(target).astype(float)
    texts = table.columns[table.dtypes.astype(str).isin(["object", "str", "string"])]
    return table.astype(dict.fromkeys(texts, "category")), outcomes


@pytest.mark.data
@pytest.mark.parametrize("name", SETS)
def test_public_data_in_every_container(public_data, name):
    table, outcomes = read_set(public_data, name)
    table.columns = [column.replace("_", " ") for column in table.columns]
    kinds = {"num_leaves": 31, "min_data_in_leaf": 20, "min_data_in_bin": 3}
    booster = train(table[:N_TRAINING], outcomes[:N_TRAINING], 15, **kinds)
    plan = compile_plan(booster, feature_names=table.columns)
    n_texts = sum(field.kind == "categorical" for field in plan.schema.fields)
    assert (n_texts, len(plan.schema)) == (SETS[name][2], table.shape[1])
    assert plan.provenance.verified

    rows = table[-N_ROWS:].reset_index(drop=True)
    expected = raw_scores(booster, rows).tobytes()
    scorer = Scorer(plan, threads=2)
    for kind, container in containers(rows):
        assert scorer.score(container).log_odds.tobytes() == expected, kind
    found = np.frombuffer(expected)
    texts = rows.select_dtypes("category").columns
    cells = rows.astype(dict.fromkeys(texts, object)).to_dict("records")
    for i in range(0, N_ROWS, 50):
        assert scorer.score_row(cells[i]).log_odds == found[i]


def containers(rows):
    """Yield the same rows in every container that they are likely to come in."""
    texts = list(rows.select_dtypes("category").columns)
    plain = rows.astype(dict.fromkeys(texts, object))
    arrow = pa.Table.from_pandas(plain, preserve_index=False)
    yield "pandas categories", rows
    yield "pandas texts", plain
    yield "pandas from Arrow", arrow.to_pandas(types_mapper=pd.ArrowDtype)
    yield "columns in another order", rows[rows.columns[::-1]]
    yield "with another column", rows.assign(another=1)
    yield "Arrow", arrow
    yield "Arrow dictionaries", pa.Table.from_pandas(rows, preserve_index=False)
    yield "polars", pl.from_arrow(arrow)
    yield (
        "polars categories",
        pl.from_arrow(arrow).cast(dict.fromkeys(texts, pl.Categorical)),
    )
    yield "mapping", {name: plain[name].to_numpy() for name in plain}


# --- a model of great size


def bare_plan(booster) -> ScoringPlan:
    """Return a plan without golden rows, over numbers alone."""
    parsed = read_lightgbm_text(booster.model_to_string())
    features = tuple(ForestFeature(name, "numeric") for name in parsed.feature_names)
    names = [feature.name for feature in features]
    return ScoringPlan(
        name="large",
        model=ForestStage(features, parsed.trees),
        scale=ScoreScale(),
        catalogue=ReasonCatalogue.one_per_feature(names),
        reference=(),
        provenance=Provenance("test", verified=False),
    )


@pytest.fixture(scope="module")
def large():
    """Return a model of 1,000 trees x 63 leaves with rows beyond its training."""
    rng = np.random.default_rng(20)
    rows = rng.normal(size=(6_000, 20))
    rows[:, ::3] = np.exp(rows[:, ::3]).round(2)
    rows[:, 1::3] = rng.integers(0, 40, size=rows[:, 1::3].shape)
    rows[rng.random(rows.shape) < 0.08] = np.nan
    risk = np.nan_to_num(rows[:, 0]) - np.nan_to_num(rows[:, 1]) / 20
    outcomes = (rng.logistic(size=len(rows)) < risk - 1).astype(float)
    growth = {"num_leaves": 63, "min_data_in_leaf": 5, "learning_rate": 0.02}
    return train(rows[:3_000], outcomes[:3_000], 1_000, **growth), rows


@pytest.mark.slow
def test_1000_trees_of_63_leaves(large):
    booster, rows = large
    plan = bare_plan(booster)
    assert plan.forest.trees.n_trees == 1_000
    assert np.diff(plan.forest.trees.leaf_starts).max() == 63
    expected = raw_scores(booster, rows)
    scorer = Scorer(plan, threads=2)
    assert scorer.score(rows).log_odds.tobytes() == expected.tobytes()
    for i in range(0, len(rows), 300):
        row = dict(zip(plan.schema.names, rows[i].tolist(), strict=True))
        assert scorer.score_row(row).log_odds == expected[i]


@pytest.mark.slow
def test_treelite_is_of_the_same_opinion(large, tmp_path):
    treelite = pytest.importorskip("treelite", reason="a second judge, not needed")
    booster, rows = large
    booster.save_model(tmp_path / "model.txt")
    model = treelite.frontend.load_lightgbm_model(str(tmp_path / "model.txt"))
    judged = treelite.gtil.predict(model, rows, pred_margin=True).ravel()
    found = Scorer(bare_plan(booster)).score(rows).log_odds
    assert found.tolist() == judged.tolist()
