"""Data dictionary: what each feature is, in what unit, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cfscore.features._combination import Combination
from cfscore.features._condition import condition_label
from cfscore.features._spec import Column, FeatureSpec
from cfscore.special_code import SpecialCode

__all__ = ["FeatureInfo", "combination_info", "spec_infos"]


@dataclass(frozen=True)
class FeatureInfo:
    """One entry of the data dictionary.

    Parameters
    ----------
    name : str
        Name of the feature.
    type : {"number", "text"}
        Type of the column.
    unit : str
        Unit of the values; empty where there is none.
    direction : {"ascending", "descending"} or None
        How the bad rate is expected to move with the value.
    source : str
        Source, or what a combination is made of.
    aggregation : str
        How facts become the value.
    column : str
        Column(s) that are aggregated.
    window : str
        Label of the window; empty for the whole history.
    condition : str
        Which facts count; empty for all.
    special_codes : tuple of str
        Names of the special codes that may stand in the column.
    description : str
        What the feature says.
    legal_basis : str or None
        Why a forbidden field is used.
    """

    name: str
    type: Literal["number", "text"]
    unit: str
    direction: str | None
    source: str
    aggregation: str
    column: str
    window: str
    condition: str
    special_codes: tuple[str, ...]
    description: str
    legal_basis: str | None


def spec_infos(spec: FeatureSpec) -> Iterator[FeatureInfo]:
    """Yield the entries of a spec, one per output column."""
    for column in spec.columns:
        yield FeatureInfo(
            name=column.name,
            type="text" if spec.text else "number",
            unit=_unit(spec),
            direction=_direction(spec, column),
            source=spec.source.name,
            aggregation=spec.aggregation,
            column=", ".join(spec.column_names),
            window="" if column.window is None else column.window.label,
            condition=condition_label({**spec.where, **(spec.part or {})}),
            special_codes=tuple(code.name for code in _codes(spec)),
            description=spec.description,
            legal_basis=spec.legal_basis,
        )


def combination_info(
    combination: Combination, features: Mapping[str, FeatureInfo]
) -> FeatureInfo:
    """Return the entry of a combination.

    Parameters
    ----------
    combination : Combination
        The combination.
    features : mapping of str to FeatureInfo
        Entries of the features that it reads.
    """
    codes = {c for n in combination.feature_names for c in features[n].special_codes}
    if combination.operation == "ratio" or combination.application_columns:
        codes |= {SpecialCode.NOT_APPLICABLE.name, SpecialCode.INVALID.name}
    direction = combination.direction
    factor = "" if combination.factor == 1.0 else f"{combination.factor:g} x "
    return FeatureInfo(
        name=combination.name,
        type="number",
        unit=combination.unit,
        direction=direction if direction is None else str(direction),
        source=f"{combination.left}, {factor}{combination.right}",
        aggregation=combination.operation,
        column="",
        window="",
        condition="",
        special_codes=tuple(code.name for code in SpecialCode if code.name in codes),
        description=combination.description,
        legal_basis=combination.legal_basis,
    )


def _direction(spec: FeatureSpec, column: Column) -> str | None:
    if column.output is not None:
        return spec.rule.outputs[column.output]
    return None if spec.direction is None else str(spec.direction)


def _unit(spec: FeatureSpec) -> str:
    units = {
        "": "",
        "column": spec.unit or ("" if spec.column_names else "count"),
        "count": "count",
        "elapsed": spec.elapsed_in,
        "ratio": "ratio",
    }
    return units[spec.rule.unit]


def _codes(spec: FeatureSpec) -> list[SpecialCode]:
    """Return the special codes that a spec may give, in order of their number."""
    owner = spec.source.owner
    found = {SpecialCode.INVALID}
    if isinstance(spec.rule.empty, SpecialCode):
        found.add(spec.rule.empty)
    if spec.source.absent_code is not None:
        found.add(spec.source.absent_code)
    if owner.consent is not None:
        found.add(SpecialCode.NO_CONSENT)
    if owner.outage is not None:
        found.add(SpecialCode.SOURCE_DOWN)
    return [code for code in SpecialCode if code in found]
