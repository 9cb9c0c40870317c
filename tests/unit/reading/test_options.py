"""Read options: what is declared is checked when it is declared."""

from __future__ import annotations

import pytest

from cfscore.exceptions import UsageError
from cfscore.reading import Bounds, CsvOptions


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("utf-8", "utf-8"),
        ("UTF8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("ascii", "utf-8"),
        ("GBK", "gb18030"),
        ("gb2312", "gb18030"),
        ("cp936", "gb18030"),
        ("utf_16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("auto", "auto"),
    ],
)
def test_encodings_have_one_name(name, codec):
    assert CsvOptions(encoding=name).codec == codec


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"encoding": "big5"}, "encoding 'big5' is not one of"),
        ({"encoding": "nonsense"}, "encoding 'nonsense' is not one of"),
        ({"delimiter": ""}, "delimiter must be one ASCII sign"),
        ({"delimiter": "::"}, "delimiter must be one ASCII sign"),
        ({"delimiter": "a"}, "delimiter must be one ASCII sign"),
        ({"delimiter": "，"}, "delimiter must be one ASCII sign"),
        ({"quote": "\n"}, "quote must be one ASCII sign"),
        ({"escape": "1"}, "escape must be one ASCII sign"),
        ({"delimiter": '"'}, "must be different"),
        ({"quote": "\\", "escape": "\\"}, "must be different"),
    ],
)
def test_impossible_dialects_are_refused(declared, message):
    with pytest.raises(UsageError, match=message):
        CsvOptions(**declared)


@pytest.mark.parametrize(
    "bound", [{"max_rows": 0}, {"unit_bytes": -1}, {"max_columns": 1.5}]
)
def test_bounds_are_positive(bound):
    with pytest.raises(UsageError, match=f"{next(iter(bound))} must be a positive"):
        Bounds(**bound)
