"""Every error that cfscore raises on purpose, as one tree.

::

    CfscoreError
    ├── UsageError (ValueError)          an argument, option or config key is wrong
    ├── MissingExtraError (ImportError)  an optional dependency is not installed
    ├── InputError (ValueError)          a table or row is refused
    │   ├── InputChangedError            a file changed while it was read
    │   ├── SchemaError                  columns missing, duplicated or of a wrong kind
    │   ├── RowFaultError                rows hold values that cannot be scored
    │   └── RecordFaultError             records contradict themselves or each other
    ├── FitError (ValueError)            development data cannot be fitted
    ├── CompileError (ValueError)        a model cannot become a plan
    ├── ExplanationError (ValueError)    an explanation is refused or does not add up
    ├── ArtifactError (ValueError)       a plan file is damaged or not to be trusted
    │   └── ArtifactTooNewError          the file needs a later cfscore
    └── OutputError (OSError)            results could not be written

Each error carries a stable ``code`` for machines and a ``hint`` that says what to
do. Messages name columns and counts; they never contain a customer's values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = [
    "ArtifactError",
    "ArtifactTooNewError",
    "CfscoreError",
    "CompileError",
    "ExplanationError",
    "FitError",
    "InputChangedError",
    "InputError",
    "MissingExtraError",
    "OutputError",
    "RecordFaultError",
    "RowFaultError",
    "SchemaError",
    "UsageError",
]


class CfscoreError(Exception):
    """Base of all errors raised by cfscore.

    Parameters
    ----------
    message : str
        What was required and what was found; no customer values.
    code : str, optional
        Stable machine-readable code; the class default when omitted.
    hint : str, optional
        What the reader can do about it.
    """

    default_code = "ERROR"

    def __init__(
        self, message: str, *, code: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.hint = hint

    def __str__(self) -> str:
        """Return the message, followed by the hint when there is one."""
        text = str(self.args[0])
        return f"{text} {self.hint}" if self.hint else text


class UsageError(CfscoreError, ValueError):
    """An argument, option or configuration key is wrong."""

    default_code = "USAGE"


class MissingExtraError(CfscoreError, ImportError):
    """A name was used that needs an optional dependency which is not installed."""

    default_code = "MISSING_EXTRA"


class InputError(CfscoreError, ValueError):
    """A table or a row was refused."""

    default_code = "INPUT"


class InputChangedError(InputError):
    """An input file is no longer the one that was opened; nothing of it is used."""

    default_code = "INPUT_CHANGED"


class SchemaError(InputError):
    """Columns are missing, duplicated or of a kind that cannot be read.

    Parameters
    ----------
    faults : sequence of (column, code, description)
        All faults found, collected before raising.
    hint : str, optional
        What the reader can do about it.
    """

    default_code = "SCHEMA"

    def __init__(
        self, faults: Sequence[tuple[str, str, str]], *, hint: str | None = None
    ) -> None:
        self.faults = tuple(faults)
        listed = "; ".join(
            f"column {column!r}: {description} [{code}]"
            for column, code, description in self.faults[:20]
        )
        more = len(self.faults) - 20
        tail = f"; and {more} more" if more > 0 else ""
        super().__init__(
            f"{len(self.faults)} schema fault(s): {listed}{tail}.", hint=hint
        )


class RowFaultError(InputError):
    """Rows hold values that cannot be scored under the strict policy.

    Parameters
    ----------
    n_rows : int
        Rows in the table.
    n_bad_rows : int
        Rows with at least one fault.
    counts : mapping of (column, code) to int
        Faulty cells per column and fault code.
    place : str, optional
        Where the rows stand, for example a file.
    """

    default_code = "ROW_FAULTS"

    def __init__(
        self,
        n_rows: int,
        n_bad_rows: int,
        counts: Mapping[tuple[str, str], int],
        place: str | None = None,
    ) -> None:
        self.n_rows = n_rows
        self.n_bad_rows = n_bad_rows
        self.counts = dict(counts)
        listed = "; ".join(
            f"column {column!r}: {count} x {code}"
            for (column, code), count in sorted(self.counts.items())[:20]
        )
        where = f" Counted in {place}." if place else ""
        super().__init__(
            f"{n_bad_rows} of {n_rows} row(s) cannot be scored: {listed}.{where}",
            hint="Correct the cells, or score with on_bad='quarantine'.",
        )


class RecordFaultError(InputError):
    """Records of raw tables contradict themselves or each other.

    Parameters
    ----------
    counts : mapping of (table, column, code) to int
        Faulty rows per table, column and fault code; all faults found.
    hint : str, optional
        What the reader can do about it.
    """

    default_code = "RECORD_FAULTS"

    def __init__(
        self, counts: Mapping[tuple[str, str, str], int], *, hint: str | None = None
    ) -> None:
        self.counts = dict(counts)
        listed = "; ".join(
            f"column '{table}.{column}': {count} x {code}"
            for (table, column, code), count in sorted(self.counts.items())[:20]
        )
        more = len(self.counts) - 20
        tail = f"; and {more} more" if more > 0 else ""
        super().__init__(
            f"{len(self.counts)} kind(s) of fault in the records: {listed}{tail}.",
            hint=hint,
        )


class FitError(CfscoreError, ValueError):
    """Development data cannot be fitted."""

    default_code = "FIT"


class CompileError(CfscoreError, ValueError):
    """A model cannot be compiled into a plan."""

    default_code = "COMPILE"


class ExplanationError(CfscoreError, ValueError):
    """An explanation cannot be given exactly, or does not add up."""

    default_code = "EXPLANATION"


class ArtifactError(CfscoreError, ValueError):
    """A plan file is damaged, inconsistent or not the expected one."""

    default_code = "ARTIFACT"


class ArtifactTooNewError(ArtifactError):
    """A plan file was written by a later protocol than this version reads."""

    default_code = "TOO_NEW"


class OutputError(CfscoreError, OSError):
    """Results could not be written; the previous output is untouched."""

    default_code = "OUTPUT"
