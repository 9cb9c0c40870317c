"""Importing numba without the one package it only looks at: scipy.

numba asks for scipy's version when it is imported, and for ``scipy.linalg`` when it
first meets array functions: 0.1 s and more of a process that scores one row and has no
use for either. Hidden, scipy counts as not installed at these two places; numba then
sums ``np.trapz`` and its like in a loop of its own, and ``np.dot`` in a user's kernel
finds scipy as ever, because it looks again. The package imports this module before any
other.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType

__all__: list[str] = []


class _HiddenFrom(MetaPathFinder):
    """Makes a top-level module look uninstalled to one thread."""

    def __init__(self, name: str, thread: int) -> None:
        self.name = name
        self.thread = thread

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> None:
        """Refuse the hidden module; leave every other to the next finder."""
        if fullname == self.name and threading.get_ident() == self.thread:
            msg = f"{self.name} is not needed here"
            raise ModuleNotFoundError(msg, name=self.name)


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    """Hide a module that is not imported yet from this thread's imports."""
    finder = _HiddenFrom(name, threading.get_ident())
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


with _hidden("scipy"):
    import numba.np.arraymath  # noqa: F401 - imported for its effect
