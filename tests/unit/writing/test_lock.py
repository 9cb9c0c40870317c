from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cfscore.exceptions import OutputError
from cfscore.writing._lock import RunLock

HOLD = """
import sys, time
from pathlib import Path
from cfscore.writing._lock import RunLock
lock = RunLock(Path(sys.argv[1]), Path("out.parquet"))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def lock_of(path: Path) -> RunLock:
    return RunLock(path, Path("out.parquet"))


def test_second_run_is_refused_until_the_first_has_ended(path: Path) -> None:
    first, second = lock_of(path), lock_of(path)
    first.acquire()
    for _ in range(2):
        with pytest.raises(OutputError, match=f"process {os.getpid()} on") as caught:
            second.acquire()
        assert caught.value.code == "LOCKED"
        assert "is writing 'out.parquet'" in str(caught.value)
        second.release()
        assert path.exists()  # it was not the second's to remove
    first.release()
    assert not path.exists()
    second.acquire()
    second.release()
    assert not path.exists()


def test_lock_of_a_killed_process_is_taken_over_and_told_of(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(OutputError, match=f"process {process.pid} on"):
            lock_of(path).acquire()
        process.send_signal(signal.SIGKILL)
    lock = lock_of(path)
    with pytest.warns(UserWarning, match=f"process {process.pid} on .*taken over"):
        lock.acquire()
    lock.release()


@pytest.mark.parametrize("text", [b"garbage", b"[]", b'{"process": "x"}', b"\xff"])
def test_lock_that_nobody_signed_is_taken_over(path: Path, text: bytes) -> None:
    path.write_bytes(text)
    lock = lock_of(path)
    with pytest.warns(UserWarning, match="unknown process"):
        lock.acquire()
    lock.release()


def test_lock_that_is_removed_meanwhile_is_made_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open
    times = iter(range(10))

    def open_and_lose(name: Path, *more: int) -> int:
        handle = real(name, *more)
        if next(times) < 2:  # the run before removes its lock
            path.unlink()
        return handle

    monkeypatch.setattr(os, "open", open_and_lose)
    lock = lock_of(path)
    lock.acquire()
    assert path.exists()
    lock.release()


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="could not be written") as caught:
        lock_of(tmp_path / "none" / "lock").acquire()
    assert caught.value.code == "ENOENT"
