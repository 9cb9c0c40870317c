"""File runs whose n-th call to the system fails: the old state or the new, whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import CfscoreError, InputChangedError, OutputError
from cfscore.scoring import Scorer
from cfscore.scoring.files import _parts
from cfscore.writing import _sink
from tests.unit.scoring.file_runs import content, developed_plan, write_inputs

SCORER = Scorer(developed_plan(), threads=1)
OLD = b"old"
_BUFFERED = _sink._buffered


class FailsOnce:
    """A call to the system that fails the n-th time."""

    def __init__(self, real: Callable[..., object], n: int, number: int) -> None:
        self.real, self.left, self.number = real, n, number

    def __call__(self, *given: object, **more: object) -> object:
        self.left -= 1
        if self.left == -1:
            raise OSError(self.number, os.strerror(self.number))
        return self.real(*given, **more)


class FailingFiles:
    """Opens files whose n-th write fails, counted over all of them."""

    def __init__(self, n: int, number: int) -> None:
        self.write = FailsOnce(lambda data: None, n, number)

    def __call__(self, handle: int) -> object:
        return _FailingFile(_BUFFERED(handle), self.write)


class _FailingFile:
    def __init__(self, file: object, check: FailsOnce) -> None:
        self.file, self.check = file, check

    def write(self, data: object) -> object:
        self.check(data)
        return self.file.write(data)

    def __getattr__(self, name: str) -> object:
        return getattr(self.file, name)


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(_parts, "PART_ROWS", 40)
    return write_inputs(tmp_path / "in", 2, 40)


def run(inputs: Path, target: Path, **options: object) -> None:
    SCORER.score_file(
        inputs, target, reasons=1, keep=["id"], on_bad="quarantine", **options
    )


def prepare_file(folder: Path) -> Path:
    folder.mkdir()
    for name in ("out.csv", "out.csv.manifest.json", "out.csv.rejects.csv"):
        (folder / name).write_bytes(OLD)
    return folder / "out.csv"


def prepare_folder(folder: Path) -> Path:
    folder.mkdir()
    for name in ("part-00000.parquet", "part-00009.parquet", "_manifest.json"):
        (folder / name).write_bytes(OLD)
    return folder


def visible(folder: Path) -> dict[str, bytes]:
    return {n: data for n, data in content(folder).items() if not n.startswith(".")}


def begins_with(function: str, n: int, patch: pytest.MonkeyPatch) -> FailsOnce:
    if function == "write":
        files = FailingFiles(n, errno.ENOSPC)
        patch.setattr(_sink, "_buffered", files)
        return files.write
    failing = FailsOnce(getattr(os, function), n, errno.EIO)
    patch.setattr(os, function, failing)
    return failing


@pytest.mark.slow
@pytest.mark.parametrize("prepare", [prepare_file, prepare_folder])
@pytest.mark.parametrize(
    "function", ["write", "fsync", "replace", "link", "unlink", "mkdir"]
)
def test_nth_failure_leaves_the_old_state_or_the_new(
    inputs: Path,
    tmp_path: Path,
    prepare: Callable[[Path], Path],
    function: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = prepare(tmp_path / "new")
    old = visible(tmp_path / "new")
    run(inputs, target)
    new = visible(tmp_path / "new")
    n_failures = 0
    for n in range(100):
        folder = tmp_path / f"{n}"
        target = prepare(folder)
        with monkeypatch.context() as patch:
            failing = begins_with(function, n, patch)
            try:
                run(inputs, target)
                failed = None
            except CfscoreError as error:
                failed = error
        if failing.left >= 0:  # there is no n-th call
            break
        n_failures += 1
        if failed is None:  # a temporary file that could not be removed, or the like
            assert visible(folder) == new
            continue
        assert isinstance(failed, OutputError)
        assert failed.code in {"ENOSPC", "EIO"}
        assert visible(folder) == (new if "is complete" in str(failed) else old)
        run(inputs, target, resume=True)
        assert content(folder) == new
    assert n_failures > 0


def test_output_that_may_not_be_written_names_the_file(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", FailsOnce(os.replace, 0, errno.EXDEV))
        with pytest.raises(
            OutputError, match=r"'out\.csv' could not be written"
        ) as caught:
            run(inputs, tmp_path / "out.csv")
    assert caught.value.code == "EXDEV"
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_input_that_changes_refuses_the_run(inputs: Path, tmp_path: Path) -> None:
    last = inputs / "01.parquet"

    def touch(done: int, total: int | None, rejected: int) -> None:
        os.utime(last, ns=(1, 1))

    with pytest.raises(InputChangedError, match=r"'01\.parquet' changed"):
        run(inputs, tmp_path / "out.csv", progress=touch)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipe_in_place_of_the_output_is_refused(inputs: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out.csv")
    with pytest.raises(OutputError, match="not a regular file"):
        run(inputs, tmp_path / "out.csv")


def test_link_to_the_output_is_followed(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "out.parquet"
    link.symlink_to(tmp_path / "there" / "real.parquet")
    run(inputs, link)
    assert link.is_symlink()
    assert pq.read_table(link).num_rows == 80


def test_names_may_be_long_and_chinese(inputs: Path, tmp_path: Path) -> None:
    target = tmp_path / f"{'评' * 70} 分.csv"
    run(inputs, target)
    assert target.exists()
