"""Plans of boosted models with special codes: the model's bits, every way in."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import cfscore as cf
from cfscore.compiler import _verification
from cfscore.compiler._tree_probes import probe_rows
from cfscore.exceptions import CompileError, UsageError
from cfscore.explain import reason_stability, shape_tables
from cfscore.plan import Reason, ReasonCatalogue, SpecialRule
from cfscore.scoring import golden_columns

N_ROWS = 3_000
NEVER, NO_HIT, REFUSED = -9993.0, -9991.0, 997.0
CODES = {"months": [NEVER, NO_HIT], "use": [REFUSED]}
CELLS = {
    "months": [NEVER, NO_HIT, np.nextafter(NEVER, 0), None, np.inf, -np.inf, 12, -1],
    "use": [REFUSED, None, 0.3, -0.0, np.inf, 1e300, np.nextafter(REFUSED, 0), 0.9],
    "city": ["north", None, "elsewhere", "south", "", "east", "-9993", "north"],
}


def sample(seed=0, n_rows=N_ROWS):
    rng = np.random.default_rng(seed)
    months = rng.integers(0, 60, n_rows).astype(float)
    use = rng.uniform(0, 1.2, n_rows)
    log_odds = -1.5 - months / 30 + 1.5 * use
    for column, code, level in (
        (months, NEVER, -3.0),
        (months, NO_HIT, 0.5),
        (use, REFUSED, 1.0),
    ):
        chosen = rng.random(n_rows) < 0.15
        column[chosen] = code
        log_odds[chosen] = level
    months[rng.random(n_rows) < 0.05] = np.nan
    city = rng.choice(["north", "south", "east", None], n_rows)
    frame = pd.DataFrame({"months": months, "use": use, "city": city})
    bad = (rng.random(n_rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
    return frame, bad


def fitted(interaction="free", seed=0):
    return cf.BoostedModel(
        monotonic={"months": -1, "use": 1},
        interaction=interaction,
        params={"num_iterations": 30, "early_stopping_round": 0, "seed": seed},
        special_codes=CODES,
    ).fit(*sample(seed))


@pytest.fixture(scope="module")
def model():
    return fitted()


@pytest.fixture(scope="module")
def plan(model):
    return cf.compile_plan(model, development=sample())


def random_cells(seed, n_rows=200):
    """Return columns of cells of every kind."""
    rng = np.random.default_rng(seed)
    return {name: rng.choice(np.array(cells, object), n_rows).tolist()
            for name, cells in CELLS.items()}  # fmt: skip


def test_the_plan_knows_what_the_model_knows(plan):
    found = {feature.name: feature.special for feature in plan.forest.features}
    assert found == {"months": (NEVER, NO_HIT), "use": (REFUSED,), "city": ()}
    assert plan.protocol == 3
    assert plan.provenance.verified


@pytest.mark.parametrize("seed", range(3))
def test_every_way_in_has_the_bits_of_the_model(seed, tmp_path):
    model = fitted(seed=seed)
    plan = cf.load_plan(saved(cf.compile_plan(model), tmp_path))
    scorer = cf.Scorer(plan)
    columns = random_cells(seed)
    expected = model.predict_log_odds(columns).tolist()
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]  # fmt: skip  # noqa: E501
    months, use = (pa.array(columns[n], pa.float64()) for n in ("months", "use"))
    table = pa.table({"months": months, "use": use, "city": columns["city"]})
    pq.write_table(table, tmp_path / "in.parquet")
    scorer.score_file(tmp_path / "in.parquet", tmp_path / "out.parquet", batch_rows=7)
    found = {
        "mapping": scorer.score(columns).log_odds,
        "rows": scorer.score(rows).log_odds,
        "Arrow": scorer.score(table).log_odds,
        "pandas": scorer.score(table.to_pandas()).log_odds,
        "polars": scorer.score(pl.from_arrow(table)).log_odds,
        "one by one": np.array([scorer.score_row(row).log_odds for row in rows]),
        "file": pq.read_table(tmp_path / "out.parquet").column("log_odds").to_numpy(),
    }
    for name, values in found.items():
        assert values.tolist() == expected, name


def saved(plan, folder):
    plan.save(folder / "plan.cfs")
    return folder / "plan.cfs"


def test_whole_numbers_and_half_precision_are_codes_too(plan):
    expected = cf.Scorer(plan).score_row({"months": NEVER, "use": 0.5, "city": "east"})
    for cell in (-9993, np.int32(-9993), np.float32(-9993), "-9993", "-9.993e3"):
        row = {"months": cell, "use": 0.5, "city": "east"}
        assert cf.Scorer(plan).score_row(row) == expected
        table = {"months": [cell], "use": [0.5], "city": ["east"]}
        assert cf.Scorer(plan).score(table).log_odds.tolist() == [expected.log_odds]


def test_golden_rows_meet_every_code_between_its_neighbours(plan):
    columns = golden_columns(plan)
    for name, codes in CODES.items():
        for code in codes:
            near = {code, np.nextafter(code, -np.inf), np.nextafter(code, np.inf)}
            assert near <= set(columns[name])


def test_probes_meet_every_code(plan):
    special = [feature.special for feature in plan.forest.features]
    rows = probe_rows(plan.forest.trees, 3, special=special)
    assert {NEVER, NO_HIT} <= set(rows[:, 0])
    assert REFUSED in rows[:, 1]
    assert NEVER not in probe_rows(plan.forest.trees, 3)[:, 0]


def test_a_plan_that_scores_codes_as_numbers_is_not_handed_out(model, monkeypatch):
    def untold(stage):
        features = tuple(replace(f, special=()) for f in bare(stage).features)
        return replace(stage, features=features)

    bare = _verification._bare
    monkeypatch.setattr(_verification, "_bare", untold)
    with pytest.raises(CompileError, match="rows at the borders") as caught:
        cf.compile_plan(model)
    assert caught.value.code == "NOT_VERIFIED"


def test_a_plan_that_forgets_a_code_differs_from_its_model(model):
    forgetful = fitted()
    forgetful.special_codes_ = {"months": (NEVER, NO_HIT)}
    columns = {name: [cells[0]] for name, cells in CELLS.items()}
    told = cf.Scorer(cf.compile_plan(model)).score(columns).log_odds
    untold = cf.Scorer(cf.compile_plan(forgetful)).score(columns).log_odds
    assert told.tolist() != untold.tolist()


# ------------------------------------------------------------------ counts and ranges


def test_ranges_hold_measurements_alone(plan):
    assert plan.development.ranges["months"] == (0.0, 59.0)
    low, high = plan.development.ranges["use"]
    assert 0.0 <= low < high <= 1.2


def test_a_file_counts_each_code_and_calls_none_out_of_range(plan, tmp_path):
    table = {
        "months": [NEVER, NEVER, NO_HIT, None, 5.0, 99.0, -1.0],
        "use": [REFUSED, 0.5, 0.5, 0.5, None, 0.5, 998.0],
        "city": ["north"] * 7,
    }
    pq.write_table(pa.table(table), tmp_path / "in.parquet")
    report = cf.Scorer(plan).score_file(tmp_path / "in.parquet", tmp_path / "o.parquet")
    assert report.roles["months"] == {
        "SPECIAL -9993": 2,
        "SPECIAL -9991": 1,
        "MISSING": 1,
    }
    assert report.roles["use"] == {"SPECIAL 997": 1, "MISSING": 1}
    assert report.outside == {"months": (1, 1), "use": (0, 1)}
    manifest = json.loads((tmp_path / report.manifest).read_text("utf-8"))
    assert manifest["columns"]["months"]["special"] == {
        "SPECIAL -9993": 2,
        "SPECIAL -9991": 1,
    }


def test_a_code_passes_where_missing_is_refused(plan):
    features = tuple(replace(f, missing="error") for f in plan.forest.features)
    strict = replace(plan, model=replace(plan.forest, features=features), golden=None)
    scorer = cf.Scorer(strict)
    row = {"months": NEVER, "use": REFUSED, "city": "north"}
    expected = cf.Scorer(plan).score_row(row)
    assert scorer.score_row(row) == expected
    assert scorer.score([row]).log_odds.tolist() == [expected.log_odds]
    with pytest.raises(cf.exceptions.RowFaultError, match="MISSING"):
        scorer.score_row({**row, "months": None})


# ------------------------------------------------------------------ explanations


def test_each_code_has_its_own_reason(model):
    """Contributions are those of missing; the reason is the code's own."""
    texts = ["LATE", "MISSING", "THIN"]
    catalogue = ReasonCatalogue(
        reasons=tuple(Reason(code, code, code) for code in texts),
        features={"months": "LATE", "use": None, "city": None},
        special_rules=(
            SpecialRule("MISSING", "MISSING", None),
            SpecialRule("SPECIAL -9991", "THIN", "months"),
            SpecialRule("SPECIAL -9993", None, None),
        ),
    )
    scorer = cf.Scorer(cf.compile_plan(model, reasons=catalogue))
    rest = {"use": 0.5, "city": "north"}
    rows = [{"months": m, **rest} for m in (None, NO_HIT, NEVER)]
    batch = scorer.score(rows, reasons=1, contributions=True)
    harm = batch.contributions[:, 0]
    assert len(set(harm.tolist())) == 1
    assert harm[0] > 0
    assert batch.reasons[:, 0].tolist() == ["MISSING", "THIN", None]
    alone = [scorer.score_row(row, reasons=1).reasons for row in rows]
    assert [r[0].code if r else None for r in alone] == ["MISSING", "THIN", None]


