"""Letters to declined applicants: what they say, and what they never say."""

from __future__ import annotations

import datetime
import html
import re
from dataclasses import replace

import pytest

from cfscore.exceptions import UsageError
from cfscore.plan import Reason, ReasonCatalogue, find_promise
from cfscore.reports import Institution, LetterFacts, write_letter
from cfscore.scoring import RowReason, RowScore, Scorer
from tests.unit.scoring.small_plan import small_plan

KINDS = ("adverse_action", "pipl", "education")
LANGUAGES = ("en", "zh")
every_letter = pytest.mark.parametrize("kind", KINDS)
both_languages = pytest.mark.parametrize("language", LANGUAGES)

CODES = ("DPD", "USE", "AGE", "NEW", "INQ", "LOW")
REASONS = tuple(
    Reason(
        code,
        consumer_text_en=f"English sentence on {word}.",
        consumer_text_zh=f"关于{sign}的句子。",
    )
    for code, word, sign in zip(
        CODES,
        ("arrears", "limits", "age", "accounts", "inquiries", "income"),
        "逾额龄新询入",
        strict=True,
    )
)
LENDER = Institution(
    "Example & Sons <Bank>", "1 Main Street\nSpringfield", "800-1", "a@example.org"
)
FACTS = LetterFacts(
    LENDER,
    datetime.date(2026, 3, 9),
    "A-17",
    score_range=(300.0, 850.0),
    scored_on=datetime.date(2026, 3, 8),
    bureau=Institution("Example Bureau", "P.O. Box 1", "800-2"),
    supervisor=Institution("Example Agency", "Washington"),
)


def plan_of(reasons=REASONS, **rules):
    catalogue = ReasonCatalogue(reasons, {"use": None, "city": None}, **rules)
    return replace(small_plan(), catalogue=catalogue)


def row(*codes, score=512.4):
    reasons = tuple(RowReason(code, code, 0.5) for code in codes)
    return RowScore(1.0, 0.7, score, reasons, max(4, len(codes)))


def letter(kind="adverse_action", scored=None, facts=FACTS, **options):
    scored = row("DPD", "USE", "INQ") if scored is None else scored
    return write_letter(kind, scored, facts, **{"plan": plan_of(), **options})


def sentences(found):
    (items,) = [section.items for section in found.sections if section.items]
    return list(items)


@every_letter
@both_languages
def test_reasons_are_the_consumer_texts_most_harmful_first(kind, language):
    found = letter(kind, language=language)
    by_code = {
        r.code: r.consumer_text_zh if language == "zh" else r.consumer_text_en
        for r in REASONS
    }
    expected = [by_code["DPD"], by_code["USE"], by_code["INQ"]]
    assert sentences(found) == expected
    text = found.to_text()
    assert [text.index(sentence) for sentence in expected] == sorted(
        text.index(sentence) for sentence in expected
    )


@every_letter
@both_languages
def test_text_and_html_say_the_same(kind, language):
    found = letter(kind, language=language)
    body = re.sub(r"(?s)^.*?<body>|<style>.*?</style>|<[^>]+>", " ", found.to_html())
    shown = re.sub(r"\s+", "", html.unescape(body))
    plain = re.sub(r"(?m)^\d\. ", "", found.to_text())
    assert shown == re.sub(r"\s+", "", plain)
    assert f'<html lang="{language}">' in found.to_html()


@every_letter
@both_languages
def test_facts_are_stated_and_escaped(kind, language):
    found = letter(kind, language=language)
    text, page = found.to_text(), found.to_html()
    date = "2026年3月9日" if language == "zh" else "March 9, 2026"
    scored_on = "2026年3月8日" if language == "zh" else "March 8, 2026"
    for fact in ("A-17", "512", "300", "850", "800-1", "a@example.org", date):
        assert fact in text
    assert scored_on in text
    assert LENDER.name in text
    assert "<Bank>" not in page
    assert "Example &amp; Sons &lt;Bank&gt;" in page
    assert page == letter(kind, language=language).to_html()


