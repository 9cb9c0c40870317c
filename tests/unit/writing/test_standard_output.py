"""Standard output: whole, or torn so that no reader takes it for whole."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from cfscore.exceptions import OutputError
from cfscore.writing import ArrowStream, StandardOutput, _standard_output

TABLE = pa.table({"score": [float(i) for i in range(20_000)], "status": [0] * 20_000})


class StopError(Exception):
    """Gives a stream up."""


def go_on() -> None:
    """Want everything."""


def stand_for_stdout(handle: int, patch: pytest.MonkeyPatch) -> None:
    stdout = SimpleNamespace(fileno=lambda: handle)
    patch.setattr(_standard_output, "sys", SimpleNamespace(stdout=stdout))


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    stand_for_stdout(ends[1], monkeypatch)
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def collect(handle: int, into: bytearray) -> threading.Thread:
    def read() -> None:
        while data := os.read(handle, 1 << 16):
            into.extend(data)

    thread = threading.Thread(target=read)
    thread.start()
    return thread


def test_rows_arrive_in_order_and_whole(pipe: tuple[int, int]) -> None:
    found = bytearray()
    reader = collect(pipe[0], found)
    sink = StandardOutput(go_on)
    with ArrowStream(sink, TABLE.schema, 7_000) as file:
        file.append(TABLE)
    os.close(pipe[1])
    reader.join()
    assert len(found) == sink.n_bytes
    with pa.ipc.open_stream(bytes(found)) as stream:
        batches = list(stream)
    assert [len(batch) for batch in batches] == [7_000, 7_000, 6_000]
    assert pa.Table.from_batches(batches).equals(TABLE)


def test_stream_that_is_given_up_is_torn(pipe: tuple[int, int]) -> None:
    found = bytearray()
    reader = collect(pipe[0], found)

    def fail() -> None:
        with ArrowStream(StandardOutput(go_on), TABLE.schema, 7_000) as file:
            file.append(TABLE)
            raise StopError

    with pytest.raises(StopError):
        fail()
    os.close(pipe[1])
    reader.join()
    with pa.ipc.open_stream(bytes(found)) as stream:
        assert len(stream.read_next_batch()) == 7_000
        assert len(stream.read_next_batch()) == 7_000
        with pytest.raises(pa.ArrowInvalid, match="metadata bytes"):
            stream.read_next_batch()


def test_reader_that_goes_away_is_an_output_error(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    with pytest.raises(OutputError, match="Standard output could not") as caught:
        StandardOutput(go_on).write(b"x")
    assert caught.value.code == "EPIPE"


def test_reader_that_does_not_read_keeps_nobody(pipe: tuple[int, int]) -> None:
    asked = []

    def stop() -> None:
        asked.append(1)
        raise StopError

    sink = StandardOutput(stop)
    with pytest.raises(StopError):
        sink.write(bytes(1 << 20))
    assert asked == [1]
    sink.abandon()  # nor does what tears it
    assert 0 < sink.n_bytes < 1 << 20


def test_file_may_stand_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "a").open("wb") as file:
        stand_for_stdout(file.fileno(), monkeypatch)
        with ArrowStream(StandardOutput(go_on), TABLE.schema, 7_000) as stream:
            stream.append(TABLE)
    assert pa.ipc.open_stream((tmp_path / "a").read_bytes()).read_all().equals(TABLE)
