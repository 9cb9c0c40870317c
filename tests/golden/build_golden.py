"""Build the golden plan of a protocol, once per released protocol.

``python -m tests.golden.build_golden N`` writes ``plan_protocol_N.cfs``, its input rows
and its exact results. Once released these files are never written again: every later
version must load the plan and reproduce the results bit for bit.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import cfscore as cf
from cfscore.datasets import APPLICATION_COLUMNS, application_table
from cfscore.plan import ReasonCatalogue
from cfscore.workflow import synthetic_catalogue

FOLDER = Path(__file__).parent
N_TRAINING = 6_000
N_ROWS = 200
REASONS = 4
FEATURES = [c for c in APPLICATION_COLUMNS if c.role == "feature"]


def scorecard_plan() -> cf.ScoringPlan:
    """Return a card of the synthetic book, integer points, special codes declared."""
    table = application_table(N_TRAINING, seed=1)
    special = {c.name: list(c.special) for c in FEATURES if c.special}
    card = cf.Scorecard(
        binner=cf.Binner(special_codes=special),
        scale=cf.ScoreScale(rounding="points"),
    )
    y = table.column("bad").to_numpy()
    card.fit(table.select([c.name for c in FEATURES]), y)
    return cf.compile_plan(card, name="golden", reasons=synthetic_catalogue())


def forest_plan() -> cf.ScoringPlan:
    """Return a forest of the synthetic book, texts as categories, beta-calibrated."""
    table = application_table(N_TRAINING, seed=1)
    y = table.column("bad").to_numpy()
    table = table.select([c.name for c in FEATURES])
    keys = {
        field.name: sorted(set(map(key_of, table.column(field.name))) - {None})
        for field in table.schema
        if pa.types.is_string(field.type) or pa.types.is_boolean(field.type)
    }
    codes = np.column_stack([coded(table, c.name, keys) for c in FEATURES])
    names = [c.name for c in FEATURES]
    data = lightgbm.Dataset(
        codes[::2],
        y[::2],
        feature_name=[name.replace(" ", "_") for name in names],
        categorical_feature=[names.index(name) for name in keys],
    )
    booster = lightgbm.train(
        {
            "objective": "binary",
            "num_leaves": 12,
            "learning_rate": 0.1,
            "min_data_per_group": 20,
            "max_cat_to_onehot": 1,
            "deterministic": True,
            "force_col_wise": True,
            "num_threads": 1,
            "verbosity": -1,
            "seed": 1,
        },
        data,
        40,
    )
    raw = booster.predict(codes[1::2], raw_score=True)
    return cf.compile_plan(
        booster,
        calibrator=cf.Calibrator("beta").fit(raw, y[1::2]),
        reasons=synthetic_catalogue(),
        development=(table, y),
        feature_names=names,
        categories=keys,
        name="golden forest",
    )


def special_forest_plan() -> cf.ScoringPlan:
    """Return a boosted model of the synthetic book that knows its special codes."""
    table = application_table(N_TRAINING, seed=1)
    y = table.column("bad").to_numpy()
    table = table.select([c.name for c in FEATURES])
    model = cf.BoostedModel(
        monotonic={c.name: c.direction for c in FEATURES if c.direction},
        params={"num_iterations": 40, "early_stopping_round": 0, "seed": 1},
        special_codes={c.name: list(c.special) for c in FEATURES if c.special},
    ).fit(table, y)
    return cf.compile_plan(
        model,
        reasons=synthetic_catalogue(),
        development=(table, y),
        name="golden forest with special codes",
    )


#: Direction of the bad rate in every feature that has one, truth values apart.
ORDERED = {
    c.name: c.direction for c in FEATURES if c.direction and c.arrow_type != "bool"
}


def directed_catalogue() -> ReasonCatalogue:
    """Return the synthetic catalogue with the directions that the book declares."""
    adverse = {"ascending": "higher", "descending": "lower"}
    directions = {name: adverse[direction] for name, direction in ORDERED.items()}
    return replace(synthetic_catalogue(), directions=directions)


def directed_scorecard_plan() -> cf.ScoringPlan:
    """Return a card under declared directions, stated by its reasons."""
    table = application_table(N_TRAINING, seed=1)
    binner = cf.Binner(
        settings={name: {"monotonic": trend} for name, trend in ORDERED.items()},
        special_codes={c.name: list(c.special) for c in FEATURES if c.special},
    )
    card = cf.Scorecard(binner=binner)
    y = table.column("bad").to_numpy()
    card.fit(table.select([c.name for c in FEATURES]), y)
    return cf.compile_plan(card, name="golden", reasons=directed_catalogue())


def directed_forest_plan() -> cf.ScoringPlan:
    """Return the boosted model with special codes, its directions stated by reasons."""
    plan = special_forest_plan()
    name = "golden forest with directions"
    return cf.compile_plan(plan, name=name, reasons=directed_catalogue())


def coded(table: pa.Table, name: str, keys: dict[str, list[str]]) -> np.ndarray:
    """Return a column as LightGBM sees it: codes of categories, NaN for missing."""
    column = table.column(name)
    if name not in keys:
        return column.to_pandas().to_numpy(float)
    code_of = {key: float(code) for code, key in enumerate(keys[name])}
    return np.array([code_of.get(key_of(cell), np.nan) for cell in column])


def key_of(cell: pa.Scalar) -> str | None:
    """Return the category key of a cell, None where it is null or blank."""
    text = "" if cell.as_py() is None else str(cell.as_py())
    return text if text.strip() else None


PLANS = {
    1: scorecard_plan,
    2: forest_plan,
    3: special_forest_plan,
    4: directed_scorecard_plan,
    5: directed_forest_plan,
}


def build(protocol: int) -> None:
    """Write the plan of a protocol, its rows and its results."""
    plan = PLANS[protocol]()
    stem = FOLDER / f"plan_protocol_{protocol}"
    plan.save(stem.with_suffix(".cfs"))
    drawn = application_table(N_ROWS, seed=2).select(list(plan.schema.names))
    rows = drawn.to_pylist()
    rows += [{**rows[0], name: None} for name in plan.schema.names]
    table = pa.Table.from_pylist(rows, schema=drawn.schema)
    pq.write_table(table, stem.with_suffix(".parquet"))
    found = cf.Scorer(plan).score(rows, reasons=REASONS)
    results = {
        "sha256": plan.sha256,
        "rows": rows,
        "log_odds": found.log_odds.tolist(),
        "pd": found.pd.tolist(),
        "score": found.score.tolist(),
        "reasons": found.reasons.tolist(),
    }
    if plan.is_forest:
        results["margin"] = found.margin.tolist()
    text = json.dumps(results, ensure_ascii=False, indent=0)
    stem.with_suffix(".json").write_text(text, "utf-8")


def main() -> None:
    """Build the plan of the protocol that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("protocol", type=int, choices=sorted(PLANS))
    build(parser.parse_args().protocol)


if __name__ == "__main__":
    main()