def test_adverse_action_has_what_the_law_asks_for():
    text = re.sub(r"\s+", " ", letter().to_text())
    # 12 CFR 1002.9(a)(2), (b)(1): action, reasons, notice, agency
    for phrase in (
        "declined",
        "Principal reasons for our decision",
        "Equal Credit Opportunity Act prohibits creditors from discriminating",
        "exercised any right under the Consumer Credit Protection Act",
        "this creditor is: Example Agency, Washington.",
        # FCRA 615(a): score, range, key factors, agency, copy, dispute
        "Your score is 512. It was made by Example & Sons <Bank> on March 8, 2026.",
        "range from 300 to 850",
        "key factors that lowered your score",
        "Example Bureau, P.O. Box 1, telephone 800-2.",
        "did not make the decision and cannot give you the reasons",
        "free copy of your report if you ask the agency within 60 days",
        "right to dispute",
    ):
        assert phrase in text


def test_pipl_has_what_the_law_asks_for():
    text = letter("pipl", language="zh").to_text()
    for phrase in ("第二十四条", "拒绝仅以自动化方式作出的决定", "人工评估", "更正"):
        assert phrase in text
    english = re.sub(r"\s+", " ", letter("pipl").to_text())
    assert "refuse a decision that is made by automated means only" in english
    assert "a member of our staff will assess your application" in english


def test_education_tells_of_the_free_report_and_of_disputes():
    text = letter("education", language="zh").to_text()
    for phrase in ("两次机会免费获取", "第十七条", "提出异议", "20 日内", "第二十五条"):
        assert phrase in text


@pytest.mark.parametrize(
    ("when", "gone", "kept"),
    [
        ({"score_range": None}, "Your credit score", "Your credit report"),
        ({"bureau": None}, "Your credit report", "Your credit score"),
    ],
)
def test_sections_without_their_facts_are_left_out(when, gone, kept):
    text = letter(facts=replace(FACTS, **when)).to_text()
    assert gone not in text
    assert kept in text
    if "score_range" in when:
        assert "512" not in text


@pytest.mark.parametrize(
    ("codes", "most", "inquiries", "cited"),
    [
        ("DPD USE AGE NEW LOW", 4, None, "DPD USE AGE NEW"),
        ("DPD USE AGE NEW INQ", 4, None, "DPD USE AGE NEW"),
        # the inquiries rule takes the last place, and adds none
        ("DPD USE AGE NEW INQ", 4, "INQ", "DPD USE AGE INQ"),
        ("DPD INQ AGE NEW LOW", 4, "INQ", "DPD INQ AGE NEW"),
        ("DPD USE INQ", 2, "INQ", "DPD INQ"),
        ("DPD USE INQ", 1, "INQ", "INQ"),
        ("DPD", 4, "INQ", "DPD"),
    ],
)
def test_at_most_k_reasons(codes, most, inquiries, cited):
    found = letter(
        scored=row(*codes.split()),
        plan=plan_of(inquiries=inquiries),
        most_reasons=most,
    )
    by_code = {reason.code: reason.consumer_text_en for reason in REASONS}
    assert sentences(found) == [by_code[code] for code in cited.split()]


def test_a_row_of_a_batch_and_the_same_row_alone_give_the_same_letter():
    reasons = (REASONS[0], REASONS[1])
    catalogue = ReasonCatalogue(reasons, {"use": "DPD", "city": "USE"})
    plan = replace(small_plan(), catalogue=catalogue)
    rows = [{"use": 0.9, "city": "中部"}, {"use": 0.9, "city": "north"}]
    batch = Scorer(plan).score(rows, reasons=4)
    for i, cells in enumerate(rows):
        alone = Scorer(plan).score_row(cells, reasons=4)
        from_batch = letter(scored=batch, plan=plan, row=i)
        assert from_batch == letter(scored=alone, plan=plan)
        assert len(sentences(from_batch)) == 2 - i


def test_refused_rows_and_short_reasons_of_a_batch():
    catalogue = ReasonCatalogue(REASONS, {"use": "DPD", "city": "USE"})
    scorer = Scorer(replace(small_plan(), catalogue=catalogue))
    rows = {"use": ["0.9", "?"], "city": ["中部", "x"]}
    batch = scorer.score(rows, reasons=1, on_bad="quarantine")
    with pytest.raises(UsageError, match=r"Scored with 1 reason\(s\) per row only"):
        letter(scored=batch, plan=scorer.plan, row=0)
    assert len(letter(scored=batch, plan=scorer.plan, row=0, most_reasons=1).sections)
    with pytest.raises(UsageError, match="Row 1 of the batch was refused"):
        letter(scored=batch, plan=scorer.plan, row=1)
    with pytest.raises(UsageError, match=r"row must be in \[0, 2\), got None"):
        letter(scored=batch, plan=scorer.plan)


