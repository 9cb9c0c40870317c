"""Manifest: which protocol a plan file speaks, and the hashes of its members."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cfscore.exceptions import ArtifactError, ArtifactTooNewError
from cfscore.plan._json import parse_json
from cfscore.plan._protocol import (
    FORMAT,
    GOLDEN_TEXT,
    MANIFEST,
    MEMBERS,
    PLAN,
    PROTOCOL,
)
from cfscore.plan._record import Record

__all__ = ["open_manifest", "read_protocol"]

_KEYS = (
    "format",
    "members",
    "protocol",
    "readable_since",
    "source",
    "training_fingerprint",
    "verified",
    "versions",
)
_VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){1,3}")


def read_protocol(members: Mapping[str, bytes]) -> int:
    """Return the protocol number of a plan file.

    Only what every protocol must keep is looked at: a later one may have other keys
    and other members.

    Raises
    ------
    ArtifactTooNewError
        When a later protocol wrote the file.
    ArtifactError
        Codes ``MEMBERS``, ``JSON`` and ``MANIFEST``.
    """
    if MANIFEST not in members:
        msg = f"The plan file lacks {MANIFEST}."
        raise ArtifactError(msg, code="MEMBERS")
    found = parse_json(members[MANIFEST], MANIFEST)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        fault = f"does not say {FORMAT!r}"
        raise _refusal(fault)
    protocol = found.get("protocol")
    if type(protocol) is not int or protocol < 1:
        fault = "has no protocol number"
        raise _refusal(fault)
    if protocol > PROTOCOL:
        raise _too_new(protocol, found.get("readable_since"))
    return protocol


def open_manifest(members: Mapping[str, bytes], protocol: int) -> Record:
    """Return the manifest of a file whose members are all as it says.

    Parameters
    ----------
    members : mapping of str to bytes
        All members of the file.
    protocol : int
        Its protocol, which says what members there are.

    Raises
    ------
    ArtifactError
        Codes ``MEMBERS``, ``MANIFEST``, ``STRUCTURE`` and ``JSON``.
    """
    _check_names(tuple(members), protocol)
    manifest = Record(parse_json(members[MANIFEST], MANIFEST), _KEYS, MANIFEST)
    listed = manifest.mapping("members")
    content = {name: data for name, data in members.items() if name != MANIFEST}
    if listed.keys() != content.keys():
        fault = "does not list the members of the file"
        raise _refusal(fault)
    for name, data in content.items():
        entry = Record(listed[name], ("bytes", "sha256"), f"{MANIFEST}, {name}")
        _check_member(entry, name, data)
    return manifest


def _check_names(names: tuple[str, ...], protocol: int) -> None:
    """Demand all members of a protocol, in their order, and no other."""
    scoring, golden = MEMBERS[protocol]
    without_golden = (MANIFEST, PLAN, *scoring)
    everything = (*without_golden, GOLDEN_TEXT, *golden)
    if names in (without_golden, everything):
        return
    has_golden = bool(set(names) & {GOLDEN_TEXT, *golden})
    expected = everything if has_golden else without_golden
    missing = sorted(set(expected) - set(names))
    n_unknown = len(set(names) - set(expected))
    msg = f"The plan file lacks {missing} and has {n_unknown} unknown member(s)."
    if not missing and not n_unknown:
        msg = "The members of the plan file are not in their order."
    raise ArtifactError(msg, code="MEMBERS")


def _check_member(entry: Record, name: str, data: bytes) -> None:
    size, digest = entry.integer("bytes"), entry.text("sha256")
    found = sha256(data).hexdigest().encode("ascii")
    same = hmac.compare_digest(digest.encode("utf-8"), found)
    if size != len(data) or not same:
        fault = f"gives another size or hash for {name}"
        raise _refusal(fault)


def _refusal(fault: str) -> ArtifactError:
    return ArtifactError(f"{MANIFEST} {fault}.", code="MANIFEST")


def _too_new(protocol: int, readable_since: Any) -> ArtifactTooNewError:
    version = readable_since if isinstance(readable_since, str) else ""
    known = _VERSION.fullmatch(version) is not None
    needed = f"cfscore {version} or later" if known else "a later cfscore"
    return ArtifactTooNewError(
        f"The plan file has protocol {protocol}; this cfscore reads up to {PROTOCOL}.",
        hint=f"It needs {needed}.",
    )
