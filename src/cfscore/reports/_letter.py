"""Letter: title and sections in one language, and their text and HTML forms."""

from __future__ import annotations

import datetime
import textwrap
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from cfscore.reports._letter_facts import Institution, date_text

__all__ = ["Letter", "LetterSection"]

_LINE_WIDTH = 78


@dataclass(frozen=True)
class LetterSection:
    """A part of a letter.

    Parameters
    ----------
    heading : str
        Empty where it continues the part before.
    paragraphs : tuple of str
        Plain text.
    items : tuple of str
        A numbered list after the paragraphs.
    """

    heading: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Letter:
    """A letter to a consumer, without the name of any person.

    Parameters
    ----------
    language : {"en", "zh"}
        Its language.
    title : str
        What it is about.
    date : datetime.date
        When it is written.
    lender : Institution
        Who writes.
    sections : tuple of LetterSection
        What it says, in order.
    """

    language: str
    title: str
    date: datetime.date
    lender: Institution
    sections: tuple[LetterSection, ...]

    def __repr__(self) -> str:
        """Return title, language and size; the content is for its reader alone."""
        n = len(self.sections)
        return f"Letter({self.title!r}, {self.language}, {n} sections)"

    def to_text(self) -> str:
        """Return the letter as plain text.

        Returns
        -------
        str
            English lines are wrapped at 78 characters.
        """
        return self._render("letter.txt")

    def to_html(self) -> str:
        """Return the letter as one HTML document without outside resources.

        Returns
        -------
        str
            Every fact and reason is escaped.
        """
        return self._render("letter.html")

    def _repr_html_(self) -> str:
        """Return what notebooks show: the letter without the document around it."""
        return self._render("letter_body.html")

    def _render(self, template: str) -> str:
        environment = Environment(
            loader=PackageLoader("cfscore.reports", "templates"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters["wrapped"] = self._wrapped
        return environment.get_template(template).render(
            letter=self, lender=self.lender, date=date_text(self.date, self.language)
        )

    def _wrapped(self, text: str) -> str:
        """Break lines between words; Chinese has none between words."""
        if self.language == "zh":
            return text
        return textwrap.fill(text, _LINE_WIDTH, break_on_hyphens=False)
