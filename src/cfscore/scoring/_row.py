"""One row of a scorecard: the same tables and bits as a batch, in one kernel call."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from cfscore.execution import fault_codes
from cfscore.explain import PointsRow
from cfscore.plan import Characteristic, NumericBins
from cfscore.scoring._family import PlanRuntime
from cfscore.scoring._row_score import RowReasons, RowScore
from cfscore.scoring._row_values import RowValues
from cfscore.tables import RowReader

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
        characteristics = plan.points.characteristics
        self._reader = RowReader(plan.schema)
        self._values = RowValues(
            self._reader,
            [
                (
                    ready,
                    read if isinstance(c.bins, NumericBins) else _attribute_of(c, read),
                )
                for c, (ready, read) in zip(
                    characteristics, self._reader.steps, strict=True
                )
            ],
            characteristics,
            _policy_faults,
            may_refuse=any(
                c.non_finite == "error" or fault_codes(c) is not None
                for c in characteristics
            ),
        )
        self._tables = PointsRow(runtime.points_engine, runtime.points_explainer)
        self._reasons = RowReasons(plan)

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
            When ``reasons`` is no integer or negative, or the language unknown.
        """
        values = self._values.read(row, self._reader.pick(row))
        indices, harms = self._reasons.room(reasons, language)
        scored = self._tables.score(values, indices, harms)
        cited = self._reasons.cite(indices, harms, language) if reasons else ()
        return _NEW(RowScore, (*scored, cited, len(indices)))


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
