from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import UsageError
from cfscore.plan import (
    Attribute,
    CategoricalBins,
    Characteristic,
    NumericBins,
    PointsStage,
    ReasonCatalogue,
    ScoringPlan,
    attribute_points,
)
from cfscore.plan._audit import first_fault
from cfscore.score_scale import ScoreScale
from tests.strategies import golden_rows, plans
from tests.unit.plan.example_plan import INTERCEPT, SCALE, characteristic, plan_of
from tests.unit.plan.example_plan import golden_rows as example_rows

AGE, CITY = 0, 1


@settings(max_examples=25)
@given(st.data())
def test_plans_as_a_compiler_makes_them_have_no_fault(data: st.DataObject) -> None:
    plan = data.draw(plans())
    assert first_fault(plan) is None
    assert first_fault(replace(plan, golden=data.draw(golden_rows(plan)))) is None


@pytest.mark.parametrize("rounding", ["none", "points"])
def test_the_example_has_no_fault(rounding: str) -> None:
    assert first_fault(plan_of(ScoreScale(rounding=rounding))) is None


def with_attribute(
    plan: ScoringPlan, column: int, row: int, edit: Callable[[Attribute], Attribute]
) -> ScoringPlan:
    """Return a plan with one attribute edited."""
    changed = list(plan.points.characteristics)
    rows = list(changed[column].attributes)
    rows[row] = edit(rows[row])
    changed[column] = replace(changed[column], attributes=tuple(rows))
    return replace(plan, model=PointsStage(plan.points.intercept, tuple(changed)))


def fault_with_points(plan: ScoringPlan, change: float) -> str | None:
    edited = with_attribute(
        plan, AGE, 1, lambda a: replace(a, points=a.points + change)
    )
    fault = first_fault(edited)
    return None if fault is None else fault.code


def test_points_may_differ_by_rounding_errors_only() -> None:
    plan = plan_of()
    assert fault_with_points(plan, 1e-9) is None
    assert fault_with_points(plan, 1e-5) == "POINTS"
    assert fault_with_points(plan, -1e-5) == "POINTS"


def test_rounded_points_are_the_nearest_integers() -> None:
    plan = plan_of(ScoreScale(rounding="points"))
    assert fault_with_points(plan, 0.0) is None
    assert fault_with_points(plan, 1.0) == "POINTS"
    assert fault_with_points(plan, -1.0) == "POINTS"
    assert fault_with_points(plan, 0.01) == "POINTS"


def test_halves_may_be_rounded_either_way() -> None:
    # factor 1 and offset 0: points are -(log_odds + 0), here 0.5
    scale = ScoreScale(
        pdo=0.6931471805599453, base_score=0.0, base_odds=1.0, rounding="points"
    )
    for points in (0.0, 1.0):
        assert first_fault(one_column(scale, points)) is None
    for points in (-1.0, 2.0):
        fault = first_fault(one_column(scale, points))
        assert fault is not None
        assert fault.code == "POINTS"


def one_column(scale: ScoreScale, points: float) -> ScoringPlan:
    """Return a plan of one attribute worth 0.5 and a neutral MISSING."""
    bins = NumericBins(edges=())
    own = Attribute(bins.labels[0], "interval", "own", 9, 0.5, 0.5, -0.5, points)
    missing = Attribute("MISSING", "missing", "neutral", 0, None, 0.0, 0.0, 0.0)
    only = Characteristic("age", "numeric", bins, (own, missing), -1.0)
    plan = plan_of(scale)
    return replace(
        plan,
        model=PointsStage(0.0, (only,)),
        reference=(0.0,),
        development=None,
        golden=None,
    )


def test_refused_attributes_may_show_any_points() -> None:
    plan = with_attribute(plan_of(), AGE, 4, lambda a: replace(a, points=0.0))
    assert plan.points.characteristics[AGE].attributes[4].policy == "error"
    assert first_fault(plan) is None


