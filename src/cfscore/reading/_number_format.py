"""Number format: how people write numbers, turned into plain numbers where declared.

``1,234.5``, ``12%``, ``¥1,000``, ``(500)``, ``1.2万`` and ``１２３`` are no numbers,
and reject their row, unless their column is declared to hold such. Then the text is
rewritten, never guessed at: ``1,23`` stays what it is, and is no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow.compute as pc

from cfscore.exceptions import UsageError
from cfscore.reading._unit import InputBlock
from cfscore.tables import is_text

__all__ = ["NumberFormat", "plain_numbers", "with_plain_numbers"]

_WIDE = {
    **{chr(0xFF10 + i): str(i) for i in range(10)},
    **dict(zip("．，－＋％（）￥", ".,-+%()¥", strict=True)),
}
_WIDE_START = b"\xef"
_SEPARATORS = ",.' _\u00a0\u202f"


@dataclass(frozen=True)
class NumberFormat:
    """How the numbers of a text column are written.

    Parameters
    ----------
    column : str
        The column.
    thousands : str, optional
        The sign between groups of three digits.
    decimal : str, default "."
        The sign before decimals: a point or a comma.
    currency : tuple of str, default ()
        Signs of currency that may stand in front or behind.
    powers : mapping of str to int
        Powers of ten that a sign behind stands for: ``{"%": -2, "万": 4}``.
    accounting : bool, default False
        Whether parentheses mean negative.
    full_width : bool, default False
        Whether digits and signs may be full-width.

    Raises
    ------
    UsageError
        When the signs are not what they should be, or not different.

    Examples
    --------
    >>> import pyarrow as pa
    >>> declared = NumberFormat("income", thousands=",", powers={"万": 4})
    >>> texts = pa.array(["1,234.5", "12,34", "1.2万", "7"])
    >>> plain_numbers(texts, declared).to_pylist()
    ['1234.5', '12,34', '1.2e4', '7']
    """

    column: str
    thousands: str | None = None
    decimal: str = "."
    currency: tuple[str, ...] = ()
    powers: Mapping[str, int] = field(default_factory=dict)
    accounting: bool = False
    full_width: bool = False

    def __post_init__(self) -> None:
        """Check the signs."""
        if self.decimal not in (".", ","):
            msg = f"Column {self.column!r}: decimal must be '.' or ','."
            raise UsageError(msg)
        if self.thousands is not None and (
            self.thousands == self.decimal
            or len(self.thousands) != 1
            or self.thousands not in _SEPARATORS
        ):
            msg = (
                f"Column {self.column!r}: thousands must be a sign other than decimal."
            )
            raise UsageError(msg)
        signs = [*self.currency, *self.powers]
        if any(not sign or re.search(r"[0-9.,eE+-]", sign) for sign in signs):
            msg = f"Column {self.column!r}: signs must not be parts of a number."
            raise UsageError(msg)


def with_plain_numbers(
    block: InputBlock, formats: Iterable[NumberFormat]
) -> InputBlock:
    """Return a block with the text columns of some formats rewritten."""
    batch = block.batch
    for declared in formats:
        position = batch.schema.get_field_index(declared.column)
        if position < 0 or not is_text(batch.schema.field(position).type):
            continue
        plain = plain_numbers(batch.column(position), declared)
        batch = batch.set_column(position, batch.schema.field(position), plain)
    if batch is block.batch:
        return block
    return replace(block, batch=batch)


def plain_numbers(texts: Any, declared: NumberFormat) -> Any:
    """Return texts with numbers of a format as plain numbers, all others as they are.

    Parameters
    ----------
    texts : pyarrow.Array of string or large_string
        Cells.
    declared : NumberFormat
        The format.
    """
    plain = pc.utf8_trim_whitespace(texts)
    if declared.full_width and _may_be_wide(plain):
        for wide, narrow in _WIDE.items():
            plain = pc.replace_substring(plain, pattern=wide, replacement=narrow)
    if declared.accounting:
        plain = _replaced(plain, r"^\((.*)\)$", r"-\1")
    for sign in declared.currency:
        quoted = re.escape(sign)
        plain = _replaced(plain, rf"^([+-]?){quoted} *([0-9.,])", r"\1\2")
        plain = _replaced(plain, rf"([0-9.,]) *{quoted}$", r"\1")
    for sign, power in declared.powers.items():
        plain = _replaced(plain, rf"([0-9.,]) *{re.escape(sign)}$", rf"\1e{power}")
    return _with_points(plain, declared)


def _with_points(texts: Any, declared: NumberFormat) -> Any:
    """Return texts without separators of thousands, with a point before decimals."""
    decimal = re.escape(declared.decimal)
    tail = rf"({decimal}[0-9]*)?([eE][+-]?[0-9]+)?$"
    if declared.thousands is not None:
        group = re.escape(declared.thousands)
        grouped = rf"^[+-]?[0-9]{{1,3}}({group}[0-9]{{3}})+{tail}"
        without = pc.replace_substring(
            texts, pattern=declared.thousands, replacement=""
        )
        is_grouped = pc.match_substring_regex(texts, pattern=grouped)
        texts = pc.if_else(is_grouped, without, texts)
    if declared.decimal == ",":
        # A point is no part of such a number: two of them are no part of any.
        texts = pc.replace_substring(texts, pattern=".", replacement="..")
        texts = _replaced(texts, r"^([+-]?[0-9]*),([0-9]*)", r"\1.\2")
    return texts


def _replaced(texts: Any, pattern: str, replacement: str) -> Any:
    return pc.replace_substring_regex(texts, pattern=pattern, replacement=replacement)


def _may_be_wide(texts: Any) -> bool:
    data = texts.buffers()[2]
    return data is not None and _WIDE_START in data.to_pybytes()
