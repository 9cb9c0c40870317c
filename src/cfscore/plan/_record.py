"""Record: one JSON object of a plan file, read by key with the type it must have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from cfscore.exceptions import ArtifactError

__all__ = ["Record"]

_T = TypeVar("_T")


class Record:
    """A JSON object that has exactly the expected keys.

    Parameters
    ----------
    value : object
        What the JSON text held.
    keys : iterable of str
        All keys, none optional.
    where : str
        Place in the file, for messages.

    Raises
    ------
    ArtifactError
        Code ``STRUCTURE``, when it is no object or its keys differ; reading a key
        raises the same where the value has another type.
    """

    def __init__(self, value: object, keys: Iterable[str], where: str) -> None:
        self.where = where
        if not isinstance(value, dict):
            fault = "must be an object"
            raise self._refusal(fault)
        expected = set(keys)
        if value.keys() != expected:
            missing = sorted(expected - value.keys())
            n_unknown = len(value.keys() - expected)
            fault = f"lacks {missing} and has {n_unknown} unknown key(s)"
            raise self._refusal(fault)
        self._values: dict[str, Any] = value

    def text(self, key: str) -> str:
        """Return a text."""
        return self._typed(self._values[key], str, key)

    def optional_text(self, key: str) -> str | None:
        """Return a text or None."""
        return None if self._values[key] is None else self.text(key)

    def choice(self, key: str, allowed: Iterable[str]) -> Any:
        """Return a text that is one of the allowed ones."""
        value = self.text(key)
        if value not in allowed:
            fault = f"holds no known value at {key!r}"
            raise self._refusal(fault)
        return value

    def flag(self, key: str) -> bool:
        """Return a boolean."""
        return self._typed(self._values[key], bool, key)

    def integer(self, key: str) -> int:
        """Return an integer, not negative."""
        return self._count(self._values[key], key)

    def number(self, key: str) -> float:
        """Return a finite float64."""
        return self._typed(self._values[key], float, key)

    def optional_number(self, key: str) -> float | None:
        """Return a finite float64 or None."""
        return None if self._values[key] is None else self.number(key)

    def items(self, key: str, limit: int | None = None) -> list[Any]:
        """Return an array of anything, at most ``limit`` long."""
        found: list[Any] = self._typed(self._values[key], list, key)
        if limit is not None and len(found) > limit:
            fault = f"has {len(found)} items at {key!r}; at most {limit} are read"
            raise self._refusal(fault)
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return an array of texts."""
        return tuple(self._typed(item, str, key) for item in self.items(key))

    def text_groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Return an array of arrays of texts."""
        groups = [self._typed(item, list, key) for item in self.items(key)]
        return tuple(
            tuple(self._typed(item, str, key) for item in group) for group in groups
        )

    def integers(self, key: str) -> tuple[int, ...]:
        """Return an array of integers, none negative."""
        return tuple(self._count(item, key) for item in self.items(key))

    def numbers(self, key: str) -> tuple[float, ...]:
        """Return an array of finite float64."""
        return tuple(self._typed(item, float, key) for item in self.items(key))

    def mapping(self, key: str) -> dict[str, Any]:
        """Return an object with keys of its own."""
        return self._typed(self._values[key], dict, key)

    def text_mapping(self, key: str) -> dict[str, str]:
        """Return an object of texts."""
        return {k: self._typed(v, str, key) for k, v in self.mapping(key).items()}

    def optional_text_mapping(self, key: str) -> dict[str, str | None]:
        """Return an object of texts and None."""
        return {
            k: None if v is None else self._typed(v, str, key)
            for k, v in self.mapping(key).items()
        }

    def raw(self, key: str) -> object:
        """Return a value of any type."""
        return self._values[key]

    def _count(self, value: object, key: str) -> int:
        count = self._typed(value, int, key)
        if count < 0:
            fault = f"holds a negative count at {key!r}"
            raise self._refusal(fault)
        return count

    def _typed(self, value: object, kind: type[_T], key: str) -> _T:
        if not isinstance(value, kind) or type(value) is not kind:  # a bool is no int
            fault = f"must hold {_NAMES[kind]} at {key!r}"
            raise self._refusal(fault)
        return value

    def _refusal(self, fault: str) -> ArtifactError:
        return ArtifactError(f"{self.where} {fault}.", code="STRUCTURE")


_NAMES: dict[type, str] = {
    bool: "true or false",
    dict: "an object",
    float: "a number with a point or exponent",
    int: "an integer",
    list: "an array",
    str: "a text",
}
