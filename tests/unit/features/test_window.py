"""Window: lengths, labels and what is no window."""

from __future__ import annotations

import pytest

from cfscore.exceptions import UsageError
from cfscore.features import Window


@pytest.mark.parametrize(
    ("window", "label"),
    [
        (Window(days=30), "30d"),
        (Window(months=6), "6m"),
        (Window(months=3, lag=12), "3m_lag12"),
        (Window(days=1, lag=1), "1d_lag1"),
    ],
)
def test_label_and_parse_are_inverse(window: Window, label: str) -> None:
    assert window.label == label
    assert Window.parse(label) == window
    assert Window.parse(f" {label} ") == window


@pytest.mark.parametrize("text", ["", "30", "d30", "30w", "-3m", "3m_lag", "3.5d"])
def test_text_that_is_no_window(text: str) -> None:
    with pytest.raises(UsageError, match=r"is no window\. Write '30d'"):
        Window.parse(text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "needs exactly one of days and months"),
        ({"days": 1, "months": 1}, "needs exactly one of days and months"),
        ({"days": 0}, "The days of a window must be a positive integer"),
        ({"months": -1}, "The months of a window must be a positive integer"),
        ({"days": 1.5}, "The days of a window must be a positive integer"),
        ({"days": True}, "The days of a window must be a positive integer"),
        ({"days": 1, "lag": -1}, "The lag of a window must be an integer >= 0"),
    ],
)
def test_wrong_lengths_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Window(**arguments)
