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
from cfscore.plan import PROTOCOL

FOLDER = Path(__file__).parent
PROTOCOLS = (1, 2, 3, 4, 5)


def test_every_protocol_has_its_golden_plan():
    assert tuple(range(1, PROTOCOL + 1)) == PROTOCOLS


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_released_plan_reproduces(protocol):
    stem = FOLDER / f"plan_protocol_{protocol}"
    expected = json.loads(stem.with_suffix(".json").read_text("utf-8"))
    plan = cf.load_plan(stem.with_suffix(".cfs"), expect_sha256=expected["sha256"])
    table = pq.read_table(stem.with_suffix(".parquet"))
    found = cf.Scorer(plan).score(table, reasons=4)
    exact = ("margin",) if plan.is_forest else ("log_odds", "score")
    for name in exact:
        assert getattr(found, name).tolist() == expected[name]
    assert found.reasons.tolist() == expected["reasons"]
    # beta calibration and PD take logarithms and exponentials of the machine
    for name in ("log_odds", "score", "pd"):
        values = np.array(expected[name])
        near = np.abs(getattr(found, name) - values) <= 2 * np.spacing(np.abs(values))
        assert near.all(), name


def test_scoring_imports_no_development_library_even_where_installed():
    script = FOLDER.parent / "core_only" / "check_core_only.py"
    run = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "nothing else imported" in run.stdout
