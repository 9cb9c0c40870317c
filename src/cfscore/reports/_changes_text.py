"""Changes text: the cheapest changes to a score in words that promise nothing."""

from __future__ import annotations

from cfscore.exceptions import UsageError
from cfscore.explain import AttributeChange, CheapestChanges
from cfscore.plan import LANGUAGES, ScoringPlan

__all__ = ["describe_changes"]

_INTRODUCTION = {
    "en": "The score is {before:.0f}. With these values, and all others as they are, "
    "it would be {after:.0f}:",
    "zh": "评分为 {before:.0f} 分。若以下各项取所列的值、其余各项不变，"
    "评分为 {after:.0f} 分：",
}
_CHANGE = {
    "en": "- {name}: {after} instead of {before}",
    "zh": "- {name}：{after}（现为 {before}）",
}
_NOTHING = {
    "en": "The score is {before:.0f} and reaches {cutoff:.0f} as it is.",
    "zh": "评分为 {before:.0f} 分，已达到 {cutoff:.0f} 分。",
}
_LIMITS = {
    "en": "This describes how the score is built. It is no decision, and other things "
    "count beside the score.",
    "zh": "以上仅说明评分的构成，不是审批决定；除评分外还会考虑其他因素。",
}


def describe_changes(
    found: CheapestChanges, plan: ScoringPlan, *, language: str = "en"
) -> str:
    """Return the changes to a score as plain text.

    Parameters
    ----------
    found : CheapestChanges
        From ``cheapest_changes``.
    plan : ScoringPlan
        The plan; its catalogue names the characteristics.
    language : {"en", "zh"}, default "en"
        Language of the text.

    Returns
    -------
    str
        One line per change, and what the text does not say.

    Raises
    ------
    UsageError
        When the language is another one.
    """
    if language not in LANGUAGES:
        msg = f"language must be one of {LANGUAGES}, got {language!r}."
        raise UsageError(msg)
    numbers = {
        "before": found.score_before,
        "after": found.score_after,
        "cutoff": found.cutoff,
    }
    if not found.changes:
        return "\n".join([_NOTHING[language].format(**numbers), _LIMITS[language]])
    lines = [_line(change, plan, language) for change in found.changes]
    introduction = _INTRODUCTION[language].format(**numbers)
    return "\n".join([introduction, *lines, _LIMITS[language]])


def _line(change: AttributeChange, plan: ScoringPlan, language: str) -> str:
    catalogue = plan.catalogue
    code = catalogue.features[change.characteristic]
    reason = catalogue.reasons[catalogue.index_of(code)] if code is not None else None
    name = change.characteristic
    if reason is not None and reason.text(language) != name:
        # several characteristics may share a reason
        opened, closed = ("（", "）") if language == "zh" else (" (", ")")
        name = f"{reason.text(language)}{opened}{name}{closed}"
    return _CHANGE[language].format(name=name, before=change.before, after=change.after)
