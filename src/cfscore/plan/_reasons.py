"""Reason catalogue: which consumer reason each feature stands for, in which words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cfscore.exceptions import CompileError, UsageError
from cfscore.plan._bins import SPECIAL_PREFIX, special_label, special_number
from cfscore.plan._points import Characteristic, PointsStage

__all__ = [
    "DIRECTIONS",
    "LANGUAGES",
    "CutoffReference",
    "Direction",
    "Reason",
    "ReasonCatalogue",
    "SpecialRule",
]

#: Which values of a feature its reason calls adverse.
Direction = Literal["higher", "lower"]
DIRECTIONS: tuple[Direction, ...] = ("higher", "lower")
#: Languages of the reason texts.
LANGUAGES = ("en", "zh")
NOT_CITED = -1


@dataclass(frozen=True)
class Reason:
    """One consumer reason.

    Parameters
    ----------
    code : str
        Short stable code, as written into score files.
    en, zh : str
        Name in English and Chinese; the code where empty.
    consumer_text_en, consumer_text_zh : str
        Sentence for a letter; the name where empty. May state a direction, never a
        promise.
    actionable : bool, default True
        Whether the consumer can influence it.
    """

    code: str
    en: str = ""
    zh: str = ""
    consumer_text_en: str = ""
    consumer_text_zh: str = ""
    actionable: bool = True

    def __post_init__(self) -> None:
        """Check the code."""
        if not isinstance(self.code, str) or not self.code.strip():
            msg = "A reason needs a non-blank code."
            raise UsageError(msg)

    def text(self, language: str = "en") -> str:
        """Return the reason's name in a language.

        Parameters
        ----------
        language : {"en", "zh"}, default "en"
            Language.

        Returns
        -------
        str
            The name; the code where there is none.

        Raises
        ------
        UsageError
            When the language is another one.
        """
        _check_language(language)
        return (self.zh if language == "zh" else self.en) or self.code

    def consumer_text(self, language: str = "en") -> str:
        """Return the sentence for a letter in a language.

        Parameters
        ----------
        language : {"en", "zh"}, default "en"
            Language.

        Returns
        -------
        str
            Empty where there is none.

        Raises
        ------
        UsageError
            When the language is another one.
        """
        _check_language(language)
        return self.consumer_text_zh if language == "zh" else self.consumer_text_en


@dataclass(frozen=True)
class SpecialRule:
    """Reason of a special, missing or unseen attribute, in place of the feature's own.

    Parameters
    ----------
    attribute : str
        ``"MISSING"``, ``"UNSEEN"``, or ``"SPECIAL "`` and a code. The code of a numeric
        feature is the same however it is spelt (``"SPECIAL -9991"``, ``"SPECIAL
        -9991.0"``), that of a category is its text.
    code : str or None
        Reason cited instead; None means never cited.
    feature : str, optional
        Only for this feature; every feature with such an attribute when omitted.

    Raises
    ------
    UsageError
        When the attribute is none of these.
    """

    attribute: str
    code: str | None
    feature: str | None = None

    def __post_init__(self) -> None:
        """Check that the attribute can exist."""
        special = self.attribute.startswith(SPECIAL_PREFIX)
        if special and self.attribute.removeprefix(SPECIAL_PREFIX).strip():
            return
        if self.attribute not in ("MISSING", "UNSEEN"):
            msg = (
                f"attribute {self.attribute!r} is no special, missing or unseen label."
            )
            hint = "Write 'MISSING', 'UNSEEN' or 'SPECIAL <code>', as in the table."
            raise UsageError(msg, hint=hint)

    def label_for(self, kind: str) -> str:
        """Return the label as attributes of a kind have it.

        Parameters
        ----------
        kind : {"numeric", "categorical", "boolean"}
            Of the feature: the codes of numbers are numbers, those of others texts.

        Returns
        -------
        str
            The attribute itself where it is no number.
        """
        number = special_number(self.attribute) if kind == "numeric" else None
        return self.attribute if number is None else special_label(number)


@dataclass(frozen=True)
class CutoffReference:
    """Reference: mean of development cases with score in ``[score, score + width)``.

    Parameters
    ----------
    score : float
        Cut-off score.
    width : float
        Points above it that count as "just above"; positive.
    """

    score: float
    width: float

    def __post_init__(self) -> None:
        """Check the band."""
        if not (math.isfinite(self.score) and math.isfinite(self.width)):
            msg = "A cut-off reference needs a finite score and width."
            raise UsageError(msg)
        if self.width <= 0:
            msg = f"A cut-off reference needs a positive width, got {self.width}."
            raise UsageError(msg)


Reference = Literal["mean", "maximum"] | CutoffReference


@dataclass(frozen=True)
class ReasonCatalogue:
    """All reasons of a plan and the rules that choose among them.

    Parameters
    ----------
    reasons : tuple of Reason
        In order of priority: the earlier one wins a tie.
    features : mapping of str to str or None
        Reason code of each feature; None for a feature that is never cited. Several
        features may share a reason: their shortfalls are added.
    special_rules : tuple of SpecialRule
        Reasons of special attributes (no bureau hit is not "short history").
    reference : {"mean", "maximum"} or CutoffReference, default "mean"
        What a shortfall is measured against (Regulation B commentary 9(b)(2)).
    minimum_points : float, default 0
        Smallest shortfall, in score points, that is cited; never less than "adverse".
    inquiries : str, optional
        Reason code of credit inquiries: where it is adverse but not among the first
        k, it takes the last of the k places (FCRA 615(a): a key factor).
    directions : mapping of str to {"higher", "lower"}
        Numeric features whose reason says that the value is too high or too low. A
        model in which the other side is riskier anywhere is refused when it is
        compiled: the sentence would be false for somebody.
    """

    reasons: tuple[Reason, ...]
    features: Mapping[str, str | None]
    special_rules: tuple[SpecialRule, ...] = ()
    reference: Reference = "mean"
    minimum_points: float = 0.0
    inquiries: str | None = None
    directions: Mapping[str, Direction] = field(default_factory=dict)
    _index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check that codes are unique and every cited code exists."""
        codes = [reason.code for reason in self.reasons]
        repeated = sorted(code for code, n in Counter(codes).items() if n > 1)
        if repeated:
            msg = f"Reason codes must be unique; repeated: {repeated}."
            raise UsageError(msg)
        object.__setattr__(self, "_index", {code: i for i, code in enumerate(codes)})
        cited = [*self.features.values(), *(rule.code for rule in self.special_rules)]
        unknown = sorted({*cited, self.inquiries} - {*codes, None}, key=str)
        if unknown:
            msg = f"Reason codes cited but not in the catalogue: {unknown}."
            raise UsageError(msg)
        self._check_rules()
        self._check_directions()
        if not (math.isfinite(self.minimum_points) and self.minimum_points >= 0):
            msg = f"minimum_points must be >= 0, got {self.minimum_points}."
            raise UsageError(msg)
        if not isinstance(self.reference, CutoffReference) and (
            self.reference not in ("mean", "maximum")
        ):
            allowed = "'mean', 'maximum' or a CutoffReference"
            msg = f"reference must be {allowed}, got {self.reference!r}."
            raise UsageError(msg)

    def _check_rules(self) -> None:
        named = {rule.feature for rule in self.special_rules} - {None}
        unknown = sorted(named - self.features.keys(), key=str)
        if unknown:
            msg = f"Special rules name features without a reason: {unknown}."
            hint = "Check their spelling, or list them with a reason or as not cited."
            raise UsageError(msg, hint=hint)

    def _check_directions(self) -> None:
        unknown = sorted(n for n in self.directions if self.features.get(n) is None)
        if unknown:
            msg = f"Directions name features without a reason: {unknown}."
            raise UsageError(msg, hint="Check their spelling, or leave them out.")
        for name, direction in self.directions.items():
            if direction not in DIRECTIONS:
                msg = f"The direction of {name!r} must be one of {DIRECTIONS}, "
                msg += f"got {direction!r}."
                raise UsageError(msg)

    @classmethod
    def one_per_feature(cls, names: Iterable[str]) -> ReasonCatalogue:
        """Return the default catalogue: each feature its own reason, code = name.

        Parameters
        ----------
        names : iterable of str
            Features, in order of priority.

        Returns
        -------
        ReasonCatalogue
            One reason per feature, without special rules.
        """
        kept = tuple(names)
        return cls(
            reasons=tuple(Reason(code=name, en=name, zh=name) for name in kept),
            features={name: name for name in kept},
        )

    def codes_with_rules(self, feature: str) -> tuple[float, ...]:
        """Return the finite special codes of a number that have rules of their own.

        Parameters
        ----------
        feature : str
            Numeric feature; rules for all features count too.

        Returns
        -------
        tuple of float
            In the order of the rules.
        """
        codes = [
            special_number(rule.attribute)
            for rule in self.special_rules
            if rule.feature in (None, feature)
        ]
        return tuple(code for code in codes if code is not None and math.isfinite(code))

    def index_of(self, code: str | None) -> int:
        """Return the position of a code in ``reasons``.

        Parameters
        ----------
        code : str or None
            A code of the catalogue, or None for "never cited".

        Returns
        -------
        int
            Position; -1 for None.
        """
        return NOT_CITED if code is None else self._index[code]

    def check_covers(self, names: Iterable[str]) -> None:
        """Demand that every feature has a reason, or is never cited on purpose.

        Parameters
        ----------
        names : iterable of str
            Features.

        Raises
        ------
        CompileError
            When the catalogue does not cover a feature; all are listed.
        """
        uncovered = sorted(set(names) - self.features.keys())
        if uncovered:
            msg = f"The reason catalogue does not cover: {uncovered}."
            raise CompileError(
                msg, hint="Give each a reason code, or None if it is never cited."
            )

    def attribute_reasons(self, points: PointsStage) -> tuple[tuple[int, ...], ...]:
        """Return the reason index of every attribute of every characteristic.

        Parameters
        ----------
        points : PointsStage
            The points table.

        Returns
        -------
        tuple of tuple of int
            Per characteristic and attribute the index into ``reasons``, -1 where the
            attribute is never cited.

        Raises
        ------
        CompileError
            When the catalogue does not cover a feature.
        """
        self.check_covers([c.name for c in points.characteristics])
        return tuple(self._reasons_of(c) for c in points.characteristics)

    def _reasons_of(self, characteristic: Characteristic) -> tuple[int, ...]:
        scopes = (None, characteristic.name)
        rules = {
            rule.label_for(characteristic.kind): rule.code
            for scope in scopes  # its own rules overrule the general ones
            for rule in self.special_rules
            if rule.feature == scope
        }
        feature_code = self.features[characteristic.name]
        return tuple(
            self.index_of(
                rules.get(attribute.label, feature_code)
                if attribute.role in ("special", "missing", "unseen")
                else feature_code
            )
            for attribute in characteristic.attributes
        )


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        msg = f"Reason texts exist in {LANGUAGES}, not in {language!r}."
        raise UsageError(msg)
