"""Personal data: what a reference must not look like."""

from __future__ import annotations

import re

__all__ = ["personal_kind"]

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_CARD = re.compile(r"(?<!\d)\d{16,19}(?!\d)")


def personal_kind(text: str) -> str | None:
    """Return what kind of personal data a text looks like, None for none.

    Notes
    -----
    ID numbers by the check digit of GB 11643-1999, bank cards by the Luhn digit of
    ISO/IEC 7812, mainland mobile numbers, e-mail addresses.

    Examples
    --------
    >>> personal_kind("11010519491231002X")
    'an ID number'
    >>> personal_kind("A-2026-000123") is None
    True
    """
    if any(_is_id(number) for number in _ID_NUMBER.findall(text)):
        return "an ID number"
    if any(_is_card(number) for number in _CARD.findall(text)):
        return "a bank card number"
    if _MOBILE.search(text):
        return "a mobile number"
    return "an e-mail address" if "@" in text else None


def _is_id(number: str) -> bool:
    pairs = zip(number[:17], _ID_WEIGHTS, strict=True)
    total = sum(int(digit) * weight for digit, weight in pairs)
    return number[17].upper() == _ID_CHECKS[total % 11]


def _is_card(number: str) -> bool:
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
