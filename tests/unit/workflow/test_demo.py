from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cfscore.workflow import DemoResult, run_demo


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    return run_demo(tmp_path_factory.mktemp("demo"), customers=8_000, rows=3_000)


pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default::cfscore.binning.ZeroCellWarning"),
]


def test_every_sample_is_compared_with_the_truth(result: DemoResult) -> None:
    assert list(result.samples) == [
        "development",
        "holdout",
        "out_of_time",
        "scored file",
    ]
    for sample in result.samples.values():
        assert 0.3 < sample.card.gini.value < 0.75
        assert 0.0 < sample.mean_true_pd < 0.2
    # The truth ranks better than the card where neither saw the rows.
    scored = result.samples["scored file"]
    assert scored.truth.gini.value > scored.card.gini.value
    assert scored.card.rows == 3_000


def test_rows_alone_have_the_bits_of_the_file(result: DemoResult) -> None:
    assert (result.n_single_rows, result.n_single_differences) == (1_000, 0)


def test_scored_file_has_the_columns_of_the_contract(result: DemoResult) -> None:
    assert pq.read_table(result.folder.scored).column_names == [
        "application_id",
        "log_odds",
        "pd",
        "score",
        *(f"reason_{i}" for i in range(1, 5)),
        "status",
    ]
    assert result.report.rows == result.report.scored == 3_000


def test_examples_go_from_the_lowest_score_to_the_highest(result: DemoResult) -> None:
    scores = result.examples.column("score").to_pylist()
    assert len(scores) == 5
    assert scores == sorted(scores)


def test_files_lie_where_they_are_said_to(result: DemoResult) -> None:
    folder = result.folder
    for path in (folder.plan, folder.config, folder.reasons, folder.scored):
        assert isinstance(path, Path)
        assert path.is_file()
    assert list(result.seconds) == ["book", "train", "load", "score", "check"]
