"""Source: units of one source may be read by several threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import InputError, RowFaultError
from cfscore.reading import Bounds, ReadOptions, open_source, plan_units, read_unit
from tests.unit.reading.reading import written

N_ROWS = 400_000
OPTIONS = ReadOptions(bounds=Bounds(unit_bytes=1 << 18))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    table = pa.table({"x": np.arange(N_ROWS), "y": np.arange(N_ROWS) % 7})
    pq.write_table(table, folder / "in.parquet", row_group_size=100_000)
    pa_csv.write_csv(table, folder / "in.csv")
    with pa.ipc.new_file(folder / "in.arrow", table.schema) as writer:
        writer.write_table(table, 50_000)
    return folder


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
@pytest.mark.parametrize("batch_rows", [7_000, 1 << 20])
def test_threads_read_the_same_as_one(folder, monkeypatch, ending, batch_rows):
    monkeypatch.setattr("cfscore.reading._csv_records.BLOCK_BYTES", 1 << 17)
    source = open_source(folder / f"in.{ending}", OPTIONS)
    units = plan_units([source])
    assert len(units) > 1

    def cells(unit):
        blocks = read_unit(source, unit, ["x"], batch_rows)
        return [int(cell) for block in blocks for cell in block.batch[0].to_pylist()]

    with ThreadPoolExecutor(4) as pool:
        found = [cell for part in pool.map(cells, units) for cell in part]
    assert found == list(range(N_ROWS))


def test_batches_refuse_rows_that_cannot_be_read(tmp_path):
    source = open_source(written(tmp_path, b"x,y\n1,2\n3\n4,\xff\n5,\xff\n"))
    with pytest.raises(RowFaultError, match=r"3 of 4 row\(s\)") as caught:
        list(source.batches(["y"], 10))
    assert caught.value.counts == {("*", "RAGGED"): 1, ("y", "ENCODING"): 2}


def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(InputError, match=r"in\.txt.*\.parquet.*\.csv") as caught:
        open_source(written(tmp_path, "x\n1\n", "in.txt"))
    assert caught.value.code == "UNKNOWN_FORMAT"
