"""Row values: what a model sees of one row, or every fault that the row has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import RowFaultError
from cfscore.tables import FaultyCellError, RowReader

__all__ = ["RowValues"]

#: Name and code of each fault of a cell under the policies of its column.
PolicyFaults = Callable[[Any, Any], Sequence[tuple[str, str]]]


class RowValues:
    """Reads single rows of a plan into numbers.

    Parameters
    ----------
    reader : RowReader
        Of the plan's schema.
    steps : sequence of (type, callable)
        For each column the type of a cell that is a value as it stands, and what turns
        any other cell into one.
    columns : sequence
        What the policies of each column are read from.
    policy_faults : callable
        Returns the faults of a cell, given its column.
    may_refuse : bool
        Whether a policy refuses any cell that can be read.
    """

    def __init__(
        self,
        reader: RowReader,
        steps: Sequence[tuple[type, Callable[[Any], Any]]],
        columns: Sequence[Any],
        policy_faults: PolicyFaults,
        *,
        may_refuse: bool,
    ) -> None:
        self._reader = reader
        self._steps = list(steps)
        self._columns = columns
        self._policy_faults = policy_faults
        self._may_refuse = may_refuse

    def read(
        self, row: Mapping[str, Any], picked: tuple[Any, ...]
    ) -> NDArray[np.float64]:
        """Return the values of a row, shape (n_columns,).

        Parameters
        ----------
        row : mapping of str to cell
            The row.
        picked : tuple of length n_columns
            Its cells, as ``RowReader.pick`` gives them.

        Raises
        ------
        RowFaultError
            When cells cannot be read or a policy refuses them; all are listed.
        """
        try:
            values = np.array(
                [
                    cell if type(cell) is ready else read(cell)
                    for cell, (ready, read) in zip(picked, self._steps, strict=True)
                ]
            )
        except FaultyCellError:
            self._refuse(row)
            raise  # never a score of half a row
        if self._may_refuse:
            self._refuse(row)
        return values

    def _refuse(self, row: Mapping[str, Any]) -> None:
        """Raise with every fault of the row, if it has one."""
        cells, faults = self._reader.read(row)
        found = list(faults)
        if not faults:
            for column, cell in zip(self._columns, cells, strict=True):
                found += self._policy_faults(column, cell)
        if found:
            raise RowFaultError(1, 1, Counter(found))
