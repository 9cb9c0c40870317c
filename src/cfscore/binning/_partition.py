"""Partition: from the counts of one characteristic to its intervals or groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfscore.binning._edge import readable_edge
from cfscore.binning._edits import edited_bins
from cfscore.binning._prebin import OrderedCells, tree_cuts
from cfscore.binning._sample import SampleTotals, ValueCounts
from cfscore.binning._settings import BinningSettings
from cfscore.binning._solver import Solution
from cfscore.binning._special_codes import special_codes_of
from cfscore.binning._table import Partition
from cfscore.binning._trend import Monotonic, SolverLimits, solve_trend
from cfscore.plan import CategoricalBins, NumericBins
from cfscore.tables import CategoryColumn, InputField, NumericColumn

__all__ = ["edit_partition", "solve_partition"]

#: Fewer are looked at one by one.
_MANY_LEVELS = 100


def solve_partition(
    field: InputField,
    counts: ValueCounts,
    totals: SampleTotals,
    settings: BinningSettings,
) -> Partition:
    """Return the intervals or groups that the solver finds for one characteristic.

    Numbers are cut in order of value, categories in order of bad rate, after levels
    below ``min_level_share`` of all cases were pooled into one.
    """
    specials = special_codes_of(field, settings.special_codes)
    if isinstance(counts.values, NumericColumn):
        return _numeric_partition(counts, specials, totals, settings)
    return _category_partition(counts, specials, totals, settings)


def edit_partition(
    field: InputField, counts: ValueCounts, settings: BinningSettings, edit: Any
) -> Partition:
    """Return the intervals or groups of a manual edit.

    Raises
    ------
    UsageError
        When the edit is not a partition of the training values.
    """
    keys: list[str] = []
    if isinstance(counts.values, CategoryColumn):
        keys = [counts.values.keys[i - 1] for i in _present_levels(counts)]
    bins = edited_bins(field, edit, settings.special_codes, keys)
    return Partition(bins, reason="edited to one bin", remarks=("edited by hand",))


# ------------------------------------------------------------------ numbers


def _numeric_partition(
    counts: ValueCounts,
    specials: tuple[float, ...],
    totals: SampleTotals,
    settings: BinningSettings,
) -> Partition:
    assert isinstance(counts.values, NumericColumn)
    values, cells = _finite_cells(counts, specials)
    reason = _too_plain(len(values))
    if reason:
        return Partition(NumericBins((), specials), reason)
    joined = _join_cells(cells, totals, settings, settings.monotonic)
    edges = tuple(
        readable_edge(float(values[cut - 1]), float(values[cut])) for cut in joined.cuts
    )
    return Partition(NumericBins(edges, specials), joined.reason, joined.remarks)


def _finite_cells(
    counts: ValueCounts, specials: tuple[float, ...]
) -> tuple[NDArray[np.float64], OrderedCells]:
    """Return the distinct finite values and their cells.

    Infinities lie beyond every edge: their cases join the smallest and the largest
    finite value. Without a finite value nothing is left.
    """
    assert isinstance(counts.values, NumericColumn)
    values = counts.values.values
    kept = ~np.isnan(values) & ~np.isin(values, specials) & (counts.rows > 0)
    values = values[kept]
    cells = OrderedCells(counts.rows[kept], counts.good[kept], counts.bad[kept])
    finite = values[np.isfinite(values)]
    if not len(finite):
        return finite, OrderedCells(cells.rows[:0], cells.good[:0], cells.bad[:0])
    clipped = np.clip(values, finite[0], finite[-1])
    starts = np.flatnonzero(clipped[1:] > clipped[:-1]) + 1
    return finite, cells.merge(starts)


# ------------------------------------------------------------------ categories


def _category_partition(
    counts: ValueCounts,
    specials: tuple[str, ...],
    totals: SampleTotals,
    settings: BinningSettings,
) -> Partition:
    assert isinstance(counts.values, CategoryColumn)
    keys, special_keys = counts.values.keys, set(specials)
    levels = [i for i in _present_levels(counts) if keys[i - 1] not in special_keys]
    members = _ordered_members(counts, levels, totals, settings.min_level_share)
    reason = _too_plain(len(levels)) or _too_scattered(counts, levels, members)
    if not levels:
        return Partition(CategoricalBins((), specials), reason)
    cells = _level_cells(counts, members)
    if reason:
        joined = _Joined(np.zeros(0, np.int64), reason)
    else:
        joined = _join_cells(cells, totals, settings, None)
    groups = tuple(
        tuple(sorted(keys[i - 1] for level in part for i in level))
        for part in _parts(members, joined.cuts)
    )
    remarks = (*joined.remarks, *_text_remarks(counts, levels))
    return Partition(CategoricalBins(groups, specials), joined.reason, remarks)


def _text_remarks(counts: ValueCounts, levels: list[int]) -> tuple[str, ...]:
    """Return what is to say of a column that looks like free text."""
    n_single = int((counts.rows[levels] == 1).sum())
    if len(levels) < _MANY_LEVELS or 2 * n_single < len(levels):
        return ()
    return (
        f"{n_single:,} of {len(levels):,} levels stand in one case each: free text or "
        "identifiers, which a plan would hold, and new ones are unseen",
    )


def _present_levels(counts: ValueCounts) -> list[int]:
    """Return the positions of the keys with cases; position 0 is missing."""
    return [int(i) for i in np.flatnonzero(counts.rows[1:] > 0) + 1]


def _ordered_members(
    counts: ValueCounts, levels: list[int], totals: SampleTotals, min_share: float
) -> list[list[int]]:
    """Return the positions that make up each cell, safest first.

    Levels below ``min_share`` of all cases make up one cell together: their own rates
    are mostly chance, and ordering by chance looks like information.
    """
    assert isinstance(counts.values, CategoryColumn)
    keys = counts.values.keys
    weight = counts.good + counts.bad
    least = min_share * (totals.good + totals.bad)
    pooled = [i for i in levels if weight[i] < least]
    members = [[i] for i in levels if weight[i] >= least]
    members += [pooled] if pooled else []

    def bad_rate_then_key(cell: list[int]) -> tuple[float, str]:
        rate = counts.bad[cell].sum() / weight[cell].sum()
        return float(rate), min(keys[i - 1] for i in cell)

    return sorted(members, key=bad_rate_then_key)


def _level_cells(counts: ValueCounts, members: list[list[int]]) -> OrderedCells:
    return OrderedCells(
        np.array([counts.rows[cell].sum() for cell in members], dtype=np.int64),
        np.array([counts.good[cell].sum() for cell in members]),
        np.array([counts.bad[cell].sum() for cell in members]),
    )


def _parts(members: list[list[int]], cuts: NDArray[np.int64]) -> list[list[list[int]]]:
    bounds = [0, *map(int, cuts), len(members)]
    return [members[a:b] for a, b in pairwise(bounds)]


# ------------------------------------------------------------------ both


@dataclass(frozen=True, eq=False)
class _Joined:
    cuts: NDArray[np.int64]
    reason: str | None = None
    remarks: tuple[str, ...] = ()


def _join_cells(
    cells: OrderedCells,
    totals: SampleTotals,
    settings: BinningSettings,
    monotonic: Monotonic | None,
) -> _Joined:
    """Return the cell positions at which bins begin, and what is to say of them.

    None for ``monotonic`` stands for categories, which are in order of bad rate.
    """
    fine = tree_cuts(
        cells,
        max_prebins=settings.max_prebins,
        min_rows=settings.min_bin_count,
        min_weight=settings.min_bin_share * (totals.good + totals.bad),
    )
    if not len(fine):
        return _Joined(fine, _no_prebins(cells, totals, settings))
    limits = SolverLimits(settings.max_bins, settings.max_p_value, settings.time_limit)
    prebins = cells.merge(fine)
    if settings.max_p_value is not None:
        prebins = _effective(prebins, totals)
    spread = 1.0 / totals.effective_good + 1.0 / totals.effective_bad
    solution = solve_trend(prebins, monotonic or "ascending", limits, spread)
    cuts = fine[solution.cuts - 1]
    reason = None if len(cuts) else _no_split(solution, settings, monotonic)
    return _Joined(cuts, reason, _remarks(solution, settings))


def _effective(prebins: OrderedCells, totals: SampleTotals) -> OrderedCells:
    """Return the prebins with weights scaled to effective sample sizes.

    The solver's tests count cases, so weights that sum to anything else would make
    differences look too sure or too unsure.
    """
    return OrderedCells(
        prebins.rows,
        prebins.good * (totals.effective_good / totals.good),
        prebins.bad * (totals.effective_bad / totals.bad),
    )


def _remarks(solution: Solution, settings: BinningSettings) -> tuple[str, ...]:
    if solution.status == "OPTIMAL":
        return ()
    limit = f"{settings.time_limit:g} s"
    return (f"solver stopped at {limit} ({solution.status}): may differ when repeated",)


def _no_prebins(
    cells: OrderedCells, totals: SampleTotals, settings: BinningSettings
) -> str:
    if _separates(cells):
        return "separates goods from bads completely: check for leakage"
    least = max(settings.min_bin_count, settings.min_bin_share * totals.n_rows)
    return f"no split leaves {least:.0f} cases and both classes on each side"


def _separates(cells: OrderedCells) -> bool:
    """Return whether some cut has all goods on one side and all bads on the other."""
    good, bad = np.flatnonzero(cells.good > 0.0), np.flatnonzero(cells.bad > 0.0)
    if not len(good) or not len(bad):
        return False
    return bool(good[-1] < bad[0] or bad[-1] < good[0])


def _no_split(
    solution: Solution, settings: BinningSettings, monotonic: Monotonic | None
) -> str:
    if settings.max_bins == 1:
        return "max_bins allows one bin"
    if solution.status in ("OPTIMAL", "FEASIBLE"):
        trend = f" (monotonic={monotonic!r})" if monotonic else ""
        return f"no bins differ significantly{trend}"
    return f"solver found no solution ({solution.status})"


def _too_plain(n_values: int) -> str | None:
    if n_values == 0:
        return "no value that is neither missing nor special"
    return "constant" if n_values == 1 else None


def _too_scattered(
    counts: ValueCounts, levels: list[int], members: list[list[int]]
) -> str | None:
    if len(members) > 1:
        return None
    if (counts.rows[levels] == 1).all():
        return "every value is different"
    return f"each of the {len(levels)} levels is rarer than min_level_share"
