"""Code table: what the codes of a column mean, as versioned data.

A mapping of codes is a modelling decision that lenders make differently and change
over the years, so it is data with a version, and part of the hash of every feature
computed through it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from cfscore.exceptions import UsageError
from cfscore.features._spelling import spelling_hint

__all__ = ["CodeTable", "Meaning"]

Meaning = str | float | int | bool | None
Attributes = Mapping[str, Meaning]


@dataclass(frozen=True)
class CodeTable:
    """Attributes of the codes of one column.

    Parameters
    ----------
    name : str
        Name, for messages and the data dictionary.
    version : str
        Version of the mapping.
    rows : mapping of str to (mapping of str to value)
        Attributes by code. ``"3000-3999"`` stands for every code of four digits in
        that range. An attribute that a code does not have is missing.
    overrides : mapping of str to (mapping of str to (mapping of str to value))
        Per value of a second column, the codes and attributes that differ there.

    Raises
    ------
    UsageError
        When the table is empty or a range is not one.

    Examples
    --------
    >>> table = CodeTable(
    ...     "status",
    ...     "1",
    ...     {"N": {"bucket": 0}, "1": {"bucket": 1}},
    ...     overrides={"R3": {"1": {"bucket": 0}}},
    ... )
    >>> table.attributes
    ('bucket',)
    """

    name: str
    version: str
    rows: Mapping[str, Attributes]
    overrides: Mapping[str, Mapping[str, Attributes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the codes."""
        if not self.rows:
            msg = f"Code table {self.name!r} has no codes."
            raise UsageError(msg)
        for rows in (self.rows, *self.overrides.values()):
            list(_spelt_out(rows, self.name))

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes, in order of first appearance."""
        tables = (self.rows, *self.overrides.values())
        return tuple(
            dict.fromkeys(
                name for rows in tables for row in rows.values() for name in row
            )
        )

    def lookup(self, code: pl.Expr, attribute: str, second: pl.Expr | None) -> pl.Expr:
        """Return an expression for one attribute of a column of codes.

        Parameters
        ----------
        code : expression of text
            The codes; one that the table does not know has no attributes.
        attribute : str
            Attribute to return.
        second : expression of text or None
            The column by which ``overrides`` are chosen.

        Returns
        -------
        expression
            Null where the code has no such attribute.

        Raises
        ------
        UsageError
            When no code has that attribute.
        """
        if attribute not in self.attributes:
            msg = f"Code table {self.name!r} has no attribute {attribute!r}."
            raise UsageError(msg, hint=spelling_hint(attribute, self.attributes))
        found = self._replaced(code, attribute, self.rows)
        for value, rows in self.overrides.items():
            if second is not None:
                here = self._replaced(code, attribute, {**self.rows, **rows})
                found = pl.when(second == value).then(here).otherwise(found)
        return found

    def _replaced(
        self, code: pl.Expr, attribute: str, rows: Mapping[str, Attributes]
    ) -> pl.Expr:
        meanings = {c: row.get(attribute) for c, row in _spelt_out(rows, self.name)}
        dtype = self._dtype(attribute)
        return code.replace_strict(
            list(meanings),
            pl.Series(list(meanings.values()), dtype=dtype, strict=False),
            default=None,
            return_dtype=dtype,
        )

    def _dtype(self, attribute: str) -> type[pl.DataType]:
        tables = (self.rows, *self.overrides.values())
        kinds = {
            type(row[attribute])
            for rows in tables
            for row in rows.values()
            if row.get(attribute) is not None
        }
        if kinds <= {bool}:
            return pl.Boolean
        return pl.Float64 if kinds <= {int, float} else pl.String


def _spelt_out(
    rows: Mapping[str, Attributes], name: str
) -> Iterator[tuple[str, Attributes]]:
    """Yield every code with its attributes, ranges code by code."""
    for code, attributes in rows.items():
        first, dash, last = code.partition("-")
        if not dash or not first:
            yield code, attributes
            continue
        if not (first.isdigit() and len(first) == len(last) and first <= last):
            msg = f"Code table {name!r}: {code!r} is no range of codes."
            raise UsageError(msg, hint="Write it like '3000-3999'.")
        for number in range(int(first), int(last) + 1):
            yield f"{number:0{len(first)}d}", attributes
