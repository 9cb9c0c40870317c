"""Catalogue checks: what a reason catalogue says must be true of the model."""

from __future__ import annotations

from collections.abc import Iterator

from cfscore.exceptions import CompileError
from cfscore.plan import (
    LANGUAGES,
    ForestStage,
    PointsStage,
    ReasonCatalogue,
    SpecialRule,
    find_promise,
    promise_refusal,
    special_number,
)

__all__ = ["check_catalogue"]


def check_catalogue(
    catalogue: ReasonCatalogue, model: PointsStage | ForestStage
) -> None:
    """Demand that rules can apply and that no consumer text promises a decision.

    Parameters
    ----------
    catalogue : ReasonCatalogue
        May speak of features that the model does not use.
    model : PointsStage or ForestStage
        The model.

    Raises
    ------
    CompileError
        When a rule for one feature names an attribute that the feature cannot have
        (code ``"RULE"``): its values would be given a false reason in silence. When a
        consumer text promises a decision (code ``"PROMISE"``).
    """
    for rule in catalogue.special_rules:
        known = _known_labels(rule, model)
        if known is not None:
            msg = f"The special rule for {rule.attribute!r} of {rule.feature!r} can "
            msg += "never apply."
            hint = f"Its attributes are {known}: declare the code when the model is "
            hint += "fitted, or leave the rule out."
            raise CompileError(msg, code="RULE", hint=hint)
    for code, language, promise in _promises(catalogue):
        raise promise_refusal(CompileError, code, language, promise)


def _known_labels(
    rule: SpecialRule, model: PointsStage | ForestStage
) -> list[str] | None:
    """Return what a rule could name, where it names anything else."""
    if isinstance(model, ForestStage):
        kinds = {feature.name: feature.kind for feature in model.features}
        kind = kinds.get(rule.feature or "")
        if kind in (None, "categorical") or rule.attribute == "MISSING":
            return None
        if kind == "boolean":
            return ["MISSING"]
        is_number = special_number(rule.attribute) is not None
        return None if is_number else ["MISSING", "SPECIAL <number>"]
    found = [c for c in model.characteristics if c.name == rule.feature]
    if not found:
        return None
    characteristic = found[0]
    roles = ("special", "missing", "unseen")
    labels = [a.label for a in characteristic.attributes if a.role in roles]
    return None if rule.label_for(characteristic.kind) in labels else labels


def _promises(catalogue: ReasonCatalogue) -> Iterator[tuple[str, str, str]]:
    """Yield code, language and words of every promise."""
    for reason in catalogue.reasons:
        for language in LANGUAGES:
            promise = find_promise(reason.consumer_text(language))
            if promise is not None:
                yield reason.code, language, promise
