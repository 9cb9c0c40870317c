"""File runs: the same bytes for any threads and batches, and the same as the table."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from cfscore.scoring import Scorer, golden_columns, replay
from cfscore.scoring.files import _parts
from tests.unit.plan.example_forest import forest_plan
from tests.unit.scoring.file_runs import content, developed_plan, make_rows

PLAN = developed_plan()
N_ROWS = 160
LAYOUTS = ["parquet", "csv", "arrow"]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the same rows in each format."""
    folder = tmp_path_factory.mktemp("in")
    for name, n_rows in (("in", N_ROWS), ("more", 150)):
        table = make_rows(n_rows)
        table = table.set_column(0, "id", table["id"].cast(pa.string()))
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=50)
        pa_csv.write_csv(table, folder / f"{name}.csv")
        with pa.ipc.new_file(folder / f"{name}.arrow", table.schema) as writer:
            writer.write_table(table, max_chunksize=50)
    return folder


@pytest.fixture
def many_inputs(inputs: Path) -> list[Path]:
    """Return six files of three formats; a part has one or two of them."""
    return [
        inputs / f"{name}.{ending}" for name in ("in", "more") for ending in LAYOUTS
    ]


def run(
    source: Path | list[Path], target: Path, threads: int, **options: object
) -> None:
    Scorer(PLAN, threads=threads).score_file(
        source, target, reasons=4, keep=["id", "city"], **options
    )


@pytest.mark.slow
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("batch_rows", [1, 7, 1_000, 10**6])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_threads_and_batches_change_no_byte(
    inputs: Path, tmp_path: Path, layout: str, threads: int, batch_rows: int
) -> None:
    for ending in LAYOUTS:
        source = inputs / f"in.{ending}"
        one, other = tmp_path / f"one-{ending}", tmp_path / f"other-{ending}"
        for folder in (one, other):
            folder.mkdir()
        run(source, one / f"out.{layout}", 1)
        run(
            source,
            other / f"out.{layout}",
            threads,
            batch_rows=batch_rows,
        )
        assert content(one) == content(other)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_no_byte_of_parts(
    many_inputs: list[Path],
    tmp_path: Path,
    threads: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_parts, "PART_ROWS", 200)
    for n, folder in ((1, tmp_path / "one"), (threads, tmp_path / "other")):
        run(many_inputs, folder, n, batch_rows=40 + n)
    found = content(tmp_path / "one")
    assert len(found) > 4
    assert found == content(tmp_path / "other")


@pytest.mark.parametrize("ending", LAYOUTS)
def test_scores_are_those_of_the_table(
    inputs: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_parts, "PART_ROWS", 100)
    expected = Scorer(PLAN).score(make_rows(N_ROWS), reasons=4)
    for target in (tmp_path / "out.parquet", tmp_path / "out"):
        run(inputs / f"in.{ending}", target, 2, layout="parquet")
        found = pq.read_table(target)
        assert found.drop_columns(["id", "city"]).equals(expected.to_arrow())
        for field in ("log_odds", "pd", "score"):
            values = found[field].combine_chunks().to_numpy(zero_copy_only=False)
            assert values.tobytes() == getattr(expected, field).tobytes()


def test_manifest_accounts_for_every_file_and_row(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_parts, "PART_ROWS", 100)
    broken = tmp_path / "broken.csv"
    broken.write_text("id,use,city\n1,0.5,north\n2,x,north\n3\n")
    target = tmp_path / "out"
    report = Scorer(PLAN).score_file(
        [inputs / "in.csv", broken],
        target,
        on_bad="quarantine",
        layout="parquet",
    )
    manifest = json.loads((target / "_manifest.json").read_text())
    assert manifest["plan_sha256"] == PLAN.sha256
    for account in (manifest, *manifest["inputs"]):
        assert account["rows_in"] == account["scored"] + account["rejected"]
    assert [source["rows_in"] for source in manifest["inputs"]] == [N_ROWS, 3]
    assert [source["rejected"] for source in manifest["inputs"]] == [0, 2]
    assert manifest["rows_in"] == report.rows == N_ROWS + 3
    assert sum(output["rows"] for output in manifest["outputs"]) == N_ROWS + 3
    for output in (*manifest["outputs"], manifest["rejects"]):
        data = (target / output["file"]).read_bytes()
        assert (len(data), sha256(data).hexdigest()) == (
            output["bytes"],
            output["sha256"],
        )
    for source in manifest["inputs"]:
        assert source["sha256"] == sha256(Path(source["path"]).read_bytes()).hexdigest()
    ranges = [mark for output in manifest["outputs"] for mark in output["ranges"]]
    assert ranges == sorted(ranges, key=lambda mark: (mark["input"], mark["start"]))
    assert manifest["columns"]["*"]["faults"] == {"RAGGED": 1}