@pytest.mark.parametrize("interaction", ["none", "pairs"])
def test_shape_tables_read_codes_in_the_row_of_missing(interaction):
    plan = cf.compile_plan(fitted(interaction))
    shapes = shape_tables(plan)
    labels = {axis.feature: axis.labels for s in shapes for axis in s.axes}
    assert labels["months"][-1] == "MISSING | SPECIAL -9993 | SPECIAL -9991"
    assert labels["use"][-1] == "MISSING | SPECIAL 997"
    columns = random_cells(5)
    expected = cf.Scorer(plan).score(columns).margin
    assert shapes.margin(columns) == pytest.approx(expected, abs=1e-9)
    centred = shapes.centred(sample()[0])
    assert centred.margin(columns) == pytest.approx(expected, abs=1e-9)


def test_noise_leaves_the_codes_alone(plan):
    table = {"months": [NEVER, NO_HIT], "use": [REFUSED] * 2, "city": ["north"] * 2}
    noise = {"months": 50.0, "use": 5.0}
    with pytest.raises(UsageError, match="Nothing would move"):
        reason_stability(plan, table, noise=noise)
    measured = {name: [*cells, cells[0]] for name, cells in table.items()}
    measured["months"][-1] = 24.0
    found = reason_stability(plan, measured, noise=noise, repeats=3)
    assert found.score_change > 0.0
    assert found.row_overlap[:2].tolist() == [1.0, 1.0]
