"""Artefact: the bytes of a plan file, read with suspicion.

A plan file is one canonical, uncompressed zip (see ``_archive``)::

    manifest.json      protocol, members with size and SHA-256, source, versions
    plan.json          columns, scale, characteristics, reasons, development, notes
    edges.npy ...      the numbers that score, flat, in column order; for a forest
                       (protocol 2) trees/*.npy and calibration.npy instead, and
                       where it knows special codes (protocol 3) specials.npy
    golden.json        golden rows: text cells; then golden/*.npy: numbers and results
    (zip comment)      SHA-256 of every byte before it

Nothing in it is executed or unpickled, and no other library parses it. Reading goes
through these stages, and the first fault ends it with an ``ArtifactError`` whose
``code`` is one of:

=================== ===========================================================
size                ``ARTIFACT_EMPTY``, ``TOO_LARGE``
identity            ``NOT_A_PLAN`` (no zip at all), ``HASH`` (trailing hash)
archive             ``MEMBERS`` (unknown, missing, twice, too many),
                    ``ARCHIVE`` (not the canonical zip of its members)
manifest            ``MANIFEST``, ``TOO_NEW`` (``ArtifactTooNewError``)
form                ``JSON``, ``ARRAY``, ``STRUCTURE`` (keys, types, lengths)
content             ``SCHEMA``, ``SCALE``, ``BINS``, ``LABELS``, ``POLICY``,
                    ``POINTS``, ``REFERENCE``, ``FEATURES``, ``TREES``,
                    ``CALIBRATION``, ``CATALOGUE``, ``DEVELOPMENT``, ``PROVENANCE``,
                    ``GOLDEN``
the whole           ``NOT_CANONICAL`` (the plan would be written differently)
=================== ===========================================================

The hashes protect against accidents only: who changes a file can compute them anew.
Against that, compare the hash of the whole file with one known from elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cfscore.exceptions import ArtifactError, CompileError
from cfscore.plan._archive import read_archive
from cfscore.plan._decode import (
    decode_protocol_1,
    decode_protocol_2,
    decode_protocol_3,
    decode_protocol_4,
    decode_protocol_5,
)
from cfscore.plan._manifest import read_protocol
from cfscore.plan._plan import ScoringPlan

__all__ = ["READERS", "decode_plan"]

Reader = Callable[[Mapping[str, bytes]], ScoringPlan]

#: One reader per released protocol, kept for ever.
READERS: dict[int, Reader] = {
    1: decode_protocol_1,
    2: decode_protocol_2,
    3: decode_protocol_3,
    4: decode_protocol_4,
    5: decode_protocol_5,
}


def decode_plan(data: bytes) -> ScoringPlan:
    """Return the plan stored in the bytes of a file, after checking each of them.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    ScoringPlan
        A plan whose parts agree. Its golden rows are not replayed here.

    Raises
    ------
    ArtifactError
        When anything is off; ``code`` says what (see the module).
    ArtifactTooNewError
        When a later protocol wrote the file; it names the version needed.
    """
    members = read_archive(data)
    protocol = read_protocol(members)
    plan = READERS[protocol](members)
    _check_canonical(plan, data)
    return plan


def _check_canonical(plan: ScoringPlan, data: bytes) -> None:
    """Demand that the plan, written again, gives the very bytes it was read from.

    So nothing in the file is left unread, and ``plan.sha256`` is the file's hash.
    """
    try:
        is_same = plan.to_bytes() == data
    except CompileError as error:
        raise ArtifactError(str(error), code=error.code) from error
    if not is_same:
        msg = "The plan file holds something that its plan does not."
        raise ArtifactError(msg, code="NOT_CANONICAL")
