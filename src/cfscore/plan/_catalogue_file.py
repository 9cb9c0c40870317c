"""Catalogue file: a reason catalogue written by hand as TOML.

::

    reference = "mean"  # or "maximum" or { score = 600, width = 20 }
    minimum_points = 0
    inquiries = "INQUIRIES"  # may take the last place where adverse
    not_cited = ["branch"]  # features that are never a reason

    [[reason]]  # in order of priority: the earlier wins a tie
    code = "UTILISATION"
    en = "Use of credit lines"
    zh = "授信使用率"
    consumer_text_en = "..."
    consumer_text_zh = "..."
    actionable = true
    features = ["card_utilisation"]

    [[special]]  # reason of a special, missing or unseen attribute
    attribute = "SPECIAL -9991"
    code = "THIN_FILE"  # or: not_cited = true
    feature = "bureau_months"  # every feature with that attribute when omitted

    [directions]  # what the reason calls adverse; the model must agree everywhere
    card_utilisation = "higher"  # or "lower"
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cfscore.exceptions import UsageError
from cfscore.plan._reasons import (
    CutoffReference,
    Reason,
    ReasonCatalogue,
    SpecialRule,
)
from cfscore.plan._typed_table import read_toml, read_typed

__all__ = ["read_catalogue"]


@dataclass(frozen=True)
class _ReasonEntry:
    """One ``[[reason]]``: a reason and the features it speaks for."""

    code: str
    en: str = ""
    zh: str = ""
    consumer_text_en: str = ""
    consumer_text_zh: str = ""
    actionable: bool = True
    features: tuple[str, ...] = ()

    @property
    def reason(self) -> Reason:
        """The reason itself."""
        return Reason(
            code=self.code,
            en=self.en,
            zh=self.zh,
            consumer_text_en=self.consumer_text_en,
            consumer_text_zh=self.consumer_text_zh,
            actionable=self.actionable,
        )


@dataclass(frozen=True)
class _SpecialEntry:
    """One ``[[special]]``: an attribute and its own reason, or none."""

    attribute: str
    code: str | None = None
    feature: str | None = None
    not_cited: bool = False

    def __post_init__(self) -> None:
        """Check that the attribute can exist and that one thing is said about it."""
        SpecialRule(self.attribute, self.code, self.feature)  # names the entry at fault
        if (self.code is None) != self.not_cited:
            msg = f"attribute {self.attribute!r}: give either code or not_cited = true."
            raise UsageError(msg)


@dataclass(frozen=True)
class _CatalogueFile:
    """The whole file."""

    reason: tuple[_ReasonEntry, ...]
    special: tuple[_SpecialEntry, ...] = ()
    reference: Literal["mean", "maximum"] | CutoffReference = "mean"
    minimum_points: float = 0.0
    inquiries: str | None = None
    not_cited: tuple[str, ...] = ()
    directions: Mapping[str, Literal["higher", "lower"]] = field(default_factory=dict)

    @property
    def features(self) -> dict[str, str | None]:
        """Reason code of each feature, None where it is never cited."""
        found: dict[str, str | None] = {}
        pairs = [(name, e.code) for e in self.reason for name in e.features]
        for name, code in [*pairs, *((name, None) for name in self.not_cited)]:
            if name in found:
                msg = f"Feature {name!r} is given more than one reason."
                raise UsageError(msg, hint="List it once, or under not_cited alone.")
            found[name] = code
        return found


def read_catalogue(
    source: str | os.PathLike[str] | Mapping[str, Any],
) -> ReasonCatalogue:
    """Return the reason catalogue written in a TOML file.

    Parameters
    ----------
    source : str, path or mapping
        The file, or its content where it stands inside another file.

    Returns
    -------
    ReasonCatalogue
        Reasons in the order of the file, which is their priority.

    Raises
    ------
    UsageError
        When the file cannot be read, a key is unknown or of a wrong type, or the
        parts contradict each other; the path of the key is named.

    Examples
    --------
    >>> catalogue = read_catalogue(
    ...     {"reason": [{"code": "R1", "zh": "使用率", "features": ["card_use"]}]}
    ... )
    >>> catalogue.features, catalogue.reasons[0].text("zh")
    ({'card_use': 'R1'}, '使用率')
    """
    if isinstance(source, Mapping):
        return _catalogue(read_typed(_CatalogueFile, source))
    try:
        return _catalogue(read_typed(_CatalogueFile, read_toml(source)))
    except UsageError as error:
        msg = f"Reason catalogue {Path(source).name!r}: {error.args[0]}"
        raise UsageError(msg, code="CATALOGUE", hint=error.hint) from error


def _catalogue(file: _CatalogueFile) -> ReasonCatalogue:
    return ReasonCatalogue(
        reasons=tuple(entry.reason for entry in file.reason),
        features=file.features,
        special_rules=tuple(
            SpecialRule(entry.attribute, entry.code, entry.feature)
            for entry in file.special
        ),
        reference=file.reference,
        minimum_points=file.minimum_points,
        inquiries=file.inquiries,
        directions=file.directions,
    )
