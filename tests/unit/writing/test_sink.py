from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from cfscore.exceptions import OutputError
from cfscore.writing import HashedFile

DATA = b"x" * 3_000_000


def test_file_is_hashed_and_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda handle: (flushed.append(handle), real(handle))
    )
    with HashedFile(tmp_path / "a", tmp_path / "out") as file:
        assert file.writable()
        for start in range(0, len(DATA), 7_777):
            file.write(memoryview(DATA)[start : start + 7_777])
        assert flushed == []
    assert len(flushed) == 1
    assert (tmp_path / "a").read_bytes() == DATA
    assert file.sha256 == hashlib.sha256(DATA).hexdigest()
    assert file.n_bytes == len(DATA)
    assert file.closed


def test_earlier_content_is_gone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(DATA)
    with HashedFile(tmp_path / "a", tmp_path / "out") as file:
        file.write(b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


def test_abandoned_file_takes_what_it_is_given(tmp_path: Path) -> None:
    file = HashedFile(tmp_path / "a", tmp_path / "out")
    file.write(b"some")
    file.abandon()
    assert file.write(DATA) == len(DATA)
    assert file.n_bytes == 4
    file.close()


def test_failed_block_abandons_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: pytest.fail("flushed"))

    def fail() -> None:
        with HashedFile(tmp_path / "a", tmp_path) as file:
            file.write(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        OutputError, match=r"'out\.parquet' could not be written"
    ) as caught:
        HashedFile(tmp_path / "none" / "a", tmp_path / "out.parquet")
    assert caught.value.code == "ENOENT"


def test_disk_that_fails_at_the_flush(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(handle: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    file = HashedFile(tmp_path / "a", tmp_path / "out.parquet")
    file.write(b"x")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError) as caught:
        file.close()
    assert caught.value.code == "EIO"
    assert file.closed


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
def test_full_disk(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/dev/full")
    file = HashedFile(tmp_path / "a", tmp_path / "out.parquet")
    with pytest.raises(OutputError, match="No space left") as caught:
        file.write(DATA)  # more than is held back
    assert caught.value.code == "ENOSPC"
    file.abandon()


def test_file_that_is_kept_goes_on_where_it_is_cut(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(DATA + b"torn")
    with HashedFile(tmp_path / "a", tmp_path / "out", len(DATA)) as file:
        assert file.sha256 == hashlib.sha256(DATA).hexdigest()
        file.write(b"more")
    assert (tmp_path / "a").read_bytes() == DATA + b"more"
    assert file.n_bytes == len(DATA) + 4
    assert file.sha256 == hashlib.sha256(DATA + b"more").hexdigest()


def test_what_was_written_is_flushed_on_request(tmp_path: Path) -> None:
    with HashedFile(tmp_path / "a", tmp_path / "out") as file:
        file.write(b"some")
        file.sync()
        assert (tmp_path / "a").read_bytes() == b"some"
        file.write(b" more")
    file.sync()  # closed: there is nothing left to flush
    assert (tmp_path / "a").read_bytes() == b"some more"
