"""File report and manifest: the account of a run, for programs and for auditors.

The manifest is what was done, to what, with what result, and nothing of when or how
fast: the same run gives the same bytes, were it stopped and resumed or not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["MANIFEST_FORMAT", "FileReport", "encode_manifest", "hash_json"]

MANIFEST_FORMAT = 1


@dataclass(frozen=True)
class FileReport:
    """What a file run did; ``rows == scored + rejected``.

    Parameters
    ----------
    sources : tuple of str
        Input files.
    target : str
        Output file, or folder of parts.
    rows, scored, rejected : int
        Rows read, scored, and written with a status other than 0.
    faults : mapping of (column, fault name) to int
        Refused cells; the column is ``"*"`` where the fault is the row's.
    roles : mapping of str to (mapping of str to int)
        Per column, rows in MISSING, UNSEEN and special attributes.
    infinite : mapping of str to int
        Cells with ``+inf`` or ``-inf``.
    outside : mapping of str to (int, int)
        Cells below and above the development sample's, where there are any.
    repeated : int or None
        Rows that have the kept columns of an earlier row, all of them; they are
        scored like any other. None where nothing is kept, and with standard output.
    defaulted : mapping of str to int
        Rows of inputs that lack a column and have its declared default.
    score_psi : float or None
        Population stability index of the score against development; None without one.
    manifest : str
        The manifest, with everything in it; empty with standard output, which has none.
    rejects : str or None
        The list of rejected rows; None in a strict run and with standard output.
    outputs : tuple of str
        Files written.
    notes : tuple of str
        What a person should know about the inputs.
    resumed_parts : int
        Parts taken over from an earlier run.
    seconds : float
        Wall time.
    """

    sources: tuple[str, ...]
    target: str
    rows: int
    scored: int
    rejected: int
    faults: dict[tuple[str, str], int] = field(default_factory=dict)
    roles: dict[str, dict[str, int]] = field(default_factory=dict)
    infinite: dict[str, int] = field(default_factory=dict)
    outside: dict[str, tuple[int, int]] = field(default_factory=dict)
    repeated: int | None = None
    defaulted: dict[str, int] = field(default_factory=dict)
    score_psi: float | None = None
    manifest: str = ""
    rejects: str | None = None
    outputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    resumed_parts: int = 0
    seconds: float = 0.0

    @property
    def rows_per_second(self) -> float:
        """Rows per second of wall time."""
        return self.rows / self.seconds if self.seconds > 0 else 0.0


def encode_manifest(content: Mapping[str, Any]) -> bytes:
    """Return a manifest as JSON that a person can read, the same for equal contents."""
    text = json.dumps(
        content, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1
    )
    # A file name that is no text in this system's encoding holds lone surrogates.
    return (text + "\n").encode("utf-8", "backslashreplace")


def hash_json(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what JSON can hold, whatever the order of its keys."""
    text = json.dumps(content, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
