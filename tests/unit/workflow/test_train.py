from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import FitError, OutputError
from cfscore.plan import CutoffReference
from cfscore.scorecard import SelectionRules
from cfscore.scoring import Scorer, load_plan
from cfscore.workflow import (
    RUN_FILES,
    BinnerConfig,
    BoostedConfig,
    DataConfig,
    OutputConfig,
    ScorecardConfig,
    SplitConfig,
    TrainConfig,
    TrainingRun,
    develop,
    train,
)

N_ROWS = 4_000
CONFIG = TrainConfig(
    data=DataConfig("rows.parquet", "bad", id=("id",)),
    split=SplitConfig("month", holdout=0.25, seed=3),
    # strict limits, so that the noise is rejected
    scorecard=ScorecardConfig(SelectionRules(min_iv=0.02, max_p_value=0.05)),
    output=OutputConfig("out/run", "评分卡"),
)


def write_rows(folder: Path) -> None:
    rng = np.random.default_rng(5)
    use = rng.random(N_ROWS)
    city = rng.choice(["north", "south", "east"], N_ROWS, p=[0.5, 0.3, 0.2])
    risk = -2.5 + 2.0 * use + 0.8 * (city == "south")
    table = {
        "id": [f"r{i}" for i in range(N_ROWS)],
        "month": pa.array(np.arange(N_ROWS) % 12 * 30, pa.int32()).cast(pa.date32()),
        "use": np.where(rng.random(N_ROWS) < 0.05, np.nan, use),
        "city": city,
        "noise": rng.random(N_ROWS),
        "bad": (rng.random(N_ROWS) < 1.0 / (1.0 + np.exp(-risk))).astype(np.int8),
    }
    pq.write_table(pa.table(table), folder / "rows.parquet")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train")
    write_rows(folder)
    return folder


@pytest.fixture(scope="module")
def made(base: Path) -> tuple[TrainingRun, Path]:
    split = replace(CONFIG.split, out_of_time_from=datetime.date(1970, 10, 1))
    return train(replace(CONFIG, split=split), base)


def test_samples_are_measured(made: tuple[TrainingRun, Path]) -> None:
    run, _ = made
    sizes = {name: rows.size for name, rows in run.split.samples.items()}
    # Months 0..11 begin at days 0, 30, ..., 330; 1970-10-01 is day 273, so months 10
    # and 11 are late: 333 rows each. A quarter of the other 3,334 is held out.
    assert sizes == {"development": 2501, "holdout": 833, "out_of_time": 666}
    for name, found in run.scorecard.discrimination.items():
        assert found is not None
        assert found.rows == sizes[name]
        assert 0.1 < found.gini.value < 0.6
    assert run.scorecard.refused == dict.fromkeys(sizes, 0)


def test_characteristics_have_a_verdict_each(made: tuple[TrainingRun, Path]) -> None:
    frame = made[0].characteristics.set_index("characteristic")
    assert list(frame.index) == ["use", "city", "noise"]
    assert frame.chosen.tolist() == [True, True, False]
    assert all(frame.reason.str.len() > 0)


def test_folder_holds_the_run(made: tuple[TrainingRun, Path], base: Path) -> None:
    run, folder = made
    assert folder == base / "out" / "run"
    from_flat = {
        "characteristics.csv",
        "manifest.json",
        "metrics.json",
        "points.csv",
        "scorecard.cfs",
    }
    assert {path.name for path in folder.iterdir()} == from_flat < set(RUN_FILES)
    plan = load_plan(folder / "scorecard.cfs", expect_sha256=run.scorecard.plan.sha256)
    assert plan.name == "评分卡"
    metrics = json.loads((folder / "metrics.json").read_text())
    holdout = run.scorecard.discrimination["holdout"]
    assert holdout is not None
    assert metrics["scorecard"]["holdout"]["gini"]["value"] == holdout.gini.value


def test_points_table_reads_back_exactly(made: tuple[TrainingRun, Path]) -> None:
    run, folder = made
    text = (folder / "points.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    expected = [
        (c.name, a.label, a.points, a.woe)
        for c in run.scorecard.plan.points.characteristics
        for a in c.attributes
    ]
    assert [
        (r["characteristic"], r["attribute"], float(r["points"]), float(r["woe"]))
        for r in rows
    ] == expected


