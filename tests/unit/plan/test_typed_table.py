from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

from cfscore.exceptions import UsageError
from cfscore.plan._typed_table import read_toml, read_typed


@dataclass(frozen=True)
class Split:
    share: float
    seed: int = 0
    start: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.share < 1:
            msg = "share must be in [0, 1)."
            raise UsageError(msg, hint="Give 0.3 for 30 %.")


@dataclass(frozen=True)
class Run:
    path: str
    trend: Literal["auto", "ascending"] | Mapping[str, str] = "auto"
    codes: Mapping[str, tuple[float | str, ...]] = field(default_factory=dict)
    edits: Mapping[str, tuple[float, ...] | tuple[tuple[str, ...], ...]] = field(
        default_factory=dict
    )
    exclude: tuple[str, ...] = ()
    quiet: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    split: Split = field(default_factory=lambda: Split(0.3))


def test_defaults_stand_for_absent_keys() -> None:
    assert read_typed(Run, {"path": "a"}) == Run("a")


def test_every_kind_of_value_is_taken_over() -> None:
    run = read_typed(
        Run,
        {
            "path": "a",
            "trend": {"age": "ascending"},
            "codes": {"util": [-7, "X"]},
            "edits": {"age": [25, 35.5], "city": [["A", "B"], ["C"]]},
            "exclude": ["id"],
            "quiet": True,
            "settings": {"age": {"max_bins": 3}},
            "split": {"share": 0, "start": date(2026, 1, 1)},
        },
    )
    assert run == Run(
        "a",
        {"age": "ascending"},
        {"util": (-7.0, "X")},
        {"age": (25.0, 35.5), "city": (("A", "B"), ("C",))},
        ("id",),
        True,
        {"age": {"max_bins": 3}},
        Split(0.0, 0, date(2026, 1, 1)),
    )
    assert isinstance(run.split.share, float)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"path": "a", "exclud": []}, r"^Unknown key 'exclud'. Did you mean 'exclude'"),
        ({"path": "a", "zzz": 1}, r"^Unknown key 'zzz'. Known here: codes, edits"),
        ({"path": "a", "zz": 1, "yy": 1}, r"^Unknown keys 'zz', 'yy'"),
        ({}, r"^Missing key\(s\): 'path'\."),
        ({"path": 3}, r"^Key 'path' must be text; found an integer\."),
        ({"path": "a", "quiet": 1}, r"'quiet' must be true or false; found an integer"),
        (
            {"path": "a", "exclude": "id"},
            r"'exclude' must be a list of texts; found 'id'",
        ),
        (
            {"path": "a", "exclude": [1]},
            r"'exclude\[0\]' must be text; found an integer",
        ),
        (
            {"path": "a", "codes": {"u": -7}},
            r"'codes.u' must be a list of numbers or texts",
        ),
        ({"path": "a", "codes": {"u": [True]}}, r"'codes.u\[0\]' must be a number or"),
        (
            {"path": "a", "trend": "ascendin"},
            r"found 'ascendin'. Did you mean 'ascending'",
        ),
        ({"path": "a", "split": 0.3}, r"'split' must be a table; found a number"),
        ({"path": "a", "split": {"share": "x"}}, r"'split.share' must be a number"),
        ({"path": "a", "split": {"shar": 1}}, r"'split.shar'. Did you mean 'share'"),
        ({"path": "a", "split": {"seed": 1}}, r"Missing key\(s\): 'split.share'"),
        (
            {"path": "a", "split": {"share": 0, "seed": 1.5}},
            r"'split.seed' must be an i",
        ),
        (
            {"path": "a", "split": {"share": 2}},
            r"^\[split\] share must be in \[0, 1\)\. Give 0\.3",
        ),
        (
            {"path": "a", "split": {"share": 0, "start": "2026-01-01"}},
            r"'split.start' must be a date; found '2026-01-01'",
        ),
        ({"path": "a", "edits": {"age": ["x"]}}, r"'edits.age\[0\]' must be a list"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(table: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read_typed(Run, table)
    assert caught.value.code == "CONFIG"


def test_integer_beyond_a_boolean_is_not_taken_for_a_literal() -> None:
    @dataclass(frozen=True)
    class Direction:
        trend: Literal[1, -1]

    assert read_typed(Direction, {"trend": -1}).trend == -1
    with pytest.raises(UsageError, match=r"'trend' must be one of 1, -1; found true"):
        read_typed(Direction, {"trend": True})


def test_long_text_is_not_repeated() -> None:
    with pytest.raises(UsageError, match="found a long text") as caught:
        read_typed(Run, {"path": "a", "quiet": "k" * 100})
    assert "kkk" not in str(caught.value)


def test_toml_file_with_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "配置 run.toml"
    file.write_bytes(b"\xef\xbb\xbf[data]\npath = '\xe4\xb8\xad'\n")
    assert read_toml(file) == {"data": {"path": "中"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = ", r"'run\.toml' is not valid TOML: Invalid value \(at"),
        (b"a = '\xff'", r"'run\.toml' is not UTF-8 text"),
    ],
)
def test_unreadable_toml_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "run.toml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_toml(file)


def test_missing_toml_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    with pytest.raises(UsageError, match=re.escape(f"{str(missing)!r} cannot be read")):
        read_toml(missing)
