"""Letter writer: reasons of a scored row and the lender's facts become a letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from cfscore.exceptions import UsageError
from cfscore.plan import (
    LANGUAGES,
    Reason,
    ReasonCatalogue,
    ScoringPlan,
    find_promise,
    promise_refusal,
    read_toml,
    read_typed,
)
from cfscore.reports._letter import Letter, LetterSection
from cfscore.reports._letter_facts import LetterFacts, date_text
from cfscore.scoring import RowScore, ScoreBatch

__all__ = ["LetterKind", "write_letter"]

#: US notice of adverse action, PRC explanation of an automated decision, and a letter
#: on what a score means.
LetterKind = Literal["adverse_action", "pipl", "education"]

_FOLDER = Path(__file__).parent / "letters"
#: Facts that a kind cannot do without.
_NEEDED: dict[str, tuple[str, ...]] = {
    "adverse_action": ("supervisor",),
    "pipl": (),
    "education": ("score_range",),
}


@dataclass(frozen=True)
class _SectionWording:
    """A section with facts in braces."""

    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    items: Literal["none", "reasons"] = "none"
    when: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Wording:
    """A letter in one language."""

    title: str
    section: tuple[_SectionWording, ...]


@dataclass(frozen=True)
class _WordingFile:
    """A letter in all languages."""

    en: _Wording
    zh: _Wording


@dataclass(frozen=True)
class _Scored:
    """One scored row: its score and reason codes, most harmful first."""

    score: float
    codes: tuple[str, ...]


def write_letter(
    kind: LetterKind,
    scored: RowScore | ScoreBatch,
    facts: LetterFacts,
    *,
    plan: ScoringPlan,
    row: int | None = None,
    language: str = "en",
    most_reasons: int = 4,
) -> Letter:
    """Return a letter on why an application was declined.

    Parameters
    ----------
    kind : {"adverse_action", "pipl", "education"}
        US notice of adverse action (Regulation B, 12 CFR 1002.9; FCRA 615(a)), the
        explanation of an automated decision (PIPL of the PRC, article 24), or a letter
        on what the score means and how to get one's credit report (Regulation on the
        Administration of Credit Reporting of the PRC, articles 17 and 25).
    scored : RowScore or ScoreBatch
        Scored with ``reasons`` of at least ``most_reasons``.
    facts : LetterFacts
        Lender, date, reference, score range, agencies.
    plan : ScoringPlan
        The plan that scored; its catalogue has the sentences.
    row : int, optional
        Which row of a batch, counted from 0.
    language : {"en", "zh"}, default "en"
        Language of the letter.
    most_reasons : int, default 4
        Most reasons, most harmful first; the catalogue's reason of credit inquiries
        takes the last place where it is adverse and not among them.

    Returns
    -------
    Letter
        With ``to_text`` and ``to_html``. It says why, and promises nothing.

    Raises
    ------
    UsageError
        When a fact is missing, fewer reasons were asked for than the letter may need, a
        reason has no sentence in the language, a sentence promises a decision (code
        ``"PROMISE"``), or the row has no adverse reason (code ``"NO_REASON"``): that a
        score was too low is no reason.

    Notes
    -----
    Commentary on 12 CFR 1002.9(b)(2): more than four reasons are not likely to help.
    Reasons must be those of the component that failed: where an application was
    declined by a rule and not by its score, state that rule instead. The wording is a
    draft for the lender's counsel, not legal advice.
    """
    _check_options(kind, language, most_reasons)
    _check_facts(kind, facts)
    found = _one_row(scored, row, most_reasons)
    reasons = _principal(found.codes, plan.catalogue, most_reasons)
    sentences = tuple(_sentence(reason, language) for reason in reasons)
    file = read_typed(_WordingFile, read_toml(_FOLDER / f"{kind}.toml"))
    wording: _Wording = getattr(file, language)
    stated = _stated(facts, found.score, language)
    sections = tuple(
        _section(section, stated, sentences)
        for section in wording.section
        if all(stated.get(fact) for fact in section.when)
    )
    return Letter(language, wording.title, facts.date, facts.lender, sections)


def _check_options(kind: str, language: str, most_reasons: int) -> None:
    if kind not in get_args(LetterKind):
        msg = f"kind must be one of {get_args(LetterKind)}, got {kind!r}."
        raise UsageError(msg)
    if language not in LANGUAGES:
        msg = f"language must be one of {LANGUAGES}, got {language!r}."
        raise UsageError(msg)
    if most_reasons < 1:
        msg = f"most_reasons must be at least 1, got {most_reasons}."
        raise UsageError(msg)


def _check_facts(kind: str, facts: LetterFacts) -> None:
    missing = [name for name in _NEEDED[kind] if getattr(facts, name) is None]
    if missing:
        msg = f"A letter of kind {kind!r} needs the fact(s) {missing}."
        raise UsageError(msg, hint="Set them in LetterFacts.")


def _one_row(
    scored: RowScore | ScoreBatch, row: int | None, most_reasons: int
) -> _Scored:
    """Return score and reason codes of the row that the letter is about."""
    if isinstance(scored, RowScore):
        if row is not None:
            msg = "row applies to a batch; this is the score of one row."
            raise UsageError(msg)
        codes = tuple(reason.code for reason in scored.reasons)
        _check_all_are_there(codes, scored.most_reasons, most_reasons)
        return _Scored(scored.score, codes)
    if not isinstance(scored, ScoreBatch):
        msg = f"Expected a RowScore or a ScoreBatch, got {type(scored).__name__}."
        raise UsageError(msg)
    if row is None or not 0 <= row < len(scored):
        msg = f"row must be in [0, {len(scored)}), got {row}."
        raise UsageError(msg)
    if scored.status[row] != 0:
        msg = f"Row {row} of the batch was refused and has no score."
        raise UsageError(msg)
    codes = tuple(code for code in scored.reasons[row] if code is not None)
    _check_all_are_there(codes, scored.reasons.shape[1], most_reasons)
    return _Scored(float(scored.score[row]), codes)


def _check_all_are_there(codes: tuple[str, ...], asked: int, wanted: int) -> None:
    """Refuse reasons beyond which there may be others that the letter must state."""
    if len(codes) == asked < wanted:
        msg = f"Scored with {asked} reason(s) per row only: there may be others."
        raise UsageError(msg, hint=f"Score with reasons={wanted} or more.")


def _principal(
    codes: tuple[str, ...], catalogue: ReasonCatalogue, most: int
) -> list[Reason]:
    """Return the first reasons; inquiries take the last place from beyond it."""
    if not codes:
        msg = "The row has no adverse reason, and a letter without one says nothing."
        hint = "Where a rule declined the application, state that rule."
        raise UsageError(msg, code="NO_REASON", hint=hint)
    kept = list(codes[:most])
    if catalogue.inquiries in codes[most:]:
        kept[-1] = str(catalogue.inquiries)
    unknown = sorted(set(kept) - {reason.code for reason in catalogue.reasons})
    if unknown:
        msg = f"The plan's catalogue has no reason {unknown}."
        raise UsageError(msg, hint="Pass the plan that scored the row.")
    return [catalogue.reasons[catalogue.index_of(code)] for code in kept]


def _sentence(reason: Reason, language: str) -> str:
    """Return the consumer text of a reason, once it is fit for a letter."""
    text = reason.consumer_text(language)
    if not text.strip():
        msg = f"Reason {reason.code!r} has no consumer_text_{language}."
        raise UsageError(msg, hint="Add the sentence to the reason catalogue.")
    promise = find_promise(text)
    if promise is not None:
        raise promise_refusal(UsageError, reason.code, language, promise)
    return text


def _stated(facts: LetterFacts, score: float, language: str) -> Mapping[str, str]:
    """Return the facts as texts; those that are not given are empty."""
    scored_on = facts.scored_on or facts.date
    low, high = facts.score_range or (score, score)
    if not low <= score <= high:
        msg = "The score lies outside score_range."
        raise UsageError(msg, hint="State the lowest and highest possible score.")
    bureau, supervisor = facts.bureau, facts.supervisor
    return {
        "reference": facts.reference,
        "contact": facts.lender.contact(language),
        "score": f"{score:.0f}" if facts.score_range else "",
        "low": f"{low:.0f}",
        "high": f"{high:.0f}",
        "scored_on": date_text(scored_on, language),
        "score_provider": facts.lender.name,
        "bureau": bureau.described(language) if bureau else "",
        "supervisor": supervisor.described(language) if supervisor else "",
    }


def _section(
    wording: _SectionWording, stated: Mapping[str, str], sentences: tuple[str, ...]
) -> LetterSection:
    return LetterSection(
        heading=wording.heading,
        paragraphs=tuple(text.format_map(stated) for text in wording.paragraphs),
        items=sentences if wording.items == "reasons" else (),
    )
