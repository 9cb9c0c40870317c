from __future__ import annotations

from pathlib import Path

import pytest

from cfscore.exceptions import UsageError
from cfscore.plan._catalogue_file import read_catalogue
from cfscore.plan._reasons import (
    CutoffReference,
    Reason,
    ReasonCatalogue,
    SpecialRule,
)

FILE = """
reference = { score = 600, width = 20 }
minimum_points = 2
inquiries = "INQ"
not_cited = ["branch"]

[[reason]]
code = "UTIL"
en = "Use of credit lines"
zh = "授信使用率"
consumer_text_en = "A large share of your credit lines is in use."
consumer_text_zh = "您已使用的授信额度占比较高。"
features = ["card_util", "loan_util"]

[[reason]]
code = "INQ"
actionable = false
features = ["inquiries 90d"]

[[reason]]
code = "THIN"

[[special]]
attribute = "SPECIAL -9991"
code = "THIN"

[[special]]
attribute = "MISSING"
feature = "card_util"
not_cited = true

[directions]
card_util = "higher"
"inquiries 90d" = "higher"
"""

EXPECTED = ReasonCatalogue(
    reasons=(
        Reason(
            "UTIL",
            "Use of credit lines",
            "授信使用率",
            "A large share of your credit lines is in use.",
            "您已使用的授信额度占比较高。",
        ),
        Reason("INQ", actionable=False),
        Reason("THIN"),
    ),
    features={
        "card_util": "UTIL",
        "loan_util": "UTIL",
        "inquiries 90d": "INQ",
        "branch": None,
    },
    special_rules=(
        SpecialRule("SPECIAL -9991", "THIN"),
        SpecialRule("MISSING", None, "card_util"),
    ),
    reference=CutoffReference(600.0, 20.0),
    minimum_points=2.0,
    inquiries="INQ",
    directions={"card_util": "higher", "inquiries 90d": "higher"},
)


def reason(**keys: object) -> dict[str, object]:
    return {"code": "R", "features": ["age"], **keys}


def test_file_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "reasons.toml"
    file.write_text(FILE, encoding="utf-8")
    assert read_catalogue(file) == EXPECTED
    assert read_catalogue(str(file)) == EXPECTED


def test_mapping_is_read_like_the_file() -> None:
    assert read_catalogue({"reason": [reason()]}) == ReasonCatalogue(
        (Reason("R"),), {"age": "R"}
    )


@pytest.mark.parametrize("reference", ["mean", "maximum"])
def test_named_references(reference: str) -> None:
    catalogue = read_catalogue({"reference": reference, "reason": [reason()]})
    assert catalogue.reference == reference


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, r"Missing key\(s\): 'reason'"),
        ({"reason": {}}, r"'reason' must be a list of tables; found a table"),
        ({"reason": [{}]}, r"Missing key\(s\): 'reason\[0\]\.code'"),
        (
            {"reason": [reason(consumer_text_cn="x")]},
            r"'reason\[0\]\.consumer_text_cn'. Did you mean 'consumer_text_",
        ),
        ({"reason": [reason(code=" ")]}, r"non-blank code"),
        ({"reason": [reason(), reason(features=["b"])]}, r"repeated: \['R'\]"),
        ({"reason": [reason()], "not_cited": ["age"]}, r"'age' is given more than one"),
        ({"reason": [reason()], "inquiries": "Q"}, r"not in the catalogue: \['Q'\]"),
        ({"reason": [reason()], "reference": "mena"}, r"Did you mean 'mean'"),
        (
            {"reason": [reason()], "reference": {"score": 600}},
            r"Missing key\(s\): 'reference\.width'",
        ),
        (
            {"reason": [reason()], "reference": {"score": 600, "width": 0}},
            r"\[reference\] A cut-off reference needs a positive width",
        ),
        (
            {"reason": [reason()], "directions": {"age": "hihger"}},
            r"'directions\.age'.* Did you mean 'higher'",
        ),
        (
            {"reason": [reason()], "directions": {"aeg": "higher"}},
            r"Directions name features without a reason: \['aeg'\]",
        ),
        ({"reason": [reason()], "minimum_points": -1}, r"minimum_points must be >= 0"),
        (
            {"reason": [reason()], "special": [{"attribute": "MISSING"}]},
            r"\[special\[0\]\] attribute 'MISSING': give either code or not_cited",
        ),
        (
            {"reason": [reason()], "special": [{"attribute": "-9991", "code": "R"}]},
            r"'-9991' is no special, missing or unseen label. Write 'MISSING'",
        ),
        (
            {"reason": [reason()], "special": [{"attribute": "MISSING", "code": "Q"}]},
            r"not in the catalogue: \['Q'\]",
        ),
    ],
)
def test_faults_are_named(content: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_catalogue(content)


def test_fault_in_a_file_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "reasons.toml"
    file.write_text("refrence = 'mean'", encoding="utf-8")
    message = r"Reason catalogue 'reasons\.toml': Unknown key 'refrence'. Did you mean"
    with pytest.raises(UsageError, match=message) as caught:
        read_catalogue(file)
    assert caught.value.code == "CATALOGUE"
