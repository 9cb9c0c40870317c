"""Damaged files: cut, flipped, mangled, or never a plan at all."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cfscore.exceptions import ArtifactError
from cfscore.plan import decode_plan
from tests.unit.plan.example_plan import example_bytes, other_bytes


def code_of(data: bytes) -> str:
    with pytest.raises(ArtifactError) as caught:
        decode_plan(data)
    return caught.value.code


def test_an_empty_file_is_refused() -> None:
    assert code_of(b"") == "ARTIFACT_EMPTY"


def test_a_file_cut_at_every_percent_is_refused() -> None:
    data = example_bytes()
    cuts = {len(data) * percent // 100 for percent in range(1, 100)}
    for cut in (*cuts, *range(1, 120), *range(len(data) - 200, len(data))):
        assert code_of(data[:cut]) in ("NOT_A_PLAN", "HASH")


def test_a_flip_of_any_bit_is_seen() -> None:
    data = example_bytes()
    generator = np.random.default_rng(20261123)
    sampled = generator.choice(len(data), 2_000, replace=False).tolist()
    seal = range(len(data) - 64 - 22, len(data))
    for position in (*range(64), *sampled, *seal):
        changed = bytearray(data)
        changed[position] ^= 1 << int(generator.integers(8))
        assert code_of(bytes(changed)) in ("NOT_A_PLAN", "HASH")


def test_every_bit_of_the_trailing_hash_counts() -> None:
    data = example_bytes()
    for position in range(len(data) - 64, len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[position] ^= 1 << bit
            assert code_of(bytes(changed)) == "HASH"


@pytest.mark.parametrize(
    "mangle",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.decode("latin-1").encode("utf-8"),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data + b"\n",
        lambda data: data + data,
        lambda data: data + other_bytes(),
        lambda data: data[::-1],
        lambda data: bytes(len(data)),
        lambda data: data[:-64] + data[-64:].upper(),
        lambda data: data[:1000] + data[1001:],
        lambda data: data[:1000] + b"\x00" + data[1000:],
        lambda data: data[:2000] + data[1000:2000] + data[3000:],
    ],
)
def test_mangled_files_are_refused(mangle: object) -> None:
    assert callable(mangle)
    assert code_of(mangle(example_bytes())) in ("NOT_A_PLAN", "HASH")


@pytest.mark.parametrize(
    "data",
    [
        b"\x00",
        b"PK",
        b"PK\x03\x04",
        b"PK\x05\x06" + bytes(82),
        b"{}",
        b"MZ" + bytes(99),
    ],
)
def test_other_files_are_no_plans(data: bytes) -> None:
    assert code_of(data) == "NOT_A_PLAN"


def test_a_zip_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.cfs"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("plan.json", "{}" * 100)
    assert code_of(path.read_bytes()) == "HASH"


class Canary:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_and_never_executed(tmp_path: Path, protocol: int) -> None:
    canary = tmp_path / "canary"
    data = pickle.dumps([Canary(canary), bytes(1000)], protocol)
    assert code_of(data) == "NOT_A_PLAN"
    assert not canary.exists()
    pickle.loads(data)
    assert canary.exists()


def test_a_joblib_file_is_refused_and_never_executed(tmp_path: Path) -> None:
    joblib = pytest.importorskip("joblib", reason="joblib comes with cfscore[train]")
    canary, path = tmp_path / "canary", tmp_path / "model.cfs"
    joblib.dump([Canary(canary), np.arange(100.0)], path)
    assert code_of(path.read_bytes()) == "NOT_A_PLAN"
    assert not canary.exists()


def test_messages_say_what_to_do() -> None:
    with pytest.raises(ArtifactError, match=r"changed or cut short.*Fetch the file"):
        decode_plan(example_bytes()[:-1])
    with pytest.raises(ArtifactError, match=r"not a plan file.*plan\.save"):
        decode_plan(b"x" * 200)
    with pytest.raises(ArtifactError, match=r"empty.*Save"):
        decode_plan(b"")
