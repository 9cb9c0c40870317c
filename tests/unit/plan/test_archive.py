from __future__ import annotations

import hashlib
import io
import stat
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfscore.exceptions import ArtifactError
from cfscore.plan._archive import read_archive, write_archive

MEMBERS = {"manifest.json": b"{}", "a_1.npy": bytes(range(256)), "golden/b.npy": b""}
NAMES = [
    f"{folder}{stem}.{kind}"
    for folder in ("", "golden/")
    for stem in ("a", "b_1")
    for kind in ("json", "npy")
]


def sealed(data: bytes) -> bytes:
    """Return a zip whose comment has 64 bytes with its true trailing hash."""
    return data[:-64] + hashlib.sha256(data[:-64]).hexdigest().encode()


def zipped(*entries: tuple[zipfile.ZipInfo | str, bytes], method: int = 0) -> bytes:
    """Return a sealed zip written by the standard library."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries:
            archive.writestr(name, data)
        archive.comment = b"0" * 64
    return sealed(buffer.getvalue())


def canonical_info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    return info


def code_of(data: bytes) -> str:
    with pytest.raises(ArtifactError) as caught:
        read_archive(data)
    return caught.value.code


def test_the_standard_library_reads_the_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(write_archive(MEMBERS))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(MEMBERS)
        assert {name: archive.read(name) for name in MEMBERS} == MEMBERS
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert stat.filemode(info.external_attr >> 16) == "-rw-r--r--"


def test_the_standard_library_writes_the_same_bytes() -> None:
    entries = [(canonical_info(name), data) for name, data in MEMBERS.items()]
    assert write_archive(MEMBERS) == zipped(*entries)


def test_the_comment_is_the_hash_of_every_byte_before_it() -> None:
    data = write_archive(MEMBERS)
    assert data[-64:].decode() == hashlib.sha256(data[:-64]).hexdigest()


@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=300), min_size=1))
def test_reading_gives_back_what_was_written(members: dict[str, bytes]) -> None:
    found = read_archive(write_archive(members))
    assert list(found.items()) == list(members.items())


def test_a_compressed_member_is_refused_without_inflating_it() -> None:
    bomb = zipped(("plan.json", bytes(20_000_000)), method=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 25_000
    assert code_of(bomb) == "ARCHIVE"


@pytest.mark.parametrize(
    "name",
    [
        "../plan.json",
        "/plan.json",
        "golden/../plan.json",
        "golden\\plan.json",
        "c:plan.json",
        "plan.json/",
        "plan.py",
        "Plan.json",
        "plan\n.json",
        "plän.json",
        ".json",
        "a/b/c.json",
        "x" * 5000 + ".json",
    ],
)
def test_names_that_no_plan_uses_are_refused(name: str) -> None:
    assert code_of(zipped((canonical_info(name), b"{}"))) == "MEMBERS"


def test_a_symbolic_link_is_refused() -> None:
    info = canonical_info("plan.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert code_of(zipped((info, b"/etc/passwd"))) == "ARCHIVE"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_stands_twice_is_refused() -> None:
    twice = [(canonical_info("plan.json"), b"{}"), (canonical_info("plan.json"), b"[]")]
    assert code_of(zipped(*twice)) == "MEMBERS"


def test_more_members_than_any_plan_has_are_refused() -> None:
    members = {f"m{i}.json": b"" for i in range(64)}
    assert len(read_archive(write_archive(members))) == 64
    assert code_of(write_archive(members | {"last.json": b""})) == "MEMBERS"


def test_a_hundred_thousand_members_are_refused() -> None:
    one = write_archive({"000000.json": b""})
    header = one[: one.index(b"PK\x01\x02")]
    many = b"".join(header.replace(b"000000", b"%06d" % i) for i in range(100_000))
    assert code_of(sealed(many + bytes(22 + 64))) == "MEMBERS"


def test_dates_other_than_1980_are_refused() -> None:
    info = canonical_info("plan.json")
    info.date_time = (2026, 1, 1, 0, 0, 0)
    assert code_of(zipped((info, b"{}"))) == "ARCHIVE"


def test_a_member_comment_or_extra_field_is_refused() -> None:
    info = canonical_info("plan.json")
    info.comment = b"hidden"
    assert code_of(zipped((info, b"{}"))) == "ARCHIVE"
    info = canonical_info("plan.json")
    info.extra = struct.pack("<HH4s", 0x9999, 4, b"data")
    assert code_of(zipped((info, b"{}"))) == "ARCHIVE"


@pytest.mark.parametrize(
    ("offset", "value"),
    [
        (4, b"\x2d"),  # version needed
        (6, b"\x01"),  # encrypted
        (6, b"\x08"),  # sizes follow the data
        (8, b"\x08"),  # deflated
        (14, b"\xff"),  # checksum
        (18, b"\xff\xff\xff\xff"),  # compressed size
        (22, b"\xff\xff\xff\xff"),  # size
        (22, b"\x00\x00\x00\x00"),  # size
        (26, b"\xff\xff"),  # length of the name
        (28, b"\x01"),  # length of the extra field
    ],
)
def test_a_local_header_that_lies_is_refused(offset: int, value: bytes) -> None:
    data = bytearray(write_archive({"plan.json": b'{"a":1}'}))
    data[offset : offset + len(value)] = value
    assert code_of(sealed(bytes(data))) in ("ARCHIVE", "MEMBERS")


def test_every_byte_of_directory_and_end_is_demanded() -> None:
    data = write_archive(MEMBERS)
    for position in range(data.index(b"PK\x01\x02"), len(data) - 64):
        changed = bytearray(data)
        changed[position] ^= 0x10
        assert code_of(sealed(bytes(changed))) == "ARCHIVE"


def test_bytes_between_and_around_members_are_refused() -> None:
    data = write_archive(MEMBERS)
    directory = data.index(b"PK\x01\x02")
    hidden = data[:directory] + b"hidden" + data[directory:]
    assert code_of(sealed(hidden)) == "ARCHIVE"
    assert code_of(sealed(data[:-64] + b"\n" + data[-64:])) == "ARCHIVE"
    assert code_of(sealed(b"PK\x03\x04" + data)) in ("ARCHIVE", "MEMBERS")


def test_an_archive_of_nothing_is_no_plan() -> None:
    assert code_of(write_archive({})) == "NOT_A_PLAN"


def test_a_file_larger_than_the_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = write_archive(MEMBERS)
    monkeypatch.setattr("cfscore.plan._archive.MAX_BYTES", len(data) - 1)
    assert code_of(data) == "TOO_LARGE"
