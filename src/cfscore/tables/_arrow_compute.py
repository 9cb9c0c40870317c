"""Arrow's compute functions, imported when the first of them is used.

Importing ``pyarrow.compute`` takes some 50 ms, a twentieth of a process that scores
numbers and has no use for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["compute"]


class _Compute:
    """Stands for the module ``pyarrow.compute``."""

    def __getattr__(self, name: str) -> Any:
        """Return a function of the module, and keep it for the next time."""
        found = getattr(import_module("pyarrow.compute"), name)
        setattr(self, name, found)
        return found


#: Arrow's compute functions by name.
compute: Any = _Compute()
