"""Characteristics: every column of the development table, binned on its own."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cfscore.binning._parallel import map_columns
from cfscore.binning._partition import edit_partition, solve_partition
from cfscore.binning._sample import Sample, SampleTotals, ValueCounts, count_values
from cfscore.binning._settings import (
    BinningSettings,
    check_names,
    refuse_foreign_settings,
    resolve_settings,
)
from cfscore.binning._special_codes import special_codes_of
from cfscore.binning._table import BinTable, build_table
from cfscore.exceptions import FitError, UsageError
from cfscore.tables import CategoryColumn, ColumnBatch, InputField, InputSchema

__all__ = [
    "CharacteristicPlan",
    "FittedCharacteristic",
    "ZeroCellWarning",
    "fit_characteristic",
    "fit_characteristics",
    "plan_characteristics",
    "refuse_empty_table",
    "warn_of_zero_cells",
]


class ZeroCellWarning(UserWarning):
    """Bins hold goods only or bads only, so that their WOE rests on smoothing."""


@dataclass(frozen=True)
class CharacteristicPlan:
    """How one column is to be binned.

    Parameters
    ----------
    field : InputField
        Name and kind.
    settings : BinningSettings
        Parameters.
    edit : list, mapping or None
        Bins given by hand; None asks the solver.
    """

    field: InputField
    settings: BinningSettings
    edit: Any = None


@dataclass(frozen=True, eq=False)
class FittedCharacteristic:
    """One column, binned.

    Parameters
    ----------
    table : BinTable
        Its bins.
    counts : ValueCounts
        Training counts of every distinct value.
    """

    table: BinTable
    counts: ValueCounts

    @property
    def holds_nothing(self) -> bool:
        """Whether no binning whatever could tell two groups of cases apart."""
        n_values = int((self.counts.rows > 0).sum())
        if isinstance(self.counts.values, CategoryColumn):
            return n_values < 2 or self.counts.rows.max() == 1
        return n_values < 2


def plan_characteristics(
    schema: InputSchema,
    defaults: Mapping[str, Any],
    *,
    special_codes: Any,
    settings: Any,
    edits: Any,
) -> dict[str, CharacteristicPlan]:
    """Return how every column is to be binned, all parameters checked.

    Parameters
    ----------
    schema : InputSchema
        Columns.
    defaults : mapping of str to object
        Parameters of all columns.
    special_codes : list, mapping of column to list, or None
        A list holds for all columns.
    settings : mapping of column to mapping, or None
        Parameters of single columns.
    edits : mapping of column to bins, or None
        Bins given by hand.

    Raises
    ------
    UsageError
        When a column or a parameter is unknown, a value does not fit, or a numeric
        column cannot hold a special code.
    """
    resolved = resolve_settings(defaults, special_codes, settings, schema.names)
    if edits is not None and not isinstance(edits, Mapping):
        msg = f"edits must map columns to bins, got {type(edits).__name__}."
        raise UsageError(msg)
    check_names("edits", edits or {}, schema.names)
    plans = {}
    for field in schema.fields:
        own = (settings or {}).get(field.name) or {}
        refuse_foreign_settings(field, own, special_codes)
        special_codes_of(field, resolved[field.name].special_codes)  # refuses in time
        edit = (edits or {}).get(field.name)
        plans[field.name] = CharacteristicPlan(field, resolved[field.name], edit)
    return plans


def fit_characteristics(
    plans: Mapping[str, CharacteristicPlan],
    batch: ColumnBatch,
    sample: Sample,
    n_jobs: int | None,
) -> dict[str, FittedCharacteristic]:
    """Return every column binned, in the order of ``plans``.

    Raises
    ------
    UsageError
        When an edit does not fit its column.
    FitError
        When a WOE is infinite, or a worker failed; names the column.
    """
    totals = sample.totals

    def fit(name: str) -> FittedCharacteristic:
        counts = count_values(batch.columns[name], sample)
        return fit_characteristic(plans[name], counts, totals)

    return map_columns(fit, tuple(plans), n_jobs)


def fit_characteristic(
    plan: CharacteristicPlan, counts: ValueCounts, totals: SampleTotals
) -> FittedCharacteristic:
    """Return one column binned by its edit or by the solver."""
    field, settings = plan.field, plan.settings
    if plan.edit is None:
        partition = solve_partition(field, counts, totals, settings)
    else:
        partition = edit_partition(field, counts, settings, plan.edit)
    table = build_table(field, partition, counts, totals, settings)
    return FittedCharacteristic(table, counts)


def refuse_empty_table(fitted: Mapping[str, FittedCharacteristic]) -> None:
    """Refuse a table in which no column holds anything that could be binned.

    Raises
    ------
    FitError
        When every column is constant, missing throughout or different in every row.
    """
    if all(characteristic.holds_nothing for characteristic in fitted.values()):
        reasons = [f"{name!r}: {fit.table.rejected}" for name, fit in fitted.items()]
        more = f"; and {len(reasons) - 20} more" if reasons[20:] else ""
        listed = "; ".join(reasons[:20]) + more
        msg = f"None of {len(reasons)} column(s) can be binned: {listed}."
        raise FitError(msg, code="NOTHING_TO_BIN")


def warn_of_zero_cells(fitted: Mapping[str, FittedCharacteristic]) -> None:
    """Say once which characteristics have bins with cases of one class only."""
    names = [
        name
        for name, fit in fitted.items()
        if any(note == "smoothed zero cell" for note in fit.table.notes)
    ]
    if names:
        listed = ", ".join(map(repr, names[:10])) + (", ..." if names[10:] else "")
        msg = (
            f"{len(names)} characteristic(s) have bins with goods only or bads only, "
            f"whose WOE rests on Laplace smoothing: {listed}."
        )
        warnings.warn(msg, ZeroCellWarning, stacklevel=3)
