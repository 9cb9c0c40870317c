"""Selection: which characteristics enter the card, each with a written reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import FitError
from cfscore.scorecard._collinearity import correlation_of, variance_inflation
from cfscore.scorecard._logistic import fit_logistic
from cfscore.scorecard._logistic_fit import LogisticFit, LogisticSample
from cfscore.scorecard._rules import SelectionRules

__all__ = ["Candidate", "Selection", "Verdict", "select_all", "select_by_rules"]

Floats = NDArray[np.float64]
SampleBuilder = Callable[[Sequence[str]], LogisticSample]

_RULE_TEXTS = {
    "binning": "by binning",
    "iv": "by information value",
    "correlation": "by correlation",
    "vif": "by variance inflation",
    "sign": "by the sign of the coefficient",
    "p_value": "by p-value",
    "names": "as not named",
}

#: The limit of SelectionRules behind each rule that has one.
_LIMITS = {
    "iv": "min_iv",
    "correlation": "max_correlation",
    "vif": "max_vif",
    "p_value": "max_p_value",
}


@dataclass(frozen=True)
class Candidate:
    """A characteristic that could enter the card.

    Parameters
    ----------
    name : str
        Input column.
    iv : float
        Information value.
    rejected : str or None
        Why binning found nothing in it; None where it did.
    """

    name: str
    iv: float
    rejected: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What became of a candidate, and why.

    Parameters
    ----------
    name : str
        Input column.
    iv : float
        Information value.
    chosen : bool
        Whether it is in the card.
    rule : str
        Rule that rejected it: ``"binning"``, ``"iv"``, ``"correlation"``, ``"vif"``,
        ``"sign"``, ``"p_value"`` or ``"names"``; empty where chosen.
    value, limit : float
        Number that the rule looked at and its limit; NaN where there is none.
    reason : str
        Both in words.
    """

    name: str
    iv: float
    chosen: bool
    rule: str
    value: float
    limit: float
    reason: str


@dataclass(frozen=True, eq=False)
class Selection:
    """The chosen characteristics and their regression.

    Parameters
    ----------
    verdicts : tuple of Verdict
        One per candidate, in the order of the candidates.
    sample : LogisticSample
        Of the chosen characteristics, in the order of the candidates.
    fit : LogisticFit
        Their coefficients.
    """

    verdicts: tuple[Verdict, ...]
    sample: LogisticSample
    fit: LogisticFit


def select_by_rules(
    candidates: Sequence[Candidate],
    rules: SelectionRules,
    build: SampleBuilder,
    *,
    bounded: bool,
    C: float | None,
) -> Selection:
    """Return the characteristics that keep every rule.

    Parameters
    ----------
    candidates : sequence of Candidate
        All characteristics, in column order.
    rules : SelectionRules
        Limits.
    build : callable
        Returns the sample of the named characteristics.
    bounded : bool
        Whether coefficients must be <= 0.
    C : float or None
        Inverse strength of the penalty.

    Raises
    ------
    FitError
        When nothing is left.
    """
    screening = _Screening(candidates, rules)
    screening.reject_by_binning()
    screening.reject_by_iv()
    screening.require_some()
    sample = screening.reject_collinear(build(screening.names))
    fit = fit_logistic(sample, bounded=bounded, C=C)
    while rejected := screening.reject_after_fit(sample, fit):
        screening.require_some()
        sample = sample.select(
            [j for j in range(len(sample.names)) if j not in rejected]
        )
        start = fit.without(rejected)
        fit = fit_logistic(sample, bounded=bounded, C=C, start=start)
    return Selection(screening.finish(sample, fit), sample, fit)


def select_all(
    candidates: Sequence[Candidate],
    names: Sequence[str] | None,
    build: SampleBuilder,
    *,
    bounded: bool,
    C: float | None,
) -> Selection:
    """Return exactly the named characteristics, or all that binning could use.

    Parameters
    ----------
    candidates : sequence of Candidate
        All characteristics, in column order.
    names : sequence of str or None
        The ones to choose; None chooses every one that binning could use.
    build, bounded, C
        As for ``select_by_rules``.

    Raises
    ------
    FitError
        When a named characteristic was rejected by binning, or nothing is left.
    """
    screening = _Screening(candidates, SelectionRules())
    if names is not None:
        _refuse_unusable(candidates, names)
        screening.reject_unnamed(names)
    screening.reject_by_binning()
    screening.require_some()
    sample = build(screening.names)
    fit = fit_logistic(sample, bounded=bounded, C=C)
    return Selection(screening.finish(sample, fit), sample, fit)


