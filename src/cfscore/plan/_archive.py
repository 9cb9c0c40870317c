"""Archive: named members to the bytes of one canonical, uncompressed zip and back.

There is exactly one archive for given members: stored, dated 1980-01-01, with fixed
flags and attributes, and a comment that is the SHA-256 of every byte before it. The
reader looks for the members only, writes them anew and demands the very bytes it was
given; so links, encryption, compression, lying sizes, a second directory and bytes
between members have no way in.

Layout (PKWARE, *APPNOTE.TXT*, version 6.3.10, 4.3.7, 4.3.12 and 4.3.16)::

    per member: local header, name, data
    per member: directory entry, name
    end record, 64 hexadecimal digits
"""

from __future__ import annotations

import hmac
import re
import struct
import zlib
from collections.abc import Mapping
from hashlib import sha256

from cfscore.exceptions import ArtifactError
from cfscore.plan._protocol import MAX_BYTES, MAX_MEMBERS

__all__ = ["read_archive", "write_archive"]

_LOCAL = struct.Struct("<4s5H3I2H")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCAL_SIGNATURE = b"PK\x03\x04"
_ENTRY_SIGNATURE = b"PK\x01\x02"
_END_SIGNATURE = b"PK\x05\x06"

_VERSION_NEEDED = 20
_MADE_BY = (3 << 8) | 20  # Unix, zip 2.0
_ATTRIBUTES = 0o100644 << 16  # a regular file
_STORED = 0
_NO_FLAGS = 0
_MIDNIGHT = 0
_1980_01_01 = (1 << 5) | 1
_SEAL_LENGTH = 64
_NAME = re.compile(rb"[a-z0-9_]{1,32}(/[a-z0-9_]{1,32})?\.(json|npy)")


def write_archive(members: Mapping[str, bytes]) -> bytes:
    """Return the one archive of the given members, in the given order.

    Parameters
    ----------
    members : mapping of str to bytes
        Content by ASCII name.

    Returns
    -------
    bytes
        A zip that any tool can open.
    """
    body = bytearray()
    directory = bytearray()
    for name, content in members.items():
        common = (
            *(_VERSION_NEEDED, _NO_FLAGS, _STORED, _MIDNIGHT, _1980_01_01),
            *(zlib.crc32(content), len(content), len(content), len(name), 0),
        )
        entry = (_MADE_BY, *common, 0, 0, 0, _ATTRIBUTES, len(body))
        directory += _ENTRY.pack(_ENTRY_SIGNATURE, *entry) + name.encode("ascii")
        body += _LOCAL.pack(_LOCAL_SIGNATURE, *common) + name.encode("ascii") + content
    n = len(members)
    end = (0, 0, n, n, len(directory), len(body), _SEAL_LENGTH)
    sealed = bytes(body + directory + _END.pack(_END_SIGNATURE, *end))
    return sealed + _seal(sealed)


def read_archive(data: bytes) -> dict[str, bytes]:
    """Return the members of an archive after checking every byte of it.

    Parameters
    ----------
    data : bytes
        A whole file.

    Returns
    -------
    dict of str to bytes
        Content by name, in the file's order.

    Raises
    ------
    ArtifactError
        ``ARTIFACT_EMPTY``, ``TOO_LARGE``, ``NOT_A_PLAN``, ``HASH``, ``MEMBERS`` or
        ``ARCHIVE``; see ``_artifact``.
    """
    _check_size(data)
    _check_seal(data)
    members = _walk(data)
    if write_archive(members) != data:
        msg = "The plan file is not a canonical archive of its members."
        raise ArtifactError(msg, code="ARCHIVE")
    return members


def _seal(data: bytes) -> bytes:
    return sha256(data).hexdigest().encode("ascii")


def _check_size(data: bytes) -> None:
    if not data:
        msg = "The plan file is empty."
        raise ArtifactError(msg, code="ARTIFACT_EMPTY", hint="Save the plan again.")
    if len(data) > MAX_BYTES:
        msg = f"The plan file has {len(data)} bytes; at most {MAX_BYTES} are read."
        raise ArtifactError(msg, code="TOO_LARGE")


def _check_seal(data: bytes) -> None:
    """Compare the trailing hash with the bytes before it, in constant time."""
    shortest = _END.size + _SEAL_LENGTH
    if len(data) < shortest or not data.startswith(_LOCAL_SIGNATURE):
        msg = "This is not a plan file."
        raise ArtifactError(
            msg, code="NOT_A_PLAN", hint="Give a file written by plan.save()."
        )
    sealed, seal = data[:-_SEAL_LENGTH], data[-_SEAL_LENGTH:]
    if not hmac.compare_digest(_seal(sealed), seal):
        msg = "The plan file was changed or cut short after it was written."
        raise ArtifactError(
            msg, code="HASH", hint="Fetch the file again from where it was saved."
        )


def _walk(data: bytes) -> dict[str, bytes]:
    """Return the members by following the local headers from the first byte."""
    members: dict[str, bytes] = {}
    position = 0
    while data.startswith(_LOCAL_SIGNATURE, position):
        if len(members) == MAX_MEMBERS:
            msg = f"The plan file has more than {MAX_MEMBERS} members."
            raise ArtifactError(msg, code="MEMBERS")
        name, content, position = _member_at(data, position)
        if name in members:
            msg = f"The plan file holds member {name!r} twice."
            raise ArtifactError(msg, code="MEMBERS")
        members[name] = content
    return members


def _member_at(data: bytes, position: int) -> tuple[str, bytes, int]:
    """Return name and content of the member at ``position``, and where it ends."""
    # The seal lies behind every signature, so a header is never cut short.
    header = _LOCAL.unpack_from(data, position)
    size, name_length = header[8], header[9]
    start = position + _LOCAL.size
    name_end = start + name_length
    end = name_end + size
    if end > len(data):
        msg = "A member of the plan file reaches beyond its end."
        raise ArtifactError(msg, code="ARCHIVE")
    name = data[start:name_end]
    if _NAME.fullmatch(name) is None:
        msg = "A member of the plan file has a name that no plan uses."
        raise ArtifactError(msg, code="MEMBERS")
    return name.decode("ascii"), data[name_end:end], end
