"""Column reader: the cells of one characteristic to attributes and faults."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from cfscore._kernels.digitize import digitize, gather_codes
from cfscore._kernels.points import mark_faults, mark_infinite
from cfscore.plan import CategoricalBins, Characteristic, NumericBins
from cfscore.tables import FAULT_CODES, CategoryColumn, Column, NumericColumn

__all__ = ["ColumnReader", "Tally", "column_reader", "fault_codes"]

Attributes = NDArray[np.uint16]
Status = NDArray[np.uint8]


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


class ColumnReader(ABC):
    """One characteristic with the column it reads."""

    def __init__(self, characteristic: Characteristic) -> None:
        self.characteristic = characteristic
        self.codes = fault_codes(characteristic)

    @abstractmethod
    def read(
        self,
        rows: slice,
        found: Attributes,
        unreadable: Status,
        status: Status,
        tally: Tally,
    ) -> None:
        """Write the attributes of a block of rows and mark its faults.

        Parameters
        ----------
        rows : slice
            The block.
        found : array of shape (block,), uint16
            Written: the attribute of each row.
        unreadable, status : array of shape (n_rows,), uint8
            Status before and after policies, of all rows.
        tally : Tally
            Counters to add to.
        """

    def refuse(
        self, rows: slice, found: Attributes, unreadable: Status, status: Status
    ) -> dict[str, int]:
        """Mark the rows whose attribute is refused; return their number per fault."""
        if self.codes is None:
            return {}
        before = unreadable[rows]
        if not mark_faults(found, len(found), self.codes, before, status[rows]):
            return {}
        refused = self.codes[found[before == 0]]
        return {
            fault: n
            for fault, code in FAULT_CODES.items()
            if (n := int(np.count_nonzero(refused == code)))
        }

    def count(self, faults: dict[str, int], tally: Tally) -> None:
        """Add the refused cells of a block to the counters."""
        name = self.characteristic.name
        tally.faults.update({(name, fault): n for fault, n in faults.items()})


class NumberReader(ColumnReader):
    """Reads a numeric column."""

    def __init__(self, characteristic: Characteristic, column: NumericColumn) -> None:
        super().__init__(characteristic)
        assert isinstance(characteristic.bins, NumericBins)
        self.values = column.values
        self.cuts = characteristic.bins.cuts
        self.slot_attributes = characteristic.bins.slot_attributes

    def read(
        self,
        rows: slice,
        found: Attributes,
        unreadable: Status,
        status: Status,
        tally: Tally,
    ) -> None:
        """Write the attributes of a block of rows and mark its faults."""
        values = self.values[rows]
        n_infinite = int(digitize(values, self.cuts, self.slot_attributes, found))
        if self.codes is None and not n_infinite:
            return
        faults = self.refuse(rows, found, unreadable, status)
        if n_infinite:
            tally.infinite[self.characteristic.name] += n_infinite
            if self.characteristic.non_finite == "error":
                code = FAULT_CODES["NOT_FINITE"]
                mark_infinite(values, code, unreadable[rows], status[rows])
                faults = {**faults, "NOT_FINITE": n_infinite}
        self.count(faults, tally)


class CodeReader(ColumnReader):
    """Reads a category column."""

    def __init__(self, characteristic: Characteristic, column: CategoryColumn) -> None:
        super().__init__(characteristic)
        assert isinstance(characteristic.bins, CategoricalBins)
        self.category_codes = column.codes
        self.code_attributes = characteristic.bins.code_attributes(column.keys)

    def read(
        self,
        rows: slice,
        found: Attributes,
        unreadable: Status,
        status: Status,
        tally: Tally,
    ) -> None:
        """Write the attributes of a block of rows and mark its faults."""
        gather_codes(self.category_codes[rows], self.code_attributes, found)
        if self.codes is None:
            return
        self.count(self.refuse(rows, found, unreadable, status), tally)


def column_reader(characteristic: Characteristic, column: Column) -> ColumnReader:
    """Return the reader of a characteristic for a column of its kind."""
    if isinstance(column, NumericColumn):
        return NumberReader(characteristic, column)
    return CodeReader(characteristic, column)
