"""Catalogue: a named, versioned and hashed set of features."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cfscore.exceptions import UsageError
from cfscore.features._combination import Combination
from cfscore.features._dictionary import (
    FeatureInfo,
    combination_info,
    spec_infos,
)
from cfscore.features._source import Source
from cfscore.features._spec import FeatureSpec
from cfscore.features._spelling import spelling_hint
from cfscore.features._window import Window
from cfscore.special_code import SpecialCode

__all__ = ["FeatureCatalogue", "Specs", "as_catalogue"]


@dataclass(frozen=True)
class FeatureCatalogue:
    """Features that belong together.

    Parameters
    ----------
    specs : sequence of FeatureSpec and Combination
        What is computed, in the order of the output; a combination comes after the
        features it reads.
    name : str
        Name of the catalogue.
    version : str
        Version of its definitions.

    Raises
    ------
    UsageError
        When two features, or two different sources, have one name, or a combination
        reads a feature that is not there.
    """

    specs: tuple[FeatureSpec | Combination, ...]
    name: str = "features"
    version: str = "1"

    def __post_init__(self) -> None:
        """Check names, sources and operands."""
        object.__setattr__(self, "specs", tuple(self.specs))
        wrong = [s for s in self.specs if not isinstance(s, FeatureSpec | Combination)]
        if wrong:
            msg = f"specs must hold FeatureSpec objects, got {type(wrong[0]).__name__}."
            raise UsageError(msg)
        if not self.specs:
            msg = "There are no specs: nothing would be computed."
            raise UsageError(msg)
        _check_unique(self.names)
        self._check_sources()
        self._check_operands()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in order of the output."""
        return tuple(name for spec in self.specs for name in _names_of(spec))

    @property
    def sources(self) -> tuple[Source, ...]:
        """Sources, each once, in order of first use."""
        return tuple({s.source.name: s.source for s in self.feature_specs}.values())

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """The specs that read a source."""
        return tuple(spec for spec in self.specs if isinstance(spec, FeatureSpec))

    @property
    def combinations(self) -> tuple[Combination, ...]:
        """The specs that read other features."""
        return tuple(spec for spec in self.specs if isinstance(spec, Combination))

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that are read."""
        names = (name for source in self.sources for name in source.tables)
        return tuple(dict.fromkeys(names))

    @property
    def application_columns(self) -> tuple[str, ...]:
        """Columns of the applications that are read, the time of decision apart."""
        names: list[str] = []
        for source in self.sources:
            owner = source.owner
            names += owner.keys
            names += [owner.consent.column] if owner.consent else []
            names += [owner.outage.column] if owner.outage else []
        for combination in self.combinations:
            names += combination.application_columns
        return tuple(dict.fromkeys(names))

    @property
    def sha256(self) -> str:
        """Hash of all that decides the values, for the provenance of a model.

        Descriptions do not count, and neither does an argument that is left at its
        default: a later version of cfscore with more arguments has the same hash.
        """
        plain = [_plain(spec) for spec in self.specs]
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def infos(self) -> tuple[FeatureInfo, ...]:
        """One entry of the data dictionary per feature, in order of the output."""
        found: dict[str, FeatureInfo] = {}
        for spec in self.specs:
            if isinstance(spec, FeatureSpec):
                found.update((info.name, info) for info in spec_infos(spec))
            else:
                found[spec.name] = combination_info(spec, found)
        return tuple(found.values())

    def dictionary(self) -> pd.DataFrame:
        """Return the data dictionary.

        Returns
        -------
        pandas.DataFrame
            One row per feature: name, type, unit, expected direction, source,
            aggregation, column, window, condition, special codes, description and
            legal basis.
        """
        return pd.DataFrame([dataclasses.asdict(info) for info in self.infos])

    def special_codes(self) -> dict[str, list[int]]:
        """Return the special codes that each numeric feature may hold.

        Returns
        -------
        dict of str to list of int
            As ``Binner(special_codes=...)`` takes it.
        """
        return {
            info.name: [SpecialCode[code].value for code in info.special_codes]
            for info in self.infos
            if info.type == "number" and info.special_codes
        }

    def _check_sources(self) -> None:
        seen: dict[str, Source] = {}
        for spec in self.feature_specs:
            known = seen.setdefault(spec.source.name, spec.source)
            if known != spec.source:
                msg = f"Two different sources are called {known.name!r}."
                hint = "Name them apart, and pass table=... to read one table."
                raise UsageError(msg, hint=hint)

    def _check_operands(self) -> None:
        seen: list[str] = []
        for spec in self.specs:
            if isinstance(spec, Combination):
                for name in spec.feature_names:
                    if name not in seen:
                        msg = f"{spec.name!r} reads {name!r}, no feature before it."
                        raise UsageError(msg, hint=spelling_hint(name, seen))
            seen += _names_of(spec)


#: What may be asked for: specs and combinations, or a catalogue of them.
Specs = FeatureCatalogue | Iterable[FeatureSpec | Combination]


def as_catalogue(specs: Specs) -> FeatureCatalogue:
    """Return specs as a catalogue; one already is returned as it is."""
    if isinstance(specs, FeatureCatalogue):
        return specs
    return FeatureCatalogue(tuple(specs))


def _names_of(spec: FeatureSpec | Combination) -> list[str]:
    if isinstance(spec, Combination):
        return [spec.name]
    return [column.name for column in spec.columns]


def _check_unique(names: tuple[str, ...]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"More than one feature is called {', '.join(map(repr, twice[:5]))}."
        raise UsageError(msg, hint="Pass name=... to tell them apart.")


def _plain(value: Any) -> Any:
    """Return what decides the values of a spec as JSON can hold it."""
    if isinstance(value, Window):
        return value.label
    if dataclasses.is_dataclass(value):
        changed = {
            f.name: _plain(getattr(value, f.name))
            for f in dataclasses.fields(value)
            if f.name != "description" and not _is_default(value, f)
        }
        return {type(value).__name__: changed}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _is_default(value: Any, field: dataclasses.Field[Any]) -> bool:
    found = getattr(value, field.name)
    if field.default_factory is not dataclasses.MISSING:
        return bool(found == field.default_factory())
    return bool(found == field.default)
