"""Input schema: the named columns a model reads, each with a fixed kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from cfscore.exceptions import UsageError

__all__ = ["InputField", "InputSchema", "Kind"]

Kind = Literal["numeric", "boolean", "categorical"]


@dataclass(frozen=True)
class InputField:
    """One named input column.

    Parameters
    ----------
    name : str
        Column name; may hold spaces and any script.
    kind : {"numeric", "boolean", "categorical"}
        How cells are read: as float64, as ``True``/``False``, or as text keys.
    """

    name: str
    kind: Kind

    def __post_init__(self) -> None:
        """Check name and kind."""
        if not isinstance(self.name, str) or not self.name:
            msg = "An input field needs a non-empty text name."
            raise UsageError(msg)
        if self.kind not in get_args(Kind):
            msg = (
                f"Field {self.name!r}: kind must be one of {get_args(Kind)}, "
                f"got {self.kind!r}."
            )
            raise UsageError(msg)


@dataclass(frozen=True)
class InputSchema:
    """The ordered input columns of a model.

    Parameters
    ----------
    fields : tuple of InputField
        Columns in the model's order; names are unique.
    """

    fields: tuple[InputField, ...]

    def __post_init__(self) -> None:
        """Check that names are unique."""
        repeated = [n for n, count in Counter(self.names).items() if count > 1]
        if repeated:
            msg = f"Input field names must be unique; repeated: {sorted(repeated)}."
            raise UsageError(msg)

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self.fields)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(field.name for field in self.fields)
