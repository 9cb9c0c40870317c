"""Finish: an account is drawn up of all parts, and the output takes its place."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from cfscore.exceptions import InputError
from cfscore.reading import Source
from cfscore.scoring.files._journal import hash_file
from cfscore.scoring.files._options import FileOptions
from cfscore.scoring.files._parts import FinishedPart, StagedFile
from cfscore.scoring.files._rejects import reject_header
from cfscore.scoring.files._report import MANIFEST_FORMAT
from cfscore.scoring.files._tally import Tally
from cfscore.scoring.files._target import FileTarget
from cfscore.writing import Replacement, Staging

__all__ = [
    "check_account",
    "check_hash",
    "check_row_count",
    "commit_output",
    "find_manifest",
    "join_rejects",
]

_PART = re.compile(r"part-\d{5,}\.(parquet|csv|arrow)")
_MANIFEST, _REJECTS = "manifest", "rejects"


def check_account(total: Tally, known_rows: int | None, options: FileOptions) -> None:
    """Refuse a run whose numbers of rows are not what was asked for or is known.

    Parameters
    ----------
    total : Tally
        Counts of all rows.
    known_rows : int or None
        Rows by what the inputs say of themselves, None where one does not.
    options : FileOptions
        What was asked for.

    Raises
    ------
    InputError
        Code ``ROW_COUNT`` or ``TOO_MANY_REJECTS``.
    """
    check_row_count(total.n_rows, options)
    if known_rows not in (None, total.n_rows):
        msg = f"{total.n_rows:,} rows were read where the inputs say {known_rows:,}."
        hint = "Is an input damaged? Without --resume all of it is read anew."
        raise InputError(msg, code="ROW_COUNT", hint=hint)
    limit = options.max_rejected
    if limit is not None and total.n_rejected > limit(total.n_rows):
        msg = f"{total.n_rejected} of {total.n_rows} rows were rejected: too many."
        raise InputError(msg, code="TOO_MANY_REJECTS")


def check_row_count(n_rows: int, options: FileOptions) -> None:
    """Refuse inputs that have other than the expected number of rows."""
    expected = options.expect_rows
    if expected is not None and n_rows != expected:
        msg = f"The input has {n_rows:,} rows where {expected:,} are expected."
        hint = "Was it cut short on its way, or is there another file?"
        raise InputError(msg, code="ROW_COUNT", hint=hint)


def check_hash(hashes: Sequence[str | None], options: FileOptions) -> None:
    """Refuse an input that is not the expected one.

    Raises
    ------
    InputError
        Code ``HASH_MISMATCH``.
    """
    expected = options.expect_input_sha256
    if expected is None or expected.strip().lower() == hashes[0]:
        return
    msg = f"The input has SHA-256 {hashes[0]}, not the expected one."
    raise InputError(msg, code="HASH_MISMATCH", hint="Fetch it again from its source.")


def join_rejects(
    staging: Staging, finished: Sequence[FinishedPart], options: FileOptions
) -> StagedFile | None:
    """Join the lists of rejects of all parts of a folder; None where there are none."""
    if options.on_bad == "strict":
        return None
    with staging.new_file(_REJECTS) as joined:
        joined.write(reject_header(options.csv, options.reject_values))
        for part in finished:
            assert part.rejects is not None
            with (staging.folder / part.rejects.name).open("rb") as listed:
                shutil.copyfileobj(listed, joined, 1 << 20)
    return StagedFile(_REJECTS, joined.sha256, joined.n_bytes)


def commit_output(
    staging: Staging,
    target: FileTarget,
    finished: Sequence[FinishedPart],
    rejects: StagedFile | None,
    manifest: bytes,
) -> None:
    """Move parts, rejects and manifest to their places, or leave all as it was.

    Raises
    ------
    OutputError
        When something cannot be moved.
    """
    moves = [
        (staging.folder / part.file.name, target.part(part.position))
        for part in finished
    ]
    if rejects is not None:
        moves.append((staging.folder / rejects.name, target.rejects))
    places = {place for _, place in moves}
    removed = [path for path in _earlier(target) if path not in places]
    staged = staging.write(_MANIFEST, manifest).path
    staging.commit(Replacement(moves, (staged, target.manifest), removed))
    staging.clear()


def _earlier(target: FileTarget) -> list[Path]:
    """Return the files of an earlier output; a folder of parts is all ours."""
    found = [target.rejects] if target.rejects.is_file() else []
    if target.is_folder:
        names = target.path.iterdir()
        found += [path for path in names if _PART.fullmatch(path.name)]
    return sorted(found)


def find_manifest(
    target: FileTarget, key: Mapping[str, str], sources: Sequence[Source]
) -> dict[str, Any] | None:
    """Return the manifest of a whole output of the same run; None where there is none.

    Parameters
    ----------
    target : FileTarget
        Where the output goes.
    key : mapping of str to str
        Hashes of plan and options.
    sources : sequence of Source
        The inputs.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        found: dict[str, Any] = json.loads(target.manifest.read_bytes())
        if found["format"] == MANIFEST_FORMAT and _is_of_run(found, key, sources):
            files = [*found["outputs"], *filter(None, [found["rejects"]])]
            if all(_is_there(target.folder, file) for file in files):
                return found
    return None


def _is_of_run(
    manifest: Mapping[str, Any], key: Mapping[str, str], sources: Sequence[Source]
) -> bool:
    if any(manifest.get(name) != value for name, value in key.items()):
        return False
    marks = [source.fingerprint for source in sources]
    now = [
        (str(source.path), mark.size, mark.mtime_ns)
        for source, mark in zip(sources, marks, strict=True)
        if mark is not None
    ]
    then = [(i["path"], i["size"], i["mtime_ns"]) for i in manifest["inputs"]]
    return len(now) == len(sources) and now == then


def _is_there(folder: Path, file: Mapping[str, Any]) -> bool:
    path = folder / file["file"]
    has_size = path.stat().st_size == int(file["bytes"])
    return has_size and hash_file(path) == str(file["sha256"])
