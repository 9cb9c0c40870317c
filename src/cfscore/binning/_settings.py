"""Settings: the binning parameters of one characteristic, checked and completed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, Literal, get_args

from cfscore.binning._special_codes import code_key
from cfscore.binning._trend import Monotonic
from cfscore.exceptions import UsageError
from cfscore.plan import NonFinite, special_text
from cfscore.special_code import read_code, read_codes
from cfscore.tables import InputField

__all__ = [
    "BinningSettings",
    "check_names",
    "refuse_foreign_settings",
    "resolve_settings",
    "spelling_hint",
]

Missing = Literal["own", "neutral", "worst", "error"]
Special = Literal["own", "neutral", "error"]
Unseen = Literal["neutral", "missing", "worst", "error"]


@dataclass(frozen=True)
class BinningSettings:
    """How one characteristic is binned.

    Parameters
    ----------
    max_bins : int, default 8
        Most intervals or groups; specials, MISSING and UNSEEN come on top.
    min_bin_share : float, default 0.05
        Least share of all cases (missing and special included) in an interval or group.
    min_bin_count : int, default 30
        Least cases in an interval or group, and for ``"own"`` of MISSING or a special.
    laplace : float, default 0.5
        Pseudo-goods and pseudo-bads added to each filled bin.
    monotonic : str or int, default "auto"
        Course of the bad rate: ``"auto"``, ``"ascending"`` (or 1), ``"descending"``
        (or -1), ``"peak"``, ``"valley"`` or ``"none"``. Categories have none.
    special_codes : list, optional
        Values that are no measurements; each its own bin.
    missing : {"own", "neutral", "worst", "error"}, default "own"
        Policy of MISSING.
    special : {"own", "neutral", "error"} or mapping of code to one, default "own"
        Policy of every special code, or of single ones; codes left out are "own".
    unseen : {"neutral", "missing", "worst", "error"}, default "neutral"
        Policy of a category that training did not hold.
    non_finite : {"value", "error"}, default "value"
        Whether infinities are values beyond every edge, or refused.
    max_p_value : float, optional
        Level at which neighbouring bins must differ in a two-proportion test; None
        asks for no test.
    max_prebins : int, default 20
        Most fine bins handed to the solver.
    min_level_share : float, default 0.01
        Category levels with a smaller share of all cases are pooled before grouping.
    time_limit : float, default 30
        Seconds that one run of the solver may take.

    Raises
    ------
    UsageError
        When a value is outside its range.
    """

    max_bins: int = 8
    min_bin_share: float = 0.05
    min_bin_count: int = 30
    laplace: float = 0.5
    monotonic: Monotonic = "auto"
    special_codes: tuple[float | str, ...] = ()
    missing: Missing = "own"
    special: Special | Mapping[str, Special] = "own"
    unseen: Unseen = "neutral"
    non_finite: NonFinite = "value"
    max_p_value: float | None = None
    max_prebins: int = 20
    min_level_share: float = 0.01
    time_limit: float = 30.0

    def __post_init__(self) -> None:
        """Check every value and bring it to its plain form."""
        for field in fields(self):
            checked = _CHECKS[field.name](field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, checked)


def resolve_settings(
    defaults: Mapping[str, Any],
    special_codes: Any,
    settings: Mapping[str, Mapping[str, Any]] | None,
    names: tuple[str, ...],
) -> dict[str, BinningSettings]:
    """Return the settings of every characteristic.

    Parameters
    ----------
    defaults : mapping of str to object
        Parameters of all characteristics, ``special_codes`` left out.
    special_codes : list, mapping of column to list, or None
        A list holds for all columns.
    settings : mapping of column to mapping, or None
        Parameters of single characteristics.
    names : tuple of str
        Characteristics.

    Raises
    ------
    UsageError
        When a column or a parameter is unknown (the closest name is suggested), or a
        value is outside its range.
    """
    base = BinningSettings(**defaults)
    own_codes = special_codes if isinstance(special_codes, Mapping) else {}
    check_names("special_codes", own_codes, names)
    if not isinstance(special_codes, Mapping):
        base = replace(base, special_codes=special_codes)
    own = _mapping("settings", settings)
    check_names("settings", own, names)
    resolved = {}
    for name in names:
        changes = dict(_mapping(f"settings[{name!r}]", own.get(name)))
        _check_keys(name, changes)
        if name in own_codes:
            changes.setdefault("special_codes", own_codes[name])
        resolved[name] = _change(base, name, changes)
    _check_special_policies(resolved)
    return resolved


def _check_special_policies(resolved: Mapping[str, BinningSettings]) -> None:
    """Refuse a policy for a code that no characteristic declares as special."""
    settings = resolved.values()
    declared = {t for s in settings for c in s.special_codes for t in _texts(c)}
    named = {c for s in settings if isinstance(s.special, Mapping) for c in s.special}
    unknown = sorted(named - declared)
    if unknown:
        msg = f"special names codes {unknown} that special_codes does not declare."
        raise UsageError(msg, hint=spelling_hint(unknown[0], tuple(declared)))


def _texts(code: float | str) -> tuple[str, ...]:
    """Return the texts by which a policy may name a code: its key and its label."""
    return (code_key(code), *(() if isinstance(code, int) else (special_text(code),)))


def refuse_foreign_settings(
    field: InputField, own: Mapping[str, Any], special_codes: Any
) -> None:
    """Refuse what was set for one column and means nothing for its kind.

    Raises
    ------
    UsageError
        When a column without order is given a trend, a numeric one a text as special
        code, or a boolean one any special code.
    """
    if field.kind != "numeric" and "monotonic" in own:
        msg = f"Column {field.name!r}: a {field.kind} column has no order for a trend."
        raise UsageError(msg)
    codes = special_codes if isinstance(special_codes, Mapping) else {}
    declared = read_codes(
        "special_codes", own.get("special_codes", codes.get(field.name))
    )
    usable = {
        "numeric": all(not isinstance(code, str) for code in declared),
        "boolean": not declared,
        "categorical": True,
    }
    if not usable[field.kind]:
        msg = f"Column {field.name!r}: a {field.kind} column cannot hold these codes."
        hint = "Special codes of a numeric column are numbers; a boolean one has none."
        raise UsageError(msg, hint=hint)


def check_names(argument: str, given: Iterable[Any], names: tuple[str, ...]) -> None:
    """Refuse columns that the table does not have.

    Raises
    ------
    UsageError
        Naming the unknown columns and the closest existing one.
    """
    unknown = [name for name in given if name not in names]
    if unknown:
        msg = f"{argument} names columns that X does not have: {unknown[:20]}."
        raise UsageError(msg, hint=spelling_hint(unknown[0], names))


def spelling_hint(word: Any, known: Iterable[str]) -> str | None:
    """Return a suggestion of the closest known word, None where none is close."""
    close = get_close_matches(str(word), list(known), n=1)
    return f"Did you mean {close[0]!r}?" if close else None


def _change(
    base: BinningSettings, name: str, changes: Mapping[str, Any]
) -> BinningSettings:
    try:
        return replace(base, **changes)
    except UsageError as error:
        msg = f"Column {name!r}: {error.args[0]}"
        raise UsageError(msg, hint=error.hint) from error


def _mapping(argument: str, value: Any) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        msg = f"{argument} must be a mapping, got {type(value).__name__}."
        raise UsageError(msg)
    return value


def _check_keys(name: str, changes: Mapping[str, Any]) -> None:
    known = tuple(field.name for field in fields(BinningSettings))
    unknown = [key for key in changes if key not in known]
    if unknown:
        msg = f"settings[{name!r}] has unknown keys {unknown}; known: {list(known)}."
        raise UsageError(msg, hint=spelling_hint(unknown[0], known))


# ------------------------------------------------------------------ single values

_Check = Callable[[str, Any], Any]


def _integer(low: int) -> _Check:
    def check(name: str, value: Any) -> int:
        if not isinstance(value, Integral) or isinstance(value, bool) or value < low:
            msg = f"{name} must be a whole number of at least {low}, got {value!r}."
            raise UsageError(msg)
        return int(value)

    return check


def _number(low: float, high: float, *, open_low: bool = False) -> _Check:
    def check(name: str, value: Any) -> float:
        fits = isinstance(value, Real) and not isinstance(value, bool)
        if not fits or not low <= value <= high or (open_low and value == low):
            start = "more than" if open_low else "from"
            msg = f"{name} must be a number {start} {low} to {high}, got {value!r}."
            raise UsageError(msg)
        return float(value)

    return check


def _optional(check: _Check) -> _Check:
    return lambda name, value: None if value is None else check(name, value)


def _choice(kind: Any) -> _Check:
    known = get_args(kind)

    def check(name: str, value: Any) -> str:
        if value not in known:
            msg = f"{name} must be one of {known}, got {value!r}."
            raise UsageError(msg, hint=spelling_hint(value, known))
        return str(value)

    return check


def _monotonic(name: str, value: Any) -> Any:
    signs = {1: "ascending", -1: "descending"}
    if isinstance(value, Integral) and not isinstance(value, bool) and value in signs:
        return signs[int(value)]
    if value not in get_args(Monotonic):
        known = (*get_args(Monotonic), 1, -1)
        msg = f"{name} must be one of {known}, got {value!r}."
        raise UsageError(msg, hint=spelling_hint(value, get_args(Monotonic)))
    return value


def _special(name: str, value: Any) -> Special | Mapping[str, Special]:
    """Return one policy, or a policy per code, the codes as the keys of categories."""
    check = _choice(Special)
    if not isinstance(value, Mapping):
        policy: Special = check(name, value)
        return policy
    return {
        code_key(read_code(name, code)): check(name, policy)
        for code, policy in value.items()
    }


_CHECKS: dict[str, _Check] = {
    "max_bins": _integer(1),
    "min_bin_share": _number(0.0, 0.5),
    "min_bin_count": _integer(1),
    "laplace": _number(0.0, math.inf),
    "monotonic": _monotonic,
    "special_codes": read_codes,
    "missing": _choice(Missing),
    "special": _special,
    "unseen": _choice(Unseen),
    "non_finite": _choice(NonFinite),
    "max_p_value": _optional(_number(0.0, 1.0, open_low=True)),
    "max_prebins": _integer(2),
    "min_level_share": _number(0.0, 0.5),
    "time_limit": _number(0.0, math.inf, open_low=True),
}
