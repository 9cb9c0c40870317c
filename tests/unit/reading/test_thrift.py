"""Thrift: structs of the compact protocol, byte by byte."""

from __future__ import annotations

import pytest

from cfscore.reading._thrift import CompactReader


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ("00", {}),
        ("15 02 00", {1: 1}),  # field 1, i32, zigzag 2
        ("15 01 25 04 00", {1: -1, 3: 2}),
        ("16 80 01 00", {1: 64}),  # a varint of two bytes
        ("05 28 02 00", {20: 1}),  # a field far from the one before
        ("11 12 00", {1: True, 2: False}),
        ("18 02 61 62 00", {1: b"ab"}),
        ("19 25 02 04 00", {1: [1, 2]}),
        ("19 f5 0f" + " 02" * 15 + " 00", {1: [1] * 15}),
        ("19 21 01 02 00", {1: [1, 2]}),  # truth values in a list are bytes
        ("1c 15 02 00 15 04 00", {1: {1: 1}, 2: 2}),
        ("17" + " 00" * 8 + " 00", {1: bytes(8)}),
        ("13 07 00", {1: 7}),
    ],
)
def test_structs_by_hand(data, fields):
    reader = CompactReader(bytes.fromhex(data))
    assert reader.struct() == fields
    assert reader.position == len(bytes.fromhex(data))


@pytest.mark.parametrize(
    "data", ["", "15", "15 02", "18 05 61 00", "19 f5 ff ff 7f", "1c"]
)
def test_a_struct_cut_short_is_an_index_error(data):
    with pytest.raises(IndexError):
        CompactReader(bytes.fromhex(data)).struct()


@pytest.mark.parametrize("data", ["1d 00", "1c" * 40])
def test_what_is_no_struct_is_a_value_error(data):
    with pytest.raises(ValueError, match="a description"):
        CompactReader(bytes.fromhex(data)).struct()