def test_manifest_counts_columns_and_scores(inputs: Path, tmp_path: Path) -> None:
    report = Scorer(PLAN).score_file(inputs / "in.parquet", tmp_path / "out.csv")
    manifest = json.loads(Path(report.manifest).read_text())
    use = make_rows(N_ROWS)["use"].to_pylist()
    assert manifest["columns"]["use"] == {
        "missing": use.count(None),
        "special": {"SPECIAL -9991": use.count(-9991.0)},
        "unseen": None,
        "non_finite": sum(abs(x or 0) == float("inf") for x in use),
        "below_development": sum(x is not None and -9991 < x < 0.05 for x in use),
        "above_development": sum(x is not None and 0.95 < x < 2 for x in use),
        "widened": 0,
        "faults": {},
    }
    assert report.outside == {
        "use": (
            manifest["columns"]["use"]["below_development"],
            manifest["columns"]["use"]["above_development"],
        )
    }
    score = manifest["score"]
    assert sum(score["counts"]) == N_ROWS
    assert score["psi"] == report.score_psi > 0
    assert score["development_counts"] == [100, 400, 300, 200]


def test_manifest_tells_nothing_of_time(inputs: Path, tmp_path: Path) -> None:
    for name in ("a.parquet", "b.parquet"):
        run(inputs / "in.parquet", tmp_path / name, 2)
    first, second = (
        json.loads((tmp_path / f"{name}.parquet.manifest.json").read_text())
        for name in "ab"
    )
    for manifest in (first, second):
        assert manifest["outputs"][0].pop("file") in {"a.parquet", "b.parquet"}
    assert first == second


def test_dictionaries_and_views_are_kept_as_their_values(tmp_path: Path) -> None:
    table = make_rows(50)
    kept = pa.table(
        {
            "id": table["id"].cast(pa.string()).combine_chunks().dictionary_encode(),
            "use": table["use"],
            "city": table["city"].cast(pa.string_view()),
        }
    )
    with pa.ipc.new_file(tmp_path / "in.arrow", kept.schema) as writer:
        writer.write_table(kept)
    for layout in LAYOUTS:
        target = tmp_path / f"out.{layout}"
        run(tmp_path / "in.arrow", target, 1, batch_rows=20)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found["id"].to_pylist() == [str(i) for i in table["id"].to_pylist()]
    assert found["city"].type == pa.string()


@pytest.mark.parametrize("threads", [1, 2])
def test_forest_is_scored_like_the_table(tmp_path: Path, threads: int) -> None:
    made = forest_plan(None)
    plan = replace(made, golden=replay(made, golden_columns(made)))
    table = pa.table(
        {
            "use": [0.9, None, float("inf"), 0.1, 0.2] * 40,
            "城市": ["上海", "北京", "北京", "巴黎", None] * 40,
            "home owner": [True, None, False, True, False] * 40,
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    scorer = Scorer(plan, threads=threads)
    report = scorer.score_file(
        tmp_path / "in.parquet",
        tmp_path / "out.parquet",
        reasons=2,
        on_bad="quarantine",
        batch_rows=70,
    )
    expected = scorer.score(table, reasons=2, on_bad="quarantine")
    assert pq.read_table(tmp_path / "out.parquet").equals(expected.to_arrow())
    assert (report.rows, report.rejected) == (200, 120)
    assert report.faults == {
        ("use", "NOT_FINITE"): 40,
        ("城市", "UNSEEN"): 40,
        ("home owner", "MISSING"): 40,
    }
    assert (report.roles["use"]["MISSING"], report.roles["城市"]["UNSEEN"]) == (40, 40)
    lines = Path(str(report.rejects)).read_text(encoding="utf-8").splitlines()
    file = str(tmp_path / "in.parquet")
    assert lines[1:4] == [
        f"{file},2,home owner,MISSING",
        f"{file},3,use,NOT_FINITE",
        f"{file},4,城市,UNSEEN",
    ]
