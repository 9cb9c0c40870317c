"""One row at a time: the same tables and bits as a batch, without its machinery.

A row costs one dictionary look-up, one binary search and two additions per
characteristic in plain Python; a kernel call alone would take longer. Additions run in
column order on Python floats, which are the same IEEE doubles as in the kernels.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from typing import Any

from cfscore.exceptions import RowFaultError
from cfscore.execution import fault_codes
from cfscore.explain import PointsExplainer
from cfscore.plan import Characteristic, NumericBins
from cfscore.scoring._family import PlanRuntime
from cfscore.scoring._row_score import RowReasons, RowScore, probability
from cfscore.tables import FaultyCellError, RowReader

__all__ = ["RowScorer"]


#: Makes a named tuple of its fields at half the cost of calling its class.
_NEW = tuple.__new__

#: What one attribute adds to a row: log-odds part, points, contribution, reason index.
#: A plain tuple, which the interpreter unpacks faster than a named one.
_Entry = tuple[float, float, float, int]


class RowScorer:
    """A scorecard plan as plain Python tables for scoring single rows.

    Parameters
    ----------
    runtime : PlanRuntime
        Of a scorecard plan; immutable, so a row scorer may be shared between threads.
    """

    def __init__(self, runtime: PlanRuntime) -> None:
        plan = runtime.plan
        self._plan = plan
        self._reader = RowReader(plan.schema)
        explainer = runtime.points_explainer
        self._reasons = RowReasons(plan)
        self._n_reasons = explainer.n_reasons
        self._intercept = plan.points.intercept
        characteristics = plan.points.characteristics
        self._steps = [
            (*step, *_lookup(c, _entries(explainer, c, j)))
            for j, (c, step) in enumerate(
                zip(characteristics, self._reader.steps, strict=True)
            )
        ]
        self._may_refuse = any(
            c.non_finite == "error" or fault_codes(c) is not None
            for c in characteristics
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
        """
        picked = self._reader.pick(row)
        log_odds = self._intercept
        score = 0.0
        # the last place gathers what is never cited (reason index -1)
        harm = [0.0] * (self._n_reasons + 1)
        try:
            for cell, (ready, read, cuts, entries, unseen) in zip(
                picked, self._steps, strict=True
            ):
                value = cell if type(cell) is ready else read(cell)
                if cuts is None:
                    part, points, contribution, reason = entries.get(value, unseen)
                else:
                    slot = bisect_right(cuts, value) if value == value else -1
                    part, points, contribution, reason = entries[slot]
                log_odds += part
                score += points
                harm[reason] += contribution
        except FaultyCellError:
            self._refuse(row)
            raise  # never a score of half a row
        if self._may_refuse:
            self._refuse(row)
        del harm[-1]
        chosen = self._reasons.rank(harm, reasons, language) if reasons else ()
        return _NEW(RowScore, (log_odds, probability(log_odds), score, chosen))

    def _refuse(self, row: Mapping[str, Any]) -> None:
        """Raise with every fault of the row, if it has one."""
        cells, faults = self._reader.read(row)
        found = list(faults)
        if not faults:
            characteristics = self._plan.points.characteristics
            for characteristic, cell in zip(characteristics, cells, strict=True):
                found += _policy_faults(characteristic, cell)
        if found:
            raise RowFaultError(1, 1, Counter(found))


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


_Lookup = tuple[Any, Any, Any]


def _lookup(characteristic: Characteristic, entries: list[_Entry]) -> _Lookup:
    """Return (cuts, entry per slot, None) or (None, entry per key, unseen entry)."""
    bins = characteristic.bins
    if isinstance(bins, NumericBins):
        return bins.cuts.tolist(), [entries[a] for a in bins.slot_attributes], None
    by_key: dict[str | None, _Entry] = {k: entries[a] for k, a in bins.index.items()}
    by_key[None] = entries[bins.missing_index]
    return None, by_key, entries[bins.unseen_index]


def _entries(
    explainer: PointsExplainer, characteristic: Characteristic, column: int
) -> list[_Entry]:
    first = int(explainer.starts[column])
    return [
        (
            attribute.log_odds,
            attribute.points,
            float(explainer.contributions[first + i]),
            int(explainer.reason_of[first + i]),
        )
        for i, attribute in enumerate(characteristic.attributes)
    ]
