"""Selection: order of the rules, and a reason with number and limit for each."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from cfscore.exceptions import FitError
from cfscore.scorecard import SelectionRules
from cfscore.scorecard._logistic import fit_logistic
from cfscore.scorecard._logistic_fit import LogisticSample
from cfscore.scorecard._selection import Candidate, select_all, select_by_rules

STRICT = SelectionRules(min_iv=0.02, max_p_value=0.05)
OFF = SelectionRules(None, None, None, None)


def columns(n=4000, seed=0):
    """Return WOE-like columns, an outcome, and candidates.

    ``a`` and ``b`` carry risk, ``twin`` repeats ``a``, ``mix`` is nearly ``a + b + e``
    with a further column ``e``, ``wrong`` raises risk beside ``a`` and lowers it
    alone, ``idle`` is noise.
    """
    rng = np.random.default_rng(seed)
    a, b, e, noise = rng.normal(size=(4, n))
    found = {
        "a": a,
        "b": b,
        "e": e,
        "twin": a + 0.3 * rng.normal(size=n),
        "mix": (a + b + e) / np.sqrt(3) + 0.1 * rng.normal(size=n),
        "wrong": 0.6 * a + 0.8 * rng.normal(size=n),
        "idle": noise,
    }
    risk = -1.0 - 1.2 * a - 0.7 * b - 0.5 * e + 0.5 * found["wrong"]
    y = (rng.random(n) < expit(risk)).astype(float)
    return found, y


class Table:
    """Columns by name, as the sample builder that selection asks for."""

    def __init__(self, *names):
        found, self.y = columns()
        self.found = {name: found[name] for name in names}
        self.asked = []

    def build(self, names):
        self.asked = list(names)
        woe = np.column_stack([self.found[name] for name in names])
        return LogisticSample.build(names, woe, self.y, np.ones(len(self.y)))

    def candidates(self, ivs=None):
        ivs = ivs or {}
        return [Candidate(name, ivs.get(name, 0.3)) for name in self.found]


def run(table, rules, ivs=None, bounded=True, candidates=None):
    candidates = candidates or table.candidates(ivs)
    return select_by_rules(candidates, rules, table.build, bounded=bounded, C=None)


def verdict(selection, name):
    return next(v for v in selection.verdicts if v.name == name)


# ---------------------------------------------------------------- single rules


def test_binning_comes_first_and_keeps_its_reason():
    table = Table("a", "b")
    candidates = [
        Candidate("empty", 0.0, "all values are missing"),
        *table.candidates(),
    ]
    selection = run(table, SelectionRules(), candidates=candidates)
    rejected = verdict(selection, "empty")
    assert (rejected.rule, rejected.chosen) == ("binning", False)
    assert rejected.reason == "binning: all values are missing"
    assert table.asked == ["a", "b"]


def test_a_low_information_value_is_rejected_with_number_and_limit():
    table = Table("a", "b")
    selection = run(table, STRICT, ivs={"b": 0.0123})
    rejected = verdict(selection, "b")
    assert rejected.reason == "information value 0.0123 is below 0.02"
    assert (rejected.rule, rejected.value, rejected.limit) == ("iv", 0.0123, 0.02)
    assert table.asked == ["a"]


def test_the_limit_itself_is_enough():
    selection = run(Table("a", "b"), STRICT, ivs={"b": 0.02})
    assert verdict(selection, "b").chosen


@pytest.mark.parametrize(("higher", "lower"), [("a", "twin"), ("twin", "a")])
def test_of_two_correlated_the_higher_information_value_stays(higher, lower):
    table = Table("a", "b", "twin")
    selection = run(table, SelectionRules(), ivs={higher: 0.5, lower: 0.4})
    rejected = verdict(selection, lower)
    r = np.corrcoef(table.found["a"], table.found["twin"])[0, 1]
    assert rejected.rule == "correlation"
    assert rejected.value == pytest.approx(r, abs=1e-10)
    assert f"correlation {r:+.2f} with {higher!r}" in rejected.reason
    assert "0.500 against 0.400" in rejected.reason
    assert rejected.reason.endswith("beyond 0.7")
    assert verdict(selection, higher).chosen


def test_negative_correlation_counts_too():
    table = Table("a", "twin")
    table.found["twin"] = -table.found["twin"]
    rules = SelectionRules(None, 0.7, None, None)
    selection = run(table, rules, ivs={"a": 0.5}, bounded=False)
    assert verdict(selection, "twin").value < -0.7


def test_what_is_rejected_rejects_nothing():
    # c is close to b, b to a, c not to a: b goes, so c may stay.
    rng = np.random.default_rng(77)
    table = Table("a")
    a = table.found["a"]
    b = a + 0.9 * rng.normal(size=len(a))
    table.found |= {"b": b, "c": b + 1.2 * rng.normal(size=len(a))}
    rules = SelectionRules(None, 0.7, None, None)
    selection = run(table, rules, ivs={"a": 0.5, "b": 0.4, "c": 0.3}, bounded=False)
    assert [v.chosen for v in selection.verdicts] == [True, False, True]


def test_equal_information_values_are_decided_by_column_order():
    rules = SelectionRules(None, 0.7, None, None)
    selection = run(Table("twin", "a"), rules)
    assert [v.chosen for v in selection.verdicts] == [True, False]


def test_the_largest_variance_inflation_goes_first():
    table = Table("a", "b", "e", "mix")
    rules = SelectionRules(max_correlation=None, max_p_value=None)
    selection = run(table, rules)
    rejected = verdict(selection, "mix")
    x = np.column_stack([table.found[name] for name in table.found])
    vif = np.diag(np.linalg.inv(np.corrcoef(x.T))).max()
    assert rejected.rule == "vif"
    assert rejected.value == pytest.approx(vif, rel=1e-6)
    assert rejected.reason == f"variance inflation {vif:.1f} is above 5"
    assert [v.chosen for v in selection.verdicts] == [True, True, True, False]


def test_of_equal_variance_inflation_the_lower_information_value_goes():
    rules = SelectionRules(None, None, 5.0, None)
    selection = run(Table("a", "twin"), rules, ivs={"a": 0.2, "twin": 0.4})
    assert [v.chosen for v in selection.verdicts] == [False, True]


def test_a_wrong_sign_is_rejected_with_its_score_statistic():
    table = Table("a", "b", "wrong")
    selection = run(table, SelectionRules(max_p_value=None))
    rejected = verdict(selection, "wrong")
    held = fit_logistic(table.build(["a", "b", "wrong"]))
    assert rejected.rule == "sign"
    assert rejected.value == pytest.approx(held.score_z(2), abs=1e-6)
    assert rejected.limit == 0.0
    assert "sign: beside the others more WOE would mean more risk" in rejected.reason
    assert f"{rejected.value:+.2f}" in rejected.reason
    without = fit_logistic(table.build(["a", "b"]))
    assert selection.fit.coefficients == pytest.approx(without.coefficients, abs=1e-10)


def test_a_free_sign_is_not_rejected_but_said():
    selection = run(Table("a", "b", "wrong"), SelectionRules(), bounded=False)
    kept = verdict(selection, "wrong")
    assert kept.chosen
    assert "more WOE means more risk" in kept.reason


def test_insignificance_is_rejected_one_at_a_time():
    table = Table("a", "b", "idle")
    table.found["idle_2"] = np.random.default_rng(5).normal(size=len(table.y))
    selection = run(table, STRICT, bounded=False)
    first = fit_logistic(table.build(list(table.found)), bounded=False)
    worst = 2 + int(np.argmax(first.p_values[3:]))
    rejected = [v for v in selection.verdicts if v.rule == "p_value"]
    assert {v.name for v in rejected} == {"idle", "idle_2"}
    name = list(table.found)[worst]
    p = first.p_values[worst + 1]
    assert verdict(selection, name).value == pytest.approx(p, abs=1e-9)
    expected = f"p-value {p:.3f} of its coefficient is above 0.05"
    assert verdict(selection, name).reason == expected
    other = "idle" if name == "idle_2" else "idle_2"
    second = fit_logistic(table.build(["a", "b", other]), bounded=False)
    assert verdict(selection, other).value == pytest.approx(
        second.p_values[3], abs=1e-9
    )


def test_every_rule_can_be_switched_off():
    selection = run(Table(*columns(10)[0]), OFF, ivs={"idle": 0.0}, bounded=False)
    assert all(v.chosen for v in selection.verdicts)


# ---------------------------------------------------------------- all together


def test_every_candidate_has_a_verdict_with_a_reason_in_column_order():
    table = Table(*columns(10)[0])
    ivs = {"a": 0.9, "b": 0.5, "e": 0.4, "twin": 0.8, "mix": 0.6, "wrong": 0.1}
    candidates = [
        *table.candidates(ivs | {"idle": 0.01}),
        Candidate("flat", 0.0, "one bin only"),
    ]
    selection = run(table, STRICT, candidates=candidates)
    assert [v.name for v in selection.verdicts] == [c.name for c in candidates]
    assert all(v.reason for v in selection.verdicts)
    rules = {v.name: v.rule for v in selection.verdicts}
    assert rules["twin"] == "correlation"
    assert rules["idle"] == "iv"
    assert rules["flat"] == "binning"
    for v in selection.verdicts:
        assert v.chosen == (v.rule == "")
        if not v.chosen and v.rule != "binning":
            assert np.isfinite([v.value, v.limit]).all()
    assert tuple(selection.sample.names) == tuple(
        v.name for v in selection.verdicts if v.chosen
    )
    assert not selection.fit.at_bound.any()
    assert (selection.fit.p_values[1:] <= 0.05).all()


def test_the_reason_of_a_chosen_one_gives_its_numbers():
    selection = run(Table("a", "b"), SelectionRules(), ivs={"a": 0.512})
    slope = selection.fit.coefficients[0]
    expected = f"chosen: information value 0.512, coefficient {slope:.3f}, p-value "
    assert verdict(selection, "a").reason.startswith(expected)


# ---------------------------------------------------------------- nothing left


def test_nothing_left_is_said_by_counts_and_what_to_do():
    table = Table("idle", "wrong")
    table.found["wrong"] = -columns()[0]["a"]
    candidates = [
        Candidate("flat", 0.0, "one bin only"),
        Candidate("weak", 0.001),
        *table.candidates(),
    ]
    with pytest.raises(FitError) as caught:
        run(table, SelectionRules(), candidates=candidates)
    message = str(caught.value)
    assert caught.value.code == "NOTHING_SELECTED"
    assert "No characteristic is left of 4 feature(s)" in message
    assert "1 by binning, 1 by information value" in message
    assert "by the sign of the coefficient" in message
    assert "Loosen min_iv (here 0.01) and max_p_value (here 0.3)" in message
    assert "Binner.fit(X, y).summary()" in message
    assert "sign='free'" in message


def test_nothing_left_before_any_fit():
    with pytest.raises(FitError, match="1 by information value") as caught:
        run(Table("a"), SelectionRules(min_iv=0.5), ivs={"a": 0.0})
    expected = "Loosen min_iv (here 0.5) in selection=SelectionRules(...)."
    assert caught.value.hint == expected


# ---------------------------------------------------------------- all, or by name


def choose(table, names, candidates=None, bounded=True):
    candidates = candidates or table.candidates()
    return select_all(candidates, names, table.build, bounded=bounded, C=None)


def test_none_keeps_all_that_binning_could_use():
    table = Table("a", "b", "wrong", "idle")
    candidates = [Candidate("flat", 0.0, "one bin only"), *table.candidates()]
    selection = choose(table, None, candidates)
    assert [v.chosen for v in selection.verdicts] == [False, True, True, True, True]
    held = verdict(selection, "wrong")
    assert "bound <= 0 active" in held.reason
    assert selection.fit.coefficients[2] == 0.0


def test_names_are_chosen_exactly_and_in_column_order():
    table = Table("a", "b", "wrong", "idle")
    selection = choose(table, ["idle", "a"])
    assert selection.sample.names == ("a", "idle")
    assert verdict(selection, "b").reason == "not named in selection"
    assert verdict(selection, "b").rule == "names"


def test_a_named_one_that_binning_rejected_is_refused():
    table = Table("a")
    candidates = [Candidate("flat", 0.0, "one bin only"), *table.candidates()]
    with pytest.raises(FitError, match="'flat': one bin only"):
        choose(table, ["a", "flat"], candidates)


def test_all_rejected_by_binning_is_refused():
    with pytest.raises(FitError, match="1 by binning") as caught:
        choose(Table("a"), None, [Candidate("a", 0.0, "one bin only")])
    assert "Binner.fit(X, y).summary()" in caught.value.hint
    assert "SelectionRules" not in caught.value.hint
