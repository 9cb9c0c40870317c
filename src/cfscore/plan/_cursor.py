"""Cursor: the numbers of a flat array, handed out part by part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from cfscore.exceptions import ArtifactError
from cfscore.plan._protocol import PLAN

__all__ = ["Arrays", "Cursor"]

Arrays = Mapping[str, NDArray[Any]]


class Cursor:
    """Numbers of one array, taken in order and all used up in the end."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        self._name = name
        self._values: list[float] = arrays[name].tolist()
        self._taken = 0

    def take(self, n: int) -> tuple[float, ...]:
        """Return the next ``n`` numbers."""
        found = self._values[self._taken : self._taken + n]
        if len(found) < n:
            fault = "too few"
            raise self._refusal(fault)
        self._taken += n
        return tuple(found)

    def finish(self) -> None:
        """Refuse numbers that nothing asked for."""
        if self._taken != len(self._values):
            fault = "too many"
            raise self._refusal(fault)

    def _refusal(self, how_many: str) -> ArtifactError:
        msg = f"{self._name} holds {how_many} numbers for {PLAN}."
        return ArtifactError(msg, code="STRUCTURE")
