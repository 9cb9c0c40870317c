"""Decoding the reason catalogue of a plan file."""

from __future__ import annotations

from cfscore.exceptions import ArtifactError
from cfscore.plan._fault import refused_as
from cfscore.plan._protocol import MAX_REASONS, MAX_RULES
from cfscore.plan._reasons import (
    DIRECTIONS,
    CutoffReference,
    Direction,
    Reason,
    ReasonCatalogue,
    Reference,
    SpecialRule,
)
from cfscore.plan._record import Record

__all__ = ["decode_catalogue"]

_CATALOGUE_KEYS = (
    "features",
    "inquiries",
    "minimum_points",
    "reasons",
    "reference",
    "special_rules",
)


def decode_catalogue(described: object, *, is_directed: bool) -> ReasonCatalogue:
    """Return the reason catalogue, which may state directions."""
    keys = (*_CATALOGUE_KEYS, "directions") if is_directed else _CATALOGUE_KEYS
    record = Record(described, keys, "catalogue")
    with refused_as("CATALOGUE"):
        catalogue = ReasonCatalogue(
            reasons=tuple(map(_reason, record.items("reasons", MAX_REASONS))),
            features=record.optional_text_mapping("features"),
            special_rules=tuple(
                map(_special_rule, record.items("special_rules", MAX_RULES))
            ),
            reference=_reference_kind(record),
            minimum_points=record.number("minimum_points"),
            inquiries=record.optional_text("inquiries"),
            directions=_directions(record) if is_directed else {},
        )
    _check_codes(catalogue)
    return catalogue


def _directions(record: Record) -> dict[str, Direction]:
    found = record.mapping("directions")
    by_name = Record(found, found, "directions of the catalogue")
    return {name: by_name.choice(name, DIRECTIONS) for name in found}


def _check_codes(catalogue: ReasonCatalogue) -> None:
    """Refuse an empty code, which is neither a reason nor "never cited" (null)."""
    rules = (rule.code for rule in catalogue.special_rules)
    if "" in (*catalogue.features.values(), *rules, catalogue.inquiries):
        msg = "The catalogue of the plan file cites a reason without a code."
        raise ArtifactError(msg, code="CATALOGUE")


_REASON_TEXTS = ("code", "consumer_text_en", "consumer_text_zh", "en", "zh")


def _reason(described: object) -> Reason:
    record = Record(described, (*_REASON_TEXTS, "actionable"), "reason")
    texts = {key: record.text(key) for key in _REASON_TEXTS}
    return Reason(**texts, actionable=record.flag("actionable"))


def _special_rule(described: object) -> SpecialRule:
    record = Record(described, ("attribute", "code", "feature"), "special rule")
    return SpecialRule(
        attribute=record.text("attribute"),
        code=record.optional_text("code"),
        feature=record.optional_text("feature"),
    )


def _reference_kind(record: Record) -> Reference:
    found = record.raw("reference")
    if isinstance(found, dict):
        band = Record(found, ("score", "width"), "reference")
        return CutoffReference(band.number("score"), band.number("width"))
    kind: Reference = record.choice("reference", ("mean", "maximum"))
    return kind
