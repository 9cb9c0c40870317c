from __future__ import annotations

import json
from pathlib import Path

import pytest

from cfscore.reading import WorkUnit
from cfscore.scoring.files._parts import (
    PART_ROWS,
    FinishedPart,
    StagedFile,
    cut_parts,
)
from cfscore.scoring.files._tally import Tally


def units(*sizes: int | None) -> list[WorkUnit]:
    return [
        WorkUnit(0, Path("in.parquet"), "parquet", i, i, i + 1, 1, size)
        for i, size in enumerate(sizes)
    ]


def cut(*sizes: int | None, is_folder: bool = True) -> list[list[int | None]]:
    parts = cut_parts(units(*sizes), is_folder)
    assert [part.position for part in parts] == list(range(len(parts)))
    return [[unit.n_rows for unit in part.units] for part in parts]


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ((), [[]]),
        ((5,), [[5]]),
        ((5, 6), [[5, 6]]),
        ((PART_ROWS, 1), [[PART_ROWS], [1]]),
        ((PART_ROWS - 1, 1, 1), [[PART_ROWS - 1, 1], [1]]),
        ((1, PART_ROWS + 7, 1), [[1], [PART_ROWS + 7], [1]]),
        # what does not tell its rows may be long
        ((None, 1, None), [[None], [1], [None]]),
    ],
)
def test_parts_have_about_a_million_rows(
    sizes: tuple[int | None, ...], parts: list[list[int | None]]
) -> None:
    assert cut(*sizes) == parts


def test_single_file_is_one_part() -> None:
    assert cut(PART_ROWS, None, PART_ROWS, is_folder=False) == [
        [PART_ROWS, None, PART_ROWS]
    ]


def test_finished_part_survives_json() -> None:
    tally = Tally()
    tally.rows[0] = 3
    for rejects in (None, StagedFile("rejects-00002", "b" * 64, 5)):
        part = FinishedPart(
            2, [{"input": 0}], StagedFile("part-00002", "a" * 64, 9), rejects, tally
        )
        found = FinishedPart.from_json(json.loads(json.dumps(part.to_json())))
        assert found.to_json() == part.to_json()
        assert len(found.files) == (1 if rejects is None else 2)
