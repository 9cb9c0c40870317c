"""Feature names: those of a LightGBM text and those of the lender's tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cfscore.exceptions import UsageError

__all__ = ["feature_of_key", "find_feature_names", "match_feature_names"]

_DEFAULT_NAME: Final = "Column_{}"
_MOST_NAMES: Final = 5


def match_feature_names(
    written: Sequence[str], given: Iterable[str]
) -> tuple[str, ...]:
    """Return the lender's name of every feature of a text, in the text's order.

    LightGBM writes ``_`` for a space, and ``Column_0`` .. for data without names.

    Parameters
    ----------
    written : sequence of str
        Names in the text.
    given : iterable of str
        The lender's names: in the text's order where the text has none of its own,
        else in any order.

    Returns
    -------
    tuple of str
        One name per feature.

    Raises
    ------
    UsageError
        Code ``NAMES``, when the names are not those of the features, or two become one
        once their spaces are ``_``.

    Examples
    --------
    >>> match_feature_names(["age", "monthly_income"], ["monthly income", "age"])
    ('age', 'monthly income')
    >>> match_feature_names(["Column_0", "Column_1"], ["age", "income"])
    ('age', 'income')
    """
    names = _checked_names(given)
    if list(written) == [_DEFAULT_NAME.format(i) for i in range(len(written))]:
        if len(names) != len(written):
            msg = f"feature_names: expected {len(written)} names, got {len(names)}."
            raise UsageError(msg, code="NAMES")
        return names
    by_written = {_written(name): name for name in names}
    if len(by_written) != len(names):
        msg = "feature_names: two names are the same once a space is written as '_'."
        raise UsageError(msg, code="NAMES", hint="Rename one of them.")
    for kind, found in (
        ("are missing", set(written) - by_written.keys()),
        ("are no features of the model", by_written.keys() - set(written)),
    ):
        if found:
            listed = ", ".join(map(repr, sorted(found)[:_MOST_NAMES]))
            msg = f"feature_names: {len(found)} name(s) {kind}: {listed}."
            raise UsageError(msg, code="NAMES")
    return tuple(by_written[name] for name in written)


def find_feature_names(written: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the name of every feature of a text as the lender's own tables have it.

    Parameters
    ----------
    written : sequence of str
        Names in the text.
    known : iterable of str
        Names of columns and of other things; those of no feature are passed over.

    Returns
    -------
    tuple of str
        The text's name where it is known, else the one known name that LightGBM would
        write so, else the text's.

    Raises
    ------
    UsageError
        Code ``NAMES``, when two known names are written like one feature.

    Examples
    --------
    >>> find_feature_names(["age", "monthly_income"], ["id", "monthly income"])
    ('age', 'monthly income')
    """
    by_written: dict[str, list[str]] = {}
    for name in dict.fromkeys(known):
        by_written.setdefault(_written(name), []).append(name)
    found = []
    for name in written:
        alike = by_written.get(name, [name])
        if name not in alike and len(alike) > 1:
            msg = f"{alike[:_MOST_NAMES]} are all written {name!r} by LightGBM."
            hint = "Rename them, or state feature_names (--feature-names)."
            raise UsageError(msg, code="NAMES", hint=hint)
        found.append(name if name in alike else alike[0])
    return tuple(found)


def feature_of_key(
    given: Mapping[str, Any], written: Sequence[str], names: Sequence[str]
) -> dict[int, Any]:
    """Return a mapping by feature name as one by feature index.

    Parameters
    ----------
    given : mapping
        Keys are the lender's names, or those of the text.
    written, names : sequence of str
        Names in the text, and the lender's, per feature.

    Raises
    ------
    UsageError
        Code ``NAMES``, when a key names no feature or two name the same one.
    """
    own = {name: index for index, name in enumerate(names)}
    foreign = {name: index for index, name in enumerate(written)}
    found: dict[int, Any] = {}
    for key, value in given.items():
        index = own.get(key, foreign.get(_written(str(key))))
        if index is None:
            msg = f"categories: {key!r} is no feature of the model."
            raise UsageError(msg, code="NAMES")
        if index in found:
            msg = f"categories: two entries name the feature {names[index]!r}."
            raise UsageError(msg, code="NAMES")
        found[index] = value
    return found


def _written(name: str) -> str:
    return name.replace(" ", "_")


def _checked_names(given: Iterable[str]) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given)
    if not all(isinstance(name, str) and name for name in names):
        msg = "feature_names must be texts that are not empty."
        raise UsageError(msg, code="NAMES")
    if len(set(names)) != len(names):
        msg = "feature_names: a name is given twice."
        raise UsageError(msg, code="NAMES")
    return names
