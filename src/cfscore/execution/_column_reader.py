"""Column readers: the cells of all characteristics to attributes and faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.column_address import addresses_of
from cfscore._kernels.digitize import digitize_columns, gather_columns
from cfscore._kernels.points import mark_faults, mark_infinite
from cfscore.plan import CategoricalBins, Characteristic, NumericBins
from cfscore.tables import FAULT_CODES, CategoryColumn, Column, NumericColumn

__all__ = ["ColumnReaders", "ColumnTables", "Tally", "fault_codes"]

Attributes = NDArray[np.uint16]
Status = NDArray[np.uint8]
_NOT_FINITE = "NOT_FINITE"


class Tally:
    """Counters of one slice of rows, filled by one thread.

    Parameters
    ----------
    n_attributes : int
        Attributes of all characteristics together.
    """

    def __init__(self, n_attributes: int) -> None:
        self.attributes = np.zeros(n_attributes, np.int64)
        self.roles: Counter[tuple[str, str]] = Counter()
        self.faults: Counter[tuple[str, str]] = Counter()
        self.infinite: Counter[str] = Counter()


def fault_codes(characteristic: Characteristic) -> NDArray[np.uint8] | None:
    """Return the fault code of each attribute, None where no policy is ``"error"``."""
    codes = [
        FAULT_CODES[a.role.upper()] if a.policy == "error" else 0
        for a in characteristic.attributes
    ]
    return np.array(codes, np.uint8) if any(codes) else None


class ColumnTables:
    """The characteristics of a plan, laid out once for all batches.

    Parameters
    ----------
    characteristics : sequence of Characteristic
        In column order.
    """

    def __init__(self, characteristics: Sequence[Characteristic]) -> None:
        self.characteristics = characteristics
        self.codes = [fault_codes(c) for c in characteristics]
        self.refusing = {j for j, code in enumerate(self.codes) if code is not None}
        bins = [c.bins for c in characteristics]
        of_numbers = {j: b for j, b in enumerate(bins) if isinstance(b, NumericBins)}
        self.of_texts = {
            j: b for j, b in enumerate(bins) if isinstance(b, CategoricalBins)
        }
        self.numbers = _NumberTables.of(of_numbers) if of_numbers else None


class ColumnReaders:
    """The characteristics of a plan with the columns that they read.

    Parameters
    ----------
    tables : ColumnTables
        The characteristics.
    columns : mapping of str to Column
        A column of its kind for each of them, by name.
    """

    def __init__(self, tables: ColumnTables, columns: Mapping[str, Column]) -> None:
        self._characteristics = tables.characteristics
        self._codes, self._refusing = tables.codes, tables.refusing
        self._columns = [columns[c.name] for c in tables.characteristics]
        self._numbers = tables.numbers
        if self._numbers is not None:
            # Kept alive, as the kernel knows addresses only.
            self._values = [
                column.values
                for column in self._columns
                if isinstance(column, NumericColumn)
            ]
            assert len(self._values) == len(self._numbers.places)
            self._addresses = addresses_of(self._values, np.float64)
        texts = {
            j: column
            for j, column in enumerate(self._columns)
            if isinstance(column, CategoryColumn)
        }
        assert texts.keys() == tables.of_texts.keys()
        self._texts = _CodeTables.of(tables.of_texts, texts) if texts else None

    def __len__(self) -> int:
        """Return the number of characteristics."""
        return len(self._characteristics)

    def read(
        self,
        first: int,
        n: int,
        found: Attributes,
        unreadable: Status,
        status: Status,
        tally: Tally,
    ) -> None:
        """Write the attributes of a block of rows and mark its faults.

        Parameters
        ----------
        first, n : int
            The block: its first row, and how many there are.
        found : array of shape (n_columns, block), uint16
            Written: the attribute of each row.
        unreadable, status : array of shape (n_rows,), uint8
            Status before and after policies, of all rows.
        tally : Tally
            Counters to add to.
        """
        infinite: dict[int, int] = {}
        if self._numbers is not None:
            infinite = self._numbers.read(self._addresses, first, n, found)
        if self._texts is not None:
            self._texts.read(first, n, found)
        rows = slice(first, first + n)
        # In column order: the first fault of a row gives its status.
        for j in sorted(self._refusing | infinite.keys()):
            name = self._characteristics[j].name
            faults = self._refuse(j, rows, found[j, :n], unreadable, status)
            if j in infinite:
                tally.infinite[name] += infinite[j]
                if self._characteristics[j].non_finite == "error":
                    self._mark_infinite(j, rows, unreadable, status)
                    faults = {**faults, _NOT_FINITE: infinite[j]}
            tally.faults.update({(name, fault): k for fault, k in faults.items()})

    def _refuse(
        self, j: int, rows: slice, found: Attributes, unreadable: Status, status: Status
    ) -> dict[str, int]:
        """Mark the rows whose attribute is refused; return their number per fault."""
        codes = self._codes[j]
        if codes is None:
            return {}
        before = unreadable[rows]
        if not mark_faults(found, len(found), codes, before, status[rows]):
            return {}
        refused = codes[found[before == 0]]
        return {
            fault: n
            for fault, code in FAULT_CODES.items()
            if (n := int(np.count_nonzero(refused == code)))
        }

    def _mark_infinite(
        self, j: int, rows: slice, unreadable: Status, status: Status
    ) -> None:
        column = self._columns[j]
        assert isinstance(column, NumericColumn)
        code = FAULT_CODES[_NOT_FINITE]
        mark_infinite(column.values[rows], code, unreadable[rows], status[rows])


@dataclass(frozen=True, eq=False)
class _NumberTables:
    """The cuts of numeric columns, laid out for one kernel call.

    Parameters
    ----------
    places : array of shape (n_numeric,), int64
        Place of each among all columns.
    cuts, cut_starts, slot_attributes : array
        See ``digitize_columns``.
    """

    places: NDArray[np.int64]
    cuts: NDArray[np.float64]
    cut_starts: NDArray[np.int64]
    slot_attributes: NDArray[np.uint16]

    @classmethod
    def of(cls, bins: Mapping[int, NumericBins]) -> Self:
        """Return the tables of columns at places."""
        return cls(
            places=np.array(list(bins)),
            cuts=np.concatenate([b.cuts for b in bins.values()]),
            cut_starts=_starts([len(b.cuts) for b in bins.values()]),
            slot_attributes=np.concatenate([b.slot_attributes for b in bins.values()]),
        )

    def read(
        self, addresses: NDArray[np.int64], first: int, n: int, found: Attributes
    ) -> dict[int, int]:
        """Write the attributes; return how many infinite values a place has, if any."""
        n_infinite = np.empty(len(self.places), np.int64)
        digitize_columns(
            addresses, first, n, self.cuts, self.cut_starts, self.slot_attributes,
            self.places, found, n_infinite,
        )  # fmt: skip
        if not n_infinite.any():
            return {}
        counts = zip(self.places.tolist(), n_infinite.tolist(), strict=True)
        return {place: count for place, count in counts if count}


@dataclass(frozen=True, eq=False)
class _CodeTables:
    """Category columns and the attributes of their codes, for one kernel call.

    Parameters
    ----------
    columns : list of array
        Codes; kept alive, as the kernel knows addresses only.
    addresses, places : array of shape (n_category_columns,), int64
        Where each begins, and its place among all columns.
    code_attributes, starts : array
        See ``gather_columns``.
    """

    columns: list[NDArray[np.int32]]
    addresses: NDArray[np.int64]
    places: NDArray[np.int64]
    code_attributes: NDArray[np.uint16]
    starts: NDArray[np.int64]

    @classmethod
    def of(
        cls, bins: Mapping[int, CategoricalBins], columns: Mapping[int, CategoryColumn]
    ) -> Self:
        """Return the tables of columns at places."""
        tables = [bins[j].code_attributes(column.keys) for j, column in columns.items()]
        codes = [column.codes for column in columns.values()]
        return cls(
            columns=codes,
            addresses=addresses_of(codes, np.int32),
            places=np.array(list(columns)),
            code_attributes=np.concatenate(tables),
            starts=_starts([len(table) for table in tables]),
        )

    def read(self, first: int, n: int, found: Attributes) -> None:
        """Write the attributes."""
        gather_columns(
            self.addresses, first, n, self.code_attributes, self.starts, self.places,
            found,
        )  # fmt: skip


def _starts(sizes: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