def test_worst_is_the_fewest_points_under_either_sign() -> None:
    bins = NumericBins(edges=(0.0,))
    rows = [("own", -1.0), ("own", 2.0)]
    for sign, worst in ((-1.0, -1.0), (1.0, 2.0)):
        c = characteristic("age", "numeric", bins, [*rows, ("worst", worst)])
        turned = tuple(
            replace(
                a,
                log_odds=sign * a.woe,
                points=attribute_points(sign * a.woe, INTERCEPT, SCALE, 3),
            )
            for a in c.attributes
        )
        plan = plan_of()
        _, *others = plan.points.characteristics
        turned_c = replace(c, attributes=turned, coefficient=sign)
        points = PointsStage(INTERCEPT, (turned_c, *others))
        assert first_fault(replace(plan, model=points)) is None


def test_worst_without_an_own_attribute_is_neutral() -> None:
    bins = CategoricalBins(groups=(("A",),))
    rows = [("neutral", 0.0), ("worst", 0.0), ("worst", 0.0)]
    c = characteristic("城市", "categorical", bins, rows)
    plan = plan_of()
    age, _, owner = plan.points.characteristics
    points = PointsStage(INTERCEPT, (age, c, owner))
    changed = replace(plan, model=points, reference=(0.25, 0.0, 0.0), golden=None)
    assert first_fault(changed) is None


def test_reference_may_be_neutral_or_an_extreme() -> None:
    plan = plan_of()
    for value in (0.0, -1.0, 0.5):  # WOE of age runs from -0.5 to 1
        assert first_fault(replace(plan, reference=(value, 0.0, 0.0))) is None
    fault = first_fault(replace(plan, reference=(-1.001, 0.0, 0.0)))
    assert fault is not None
    assert fault.code == "REFERENCE"


def test_faults_name_the_column() -> None:
    plan = with_attribute(plan_of(), CITY, 0, lambda a: replace(a, label="x"))
    fault = first_fault(plan)
    assert fault is not None
    assert fault == ("LABELS", "The labels of '城市' are not those of its bins.")


def with_characteristics(*columns: Characteristic) -> ScoringPlan:
    """Return a plan of other columns than the example's."""
    plan = plan_of()
    return replace(
        plan,
        model=PointsStage(INTERCEPT, columns),
        reference=(0.0,) * len(columns),
        catalogue=ReasonCatalogue.one_per_feature(
            dict.fromkeys(c.name for c in columns)
        ),
        development=None,
        golden=None,
    )


def code_of(plan: ScoringPlan) -> str | None:
    fault = first_fault(plan)
    return None if fault is None else fault.code


def test_columns_must_have_names_of_their_own_and_a_known_kind() -> None:
    age, city, owner = plan_of().points.characteristics
    with pytest.raises(UsageError, match="must be unique; repeated: \\['age'\\]"):
        with_characteristics(age, city, replace(owner, name="age"))
    with pytest.raises(UsageError, match="kind must be one of"):
        with_characteristics(age, city, replace(owner, kind="date"))
    with pytest.raises(UsageError, match="non-empty text name"):
        replace(plan_of(), model=PointsStage(INTERCEPT, (replace(age, name=""),)))


def test_golden_rows_must_have_the_columns_of_the_plan() -> None:
    golden = example_rows()
    columns = dict(golden.columns)
    del columns["age"]
    plan = replace(plan_of(), golden=replace(golden, columns=columns))
    assert code_of(plan) == "GOLDEN"


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("_audit.MAX_REASONS", 1, "CATALOGUE"),
        ("_audit.MAX_RULES", 0, "CATALOGUE"),
        ("_audit_points.MAX_CHARACTERISTICS", 2, "SCHEMA"),
        ("_audit_points.MAX_ATTRIBUTES", 5, "BINS"),
        ("_audit_points.MAX_NUMERIC_SPECIALS", 1, "BINS"),
    ],
)
def test_limits(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, code: str
) -> None:
    monkeypatch.setattr(f"cfscore.plan.{limit}", value)
    assert code_of(plan_of()) == code