def _refuse_unusable(candidates: Sequence[Candidate], names: Sequence[str]) -> None:
    named = [c for c in candidates if c.name in names]
    unusable = [f"{c.name!r}: {c.rejected}" for c in named if c.rejected]
    if unusable:
        listed = "; ".join(unusable[:10])
        msg = f"selection names characteristics that cannot be used: {listed}."
        raise FitError(msg, code="SELECTION", hint="Leave them out of selection.")


class _Screening:
    """The candidates still standing, and the verdicts on the others."""

    def __init__(self, candidates: Sequence[Candidate], rules: SelectionRules) -> None:
        self.candidates = candidates
        self.rules = rules
        self.iv = {c.name: c.iv for c in candidates}
        self.rejected: dict[str, Verdict] = {}

    @property
    def names(self) -> list[str]:
        """Characteristics still standing, in column order."""
        return [c.name for c in self.candidates if c.name not in self.rejected]

    def _reject(
        self, name: str, rule: str, reason: str, value: float, limit: float
    ) -> None:
        verdict = Verdict(name, self.iv[name], False, rule, value, limit, reason)
        self.rejected[name] = verdict

    def reject_unnamed(self, names: Sequence[str]) -> None:
        """Reject what the caller did not name."""
        for name in self.names:
            if name not in names:
                self._reject(name, "names", "not named in selection", np.nan, np.nan)

    def reject_by_binning(self) -> None:
        """Reject what binning found nothing in."""
        for candidate in self.candidates:
            if candidate.rejected and candidate.name not in self.rejected:
                reason = f"binning: {candidate.rejected}"
                self._reject(candidate.name, "binning", reason, np.nan, np.nan)

    def reject_by_iv(self) -> None:
        """Reject a low information value."""
        limit = self.rules.min_iv
        if limit is None:
            return
        for name in self.names:
            iv = self.iv[name]
            if iv < limit:
                reason = f"information value {iv:.4f} is below {limit:g}"
                self._reject(name, "iv", reason, iv, limit)

    def reject_collinear(self, sample: LogisticSample) -> LogisticSample:
        """Return the sample without what others tell already."""
        correlation = correlation_of(sample.gram)
        kept = self._reject_by_correlation(sample.names, correlation)
        kept = self._reject_by_vif(sample.names, correlation, kept)
        return sample if len(kept) == len(sample.names) else sample.select(kept)

    def _reject_by_correlation(
        self, names: Sequence[str], correlation: Floats
    ) -> list[int]:
        limit = self.rules.max_correlation
        if limit is None:
            return list(range(len(names)))
        kept: list[int] = []
        for j in sorted(range(len(names)), key=lambda j: (-self.iv[names[j]], j)):
            rivals = [k for k in kept if abs(correlation[j, k]) > limit]
            if rivals:
                closest = max(rivals, key=lambda k: abs(correlation[j, k]))
                r, rival = correlation[j, closest], names[closest]
                reason = (
                    f"correlation {r:+.2f} with {rival!r}, whose information value is "
                    f"{self.iv[rival]:.3f} against {self.iv[names[j]]:.3f}, is beyond "
                    f"{limit:g}"
                )
                self._reject(names[j], "correlation", reason, float(r), limit)
            else:
                kept.append(j)
        return sorted(kept)

    def _reject_by_vif(
        self, names: Sequence[str], correlation: Floats, kept: list[int]
    ) -> list[int]:
        """Reject the largest factor, one at a time; of equal ones the lower IV."""
        limit = self.rules.max_vif
        while limit is not None and len(kept) > 1:
            vif = variance_inflation(correlation[np.ix_(kept, kept)])
            largest = vif.max()
            if largest <= limit:
                break
            tied = [k for k, v in zip(kept, vif, strict=True) if v > 0.999999 * largest]
            worst = min(tied, key=lambda k: (self.iv[names[k]], -k))
            reason = f"variance inflation {largest:.1f} is above {limit:g}"
            self._reject(names[worst], "vif", reason, float(largest), limit)
            kept = [k for k in kept if k != worst]
        return kept

    def reject_after_fit(self, sample: LogisticSample, fit: LogisticFit) -> list[int]:
        """Return columns that are out: those at their bound, or the least significant.

        Slopes at their bound go together: without them the optimum stays where it is.
        """
        rejected = [int(j) for j in np.flatnonzero(fit.at_bound)]
        for j in rejected:
            z = fit.score_z(j)
            reason = (
                f"sign: beside the others more WOE would mean more risk (score "
                f"statistic {z:+.2f}); the bound coefficient <= 0 is active"
            )
            self._reject(sample.names[j], "sign", reason, z, 0.0)
        return rejected or self._reject_by_p_value(sample, fit)

    def _reject_by_p_value(self, sample: LogisticSample, fit: LogisticFit) -> list[int]:
        limit = self.rules.max_p_value
        p_values = fit.p_values[1:]
        worst = int(np.argmax(p_values))
        if limit is None or p_values[worst] <= limit:
            return []
        p = float(p_values[worst])
        reason = f"p-value {p:.3f} of its coefficient is above {limit:g}"
        self._reject(sample.names[worst], "p_value", reason, p, limit)
        return [worst]

    def require_some(self) -> None:
        """Refuse to go on with nothing.

        Raises
        ------
        FitError
            With the counts of each rule.
        """
        if self.names:
            return
        counts = Counter(v.rule for v in self.rejected.values())
        listed = ", ".join(
            f"{counts[rule]} {text}"
            for rule, text in _RULE_TEXTS.items()
            if counts[rule]
        )
        n = len(self.candidates)
        msg = f"No characteristic is left of {n} feature(s); rejected: {listed}."
        hint = _nothing_left_hint(counts, self.rules)
        raise FitError(msg, code="NOTHING_SELECTED", hint=hint)

    def finish(self, sample: LogisticSample, fit: LogisticFit) -> tuple[Verdict, ...]:
        """Return the verdict on every candidate."""
        reasons = _reasons(self.iv, sample, fit)
        chosen = {
            name: Verdict(name, self.iv[name], True, "", np.nan, np.nan, reason)
            for name, reason in zip(sample.names, reasons, strict=True)
        }
        verdicts = self.rejected | chosen
        return tuple(verdicts[c.name] for c in self.candidates)


