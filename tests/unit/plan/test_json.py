from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfscore.exceptions import ArtifactError
from cfscore.plan._json import canonical_json, parse_json

texts = st.text(st.characters(exclude_categories=("Cs",)))
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    leaves, lambda v: st.lists(v) | st.dictionaries(texts, v), max_leaves=20
)


def refusal(data: bytes) -> str:
    with pytest.raises(ArtifactError) as caught:
        parse_json(data, "plan.json")
    assert caught.value.code == "JSON"
    return str(caught.value)


@settings(max_examples=50)
@given(values)
def test_reading_gives_back_what_was_written(value: object) -> None:
    data = canonical_json(value)
    found = parse_json(data, "plan.json")
    assert found == value
    assert canonical_json(found) == data
    assert json.loads(data) == value


def test_canonical_form() -> None:
    value = {"b": 0.1, "a": [1, 1.0, None, True], "年": "龄\u2028\x07"}
    expected = '{"a":[1,1.0,null,true],"b":0.1,"年":"龄\u2028\\u0007"}'
    assert canonical_json(value) == expected.encode()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_bits(value: float) -> None:
    found = parse_json(canonical_json(value), "plan.json")
    assert math.copysign(1.0, found) == math.copysign(1.0, value)
    assert found == value


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a":1,"a":2}', "same key twice"),
        ('{"a":{"b":1,"b":1}}', "same key twice"),
        ("NaN", "NaN or an infinity"),
        ("[Infinity]", "NaN or an infinity"),
        ("[-Infinity]", "NaN or an infinity"),
        ("1e999", "float64"),
        ("-1e999", "float64"),
        ("9223372036854775808", "64 bits"),
        ("-9223372036854775809", "64 bits"),
        ("1" * 1_000_000, "64 bits"),
        ("0." + "1" * 1_000_000, "float64"),
        ("1e" + "9" * 1_000_000, "float64"),
        ("[" * 33 + "]" * 33, "32 deep"),
        ('{"a":' * 33 + "1" + "}" * 33, "32 deep"),
        ("[" * 1_000_000 + "]" * 1_000_000, "too deeply"),
        ('{"a":' * 1_000_000, "too deeply"),
        (r'"\ud800"', "surrogate"),
        (r'{"\udfff":1}', "surrogate"),
        (r'"\u0041"', "canonical"),
        (' {"a":1}', "canonical"),
        ('{"a":1}\n', "canonical"),
        ('{"a": 1}', "canonical"),
        ('{"b":1,"a":2}', "canonical"),
        ("1.50", "canonical"),
        ("1E5", "canonical"),
        ("-0", "canonical"),
        ("0.1000000000000000055", "canonical"),
        ('"\u0007"', "syntax"),
        ("{'a':1}", "syntax"),
        ('{"a":1,}', "syntax"),
        ("// x\n1", "syntax"),
        ('{"a":1}{}', "syntax"),
        ("01", "syntax"),
        ("", "syntax"),
        ("nul", "syntax"),
    ],
)
def test_what_plans_never_hold_is_refused(text: str, fault: str) -> None:
    assert fault in refusal(text.encode())


def test_32_deep_is_read() -> None:
    data = b"[" * 32 + b"]" * 32
    assert canonical_json(parse_json(data, "plan.json")) == data


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b'"\xc3"', '"é"'.encode("latin-1"), b'"\xed\xa0\x80"']
)
def test_bytes_that_are_not_utf_8_are_refused(data: bytes) -> None:
    assert "not UTF-8" in refusal(data)


def test_byte_order_mark_is_refused() -> None:
    assert "syntax" in refusal("\ufeff{}".encode())


def test_a_text_above_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cfscore.plan._json.MAX_JSON_BYTES", 3)
    with pytest.raises(ArtifactError, match="at most 3 are read") as caught:
        parse_json(b"[1,2]", "plan.json")
    assert caught.value.code == "TOO_LARGE"


def test_messages_show_nothing_of_the_text() -> None:
    assert "secret" not in refusal(b'{"secret":1,"secret":2}')
    assert "secret" not in refusal(b'["secret"')
