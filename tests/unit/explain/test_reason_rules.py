"""Reason rules: what a cell counts towards, in a column and alone, worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from cfscore.explain._reason_rules import ReasonRules
from cfscore.plan import Reason, ReasonCatalogue, SpecialRule
from cfscore.tables import CategoryColumn, ColumnBatch, NumericColumn
from tests.unit.plan.example_forest import forest_plan

USE, PLACE, OWNER, THIN, NEW = range(5)
CODES = ("USE", "PLACE", "OWNER", "THIN", "NEW")
FEATURES = {"use": "USE", "城市": "PLACE", "home owner": "OWNER"}


def rules_of(*rules: SpecialRule, **features: str | None) -> ReasonRules:
    reasons = tuple(map(Reason, CODES))
    named = {**FEATURES, **features}
    catalogue = ReasonCatalogue(reasons, named, special_rules=rules)
    return ReasonRules(replace(forest_plan(), catalogue=catalogue))


def column_of(cells: list[float] | list[str | None]) -> NumericColumn | CategoryColumn:
    if isinstance(cells[0], float):
        return NumericColumn(np.array(cells))
    keys = tuple({key: None for key in cells if key is not None})
    codes = [-1 if key is None else keys.index(key) for key in cells]
    return CategoryColumn(np.array(codes, np.int32), keys)


def reasons(rules: ReasonRules, feature: int, cells: list) -> list[int]:
    """Return the reason of each cell, found the same in a column and alone."""
    name = ("use", "城市", "home owner")[feature]
    rest: list = [1.0, "北京", "True"]
    alone = [
        rules.of_row([*rest[:feature], cell, *rest[feature + 1 :]])[feature]
        for cell in cells
    ]
    place = int(rules.rule_of[feature])
    if place < 0:
        return alone
    columns = {
        other: column_of(cells if other == name else [usual] * len(cells))
        for other, usual in zip(("use", "城市", "home owner"), rest, strict=True)
    }
    batch = ColumnBatch(len(cells), columns)
    assert rules.ruled(batch, slice(0, len(cells)))[place].tolist() == alone
    half = slice(1, len(cells))
    assert rules.ruled(batch, half)[place].tolist() == alone[1:]
    return alone


def test_without_rules_a_feature_has_one_reason() -> None:
    rules = rules_of()
    assert rules.reason_of.tolist() == [USE, PLACE, OWNER]
    assert rules.rule_of.tolist() == [-1, -1, -1]
    assert reasons(rules, 0, [math.nan, 1.0]) == [USE, USE]


def test_a_feature_that_is_never_cited_has_none() -> None:
    assert rules_of(use=None).reason_of.tolist() == [-1, PLACE, OWNER]


def test_missing_unseen_and_special_values() -> None:
    rules = rules_of(
        SpecialRule("MISSING", "THIN"),
        SpecialRule("UNSEEN", "NEW"),
        SpecialRule("SPECIAL -9991", "THIN"),
        SpecialRule("SPECIAL 上海", None),
    )
    assert rules.rule_of.tolist() == [0, 1, 2]
    assert reasons(rules, 0, [math.nan, -9991.0, 0.5]) == [THIN, THIN, USE]
    cells = ["北京", None, "上海", "深圳"]
    assert reasons(rules, 1, cells) == [PLACE, THIN, -1, NEW]
    assert reasons(rules, 2, ["True", None]) == [OWNER, THIN]


def test_rules_of_a_feature_come_before_general_ones_and_later_before_earlier() -> None:
    rules = rules_of(
        SpecialRule("MISSING", None, "use"),
        SpecialRule("MISSING", "THIN"),
        SpecialRule("SPECIAL 7", "NEW", "use"),
        SpecialRule("SPECIAL 7.0", "THIN"),
        SpecialRule("SPECIAL 8", "NEW"),
        SpecialRule("SPECIAL 8", "THIN"),
    )
    assert reasons(rules, 0, [math.nan, 7.0, 8.0, 9.0]) == [-1, NEW, THIN, USE]
    assert reasons(rules, 1, ["北京", None]) == [PLACE, THIN]


def test_rules_of_other_features_make_no_rule() -> None:
    rules = rules_of(SpecialRule("MISSING", "THIN", "城市"))
    assert rules.rule_of.tolist() == [-1, 0, -1]
    assert reasons(rules, 0, [math.nan]) == [USE]


def test_an_unseen_category_named_by_a_rule_has_its_reason() -> None:
    rules = rules_of(
        SpecialRule("UNSEEN", "NEW"), SpecialRule("SPECIAL NO HIT", "THIN")
    )
    assert reasons(rules, 1, ["深圳", "NO HIT"]) == [NEW, THIN]


@pytest.mark.parametrize("label", ["SPECIAL x", "SPECIAL nan"])
def test_labels_that_name_no_number_change_no_number(label: str) -> None:
    assert reasons(rules_of(SpecialRule(label, "NEW")), 0, [7.0, 0.0]) == [USE, USE]


def test_zero_has_no_sign_and_infinity_is_a_value() -> None:
    rules = rules_of(
        SpecialRule("SPECIAL 0", "NEW"), SpecialRule("SPECIAL inf", "THIN")
    )
    found = reasons(rules, 0, [0.0, -0.0, math.inf, -math.inf])
    assert found == [NEW, NEW, THIN, USE]
