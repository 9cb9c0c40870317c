"""Spelling: what was probably meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["spelling_hint"]

_MOST_LISTED = 25


def spelling_hint(wrong: str, known: Iterable[str]) -> str | None:
    """Return the closest known name, or all of them, as a hint; None where none is.

    Examples
    --------
    >>> spelling_hint("avergae", ["average", "sum"]), spelling_hint("x", ["sum"])
    ("Did you mean 'average'?", 'Known are: sum.')
    """
    names = list(dict.fromkeys(known))
    close = get_close_matches(wrong, names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known are: {', '.join(names[:_MOST_LISTED])}." if names else None
