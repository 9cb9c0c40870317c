"""Letter facts: who writes, when, about which application, and who is named."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

from cfscore.exceptions import UsageError
from cfscore.reports._personal_data import personal_kind

__all__ = ["Institution", "LetterFacts"]

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Institution:
    """An institution as a letter names it.

    Parameters
    ----------
    name, address : str
        As the reader should see them; not blank.
    phone, email, website : str
        Ways to reach it; left out where empty.

    Raises
    ------
    UsageError
        When name or address is blank.
    """

    name: str
    address: str
    phone: str = ""
    email: str = ""
    website: str = ""

    def __post_init__(self) -> None:
        """Check that it can be named and found."""
        for part in ("name", "address"):
            if not getattr(self, part).strip():
                msg = f"An institution needs a non-blank {part}."
                raise UsageError(msg)

    def contact(self, language: str) -> str:
        """Return the ways to reach it, in one line.

        Parameters
        ----------
        language : {"en", "zh"}
            Language of the words between.

        Returns
        -------
        str
            Empty when there are none.
        """
        words = (
            ("电话 ", "电子邮箱 ", "") if language == "zh" else ("telephone ", "", "")
        )
        parts = zip(words, (self.phone, self.email, self.website), strict=True)
        return _listed([word + part for word, part in parts if part], language)

    def described(self, language: str) -> str:
        """Return name, address and the ways to reach it, in one line.

        Parameters
        ----------
        language : {"en", "zh"}
            Language of the words between.

        Returns
        -------
        str
            For a sentence.
        """
        address = " ".join(self.address.split())
        parts = (self.name, address, self.contact(language))
        return _listed([part for part in parts if part], language)


@dataclass(frozen=True)
class LetterFacts:
    """What a letter states beside the reasons.

    Parameters
    ----------
    lender : Institution
        Who writes; with a phone number or e-mail address for questions.
    date : datetime.date
        Date of the letter.
    reference : str
        The lender's own number of the application; nothing that identifies a person.
    score_range : tuple of (float, float), optional
        Lowest and highest possible score; the score is stated where it is given.
    scored_on : datetime.date, optional
        When the score was made; the date of the letter when omitted.
    bureau : Institution, optional
        The credit agency whose report was used.
    supervisor : Institution, optional
        The agency that supervises the lender; an adverse-action notice names it.

    Raises
    ------
    UsageError
        When a fact is missing, or the reference looks like an ID, phone or card number
        or an e-mail address.
    """

    lender: Institution
    date: datetime.date
    reference: str
    score_range: tuple[float, float] | None = None
    scored_on: datetime.date | None = None
    bureau: Institution | None = None
    supervisor: Institution | None = None

    def __post_init__(self) -> None:
        """Check what every letter needs."""
        if not (self.lender.phone or self.lender.email):
            msg = "The lender of a letter needs a phone number or an e-mail address."
            raise UsageError(msg)
        if not self.reference.strip():
            msg = "A letter needs the reference of the application."
            raise UsageError(msg)
        kind = personal_kind(self.reference)
        if kind is not None:
            msg = f"The reference of a letter looks like {kind}."
            hint = "Use the lender's own number of the application."
            raise UsageError(msg, code="PERSONAL_DATA", hint=hint)
        if self.score_range is not None:
            low, high = self.score_range
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                msg = f"score_range must be (lowest, highest), got {self.score_range}."
                raise UsageError(msg)


def date_text(date: datetime.date, language: str) -> str:
    """Return a date as a letter writes it.

    Examples
    --------
    >>> date_text(datetime.date(2026, 3, 9), "en")
    'March 9, 2026'
    >>> date_text(datetime.date(2026, 3, 9), "zh")
    '2026年3月9日'
    """
    if language == "zh":
        return f"{date.year}年{date.month}月{date.day}日"
    return f"{_MONTHS[date.month - 1]} {date.day}, {date.year}"


def _listed(parts: list[str], language: str) -> str:
    return ("，" if language == "zh" else ", ").join(parts)
