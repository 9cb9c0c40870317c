"""``cfscore score -o -``: an Arrow stream for another program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.cli import main


def command(plan: Path, source: object, *more: str) -> list[str]:
    given = ["score", "-m", str(plan), "-i", str(source), "-o", "-", *more]
    return [sys.executable, "-m", "cfscore", *given]


def in_process(plan: Path, source: Path, *more: str) -> int:
    return main(command(plan, source, *more)[3:])


def write_rows(path: Path, n_rows: int) -> Path:
    table = {"use": [0.5] * n_rows, "city": pa.array(["north"] * n_rows)}
    pq.write_table(pa.table(table), path)
    return path


def test_stream_has_the_rows_of_the_file(
    plan_file: Path,
    rows_file: Path,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert in_process(plan_file, rows_file, "--keep", "id") == 0
    out, err = capfdbinary.readouterr()
    assert err.startswith(b"cfscore: 5 rows scored, 0 rejected in ")
    assert err.splitlines()[0].endswith(b"-> -")
    target = tmp_path / "out.arrow"
    given = command(plan_file, rows_file, "--keep", "id")[3:]
    assert main([*given, "-o", str(target)]) == 0
    with pa.ipc.open_stream(out) as stream, pa.ipc.open_file(target) as file:
        assert stream.read_all().equals(file.read_all())


def test_stream_is_read_and_written(plan_file: Path, tmp_path: Path) -> None:
    sink = pa.BufferOutputStream()
    table = pa.table({"use": [0.1, 0.9], "city": ["north", "new"]})
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    done = subprocess.run(
        command(plan_file, "-", "--reasons", "0"),
        input=sink.getvalue().to_pybytes(),
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    with pa.ipc.open_stream(done.stdout) as stream:
        assert stream.read_all()["status"].to_pylist() == [0, 0]
    assert list(tmp_path.iterdir()) == [plan_file]


def test_refused_input_of_a_few_rows_writes_nothing(
    plan_file: Path,
    bad_rows_file: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert in_process(plan_file, bad_rows_file) == 3
    out, err = capfdbinary.readouterr()
    assert err.startswith(b"cfscore: error [ROW_FAULTS]")
    assert out == b""


def test_refused_input_tears_the_stream(
    plan_file: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("use,city\n" + "0.5,north\n" * 40_000 + "x,north\n")
    assert in_process(plan_file, source) == 3
    with pa.ipc.open_stream(capfdbinary.readouterr().out) as stream:
        assert len(stream.read_next_batch()) == 16_384
        assert len(stream.read_next_batch()) == 16_384
        with pytest.raises(pa.ArrowInvalid, match="metadata bytes"):
            stream.read_next_batch()


def test_bad_rows_go_out_with_their_status(
    plan_file: Path,
    bad_rows_file: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    more = ("--on-bad", "quarantine", "--fail-on-rejects")
    assert in_process(plan_file, bad_rows_file, *more) == 6
    out, err = capfdbinary.readouterr()
    with pa.ipc.open_stream(out) as stream:
        assert stream.read_all()["status"].to_pylist() == [0, 1, 0, 1]
    assert b"column 'use': 2 x NOT_A_NUMBER" in err


@pytest.mark.parametrize("more", [("--expect-rows", "6"), ("--expect-rows", "4")])
def test_other_account_than_expected_writes_nothing(
    plan_file: Path,
    rows_file: Path,
    more: tuple[str, ...],
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert in_process(plan_file, rows_file, *more) == 3
    assert capfdbinary.readouterr().out == b""


def test_other_input_than_expected_tears_the_stream(
    plan_file: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    source = write_rows(tmp_path / "in.parquet", 20_000)
    assert in_process(plan_file, source, "--expect-input-sha256", "0" * 64) == 3
    with pa.ipc.open_stream(capfdbinary.readouterr().out) as stream:
        assert len(stream.read_next_batch()) == 16_384
        with pytest.raises(pa.ArrowInvalid, match="metadata bytes"):
            stream.read_next_batch()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--resume",), "A run with standard output cannot be resumed"),
        (("--json",), "--json and -o - would both write"),
        (("--format", "csv"), "Standard output is an Arrow stream, not csv"),
        (
            ("--on-bad", "quarantine", "--rejects-include-values"),
            "There is no list of rejects",
        ),
    ],
)
def test_what_no_stream_can_do_is_refused(
    plan_file: Path,
    rows_file: Path,
    more: tuple[str, ...],
    message: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert in_process(plan_file, rows_file, *more) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert message in err


def test_terminal_is_refused(
    plan_file: Path,
    rows_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert in_process(plan_file, rows_file) == 2
    assert "not for a terminal" in capfd.readouterr().err


@pytest.mark.slow
def test_reader_that_goes_away_is_5(plan_file: Path, tmp_path: Path) -> None:
    source = write_rows(tmp_path / "long.parquet", 200_000)
    with subprocess.Popen(
        command(plan_file, source), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert len(process.stdout.read(1_000)) == 1_000
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 5
    assert err.startswith(b"cfscore: error [EPIPE]: Standard output could not be")
    assert err.count(b"\n") == 1


@pytest.mark.slow
def test_reader_that_does_not_read_does_not_keep_an_interrupted_run(
    plan_file: Path, tmp_path: Path
) -> None:
    source = write_rows(tmp_path / "long.parquet", 200_000)
    with subprocess.Popen(
        command(plan_file, source), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        os.read(process.stdout.fileno(), 1)  # it has begun
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        assert process.stderr.read().startswith(b"cfscore: interrupted.")
    assert process.returncode == 7