@pytest.mark.parametrize("asked", [0, 1])
def test_short_reasons_of_one_row_leave_no_principal_reason_out(asked):
    catalogue = ReasonCatalogue(REASONS, {"use": "DPD", "city": "USE"})
    scorer = Scorer(replace(small_plan(), catalogue=catalogue))
    cells = {"use": 0.9, "city": "中部"}
    with pytest.raises(UsageError, match=rf"Scored with {asked} reason\(s\)") as error:
        letter(scored=scorer.score_row(cells, reasons=asked), plan=scorer.plan)
    assert "Score with reasons=4 or more" in str(error.value)
    found = scorer.score_row(cells, reasons=4)
    assert len(found.reasons) == 2 < found.most_reasons == 4
    assert letter(scored=found, plan=scorer.plan)


def test_a_letter_without_a_reason_is_refused():
    with pytest.raises(UsageError, match="has no adverse reason") as error:
        letter(scored=row())
    assert error.value.code == "NO_REASON"


def test_a_reason_without_a_sentence_is_refused():
    bare = (replace(REASONS[0], consumer_text_zh=" "), *REASONS[1:])
    with pytest.raises(UsageError, match="Reason 'DPD' has no consumer_text_zh"):
        letter(plan=plan_of(bare), language="zh")
    assert letter(plan=plan_of(bare), language="en")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Pay on time and you will be approved."),
        ("zh", "按时还款即可通过审批。"),
    ],
)
def test_a_sentence_that_promises_is_refused(language, text):
    promising = replace(REASONS[0], **{f"consumer_text_{language}": text})
    with pytest.raises(UsageError, match="promises a decision: '") as error:
        letter(plan=plan_of((promising, *REASONS[1:])), language=language)
    assert error.value.code == "PROMISE"


@every_letter
@both_languages
def test_no_letter_promises_names_a_code_or_shows_the_model(kind, language):
    text = letter(kind, language=language).to_text()
    assert find_promise(re.sub(r"\s+", " ", text)) is None
    for inner in (*CODES, "log", "0.7", "70%", "WOE", "{", "}", "None"):
        assert inner not in text


def syllables(word: str) -> int:
    """Return the groups of vowels of a word, a silent e at its end left out."""
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    silent = word.lower().endswith("e") and not word.lower().endswith("le")
    return max(groups - silent, 1)


def test_the_education_letter_is_short_and_easy_to_read():
    found = letter("education")
    prose = " ".join(p for s in found.sections for p in (*s.paragraphs, *s.items))
    words = re.findall(r"[A-Za-z']+", prose)
    n_sentences = len(re.findall(r"[.;:](?=\s|$)", prose))
    n_syllables = sum(map(syllables, words))
    # Kincaid et al. 1975: the school grade that can read it
    grade = 0.39 * len(words) / n_sentences + 11.8 * n_syllables / len(words) - 15.59
    assert grade < 8.0
    assert len(words) < 300
    chinese = letter("education", language="zh")
    prose = "".join(p for s in chinese.sections for p in (*s.paragraphs, *s.items))
    assert len(prose) < 500
    assert max(map(len, re.split(r"[。；]", prose))) <= 60


def test_missing_facts_and_wrong_options():
    with pytest.raises(UsageError, match=r"'adverse_action' needs the fact\(s\) \['s"):
        letter(facts=replace(FACTS, supervisor=None))
    with pytest.raises(UsageError, match=r"'education' needs the fact\(s\) \['score_r"):
        letter("education", facts=replace(FACTS, score_range=None))
    with pytest.raises(UsageError, match=r"kind must be one of .*, got 'poem'"):
        letter("poem")
    with pytest.raises(UsageError, match=r"language must be one of .*, got 'fr'"):
        letter(language="fr")
    with pytest.raises(UsageError, match="most_reasons must be at least 1, got 0"):
        letter(most_reasons=0)
    with pytest.raises(UsageError, match="row applies to a batch"):
        letter(row=0)
    with pytest.raises(UsageError, match="score lies outside score_range"):
        letter(scored=row("DPD", score=851.0))
    with pytest.raises(UsageError, match=r"catalogue has no reason \['XXX'\]"):
        letter(scored=row("XXX"))
    with pytest.raises(UsageError, match="Expected a RowScore or a ScoreBatch, got d"):
        letter(scored={"score": 1})
