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
    arguments = ["demo", "-o", str(folder), "--customers", "6000", "--rows", "1500"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    for heading in (
        "How well the card ranks",
        "Points of 3 of the card's",
        "Five of the scored rows",
        "What was done",
        "Where the files lie",
        "Next",
    ):
        assert f"== {heading}" in out
    assert "1,000 of 1,000 rows scored again singly" in out
    assert "scored file" in out
    assert "cfscore demo: scoring 1,500 applications" in err
    # What is recommended next works.
    plan, rows = (
        folder / "run/scorecard.cfs",
        folder / "incoming/flat_applications.parquet",
    )
    assert main(["inspect", str(plan)]) == 0
    explain = ["explain", "-m", str(plan), "-i", str(rows), "--row", "17"]
    assert main([*explain, "--language", "zh"]) == 0
    assert main(["train", "-c", str(folder / "run.toml"), "--overwrite"]) == 0
