"""Special codes: reserved values that say why there is no measurement.

Zero, missing and "no record" never share a value: a count of zero inquiries, a bureau
that has no file and a bureau that did not answer are three different facts.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["SPECIAL_CODES", "SpecialCode"]


class SpecialCode(IntEnum):
    """Reserved negative values of numeric columns: why there is no measurement."""

    NO_HIT = -9991
    """The bureau has no file on the applicant (thin file)."""
    NOT_APPLICABLE = -9992
    """There is a file, but nothing the column could measure."""
    NEVER = -9993
    """The event never happened; the best bin of a months-since column."""
    SOURCE_DOWN = -9994
    """The source did not answer; says nothing about the applicant."""
    NO_CONSENT = -9995
    """The applicant did not agree to the query; independent of risk."""
    INVALID = -9996
    """A value was computed that is no number, from records that contradict it."""


#: Reserved values of numeric columns by name; SpecialCode says what each means.
SPECIAL_CODES: dict[str, int] = {code.name: code.value for code in SpecialCode}
