"""Reason rules: which reason each feature of a forest counts towards, row by row.

A feature has one reason, unless a special rule gives another to its missing, unseen or
special values (no bureau hit is "insufficient credit history", not "short history").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cfscore.plan import (
    SPECIAL_PREFIX,
    ForestFeature,
    ReasonCatalogue,
    ScoringPlan,
    SpecialRule,
    special_number,
)
from cfscore.tables import CategoryColumn, Column, ColumnBatch

__all__ = ["ReasonRules"]

_MISSING, _UNSEEN = "MISSING", "UNSEEN"


class ReasonRules:
    """Reasons of a forest plan's features.

    Parameters
    ----------
    plan : ScoringPlan
        A forest plan.

    Attributes
    ----------
    reason_of : array of shape (n_features,), int16
        Reason of each feature, -1 where it is never cited.
    rule_of : array of shape (n_features,), int64
        Place among the features with special rules, -1 for others.
    """

    def __init__(self, plan: ScoringPlan) -> None:
        catalogue, features = plan.catalogue, plan.forest.features
        self.reason_of = np.array(
            [catalogue.index_of(catalogue.features[f.name]) for f in features], np.int16
        )
        found = [_FeatureRules(f, catalogue) for f in features]
        self.rules = [rules for rules in found if rules]
        self._ruled = [index for index, rules in enumerate(found) if rules]
        self.rule_of = np.full(len(features), -1, np.int64)
        self.rule_of[self._ruled] = np.arange(len(self.rules))

    def ruled(self, batch: ColumnBatch, rows: slice) -> NDArray[np.int16]:
        """Return the reason of each row for the features with special rules.

        Returns
        -------
        array of shape (n_ruled, n_rows), int16
            Reason indices, -1 where never cited.
        """
        n = len(range(*rows.indices(batch.n_rows)))
        found = np.empty((len(self.rules), n), np.int16)
        for rules, out in zip(self.rules, found, strict=True):
            out[:] = rules.of_column(batch.columns[rules.feature.name], rows)
        return found

    def of_row(self, cells: Sequence[float | str | None]) -> NDArray[np.int16]:
        """Return the reason of each feature for one row, shape (n_features,).

        Parameters
        ----------
        cells : sequence
            A float, a key, or None for missing; read only where there are rules.
        """
        if not self.rules:
            return self.reason_of
        reasons = self.reason_of.copy()
        for index, rules in zip(self._ruled, self.rules, strict=True):
            reasons[index] = rules.of_cell(cells[index])
        return reasons


class _FeatureRules:
    """The reasons of one feature by label or number of its value.

    A special number is the same however a rule spells it ("-7", "-7.0"). The feature's
    own rules overrule the general ones, later rules earlier ones.
    """

    def __init__(self, feature: ForestFeature, catalogue: ReasonCatalogue) -> None:
        self.feature = feature
        self.known = frozenset(feature.categories)
        self.default = catalogue.index_of(catalogue.features[feature.name])
        self.by_label = {
            rule.attribute: catalogue.index_of(rule.code)
            for rule in _in_force(catalogue, feature.name)
        }
        self.by_number = {
            number: catalogue.index_of(rule.code)
            for rule in _in_force(catalogue, feature.name)
            if (number := special_number(rule.attribute)) is not None
        }

    def __bool__(self) -> bool:
        """Return whether there is any rule."""
        return bool(self.by_label)

    def of_cell(self, cell: float | str | None) -> int:
        """Return the reason of one cell: a float, a key, or None for missing."""
        if cell is None or cell != cell:
            return self.by_label.get(_MISSING, self.default)
        if not isinstance(cell, str):
            return self.by_number.get(cell, self.default)
        label = SPECIAL_PREFIX + cell
        if label not in self.by_label and cell not in self.known:
            label = _UNSEEN
        return self.by_label.get(label, self.default)

    def of_column(self, column: Column, rows: slice) -> NDArray[np.int16]:
        """Return the reason of each row of a column."""
        if isinstance(column, CategoryColumn):
            by_code = [self.of_cell(None), *map(self.of_cell, column.keys)]
            return np.array(by_code, np.int16)[column.codes[rows] + 1]
        values = column.values[rows]
        found = np.full(len(values), self.default, np.int16)
        if _MISSING in self.by_label:
            found[np.isnan(values)] = self.by_label[_MISSING]
        for number, reason in self.by_number.items():
            found[values == number] = reason
        return found


def _in_force(catalogue: ReasonCatalogue, feature: str) -> list[SpecialRule]:
    """Return the rules for every feature, then those of one feature."""
    rules = catalogue.special_rules
    return [r for scope in (None, feature) for r in rules if r.feature == scope]