def _nothing_left_hint(counts: Counter[str], rules: SelectionRules) -> str:
    """Return what can be done about the rules that rejected everything."""
    advice = []
    if counts["binning"]:
        advice.append(
            "Check y and the columns that binning rejected: Binner.fit(X, y).summary() "
            "has the reason of each."
        )
    limits = [
        f"{limit} (here {getattr(rules, limit):g})"
        for rule, limit in _LIMITS.items()
        if counts[rule]
    ]
    if limits:
        listed = " and ".join(limits)
        advice.append(f"Loosen {listed} in selection=SelectionRules(...).")
    if counts["sign"]:
        advice.append("Coefficients of either sign are let in by sign='free'.")
    return " ".join(advice)


def _p_text(p_value: float) -> str:
    return f"{p_value:.2g}" if p_value > 1e-99 else "< 1e-99"


def _reasons(
    iv: dict[str, float], sample: LogisticSample, fit: LogisticFit
) -> list[str]:
    """Return why each chosen characteristic is in, with what speaks against it."""
    reasons = []
    for j, name in enumerate(sample.names):
        slope = fit.coefficients[j]
        text = f"chosen: information value {iv[name]:.3f}, coefficient {slope:.3f}"
        if fit.at_bound[j]:
            z = fit.score_z(j)
            text += f", bound <= 0 active (score statistic {z:+.2f}): no effect"
        else:
            text += f", p-value {_p_text(float(fit.p_values[j + 1]))}"
            text += "; more WOE means more risk" if slope > 0.0 else ""
        reasons.append(text)
    return reasons
