"""Number flag: how numbers are written in columns, from ``COLUMNS=PARTS``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cfscore.exceptions import UsageError
from cfscore.reading import NumberFormat

__all__ = ["number_formats"]

_EXAMPLE = "For example: --number-format 'income,limit=decimal:, thousands:.'"
_PARTS = "decimal:, thousands:SIGN currency:SIGN percent power:SIGN:N accounting "
_PARTS += "full-width"
_PERCENT = {"%": -2}


def number_formats(given: Iterable[str]) -> tuple[NumberFormat, ...]:
    """Return the formats that the values of ``--number-format`` declare.

    Raises
    ------
    UsageError
        When one is not written as it should be.

    Examples
    --------
    >>> number_formats(["income=thousands:, percent"])
    (NumberFormat(column='income', thousands=',', decimal='.', currency=(), \
powers={'%': -2}, accounting=False, full_width=False),)
    """
    return tuple(declared for text in given for declared in _formats(text))


def _formats(text: str) -> Iterator[NumberFormat]:
    names, sign, parts = text.partition("=")
    columns = [name.strip() for name in names.split(",") if name.strip()]
    if not (columns and sign and parts.strip()):
        msg = f"--number-format takes COLUMNS=PARTS, not {text!r}."
        raise UsageError(msg, hint=_EXAMPLE)
    options: dict[str, Any] = {"currency": (), "powers": {}}
    for part in parts.split(" "):
        if part:
            _read_part(part, options)
    for column in columns:
        yield NumberFormat(column, **options)


def _read_part(part: str, options: dict[str, Any]) -> None:
    name, _, value = part.partition(":")
    if part == "percent":
        options["powers"] |= _PERCENT
    elif part in ("accounting", "full-width"):
        options[part.replace("-", "_")] = True
    elif name in ("decimal", "thousands") and value:
        options[name] = " " if value == "space" else value
    elif name == "currency" and value:
        options["currency"] += (value,)
    elif name == "power" and value:
        sign, _, power = value.rpartition(":")
        options["powers"][sign] = _power(part, power)
    else:
        msg = f"--number-format knows no part {part!r}."
        raise UsageError(msg, hint=f"Known: {_PARTS}.")


def _power(part: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 2):
        msg = f"--number-format: {part!r} does not end with a power of ten."
        raise UsageError(msg, hint="For example: power:万:4")
    return int(text)
