"""Window: a half-open stretch of time that ends at the decision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cfscore.exceptions import UsageError

__all__ = ["Window", "WindowUnit"]

WindowUnit = Literal["days", "months"]

_TEXT = re.compile(r"(?P<length>\d+)(?P<unit>[dm])(?:_lag(?P<lag>\d+))?")
_UNITS: dict[str, WindowUnit] = {"d": "days", "m": "months"}


@dataclass(frozen=True)
class Window:
    """The facts with ``as_of - lag - w <= event_time < as_of - lag``.

    A fact at the very start of the window is inside, a fact at the very instant of
    the decision is not.

    Parameters
    ----------
    days : int, optional
        Length in days: of 24 hours each where facts have instants, calendar days
        where they have dates.
    months : int, optional
        Length in calendar months in the time zone of the source. A day that the
        earlier month lacks is its last day: one month before 31 March is the last of
        February. Exactly one of ``days`` and ``months`` is given.
    lag : int, default 0
        How far before the decision the window ends, in the same unit.

    Raises
    ------
    UsageError
        When not exactly one length is given, or a length is not positive.

    Examples
    --------
    >>> Window(days=30).label, Window(months=3, lag=12).label
    ('30d', '3m_lag12')
    >>> Window.parse("6m")
    Window(days=None, months=6, lag=0)
    """

    days: int | None = None
    months: int | None = None
    lag: int = 0

    def __post_init__(self) -> None:
        """Check that there is one length, and that it is a length."""
        if (self.days is None) == (self.months is None):
            msg = "A window needs exactly one of days and months."
            raise UsageError(msg, hint="Write Window(days=30) or Window(months=6).")
        if not _is_whole(self.length) or self.length < 1:
            msg = f"The {self.unit} of a window must be a positive integer."
            raise UsageError(msg)
        if not _is_whole(self.lag) or self.lag < 0:
            msg = "The lag of a window must be an integer >= 0."
            raise UsageError(msg)

    @property
    def unit(self) -> WindowUnit:
        """``"days"`` or ``"months"``."""
        return "months" if self.days is None else "days"

    @property
    def length(self) -> int:
        """Length in ``unit``."""
        length = self.months if self.days is None else self.days
        assert length is not None
        return length

    @property
    def label(self) -> str:
        """How the window ends the name of a feature: ``30d``, ``6m``, ``3m_lag12``."""
        tail = f"_lag{self.lag}" if self.lag else ""
        return f"{self.length}{self.unit[0]}{tail}"

    @classmethod
    def parse(cls, text: str) -> Window:
        """Return the window that a label means.

        Parameters
        ----------
        text : str
            As in ``label``.

        Returns
        -------
        Window
            With that label.

        Raises
        ------
        UsageError
            When the text is no label of a window.
        """
        found = _TEXT.fullmatch(text.strip())
        if found is None:
            msg = f"{text!r} is no window."
            raise UsageError(msg, hint="Write '30d', '6m' or '3m_lag12'.")
        length, lag = int(found["length"]), int(found["lag"] or 0)
        if _UNITS[found["unit"]] == "days":
            return cls(days=length, lag=lag)
        return cls(months=length, lag=lag)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
