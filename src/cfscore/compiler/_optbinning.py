"""Front-end for ``optbinning.Scorecard``, reproducing its probability of default.

optbinning scores and predicts through two code paths which do not always agree. The
plan follows ``predict_proba``: the WOE of every attribute is what its own ``transform``
returns for a value of that attribute. Where the two paths contradict each other in a
way that no plan can express, the model is refused; otherwise the contradiction is
written into the plan's notes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cfscore.compiler._draft import SCALE_NOTES, Draft
from cfscore.exceptions import CompileError, UsageError
from cfscore.plan import (
    Attribute,
    Bins,
    CategoricalBins,
    Characteristic,
    NumericBins,
    PointsStage,
    attribute_points,
)
from cfscore.score_scale import ScoreScale
from cfscore.special_code import exact_numbers, read_code
from cfscore.tables import Kind

__all__ = ["draft_from_optbinning", "is_optbinning_scorecard"]

Cell = float | str | None


def is_optbinning_scorecard(model: Any) -> bool:
    """Return whether the model is an optbinning Scorecard, without importing it."""
    kind = type(model)
    return kind.__module__.startswith("optbinning.") and kind.__name__ == "Scorecard"


def draft_from_optbinning(model: Any, *, event: str) -> Draft:
    """Read a fitted ``optbinning.Scorecard``.

    Parameters
    ----------
    model : optbinning.Scorecard
        Fitted on a binary target with a logistic regression.
    event : {"bad", "good"}
        What 1 meant in its target.

    Returns
    -------
    Draft
        With the model's scale where that is one of log-odds.

    Raises
    ------
    CompileError
        When the model is not fitted, is of another kind or contradicts itself.
    """
    _check_model(model)
    sign = 1.0 if event == "bad" else -1.0
    variables = [_read_variable(model, str(n)) for n in _selected(model)]
    woe = _source_woe(model, variables)
    coefficients = np.ravel(model.estimator_.coef_).tolist()
    intercept = sign * float(np.ravel(model.estimator_.intercept_)[0])
    parts = _part_bounds(model, variables, coefficients, woe)
    scale, scale_notes = _scale_of(model, event, parts)
    characteristics = tuple(
        _characteristic(variable, coefficient, values, sign, intercept, scale, len(woe))
        for variable, coefficient, values in zip(
            variables, coefficients, woe, strict=True
        )
    )
    return Draft(
        source="optbinning.Scorecard",
        model=PointsStage(intercept, characteristics),
        scale=scale,
        name="optbinning scorecard",
        notes=(
            *_rounding_notes(model, event),
            *_lookup_notes(model),
            *_unseen_notes(variables, woe),
        ),
        scale_notes=scale_notes,
        log_odds=lambda columns: sign * _predict(model, variables, columns),
        tolerance=1e-12,
    )


@dataclass(frozen=True, eq=False)
class _Variable:
    """One selected variable as optbinning binned it.

    ``cells`` holds one source value per attribute of ``bins``; ``originals`` turns a
    category key back into the source's value.
    """

    name: str
    bins: Bins
    cells: tuple[Any, ...]
    originals: Mapping[str, Any]
    goods: tuple[int, ...]
    bads: tuple[int, ...]


def _check_model(model: Any) -> None:
    if not getattr(model, "_is_fitted", False):
        msg = "The optbinning Scorecard is not fitted."
        raise CompileError(msg, hint="Call fit first.")
    if not hasattr(model.estimator_, "predict_proba") or not hasattr(
        model.estimator_, "decision_function"
    ):
        msg = "The optbinning Scorecard is not a binary logistic model."
        raise CompileError(msg, hint="Continuous targets have no PD.")
    params = model.binning_process_.binning_transform_params or {}
    changed = sorted(n for n, p in params.items() if p.get("metric", "woe") != "woe")
    if changed:
        msg = f"The model contradicts itself: its points are WOE but {changed} are not."
        hint = "Remove 'metric' from binning_transform_params and fit again."
        raise CompileError(msg, code="CONTRADICTION", hint=hint)


def _selected(model: Any) -> list[str]:
    return list(model.binning_process_.get_support(names=True))


def _read_variable(model: Any, name: str) -> _Variable:
    binned = model.binning_process_.get_binned_variable(name)
    if type(binned).__name__ != "OptimalBinning":
        msg = f"Variable {name!r} is binned by {type(binned).__name__}."
        raise CompileError(msg, hint="Only OptimalBinning variables can be compiled.")
    codes = _special_groups(binned.special_codes)
    if binned.dtype == "numerical":
        return _numeric_variable(name, binned, codes)
    return _categorical_variable(name, binned, codes)


def _special_groups(special_codes: Any) -> list[list[Any]]:
    """Return the special codes, one list per special row of optbinning's table."""
    if special_codes is None:
        return []
    if isinstance(special_codes, dict):
        return [list(np.atleast_1d(codes)) for codes in special_codes.values()]
    return [list(special_codes)]


