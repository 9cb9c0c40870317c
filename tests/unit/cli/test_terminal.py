from __future__ import annotations

import sys

import pytest

from cfscore.cli._terminal import show_heading, show_pairs, show_table

ROWS = [("年龄", "[25, 35)", "12"), ("use", "[red]", "3")]


def test_plain_table_is_aligned_by_width_on_the_screen(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_table(("name", "attribute", "count>"), ROWS, "Points")
    # Chinese characters take two columns each.
    assert capsys.readouterr().out.splitlines() == [
        "",
        "Points",
        "name  attribute  count",
        "----  ---------  -----",
        "年龄  [25, 35)      12",
        "use   [red]          3",
    ]


def test_pairs_and_heading(capsys: pytest.CaptureFixture[str]) -> None:
    show_heading("Card")
    show_pairs([("名称", "x"), ("sha256", "y")])
    assert capsys.readouterr().out == "\n== Card\n名称    x\nsha256  y\n"


def test_terminal_gets_a_drawn_table_and_no_markup_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    show_table(("name", "attribute", "count>"), ROWS)
    text = capsys.readouterr().out
    assert "[red]" in text
    assert "[25, 35)" in text
    assert "━" in text
