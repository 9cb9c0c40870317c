from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cfscore.atomic_file import atomic_output, write_atomically
from cfscore.exceptions import InputError, OutputError

OLD, NEW = b"old" * 1000, b"new" * 5000


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Return a file with the old content, alone in its directory."""
    path = tmp_path / "结果 card.cfs"
    path.write_bytes(OLD)
    return path


def alone(target: Path) -> bool:
    return list(target.parent.iterdir()) == [target]


# --- success


def test_writes_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "new.cfs"
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW
    assert alone(path)


@pytest.mark.parametrize("data", [b"", b"x", NEW])
def test_replaces_an_existing_file(target: Path, data: bytes) -> None:
    write_atomically(str(target), data)
    assert target.read_bytes() == data
    assert alone(target)


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_the_finished_file_has_the_mode_of_new_files(
    tmp_path: Path, umask: int
) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "new.cfs", NEW)
    finally:
        os.umask(before)
    mode = stat.S_IMODE((tmp_path / "new.cfs").stat().st_mode)
    assert mode == 0o666 & ~umask


def test_the_temporary_file_is_private_and_in_the_same_directory(target: Path) -> None:
    with atomic_output(target) as temporary:
        assert temporary.parent == target.parent
        assert temporary.read_bytes() == b""
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        temporary.write_bytes(NEW)
        assert target.read_bytes() == OLD
    assert target.read_bytes() == NEW
    assert alone(target)


def test_the_name_may_be_as_long_as_names_get(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_atomically(path, NEW)
    assert path.read_bytes() == NEW


def test_a_symbolic_link_is_followed(target: Path) -> None:
    link = target.parent / "link"
    link.symlink_to(target.name)
    write_atomically(link, NEW)
    assert link.is_symlink()
    assert target.read_bytes() == NEW


def test_an_open_reader_keeps_the_old_file(target: Path) -> None:
    with target.open("rb") as reader:
        write_atomically(target, NEW)
        assert reader.read() == OLD


def test_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_atomically("new.cfs", NEW)
    assert (tmp_path / "new.cfs").read_bytes() == NEW


def test_data_is_flushed_before_the_rename_and_the_rename_after(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(handle: int) -> None:
        is_directory = stat.S_ISDIR(os.fstat(handle).st_mode)
        steps.append("fsync directory" if is_directory else "fsync file")
        real_fsync(handle)

    def replace(source: Path, destination: Path) -> None:
        steps.append("replace")
        real_replace(source, destination)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    write_atomically(target, NEW)
    assert steps == ["fsync file", "replace", "fsync directory"]


def test_threads_writing_one_file_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "shared.cfs"
    contents = [bytes([i]) * 50_000 for i in range(8)]
    threads = [
        threading.Thread(target=write_atomically, args=(path, data))
        for data in contents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert alone(path)


# --- refusals


def refusal(path: Path | str, data: bytes = NEW) -> OutputError:
    with pytest.raises(OutputError) as caught:
        write_atomically(path, data)
    return caught.value


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path / "absent" / "card.cfs")
    assert error.code == "ENOENT"
    assert "'card.cfs' could not be written" in str(error)


def test_a_file_in_place_of_the_directory_is_refused(target: Path) -> None:
    assert refusal(target / "card.cfs").code == "ENOTDIR"
    assert target.read_bytes() == OLD


def test_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / "folder").code == "NOT_A_FILE"


@pytest.mark.parametrize("special", ["/dev/null", "pipe"])
def test_devices_and_pipes_are_refused(tmp_path: Path, special: str) -> None:
    if special == "pipe":
        special = str(tmp_path / "pipe")
        os.mkfifo(special)
    assert refusal(special).code == "NOT_A_FILE"
    assert not stat.S_ISREG(os.stat(special).st_mode)


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop"
    path.symlink_to(path)
    with pytest.raises(OutputError, match="could not be written"):
        write_atomically(path, NEW)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_directory_is_refused(target: Path) -> None:
    target.parent.chmod(0o500)
    try:
        assert refusal(target).code == "EACCES"
    finally:
        target.parent.chmod(0o700)
    assert target.read_bytes() == OLD


# --- failures inside the block


def write_and_fail(target: Path, failure: BaseException) -> None:
    with atomic_output(target) as temporary:
        temporary.write_bytes(NEW[:100])
        raise failure


FAILURES_OF_THE_BLOCK = [InputError("x"), KeyboardInterrupt(), SystemExit()]


@pytest.mark.parametrize("failure", FAILURES_OF_THE_BLOCK, ids=repr)
def test_failures_of_the_block_leave_the_old_file(
    target: Path, failure: BaseException
) -> None:
    with pytest.raises(type(failure)):
        write_and_fail(target, failure)
    assert target.read_bytes() == OLD
    assert alone(target)


def test_an_abandoned_generator_leaves_the_old_file(target: Path) -> None:
    def results() -> Iterator[int]:
        with atomic_output(target) as temporary:
            temporary.write_bytes(NEW)
            yield 1
            yield 2

    running = results()
    next(running)
    running.close()
    assert target.read_bytes() == OLD
    assert alone(target)


def test_errors_of_reading_are_not_called_errors_of_writing(target: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_output(target):
        (target.parent / "input.csv").read_bytes()
    assert target.read_bytes() == OLD
    assert alone(target)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_in_the_block_is_an_output_error(target: Path, number: int) -> None:
    with pytest.raises(OutputError) as caught:
        write_and_fail(target, OSError(number, os.strerror(number)))
    assert caught.value.code == errno.errorcode[number]
    assert target.read_bytes() == OLD
    assert alone(target)


def test_an_error_about_the_temporary_file_is_an_output_error(target: Path) -> None:
    with pytest.raises(OutputError) as caught, atomic_output(target) as temporary:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(temporary))
    assert caught.value.code == "EIO"


def test_an_output_error_of_the_block_stays_as_it_is(target: Path) -> None:
    inner = OutputError("inner", code="INNER")
    with pytest.raises(OutputError) as caught, atomic_output(target):
        raise inner
    assert caught.value is inner


def test_a_block_that_removes_the_temporary_file_fails(target: Path) -> None:
    with pytest.raises(OutputError) as caught, atomic_output(target) as temporary:
        temporary.unlink()
    assert caught.value.code == "ENOENT"
    assert target.read_bytes() == OLD


# --- the n-th call to the system fails

CALLS = ("open", "fstat", "fchmod", "close", "fsync", "replace")


class Fault:
    """Lets the n-th call among some functions of ``os`` fail."""

    def __init__(self, n: int, failure: BaseException) -> None:
        self.left = n
        self.failure = failure
        self.failed_in: str | None = None

    def wrap(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            self.left -= 1
            if self.left == 0:
                self.failed_in = name
                if name == "close":  # the handle is gone, as in the real failure
                    real(*args, **kwargs)
                raise self.failure
            return real(*args, **kwargs)

        return call


@contextmanager
def failing(n: int, failure: BaseException) -> Iterator[Fault]:
    fault = Fault(n, failure)
    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, fault.wrap(name, getattr(os, name)))
        yield fault


FAILURES = [
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EIO, "Input/output error"),
    OSError(errno.EACCES, "Permission denied"),
    OSError(errno.EXDEV, "Invalid cross-device link"),
    KeyboardInterrupt(),
]


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
@pytest.mark.parametrize("existing", [True, False])
def test_a_failure_at_any_call_leaves_the_old_or_the_new_file(
    tmp_path: Path, failure: BaseException, existing: bool
) -> None:
    old = OLD if existing else None
    failed_in: list[str] = []
    for n in range(1, 100):
        target = tmp_path / str(n) / "card.cfs"
        target.parent.mkdir()
        if existing:
            target.write_bytes(OLD)
        with failing(n, failure) as fault:
            raised = error_of_writing(target)
        if fault.failed_in is None:
            break
        assert is_named(raised, failure)
        renamed = "replace" in failed_in
        failed_in.append(fault.failed_in)
        content = target.read_bytes() if target.exists() else None
        assert content == (NEW if renamed else old)
        assert list(target.parent.iterdir()) == ([target] if content else [])
    assert set(failed_in) == set(CALLS)
    assert len(failed_in) >= 10


def error_of_writing(target: Path) -> BaseException | None:
    try:
        write_atomically(target, NEW)
    except (OutputError, KeyboardInterrupt) as error:
        return error
    return None


def is_named(raised: BaseException | None, failure: BaseException) -> bool:
    """Return whether the error raised is the one that the failure should become."""
    if isinstance(failure, OSError):
        code = errno.errorcode[failure.errno]
        return isinstance(raised, OutputError) and raised.code == code
    return raised is failure


def test_a_failed_write_is_named(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_bytes(path: Path, data: bytes) -> int:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    error = refusal(target)
    assert error.code == "EIO"
    assert "Input/output error" in str(error)
    monkeypatch.undo()
    assert target.read_bytes() == OLD
    assert alone(target)


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_directories_that_cannot_be_flushed_are_accepted(
    target: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    real = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(target, NEW)
    assert target.read_bytes() == NEW


def test_a_rename_that_is_not_flushed_is_reported(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    error = refusal(target)
    assert error.code == "EIO"
    assert "may not survive a power cut" in str(error)
    assert target.read_bytes() == NEW


# --- a real full disk and a real kill


def test_a_real_limit_on_file_size_leaves_the_old_file(target: Path) -> None:
    """The file size limit of the process stands for a full disk."""
    code = (
        "import resource, signal, sys\n"
        "from cfscore.atomic_file import write_atomically\n"
        "from cfscore.exceptions import OutputError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    write_atomically(sys.argv[1], bytes(1_000_000))\n"
        "except OutputError as error:\n"
        "    print(error.code)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(target)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == "EFBIG"
    assert target.read_bytes() == OLD
    assert alone(target)


def test_a_killed_writer_leaves_a_whole_file(target: Path) -> None:
    code = (
        "import sys\n"
        "from cfscore.atomic_file import write_atomically\n"
        "print('ready', flush=True)\n"
        "i = 0\n"
        "while True:\n"
        "    i = (i + 1) % 256\n"
        "    write_atomically(sys.argv[1], bytes([i]) * 300_000)\n"
    )
    for wait_ms in (5, 20, 45):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(target)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(wait_ms / 1000)
            writer.send_signal(signal.SIGKILL)
        content = target.read_bytes()
        assert content == OLD or content == content[:1] * 300_000
