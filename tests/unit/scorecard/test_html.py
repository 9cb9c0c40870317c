"""HTML: escaped, self-contained, one row per attribute."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

from cfscore.plan import Attribute, CategoricalBins, Characteristic, PointsStage
from cfscore.scorecard._html import points_html

HOSTILE = "<script>alert(1)</script> & \"'"


def stage(name="city", key="A", policy="own"):
    bins = CategoricalBins(((key,),))
    attributes = tuple(
        Attribute(label, role, policy, 7, 0.25, 0.1, -0.1, 123.456)
        for label, role in zip(bins.labels, bins.roles, strict=True)
    )
    characteristic = Characteristic(name, "categorical", bins, attributes, -1.0)
    return PointsStage(-1.0, (characteristic,))


class _Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_names_and_labels_are_escaped():
    text = points_html(stage(HOSTILE, HOSTILE))
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 2
    assert "script" not in _Tags(text).seen


def test_tags_are_balanced_and_rows_counted():
    tags = _Tags(points_html(stage()))
    assert tags.open == []
    assert tags.seen.count("tr") == 1 + 3


def test_nothing_comes_from_outside():
    assert not re.search(r"https?:|src=|@import|url\(", points_html(stage()))


def test_numbers_are_shown():
    text = points_html(stage())
    assert "123.5" in text
    assert "25.00%" in text


def test_refused_attributes_show_no_points():
    text = points_html(stage(policy="error"))
    assert "refused" in text
    assert "123.5" not in text


def test_an_attribute_without_cases_has_no_bad_rate():
    card = stage()
    c = card.characteristics[0]
    empty = replace(
        c, attributes=tuple(replace(a, bad_rate=None) for a in c.attributes)
    )
    assert (
        "%"
        not in points_html(replace(card, characteristics=(empty,))).split("<tbody>")[1]
    )
