"""Reason catalogue: what it accepts, and which attribute cites which reason."""

from __future__ import annotations

import pytest

from cfscore.exceptions import CompileError, UsageError
from cfscore.plan import (
    Attribute,
    Characteristic,
    CutoffReference,
    NumericBins,
    PointsStage,
    Reason,
    ReasonCatalogue,
    SpecialRule,
)

CODES = (Reason("UTIL", en="High use of credit", zh="额度使用率高"), Reason("THIN"))


def stage(*names):
    """Return a stage whose characteristics have one edge and the code -9991."""
    bins = NumericBins((0.5,), (-9991.0,))
    rows = tuple(
        Attribute(label, role, "own", 1, 0.1, 0.0, 0.0, 0.0)
        for label, role in zip(bins.labels, bins.roles, strict=True)
    )
    return PointsStage(
        0.0, tuple(Characteristic(n, "numeric", bins, rows, -1.0) for n in names)
    )


def test_special_rules_replace_the_reason_of_special_attributes_only():
    catalogue = ReasonCatalogue(
        CODES,
        {"a": "UTIL", "b": "UTIL", "c": None},
        (
            SpecialRule("SPECIAL -9991.0", "THIN"),
            SpecialRule("SPECIAL -9991", None, feature="b"),
        ),
    )
    # order: two intervals, SPECIAL -9991, MISSING; a rule for one feature goes first
    assert catalogue.attribute_reasons(stage("a", "b", "c")) == (
        (0, 0, 1, 0),
        (0, 0, -1, 0),
        (-1, -1, 1, -1),
    )


def test_features_without_a_reason_are_refused_by_name():
    catalogue = ReasonCatalogue(CODES, {"a": "UTIL"})
    with pytest.raises(CompileError, match=r"does not cover: \['b'\]"):
        catalogue.attribute_reasons(stage("a", "b"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"reasons": (Reason("A"), Reason("A"))}, "unique"),
        ({"features": {"x": "NOPE"}}, "NOPE"),
        ({"special_rules": (SpecialRule("MISSING", "NOPE"),)}, "NOPE"),
        ({"special_rules": (SpecialRule("MISSING", "THIN", "x"),)}, r"\['x'\]"),
        ({"inquiries": "NOPE"}, "NOPE"),
        ({"minimum_points": -1.0}, "minimum_points"),
        ({"reference": "median"}, "reference"),
    ],
)
def test_inconsistent_catalogues_are_refused(arguments, message):
    whole = {"reasons": CODES, "features": {}} | arguments
    with pytest.raises(UsageError, match=message):
        ReasonCatalogue(**whole)


def test_texts_fall_back_to_the_code_and_languages_are_checked():
    assert CODES[0].text("zh") == "额度使用率高"
    assert CODES[1].text("en") == "THIN"
    with pytest.raises(UsageError, match="'fr'"):
        CODES[0].text("fr")


@pytest.mark.parametrize(("score", "width"), [(600, 0), (600, -1), (float("nan"), 1)])
def test_impossible_cutoff_bands_are_refused(score, width):
    with pytest.raises(UsageError, match="width"):
        CutoffReference(score, width)


@pytest.mark.parametrize(
    "label", ["[-inf, 0.5)", "special 7", "7", "SPECIAL ", "missing", "NO_HIT", ""]
)
def test_rules_for_what_is_no_special_attribute_are_refused(label):
    with pytest.raises(UsageError, match="is no special, missing or unseen label"):
        SpecialRule(label, "THIN")


@pytest.mark.parametrize("spelt", ["-9991", "-9991.0", "-9.991e3", " -9991 "])
def test_a_special_number_is_the_same_however_it_is_spelt(spelt):
    rules = (SpecialRule(f"SPECIAL {spelt}", "THIN"),)
    catalogue = ReasonCatalogue(CODES, {"a": "UTIL"}, rules)
    assert catalogue.attribute_reasons(stage("a")) == ((0, 0, 1, 0),)


def test_blank_codes_are_refused():
    with pytest.raises(UsageError, match="non-blank"):
        Reason(" ")
