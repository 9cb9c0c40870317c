"""Personal data: what a reference must not look like."""

from __future__ import annotations

import re

__all__ = ["personal_kind"]

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
#: Province and county, date of birth without century, order: issued until 1999, without
#: a check digit.
_OLD_ID_NUMBER = re.compile(
    r"(?<![\w-])(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])\d{6}"
    r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![\w-])"
)
_MOBILE = re.compile(
    r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)"
    r"|(?<![\d-])(?:\+?86[ -])?1[3-9]\d([ .-])\d{4}\1\d{4}(?![\d-])"
)
#: 16 to 19 digits, or groups of four that do not begin like a year.
_CARD = re.compile(
    r"(?<!\d)\d{16,19}(?!\d)"
    r"|(?<![\d-])(?:[3-6]\d|2[2-7])\d\d([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?(?![\d-])"
)


def personal_kind(text: str) -> str | None:
    """Return what kind of personal data a text looks like, None for none.

    Notes
    -----
    ID numbers by the check digit of GB 11643-1999, those of 15 digits by their date,
    bank cards by the Luhn digit of ISO/IEC 7812, mainland mobile numbers, e-mail
    addresses; cards and mobile numbers also in groups of digits.

    Examples
    --------
    >>> personal_kind("11010519491231002X")
    'an ID number'
    >>> personal_kind("A-2026-000123") is None
    True
    """
    if any(_is_id(number) for number in _ID_NUMBER.findall(text)):
        return "an ID number"
    if any(_is_card(found.group()) for found in _CARD.finditer(text)):
        return "a bank card number"
    if _OLD_ID_NUMBER.search(text):
        return "an ID number"
    if _MOBILE.search(text):
        return "a mobile number"
    return "an e-mail address" if "@" in text else None


def _is_id(number: str) -> bool:
    pairs = zip(number[:17], _ID_WEIGHTS, strict=True)
    total = sum(int(digit) * weight for digit, weight in pairs)
    return number[17].upper() == _ID_CHECKS[total % 11]


def _is_card(number: str) -> bool:
    digits = [int(digit) for digit in reversed(re.sub(r"\D", "", number))]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
