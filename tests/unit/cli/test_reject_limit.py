from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from cfscore.cli._reject_limit import reject_limit


@pytest.mark.parametrize(
    ("text", "n_rows", "limit"),
    [
        ("0", 100, 0.0),
        ("25", 10, 25.0),
        ("0%", 100, 0.0),
        ("1%", 1000, 10.0),
        ("0.5%", 1000, 5.0),
        ("100%", 7, 7.0),
        # 29 of 100 rows are 29 %, which 0.29 * 100 = 28.999999999999996 would deny.
        ("29%", 100, 29.0),
    ],
)
def test_limit(text: str, n_rows: int, limit: float) -> None:
    assert reject_limit(text)(n_rows) == limit


@pytest.mark.parametrize("text", ["", "-1", "1.5", "101%", "-1%", "%", "1 %", "٣", "x"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="neither a number of rows nor"):
        reject_limit(text)