def _numeric_variable(name: str, binned: Any, groups: list[list[Any]]) -> _Variable:
    edges = tuple(float(edge) for edge in binned.splits)
    specials = _numeric_codes(name, [code for group in groups for code in group])
    bins = NumericBins(edges, specials)
    inside = _inner_values(bins)
    goods, bads = _case_counts(binned, len(edges) + 1, groups)
    cells = (*inside, *specials, np.nan)
    return _Variable(name, bins, cells, {}, goods, bads)


def _numeric_codes(name: str, codes: list[Any]) -> tuple[float, ...]:
    """Return a numeric variable's special codes; optbinning compares them exactly."""
    argument = f"special_codes of variable {name!r}"
    try:
        found = [read_code(argument, code) for code in codes]
        numbers = exact_numbers(argument, found)
    except UsageError as error:
        raise CompileError(error.args[0], hint="Fit again without them.") from error
    if len(numbers) < len(codes):
        msg = f"{argument} must be numbers."
        raise CompileError(msg, hint="Fit again without the texts.")
    return numbers


def _inner_values(bins: NumericBins) -> list[float]:
    """Return one value of each interval that is not a special code."""
    starts = [-np.inf, *bins.edges]
    found = []
    for index, start in enumerate(starts):
        value = start
        while bins.attribute_of(value) != index:
            value = float(np.nextafter(value, np.inf))
        found.append(value)
    return found


def _categorical_variable(name: str, binned: Any, groups: list[list[Any]]) -> _Variable:
    levels = [list(group) for group in binned.splits]
    specials = [code for group in groups for code in group]
    originals = {_key(v): v for v in (*(v for g in levels for v in g), *specials)}
    if len(originals) != sum(map(len, levels)) + len(specials):
        msg = f"Variable {name!r} has categories that are the same as text."
        raise CompileError(msg, hint="Make the categories distinct text and fit again.")
    bins = CategoricalBins(
        tuple(tuple(_key(v) for v in group) for group in levels if group),
        tuple(_key(v) for v in specials),
    )
    goods, bads = _case_counts(binned, len(bins.groups), groups)
    unseen = _unseen_text(originals)
    cells = (*(group[0] for group in levels if group), *specials, np.nan, unseen)
    return _Variable(name, bins, cells, originals, (*goods, 0), (*bads, 0))


def _key(value: Any) -> str:
    """Return the category key of a source value, as input tables are read."""
    if isinstance(value, bool | np.bool_):
        return "True" if value else "False"
    if isinstance(value, int | float | np.number) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _unseen_text(originals: Mapping[str, Any]) -> str:
    text = "unseen"
    while text in originals:
        text += "_"
    return text


