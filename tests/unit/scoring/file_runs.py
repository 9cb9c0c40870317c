"""What tests of file runs share: a plan with a development sample, and inputs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cfscore.plan import Development, ScoringPlan
from cfscore.scoring import golden_columns, replay
from tests.unit.scoring.small_plan import small_plan

#: An identifier of 18 digits, as a mainland identity card has.
FIRST_ID = 110105194912310021

DEVELOPMENT = Development(
    n_rows=1_000,
    bad_rate=0.1,
    score_edges=(540.0, 556.0, 572.0),
    score_counts=(100, 400, 300, 200),
    ranges={"use": (0.05, 0.95)},
)


def developed_plan() -> ScoringPlan:
    """Return the small plan with a development sample."""
    made = replace(small_plan(), development=DEVELOPMENT)
    return replace(made, golden=replay(made, golden_columns(made)))


def make_rows(n_rows: int, seed: int = 3) -> pa.Table:
    """Return rows with an identifier, gaps, special codes, infinities, new cities."""
    rng = np.random.default_rng(seed)
    use = np.round(rng.uniform(-0.2, 1.2, n_rows), 3)
    for value in (np.nan, -9991.0, np.inf, -np.inf):
        use[rng.random(n_rows) < 0.05] = value
    return pa.table(
        {
            "id": pa.array(FIRST_ID + np.arange(n_rows), pa.int64()),
            "use": pa.array(use, from_pandas=True),
            "city": rng.choice(["north", "south, east", "中部", "new"], n_rows),
        }
    )


def write_inputs(folder: Path, n_files: int, n_rows: int) -> Path:
    """Write Parquet files of some rows each; return their folder."""
    folder.mkdir(exist_ok=True)
    for i in range(n_files):
        pq.write_table(make_rows(n_rows, seed=i), folder / f"{i:02d}.parquet")
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder, by their path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
