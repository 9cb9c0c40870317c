"""Importing numba without the packages that it only looks at.

numba asks for scipy's version and for coverage when it is imported, and for
``scipy.linalg`` when it first compiles: 0.15 s of a process that scores one row and has
no use for any. Hidden, they count as not installed at these places; ``np.dot`` in a
user's kernel finds scipy as ever, because numba looks again. The package imports this
module before any other.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType

__all__ = ["hidden"]


class _HiddenFrom(MetaPathFinder):
    """Makes top-level modules look uninstalled to one thread."""

    def __init__(self, names: Sequence[str], thread: int) -> None:
        self.names = names
        self.thread = thread

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> None:
        """Refuse the hidden modules; leave every other to the next finder."""
        if fullname in self.names and threading.get_ident() == self.thread:
            msg = f"{fullname} is not needed here"
            raise ModuleNotFoundError(msg, name=fullname)


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Hide modules that are not imported yet from this thread's imports."""
    finder = _HiddenFrom(names, threading.get_ident())
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


with hidden("scipy", "coverage"):
    import numba  # noqa: F401 - imported for its effect