def _case_counts(
    binned: Any, n_bins: int, groups: list[list[Any]]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return goods and bads per attribute; codes of one special row share its first."""
    table = binned.binning_table
    goods: list[int] = []
    bads: list[int] = []
    for counts, found in ((table.n_nonevent, goods), (table.n_event, bads)):
        values = [int(n) for n in counts]
        found.extend(values[:n_bins])
        for position, group in enumerate(groups):
            found.extend([values[n_bins + position], *[0] * (len(group) - 1)])
        found.append(values[-1])
    return tuple(goods), tuple(bads)


def _source_woe(model: Any, variables: list[_Variable]) -> list[list[float]]:
    """Ask the model for the WOE of every attribute of every variable."""
    n_rows = max(len(variable.cells) for variable in variables)
    padded = {
        v.name: [*v.cells, *[v.cells[0]] * (n_rows - len(v.cells))] for v in variables
    }
    woe = _transform(model, variables, pd.DataFrame(padded))
    return [woe[: len(v.cells), j].tolist() for j, v in enumerate(variables)]


def _transform(
    model: Any, variables: list[_Variable], frame: pd.DataFrame
) -> NDArray[np.float64]:
    process = model.binning_process_
    unused = [name for name in process.variable_names if name not in frame.columns]
    whole = frame.assign(**dict.fromkeys(unused, np.nan))[list(process.variable_names)]
    woe = process.transform(
        whole,
        metric=None,
        metric_special=model._metric_special,
        metric_missing=model._metric_missing,
    )
    found = woe[[v.name for v in variables]].to_numpy(np.float64)
    if not np.isfinite(found).all():
        msg = "The model gives infinite or missing WOE values."
        raise CompileError(msg, code="CONTRADICTION")
    return np.asarray(found)


def _predict(
    model: Any, variables: list[_Variable], columns: Mapping[str, tuple[Cell, ...]]
) -> NDArray[np.float64]:
    """Return the model's own log-odds of its event for generated inputs."""
    frame = pd.DataFrame({v.name: _source_cells(v, columns[v.name]) for v in variables})
    woe = pd.DataFrame(
        _transform(model, variables, frame), columns=[v.name for v in variables]
    )
    log_odds = np.asarray(model.estimator_.decision_function(woe), np.float64)
    pd_source = np.asarray(model.estimator_.predict_proba(woe))[:, 1]
    if not np.allclose(pd_source, 1 / (1 + np.exp(-log_odds)), rtol=0, atol=1e-12):
        msg = "The model's PD is not the logistic function of its linear part."
        raise CompileError(msg, code="CONTRADICTION")
    return log_odds


def _source_cells(variable: _Variable, cells: tuple[Cell, ...]) -> list[Any]:
    if isinstance(variable.bins, NumericBins):
        return list(cells)
    originals = variable.originals
    return [np.nan if c is None else originals.get(str(c), c) for c in cells]


def _characteristic(
    variable: _Variable,
    coefficient: float,
    woe: list[float],
    sign: float,
    intercept: float,
    scale: ScoreScale,
    n_characteristics: int,
) -> Characteristic:
    rows = zip(
        variable.bins.labels,
        variable.bins.roles,
        woe,
        *(
            (variable.goods, variable.bads)
            if sign > 0
            else (variable.bads, variable.goods)
        ),
        strict=True,
    )
    attributes = tuple(
        Attribute(
            label=label,
            role=role,
            policy="own" if role in ("interval", "group") or value != 0 else "neutral",
            count=goods + bads,
            bad_rate=bads / (goods + bads) if goods + bads else None,
            woe=sign * value,
            log_odds=coefficient * (sign * value),
            points=attribute_points(
                coefficient * (sign * value), intercept, scale, n_characteristics
            ),
        )
        for label, role, value, goods, bads in rows
    )
    kind: Kind = "numeric" if isinstance(variable.bins, NumericBins) else "categorical"
    return Characteristic(variable.name, kind, variable.bins, attributes, coefficient)


def _part_bounds(
    model: Any,
    variables: list[_Variable],
    coefficients: list[float],
    woe: list[list[float]],
) -> tuple[float, float]:
    """Return the lowest and highest log-odds of optbinning's own points table.

    That table has a Special row even where no special code is declared, and no row for
    unseen categories.
    """
    lowest = highest = float(np.ravel(model.estimator_.intercept_)[0])
    metric = model._metric_special
    undeclared = float(metric) if isinstance(metric, int | float) else 0.0
    for variable, coefficient, values in zip(variables, coefficients, woe, strict=True):
        rows = values[: variable.bins.missing_index + 1]
        if not variable.bins.specials:
            rows = [*rows, undeclared]
        parts = [coefficient * value for value in rows]
        lowest, highest = lowest + min(parts), highest + max(parts)
    return lowest, highest


def _scale_of(
    model: Any, event: str, bounds: tuple[float, float]
) -> tuple[ScoreScale, tuple[str, ...]]:
    """Return the model's scale where it is one of log-odds, else the default, noted."""
    params = model.scaling_method_params or {}
    if model.scaling_method is None:
        return ScoreScale(), SCALE_NOTES[:1]
    if _runs_other_way(model, event):
        return ScoreScale(), SCALE_NOTES[1:]
    if model.scaling_method == "pdo_odds":
        scale = ScoreScale(
            pdo=float(params["pdo"]),
            base_score=float(params["scorecard_points"]),
            base_odds=float(params["odds"]),
            rounding="points" if model.rounding else "none",
        )
    else:
        scale = _min_max_scale(model, params, bounds)
    return scale, ()


def _runs_other_way(model: Any, event: str) -> bool:
    """Return whether more of the model's points mean more risk."""
    return bool(model.reverse_scorecard) or event == "good"


def _min_max_scale(
    model: Any, params: Mapping[str, float], bounds: tuple[float, float]
) -> ScoreScale:
    """Return the log-odds scale of points stretched to [min, max]."""
    lowest, highest = bounds
    factor = float(params["max"] - params["min"]) / (highest - lowest)
    offset = float(params["max"]) + factor * lowest
    base_odds = 50.0
    return ScoreScale(
        pdo=factor * math.log(2.0),
        base_score=offset + factor * math.log(base_odds),
        base_odds=base_odds,
        rounding="points" if model.rounding else "none",
    )


def _lookup_notes(model: Any) -> list[str]:
    """Report variables whose own score takes a truncated WOE for a row number."""
    params = model.binning_process_.binning_transform_params or {}
    return [
        f"{name}: the model's score looked its points up by truncated WOE "
        "(optbinning issue 412); the plan scores by the attribute."
        for name in _selected(model)
        if "metric" in params.get(name, {})
    ]


def _rounding_notes(model: Any, event: str) -> tuple[str, ...]:
    if model.scaling_method is None or _runs_other_way(model, event):
        return ()  # its points are not the plan's
    if model.rounding and (model.intercept_based or model.scaling_method == "min_max"):
        return ("Its points were rounded in another way; totals may differ by points.",)
    return ()


def _unseen_notes(variables: list[_Variable], woe: list[list[float]]) -> list[str]:
    """Report where score and PD of an unseen category disagree in the model itself."""
    return [
        f"{v.name}: for an unseen category the model's score used the points of "
        "Missing, its PD another WOE; the plan follows the PD in both."
        for v, values in zip(variables, woe, strict=True)
        if isinstance(v.bins, CategoricalBins)
        and values[v.bins.unseen_index] != values[v.bins.missing_index]
    ]
