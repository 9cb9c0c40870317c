"""Staging: all of an output or none, whichever call to the system fails."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cfscore.exceptions import OutputError
from cfscore.writing import Replacement, Staging, open_staging

OLD = {"a": b"old a", "b": b"old b", "gone": b"old gone", "manifest": b"old manifest"}
NEW = {"a": b"new a", "b": b"new b", "c": b"new c", "manifest": b"new manifest"}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    for name, data in OLD.items():
        (folder / name).write_bytes(data)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def stage(staging: Staging, output: Path) -> Replacement:
    for name, data in NEW.items():
        staging.write(name, data)
    files = [(staging.folder / name, output / name) for name in "abc"]
    manifest = (staging.folder / "manifest", output / "manifest")
    return Replacement(files, manifest, [output / "gone"])


def test_everything_moves_the_manifest_last(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = []
    real = os.replace

    def replace(source: Path, place: Path) -> None:
        moved.append(Path(place).name)
        assert not (output / "manifest").exists()  # nothing tells of half an output
        real(source, place)

    with open_staging(output / ".run", output) as staging:
        replacement = stage(staging, output)
        monkeypatch.setattr(os, "replace", replace)
        staging.commit(replacement)
        staging.clear()
    assert moved == ["a", "b", "c", "manifest"]
    assert content(output) == NEW
    assert not (output / ".run").exists()


class FailsOnce:
    """A call to the system that fails the n-th time."""

    def __init__(self, real: Callable[..., object], n: int, number: int) -> None:
        self.real, self.left, self.number = real, n, number

    def __call__(self, *given: object, **more: object) -> object:
        self.left -= 1
        if self.left == -1:
            raise OSError(self.number, os.strerror(self.number))
        return self.real(*given, **more)


def put_back_old(output: Path) -> None:
    for path in output.iterdir():
        path.unlink()
    for name, data in OLD.items():
        (output / name).write_bytes(data)


def is_committed(staging: Staging, replacement: Replacement) -> bool:
    try:
        staging.commit(replacement)
    except OutputError as error:
        return "is complete" in str(error)
    return True


@pytest.mark.parametrize(
    "function", ["replace", "fsync", "unlink", "link", "mkdir", "open"]
)
@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES])
def test_old_state_or_new_whichever_call_fails(
    output: Path, function: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_failures = 0
    for n in range(40):
        put_back_old(output)
        failing = FailsOnce(getattr(os, function), n, number)
        with open_staging(output / ".run", output) as staging:
            replacement = stage(staging, output)
            monkeypatch.setattr(os, function, failing)
            is_new = is_committed(staging, replacement)
            monkeypatch.undo()
            assert content(output) == (NEW if is_new else OLD)
            if not is_new:  # nothing staged is lost
                staged = content(staging.folder)
                assert {name: staged[name] for name in NEW} == NEW
            staging.clear()
        if failing.left >= 0:  # there is no n-th call
            break
        n_failures += 1
    assert 0 < n_failures < 40


def test_interrupt_leaves_the_old_state(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def replace(source: Path, place: Path) -> None:
        if Path(place).name == "c" and Path(source).parent.name == ".run":
            raise KeyboardInterrupt
        real(source, place)

    with open_staging(output / ".run", output) as staging:
        replacement = stage(staging, output)
        monkeypatch.setattr(os, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            staging.commit(replacement)
        assert content(output) == OLD
        staging.clear()


def test_state_that_cannot_be_put_back_is_kept_and_named(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(source: Path, place: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with open_staging(output / ".run", output) as staging:
        replacement = stage(staging, output)
        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(OutputError, match=r"'\.run' / 'before'") as caught:
            staging.commit(replacement)
        assert caught.value.code == "NOT_RESTORED"
        kept = {p.read_bytes() for p in (staging.folder / "before").iterdir()}
    assert OLD["manifest"] in kept


def test_file_system_without_links(
    output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", no_link)
    with open_staging(output / ".run", output) as staging:
        staging.commit(stage(staging, output))
        staging.clear()
    assert content(output) == NEW


def test_file_that_is_in_its_place_stays(output: Path) -> None:
    with open_staging(output / ".run", output) as staging:
        replacement = stage(staging, output)
        (staging.folder / "a").unlink()
        staging.commit(replacement)
        staging.clear()
    assert content(output) == {**NEW, "a": OLD["a"]}


def test_clear_keeps_what_is_named(tmp_path: Path) -> None:
    with open_staging(tmp_path / ".run", tmp_path) as staging:
        for name in "abc":
            staging.write(name, b"x")
        (staging.folder / "folder").mkdir()
        staging.clear(keep=["b"])
        assert sorted(p.name for p in staging.folder.iterdir()) == ["b", "lock"]
    assert [p.name for p in (tmp_path / ".run").iterdir()] == ["b"]


def test_staged_files_are_private(tmp_path: Path) -> None:
    with open_staging(tmp_path / ".run", tmp_path) as staging:
        assert staging.folder.stat().st_mode & 0o777 == 0o700


def test_append_and_replace(tmp_path: Path) -> None:
    with open_staging(tmp_path / ".run", tmp_path) as staging:
        staging.replace("a", b"one\n")
        staging.append("a", b"two\n")
        assert (staging.folder / "a").read_bytes() == b"one\ntwo\n"
        staging.replace("a", b"three\n")
        assert (staging.folder / "a").read_bytes() == b"three\n"
        staging.clear()


def test_second_run_is_refused(tmp_path: Path) -> None:
    with open_staging(tmp_path / ".run", tmp_path) as staging:
        staging.write("a", b"x")
        with (
            pytest.raises(OutputError, match="Another run"),
            open_staging(tmp_path / ".run", tmp_path),
        ):
            pass
        assert (staging.folder / "a").exists()
        staging.clear()
    assert not (tmp_path / ".run").exists()


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="could not be written"),
        open_staging(tmp_path / "none" / ".run", tmp_path / "none"),
    ):
        pass
