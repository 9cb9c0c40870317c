from __future__ import annotations

from pathlib import Path

import pytest

from cfscore.cli import main


@pytest.mark.slow
@pytest.mark.filterwarnings("default::cfscore.binning.ZeroCellWarning")
def test_demo_is_printed_for_a_person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    arguments = ["demo", "-o", str(folder), "--customers", "2500", "--rows", "1500"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    for heading in (
        "From all decisions to goods and bads",
        "How well the models rank",
        "Points of 3 of the card's",
        "Five rows, as the scorecard model scores them",
        "Five rows, as the boosted model scores them",
        "What was done",
        "Where the files lie",
        "Next",
    ):
        assert f"== {heading}" in out
    assert out.count("1,000 of 1,000 rows scored again singly") == 2
    assert "out of time, rejected too" in out
    assert "cfscore demo: scoring 1,500 rows by the boosted model" in err
    # What is recommended next works.
    plan, rows = folder / "run/boosted.cfs", folder / "incoming.parquet"
    assert main(["inspect", str(folder / "run/scorecard.cfs")]) == 0
    explain = ["explain", "-m", str(plan), "-i", str(rows), "--row", "17"]
    assert main([*explain, "--language", "zh"]) == 0
    score = ["score", "-m", str(plan), "-i", str(rows), "-o", str(folder / "s.csv")]
    assert main([*score, "--keep", "application_id"]) == 0
