"""Every plan file ever released loads and reproduces its results bit for bit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import cfscore as cf

FOLDER = Path(__file__).parent
PROTOCOLS = (1,)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_released_plan_reproduces(protocol):
    stem = FOLDER / f"plan_protocol_{protocol}"
    expected = json.loads(stem.with_suffix(".json").read_text("utf-8"))
    plan = cf.load_plan(stem.with_suffix(".cfs"), expect_sha256=expected["sha256"])
    table = pq.read_table(stem.with_suffix(".parquet"))
    found = cf.Scorer(plan).score(table, reasons=4)
    assert found.log_odds.tolist() == expected["log_odds"]
    assert found.score.tolist() == expected["score"]
    assert found.reasons.tolist() == expected["reasons"]
    pd = np.array(expected["pd"])
    assert (np.abs(found.pd - pd) <= 2 * np.spacing(pd)).all()


def test_scoring_imports_no_development_library_even_where_installed():
    script = FOLDER.parent / "core_only" / "check_core_only.py"
    run = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "nothing else imported" in run.stdout
