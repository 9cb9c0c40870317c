"""Hypothesis strategies: random scorecard plans and rows that try their borders.

``plans()`` gives plans whose parts agree as a compiler's do: points follow from
log-odds and scale, policies keep their promise, labels are those of the bins.
``row_values(plan)`` gives columns of cells for such a plan: edges and their
neighbours, specials, infinities, minus zero, missing in all its forms, unseen keys.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st

from cfscore.plan import (
    Attribute,
    Bins,
    CategoricalBins,
    Characteristic,
    CutoffReference,
    Development,
    GoldenRows,
    NumericBins,
    PointsStage,
    Policy,
    Provenance,
    Reason,
    ReasonCatalogue,
    Role,
    ScoringPlan,
    SpecialRule,
    attribute_points,
)
from cfscore.score_scale import ScoreScale
from cfscore.tables import FAULT_CODES, InputSchema, Kind

__all__ = [
    "catalogues",
    "categorical_bins",
    "category_keys",
    "cells",
    "developments",
    "golden_cell",
    "golden_results",
    "golden_rows",
    "lists",
    "numbers",
    "numeric_bins",
    "plans",
    "points_stages",
    "provenances",
    "row_values",
    "rows",
    "score_scales",
]

N_REASONS = 4

NAMES = (
    "age",
    "card utilisation",
    "年龄",
    "近6个月 查询次数",
    "income/debt",
    "Straße",
    "x=1",
    '"quoted", name',
)
WORDS = (
    *("A", "B", "high", "城市", "一线 城市", "O'Brien, Ltd", "x|y"),
    *("NA", "None", "null", "nan", "无", "1", "1.0", "-7", "True", "é", "e\u0301"),
)
SPECIALS = (-7.0, -8.0, -9999.0, 999.0, 0.0, 0.5, 99991231.0)

# Control characters are left out: numpy and CSV cannot keep all of them.
_text = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=6)
_labels = st.one_of(st.sampled_from(WORDS), _text)
category_keys = _labels.filter(lambda text: bool(text.strip()))
_finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.one_of(
    st.integers(-50, 150).map(float),
    st.sampled_from([0.1, 1e-35, -1e-35, 5e-324, 2.0**53, -0.5, 1e16]),
    st.floats(-1e6, 1e6),
    _finite,
)
# Steps of one half make ties; floats make sums whose order matters.
_woe = st.one_of(st.integers(-6, 6).map(lambda i: i / 2), st.floats(-4.0, 4.0))
_coefficients = st.one_of(st.sampled_from([-1.0, -0.5, 0.5, 0.0]), st.floats(-2.0, 0.0))


def lists(element: st.SearchStrategy[Any], n: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(element, min_size=n, max_size=n)


# --- scale and bins


@st.composite
def score_scales(draw: st.DrawFn) -> ScoreScale:
    """Scales of both roundings, the usual one often."""
    if draw(st.booleans()):
        return ScoreScale(rounding=draw(st.sampled_from(["none", "points"])))
    return ScoreScale(
        pdo=draw(st.floats(1.0, 200.0)),
        base_score=draw(st.floats(-1000.0, 1000.0)),
        base_odds=draw(st.floats(0.01, 1000.0)),
        rounding=draw(st.sampled_from(["none", "points"])),
    )


@st.composite
def numeric_bins(draw: st.DrawFn) -> NumericBins:
    """Up to 6 edges and 3 specials; a special may lie on an edge or beside one."""
    edges = sorted(draw(st.lists(numbers, max_size=6, unique=True)))
    near = [math.nextafter(e, math.inf) for e in edges if abs(e) < 1e300]
    pool = st.sampled_from([*SPECIALS, *edges, *near])
    specials = draw(st.lists(pool, max_size=3, unique=True))
    return NumericBins(edges=tuple(edges), specials=tuple(specials))


@st.composite
def categorical_bins(draw: st.DrawFn) -> CategoricalBins:
    """Up to 4 groups of up to 3 keys, and up to 2 specials."""
    keys = draw(st.lists(category_keys, min_size=1, max_size=10, unique=True))
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    groups, taken = [], 0
    for size in sizes:
        if keys[taken : taken + size]:
            groups.append(tuple(keys[taken : taken + size]))
        taken += size
    return CategoricalBins(tuple(groups), tuple(keys[taken:][:2]))


def boolean_bins() -> st.SearchStrategy[CategoricalBins]:
    """All partitions of True and False, also with one of them unseen."""
    groups = [
        (("False",), ("True",)),
        (("True",), ("False",)),
        (("False", "True"),),
        (("True",),),
    ]
    return st.sampled_from([CategoricalBins(group) for group in groups])


# --- points


@st.composite
def _policies(draw: st.DrawFn, bins: Bins, errors: bool) -> tuple[Policy, ...]:
    refusal = ("error",) if errors else ()
    chosen: list[Policy] = []
    for role in bins.roles:
        allowed = (*_USUAL_POLICIES[role], *refusal)
        if role == "unseen" and chosen[bins.missing_index] == "error":
            allowed = tuple(p for p in allowed if p != "missing")
        if role in ("interval", "group"):
            allowed = _USUAL_POLICIES[role]
        chosen.append(draw(st.sampled_from(allowed)))
    return tuple(chosen)


# The usual policy of a role stands several times, so that most rows get a score.
_USUAL_POLICIES: dict[Role, tuple[Policy, ...]] = {
    "interval": ("own", "own", "own", "own", "neutral"),
    "group": ("own", "own", "own", "own", "neutral"),
    "special": ("own", "own", "own", "neutral"),
    "missing": ("own", "own", "own", "neutral", "worst"),
    "unseen": ("neutral", "neutral", "missing", "worst", "own"),
}


def _resolve_woe(
    bins: Bins, policies: tuple[Policy, ...], drawn: list[float], coefficient: float
) -> list[float]:
    """Give each attribute the WOE that its policy promises."""
    own = [w for w, policy in zip(drawn, policies, strict=True) if policy == "own"]
    worst = max(own, key=lambda w: coefficient * w, default=0.0)
    woe = [
        {"own": w, "worst": worst}.get(policy, 0.0)
        for w, policy in zip(drawn, policies, strict=True)
    ]
    return [
        woe[bins.missing_index] if policy == "missing" else w
        for w, policy in zip(woe, policies, strict=True)
    ]


@st.composite
def _characteristics(  # one row of the table per attribute, spelt out
    draw: st.DrawFn,
    name: str,
    scale: ScoreScale,
    intercept: float,
    n: int,
    errors: bool,
) -> Characteristic:
    kind = draw(st.sampled_from(["numeric", "numeric", "categorical", "boolean"]))
    makers = {
        "numeric": numeric_bins(),
        "categorical": categorical_bins(),
        "boolean": boolean_bins(),
    }
    bins: Bins = draw(makers[kind])
    policies = draw(_policies(bins, errors))
    coefficient = draw(_coefficients)
    size = bins.n_attributes
    drawn = draw(lists(_woe, size))
    counts = draw(lists(st.sampled_from([0, 1, 30, 4999]), size))
    rates = draw(lists(st.sampled_from([0.0, 0.1, 1 / 3, 1.0]), size))
    attributes = []
    for i, woe in enumerate(_resolve_woe(bins, policies, drawn, coefficient)):
        log_odds = coefficient * woe + 0.0
        attributes.append(
            Attribute(
                label=bins.labels[i],
                role=bins.roles[i],
                policy=policies[i],
                count=counts[i],
                bad_rate=rates[i] if counts[i] else None,
                woe=woe,
                log_odds=log_odds,
                points=attribute_points(log_odds, intercept, scale, n),
            )
        )
    return Characteristic(
        name=name,
        kind=kind,
        bins=bins,
        attributes=tuple(attributes),
        coefficient=coefficient,
        non_finite="error" if errors and draw(st.integers(0, 5)) == 0 else "value",
    )


@st.composite
def points_stages(
    draw: st.DrawFn,
    scale: ScoreScale | None = None,
    max_characteristics: int = 4,
    errors: bool = True,
) -> PointsStage:
    """Points tables whose points follow from ``scale`` (the default one if None).

    Without ``errors`` no policy refuses a row.
    """
    scale = scale or ScoreScale()
    pool = st.one_of(st.sampled_from(NAMES), category_keys)
    names = draw(st.lists(pool, min_size=1, max_size=max_characteristics, unique=True))
    intercept = draw(st.one_of(st.just(0.0), st.floats(-6.0, 3.0)))
    return PointsStage(
        intercept=intercept,
        characteristics=tuple(
            draw(_characteristics(name, scale, intercept, len(names), errors))
            for name in names
        ),
    )


# --- reasons


@st.composite
def catalogues(
    draw: st.DrawFn,
    names: tuple[str, ...],
    labels: tuple[str, ...],
    references: tuple[Any, ...] = ("mean", "maximum", CutoffReference(600.0, 20.0)),
) -> ReasonCatalogue:
    """Catalogues of columns; they may share a reason or have none.

    Special rules are those of ``labels``.
    """
    if draw(st.booleans()):
        return ReasonCatalogue.one_per_feature(names)
    codes = draw(st.lists(category_keys, min_size=1, max_size=5, unique=True))
    some_code = st.one_of(st.none(), st.sampled_from(codes))
    of_feature = st.one_of(st.none(), st.sampled_from(names))
    rule = st.builds(SpecialRule, st.sampled_from(labels), some_code, of_feature)
    return ReasonCatalogue(
        reasons=tuple(draw(_reasons(code)) for code in codes),
        features={name: draw(some_code) for name in (*names, "not in this plan")},
        special_rules=tuple(draw(st.lists(rule, max_size=4))),
        reference=draw(st.sampled_from(references)),
        minimum_points=draw(st.sampled_from([0.0, 0.5, 5.0, 1e6])),
        inquiries=draw(some_code),
    )


def _reasons(code: str) -> st.SearchStrategy[Reason]:
    texts = st.sampled_from(["", "Too many inquiries", "查询次数过多"])
    return st.builds(Reason, st.just(code), texts, texts, texts, texts, st.booleans())


def _ruled_labels(points: PointsStage) -> tuple[str, ...]:
    return tuple(
        a.label
        for c in points.characteristics
        for a in c.attributes
        if a.role in ("special", "missing", "unseen")
    )


def _reference(points: PointsStage, catalogue: ReasonCatalogue) -> tuple[float, ...]:
    if catalogue.reference == "maximum":
        return tuple(
            min(a.log_odds for a in c.attributes) for c in points.characteristics
        )
    return tuple(_mean(c) for c in points.characteristics)


def _mean(characteristic: Characteristic) -> float:
    total = sum(a.count for a in characteristic.attributes)
    weighted = (a.log_odds * a.count for a in characteristic.attributes)
    return math.fsum(weighted) / total if total else 0.0


# --- plans


@st.composite
def developments(draw: st.DrawFn, schema: InputSchema) -> Development:
    """Aggregates of a development sample."""
    edges = sorted(draw(st.lists(st.floats(0.0, 1000.0), max_size=4, unique=True)))
    n_counts = len(edges) + 1 if edges else 0
    counts = draw(st.lists(st.integers(0, 10**6), min_size=n_counts, max_size=n_counts))
    numeric = [f.name for f in schema.fields if f.kind == "numeric"]
    ranged = draw(st.lists(st.sampled_from(numeric), unique=True)) if numeric else []
    return Development(
        n_rows=sum(counts) + draw(st.integers(0, 100)),
        bad_rate=draw(st.one_of(st.none(), st.floats(0.0, 1.0))),
        score_edges=tuple(edges),
        score_counts=tuple(counts),
        ranges={
            name: (low, draw(st.floats(low, 1e9)))
            for name in ranged
            for low in [draw(st.floats(-1e9, 1e9))]
        },
    )


def provenances() -> st.SearchStrategy[Provenance]:
    """Sources with and without a fingerprint, versions and notes."""
    digest = hashlib.sha256(b"training data").hexdigest()
    return st.builds(
        Provenance,
        source=st.sampled_from(["cfscore.Scorecard", "optbinning.Scorecard"]),
        verified=st.booleans(),
        training_fingerprint=st.sampled_from([None, digest]),
        versions=st.dictionaries(st.sampled_from(["numpy", "cfscore"]), _labels),
        notes=st.lists(_labels, max_size=2).map(tuple),
    )


@st.composite
def plans(
    draw: st.DrawFn, max_characteristics: int = 4, errors: bool = True
) -> ScoringPlan:
    """Scorecard plans without golden rows; see ``golden_rows`` for plans with."""
    scale = draw(score_scales())
    points = draw(points_stages(scale, max_characteristics, errors))
    catalogue = draw(catalogues(points.schema.names, _ruled_labels(points)))
    return ScoringPlan(
        name=draw(_labels),
        model=points,
        scale=scale,
        catalogue=catalogue,
        reference=_reference(points, catalogue),
        provenance=draw(provenances()),
        development=draw(st.one_of(st.none(), developments(points.schema))),
    )


@st.composite
def golden_rows(draw: st.DrawFn, plan: ScoringPlan) -> GoldenRows:
    """Golden rows of the right form; their results are NOT those of the plan."""
    n_rows = draw(st.integers(1, 5))
    columns = {
        c.name: tuple(
            golden_cell(c.kind, cell) for cell in draw(lists(cells(c), n_rows))
        )
        for c in plan.points.characteristics
    }
    return draw(golden_results(plan, columns, n_rows))


@st.composite
def golden_results(
    draw: st.DrawFn, plan: ScoringPlan, columns: dict[str, Any], n_rows: int
) -> GoldenRows:
    """Golden rows of given inputs with any results."""
    statuses = st.sampled_from([0, 0, 0, *FAULT_CODES.values()])
    status = np.array(draw(lists(statuses, n_rows)), np.uint8)
    results = np.array(draw(lists(st.floats(-9.0, 9.0), n_rows)))
    pd = 1.0 / (1.0 + np.exp(-results))
    results[status != 0] = pd[status != 0] = np.nan
    n_reasons = len(plan.catalogue.reasons)
    reasons = draw(lists(st.integers(-1, n_reasons - 1), n_rows * N_REASONS))
    return GoldenRows(
        columns=columns,
        log_odds=results,
        pd=pd,
        score=600.0 - results,
        reasons=np.array(reasons, np.int16).reshape(n_rows, N_REASONS),
        status=status,
        margin=results / 2.0 if plan.is_forest else None,
    )


def golden_cell(kind: Kind, cell: Any) -> float | str | None:
    if kind == "numeric":
        return math.nan if cell is None else float(cell)
    return None if cell is None else str(cell)


# --- rows


def _borders(bins: NumericBins) -> Iterator[float]:
    """Yield every number at which the attribute may change, with its neighbours."""
    for value in (*bins.edges, *bins.specials):
        yield value
        yield math.nextafter(value, -math.inf)
        yield math.nextafter(value, math.inf)
    yield from (0.0, -0.0, math.inf, -math.inf)


def cells(characteristic: Characteristic) -> st.SearchStrategy[Any]:
    """Cells of one column as plain Python: float or None, bool or None, text or None.

    Numeric cells include NaN; category cells include blank text and unseen keys.
    """
    bins = characteristic.bins
    if isinstance(bins, NumericBins):
        borders = st.sampled_from(list(_borders(bins)))
        return st.one_of(borders, borders, numbers, st.sampled_from([None, math.nan]))
    if characteristic.kind == "boolean":
        return st.sampled_from([True, False, True, False, None])
    known = st.sampled_from(list(bins.index))
    missing = st.sampled_from([None, "", " "])
    unseen = category_keys.filter(lambda key: key not in bins.index)
    return st.one_of(known, known, unseen, missing)


def rows(plan: ScoringPlan) -> st.SearchStrategy[dict[str, Any]]:
    """One row as a mapping of column to cell."""
    return st.fixed_dictionaries(
        {c.name: cells(c) for c in plan.points.characteristics}
    )


@st.composite
def row_values(
    draw: st.DrawFn, plan: ScoringPlan, min_rows: int = 1, max_rows: int = 20
) -> dict[str, list[Any]]:
    """Columns of cells, equally long; see ``cells``."""
    n_rows = draw(st.integers(min_rows, max_rows))
    return {c.name: draw(lists(cells(c), n_rows)) for c in plan.points.characteristics}
