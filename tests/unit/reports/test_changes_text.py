"""Changes in words: names of the catalogue, numbers, and no promise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cfscore.exceptions import UsageError
from cfscore.explain import AttributeChange, CheapestChanges
from cfscore.plan import Reason, ReasonCatalogue, find_promise
from cfscore.reports import describe_changes
from tests.unit.scoring.small_plan import small_plan

REASONS = (Reason("USE", en="Use of limits", zh="额度使用率"),)
PLAN = replace(
    small_plan(), catalogue=ReasonCatalogue(REASONS, {"use": "USE", "city": None})
)
USE = AttributeChange("use", "[0.7, inf]", "[0.3, 0.7)", 28.9, 1.0)
CITY = AttributeChange("city", "south", "north", 23.1, 1.0)
FOUND = CheapestChanges((USE, CITY), 2.0, 540.2, 592.2, 590.0)


def test_english():
    assert describe_changes(FOUND, PLAN).splitlines() == [
        "The score is 540. With these values, and all others as they are, it would be "
        "592:",
        "- Use of limits (use): [0.3, 0.7) instead of [0.7, inf]",
        "- city: north instead of south",
        "This describes how the score is built. It is no decision, and other things "
        "count beside the score.",
    ]


def test_chinese():
    lines = describe_changes(FOUND, PLAN, language="zh").splitlines()
    assert lines[0].startswith("评分为 540 分。")
    assert lines[1] == "- 额度使用率（use）：[0.3, 0.7)（现为 [0.7, inf]）"
    assert len(lines) == 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_reached_already_and_no_promise(language):
    reached = CheapestChanges((), 0.0, 600.0, 600.0, 590.0)
    text = describe_changes(reached, PLAN, language=language)
    assert "590" in text
    assert len(text.splitlines()) == 2
    for found in (reached, FOUND):
        assert find_promise(describe_changes(found, PLAN, language=language)) is None


def test_unknown_language():
    with pytest.raises(UsageError, match="language must be one of"):
        describe_changes(FOUND, PLAN, language="fr")
