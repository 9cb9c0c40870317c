"""Files that change, vanish or are no files: told by name, never read for ever."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import InputChangedError, InputError
from cfscore.reading import (
    Bounds,
    ReadOptions,
    find_sources,
    open_source,
    plan_units,
    read_unit,
)
from tests.unit.reading.reading import written

LINES = "".join(f"{i},north\n" for i in range(2_000))


def csv_file(folder):
    return written(folder, "use,city\n" + LINES)


def parquet_file(folder):
    table = pa.table({"use": range(2_000), "city": ["north"] * 2_000})
    pq.write_table(table, folder / "in.parquet")
    return folder / "in.parquet"


def arrow_file(folder):
    table = pa.table({"use": range(2_000), "city": ["north"] * 2_000})
    with pa.ipc.new_file(folder / "in.arrow", table.schema) as writer:
        writer.write_table(table)
    return folder / "in.arrow"


def grow(path):
    with path.open("ab") as file:
        file.write(b"1,x\n")


def shrink(path):
    os.truncate(path, path.stat().st_size // 2)


def rewrite(path):
    data = path.read_bytes()
    new = path.with_name("new")
    new.write_bytes(data)
    os.utime(new, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    new.replace(path)


@pytest.mark.parametrize("make", [csv_file, parquet_file, arrow_file])
@pytest.mark.parametrize("change", [grow, shrink, rewrite, Path.unlink])
def test_a_file_that_changes_between_plan_and_reading_is_refused(
    tmp_path, make, change
):
    path = make(tmp_path)
    source = open_source(path)
    [unit] = plan_units([source])
    change(path)
    with pytest.raises(InputChangedError, match="changed while it was read") as caught:
        list(read_unit(source, unit, ["use"], 1_000))
    assert caught.value.code == "INPUT_CHANGED"
    with pytest.raises(InputChangedError):
        source.check_unchanged()


@pytest.mark.parametrize("change", [grow, shrink])
def test_a_file_that_changes_before_it_is_planned_is_refused(tmp_path, change):
    path = csv_file(tmp_path)
    source = open_source(path)
    change(path)
    with pytest.raises(InputChangedError):
        list(source.batches(["use"], 1_000))


def test_a_file_that_changes_while_a_unit_is_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("cfscore.reading._csv_records.BLOCK_BYTES", 1 << 10)
    path = csv_file(tmp_path)
    source = open_source(path, ReadOptions(bounds=Bounds(unit_bytes=4_000)))
    blocks = read_unit(source, plan_units([source])[1], ["use"], 100)
    next(blocks)
    grow(path)
    with pytest.raises(InputChangedError):
        list(blocks)


def test_the_hash_is_of_the_bytes_and_of_an_unchanged_file(tmp_path):
    path = csv_file(tmp_path)
    source = open_source(path)
    assert source.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()
    grow(path)
    with pytest.raises(InputChangedError):
        source.sha256()


def fifo(folder):
    os.mkfifo(folder / "in.csv")
    return folder / "in.csv"


def unix_socket(folder):
    holder = socket.socket(socket.AF_UNIX)
    holder.bind(str(folder / "s.csv"))
    holder.close()
    return folder / "s.csv"


@pytest.mark.parametrize(
    "make",
    [fifo, unix_socket, lambda _: Path("/dev/zero"), lambda _: Path("/dev/null")],
)
def test_pipes_sockets_and_devices_are_no_files(tmp_path, monkeypatch, make):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="not a regular file") as caught:
        find_sources(make(Path()))
    assert caught.value.code == "NOT_A_FILE"


@pytest.mark.parametrize("pattern", ["none.csv", "none*.csv", "folder"])
def test_what_is_not_there_is_not_found(tmp_path, pattern):
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="No input file") as caught:
        find_sources(tmp_path / pattern)
    assert caught.value.code == "NOT_FOUND"
