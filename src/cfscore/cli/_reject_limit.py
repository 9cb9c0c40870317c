"""Reject limit: how many rejected rows an output may hold."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass

__all__ = ["RejectLimit", "reject_limit"]

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%", re.ASCII)


@dataclass(frozen=True)
class RejectLimit:
    """Called with the rows of an output, returns how many may be rejected.

    Parameters
    ----------
    rows : int
        Fixed part.
    percent : float
        Part of the rows, in [0, 100].
    """

    rows: int = 0
    percent: float = 0.0

    def __call__(self, n_rows: int) -> float:
        """Return the largest number of rejected rows that is accepted."""
        return self.rows + self.percent * n_rows / 100.0


def reject_limit(text: str) -> RejectLimit:
    """Return the limit written as ``N`` or ``P%``, as the type of an argument.

    Examples
    --------
    >>> reject_limit("1%")(2000), reject_limit("25")(2000)
    (20.0, 25.0)
    """
    percent = _PERCENT.fullmatch(text)
    if percent and float(percent[1]) <= 100.0:
        return RejectLimit(percent=float(percent[1]))
    if text.isascii() and text.isdigit():
        return RejectLimit(rows=int(text))
    msg = f"{text!r} is neither a number of rows nor a percentage such as 1%"
    raise argparse.ArgumentTypeError(msg)
