"""One row of a scorecard: the same tables and bits as a batch, in one kernel call."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cfscore.exceptions import RowFaultError
from cfscore.execution import fault_codes
from cfscore.explain import PointsRow
from cfscore.plan import Characteristic, NumericBins
from cfscore.scoring._family import PlanRuntime
from cfscore.scoring._row_score import RowReasons, RowScore
from cfscore.tables import FaultyCellError, RowReader

__all__ = ["RowScorer"]

#: Makes a named tuple of its fields at half the cost of calling its class.
_NEW = tuple.__new__


class RowScorer:
    """A scorecard plan for scoring single rows.

    Parameters
    ----------
    runtime : PlanRuntime
        Of a scorecard plan; immutable, so a row scorer may be shared between threads.
    """

    def __init__(self, runtime: PlanRuntime) -> None:
        plan = runtime.plan
        self._characteristics = plan.points.characteristics
        self._reader = RowReader(plan.schema)
        self._reasons = RowReasons(plan)
        self._steps = [
            (ready, read if isinstance(c.bins, NumericBins) else _attribute_of(c, read))
            for c, (ready, read) in zip(
                self._characteristics, self._reader.steps, strict=True
            )
        ]
        self._tables = PointsRow(runtime.points_engine, runtime.points_explainer)
        self._may_refuse = any(
            c.non_finite == "error" or fault_codes(c) is not None
            for c in self._characteristics
        )

    def score(
        self, row: Mapping[str, Any], *, reasons: int = 0, language: str = "en"
    ) -> RowScore:
        """Score one row given as a mapping of column name to value.

        Raises
        ------
        SchemaError
            When columns are missing; all are listed.
        RowFaultError
            When cells cannot be read or a policy refuses them; all are listed.
        UsageError
            When ``reasons`` is negative or the language unknown.
        """
        picked = self._reader.pick(row)
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
        indices, harms = self._reasons.room(reasons, language)
        scored = self._tables.score(values, indices, harms)
        cited = self._reasons.cite(indices, harms, language) if reasons else ()
        return _NEW(RowScore, (*scored, cited))

    def _refuse(self, row: Mapping[str, Any]) -> None:
        """Raise with every fault of the row, if it has one."""
        cells, faults = self._reader.read(row)
        found = list(faults)
        if not faults:
            for characteristic, cell in zip(self._characteristics, cells, strict=True):
                found += _policy_faults(characteristic, cell)
        if found:
            raise RowFaultError(1, 1, Counter(found))


def _attribute_of(
    characteristic: Characteristic, read: Callable[[Any], Any]
) -> Callable[[Any], float]:
    """Return a function from a cell of a category column to its attribute index."""
    bins = characteristic.bins
    assert not isinstance(bins, NumericBins)
    by_key: dict[str | None, float] = {k: float(a) for k, a in bins.index.items()}
    by_key[None] = float(bins.missing_index)
    unseen = float(bins.unseen_index)
    return lambda cell: by_key.get(read(cell), unseen)


def _policy_faults(characteristic: Characteristic, cell: Any) -> list[tuple[str, str]]:
    """Return the faults of a cell under the policies of its characteristic."""
    attribute = characteristic.attributes[characteristic.bins.attribute_of(cell)]
    found = []
    if attribute.policy == "error":
        found.append((characteristic.name, attribute.role.upper()))
    numeric = isinstance(characteristic.bins, NumericBins)
    if numeric and characteristic.non_finite == "error" and math.isinf(cell):
        found.append((characteristic.name, "NOT_FINITE"))
    return found