def test_manifest_says_how_it_was_made(
    made: tuple[TrainingRun, Path], base: Path
) -> None:
    run, folder = made
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    data = (base / "rows.parquet").read_bytes()
    assert manifest["inputs"] == [
        {
            "file": "rows.parquet",
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    ]
    assert manifest["plan_sha256"] == {"scorecard": run.scorecard.plan.sha256}
    assert manifest["seeds"] == {"split": 3}
    assert manifest["config"]["split"]["out_of_time_from"] == "1970-10-01"
    assert manifest["rows"] == {"development": 2501, "holdout": 833, "out_of_time": 666}
    assert {"python", "cfscore", "numpy"} <= set(manifest["versions"])
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_same_config_gives_the_same_plan(
    made: tuple[TrainingRun, Path], base: Path
) -> None:
    run, _ = made
    assert develop(run.config, base).scorecard.plan.sha256 == run.scorecard.plan.sha256


def test_earlier_run_is_kept_unless_it_may_be_replaced(
    made: tuple[TrainingRun, Path], base: Path
) -> None:
    run, folder = made
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(OutputError, match="holds an earlier run") as caught:
        train(run.config, base)
    assert caught.value.code == "EXISTS"
    assert (folder / "manifest.json").read_bytes() == before
    train(run.config, base, overwrite=True)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["run"]


def test_cutoff_reference_takes_the_development_rows(base: Path) -> None:
    band = {"score": 500.0, "width": 40.0}
    reasons = {
        "reference": band,
        "reason": [{"code": "R", "features": ["use", "city"]}],
    }
    run = develop(replace(CONFIG, reasons=reasons), base)
    assert run.scorecard.plan.catalogue.reference == CutoffReference(500.0, 40.0)
    table = pq.read_table(base / "rows.parquet").take(pa.array(run.split.development))
    batch = Scorer(run.scorecard.plan).score(table, contributions=True)
    inside = (batch.score >= 500.0) & (batch.score < 540.0)
    assert batch.contributions is not None
    # Contributions are measured from the mean of the band, where they cancel out.
    assert abs(batch.contributions[inside].mean(axis=0)).max() < 1e-9


def test_weights_are_used(base: Path, tmp_path: Path) -> None:
    table = pq.read_table(base / "rows.parquet")
    weight = np.where(table.column("bad").to_numpy() == 1, 3.0, 1.0)
    weighted = table.append_column("w", pa.array(weight))
    pq.write_table(weighted, tmp_path / "rows.parquet")
    config = replace(CONFIG, data=replace(CONFIG.data, weight="w"))
    plain = develop(CONFIG, base).scorecard.plan
    heavy = develop(config, tmp_path).scorecard.plan
    # Three times the bads: the log-odds of bad rise by ln 3 = 1.0986.
    assert heavy.points.intercept - plain.points.intercept == pytest.approx(
        1.0986, abs=0.05
    )


def test_boosted_model_has_the_special_codes_of_the_binner(
    base: Path, tmp_path: Path
) -> None:
    """Noise of less than 0.3 becomes a code, and use falls where it may not rise."""
    table = pq.read_table(base / "rows.parquet")
    noise = table.column("noise").to_numpy()
    noise = np.where(noise < 0.3, -9991.0, noise)
    table = table.set_column(
        table.column_names.index("noise"), "noise", pa.array(noise)
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    config = replace(
        CONFIG,
        binner=BinnerConfig(special_codes={"noise": (-9991.0,), "city": ("east",)}),
        boosted=BoostedConfig(
            monotonic={"noise": "ascending"},
            params={"num_iterations": 20, "early_stopping_round": 0},
        ),
    )
    run = develop(config, tmp_path)
    assert run.boosted is not None
    plan = run.boosted.plan
    assert plan.forest.special_codes == {"use": (), "noise": (-9991.0,)}
    assert plan.development.ranges["noise"][0] == pytest.approx(0.3, abs=0.01)
    scorer = Scorer(plan)
    rows = [{"use": 0.5, "city": "north", "noise": n} for n in (-9991.0, None)]
    assert len(set(scorer.score(rows).log_odds.tolist())) == 1
    rising = [{**rows[0], "noise": n} for n in np.linspace(0.3, 1.0, 50).tolist()]
    assert (np.diff(scorer.score(rising).log_odds) >= 0).all()


def test_refused_rows_are_counted(base: Path, tmp_path: Path) -> None:
    table = pq.read_table(base / "rows.parquet")
    month, city = (table.column(name).to_pylist() for name in ("month", "city"))
    start = datetime.date(1970, 10, 1)
    n_late = 0
    for i, day in enumerate(month):
        if day >= start and n_late < 7:
            city[i] = "a city that development did not hold"
            n_late += 1
    place = table.column_names.index("city")
    changed = table.set_column(place, "city", pa.array(city))
    pq.write_table(changed, tmp_path / "rows.parquet")
    config = replace(
        CONFIG,
        split=replace(CONFIG.split, out_of_time_from=start),
        binner=replace(CONFIG.binner, unseen="error"),
    )
    metrics = develop(config, tmp_path).scorecard.metrics()
    assert metrics["out_of_time"]["refused"] == 7
    assert metrics["out_of_time"]["rows"] == 666 - 7
    assert metrics["holdout"]["refused"] == 0


def test_a_split_that_leaves_nothing_out_of_time_is_refused(base: Path) -> None:
    split = replace(CONFIG.split, out_of_time_from=datetime.date(2031, 1, 1))
    with pytest.raises(FitError, match="No row is out of time: none is from 2031"):
        develop(replace(CONFIG, split=split), base)


def test_table_without_features_is_refused(base: Path) -> None:
    data = replace(CONFIG.data, exclude=("use", "city", "noise"))
    with pytest.raises(FitError, match="No column is left"):
        develop(replace(CONFIG, data=data), base)
