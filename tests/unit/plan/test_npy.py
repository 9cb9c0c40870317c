from __future__ import annotations

import io
import pickle
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cfscore.exceptions import ArtifactError
from cfscore.plan._npy import read_npy, write_npy
from cfscore.plan._protocol import ArraySpec

NUMBERS = ArraySpec("<f8", 1)
TABLE = ArraySpec("<i2", 2)
EXAMPLE = np.array([1.0, -0.0, 5e-324, np.inf])


def refuse(data: bytes, spec: ArraySpec = NUMBERS) -> None:
    with pytest.raises(ArtifactError, match=r"edges\.npy is not a") as caught:
        read_npy(data, spec, "edges.npy")
    assert caught.value.code == "ARRAY"


@given(
    st.sampled_from(["<f8", "<i8", "<i2", "<u2", "|u1"]).flatmap(
        lambda descr: hnp.arrays(descr, hnp.array_shapes(max_dims=2, min_side=0))
    )
)
def test_reading_gives_back_what_was_written(array: np.ndarray) -> None:
    spec = ArraySpec(array.dtype.str, array.ndim)
    data = write_npy(array, spec)
    found = read_npy(data, spec, "edges.npy")
    assert found.shape == array.shape
    assert found.dtype == array.dtype
    assert np.array_equal(found, array, equal_nan=array.dtype.kind == "f")
    assert write_npy(found, spec) == data
    assert np.array_equal(np.load(io.BytesIO(data)), found, equal_nan=True)
    assert not found.flags.writeable
    assert found.flags.c_contiguous


def test_bits_are_kept() -> None:
    found = read_npy(write_npy(EXAMPLE, NUMBERS), NUMBERS, "edges.npy")
    assert found.tobytes() == EXAMPLE.tobytes()


def test_every_nan_is_written_as_the_same_nan() -> None:
    payloads = np.array([0x7FF8000000000000, 0xFFF8000000000123], np.uint64)
    nans = payloads.view(np.float64)
    found = write_npy(nans, NUMBERS)
    assert found == write_npy(np.array([np.nan, np.nan]), NUMBERS)


def test_memory_order_and_stride_do_not_show() -> None:
    table = np.arange(12, dtype=np.int16).reshape(3, 4)
    expected = write_npy(table, TABLE)
    assert write_npy(np.asfortranarray(table), TABLE) == expected
    assert write_npy(np.repeat(table, 2, axis=1)[:, ::2], TABLE) == expected


def saved(array: np.ndarray, version: tuple[int, int] | None = None) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=version)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "array",
    [
        EXAMPLE.astype(">f8"),
        EXAMPLE.astype("<f4"),
        np.arange(4),
        EXAMPLE.reshape(2, 2),
        EXAMPLE.reshape(4, 1),
        np.array(1.0),
        EXAMPLE.astype(complex),
        np.array(["a"]),
        np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f8")]),
    ],
)
def test_other_types_and_shapes_are_refused(array: np.ndarray) -> None:
    refuse(saved(array))


def test_fortran_order_and_later_versions_are_refused() -> None:
    table = np.asfortranarray(np.arange(12, dtype="<i2").reshape(3, 4))
    refuse(saved(table), TABLE)
    refuse(saved(EXAMPLE, version=(2, 0)))
    refuse(saved(EXAMPLE, version=(3, 0)))


def test_an_array_of_objects_is_refused_without_unpickling() -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([Canary()], dtype=object), allow_pickle=True)
    refuse(buffer.getvalue())
    refuse(pickle.dumps(Canary()))
    assert Canary.woken == 0


class Canary:
    """Counts how often it is unpickled."""

    woken = 0

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return wake, ()


def wake() -> None:
    Canary.woken += 1


def test_lengths_that_do_not_fit_are_refused() -> None:
    data = write_npy(EXAMPLE, NUMBERS)
    for end in range(len(data)):
        refuse(data[:end])
    refuse(data + b"\x00")


@pytest.mark.parametrize(
    "shape",
    ["(5,)", "(-4,)", "(04,)", "(4, )", "(4)", "(4L,)", "(999999999,)", "(4,4)", "()"],
)
def test_declared_shapes_that_lie_are_refused(shape: str) -> None:
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    padded = text + " " * (-(11 + len(text)) % 64) + "\n"
    header = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded.encode()
    refuse(header + EXAMPLE.tobytes())


def test_every_byte_of_the_header_is_demanded() -> None:
    data = write_npy(EXAMPLE, NUMBERS)
    for position in range(len(data) - EXAMPLE.nbytes):
        changed = bytearray(data)
        changed[position] ^= 0x01
        refuse(bytes(changed))
