"""Categories of a LightGBM model: which text each code of a feature stands for.

A text lists the categories of the training frame's category columns, but not the
columns. Ordered categories are listed too and split as numbers; a constant one is
listed and has no codes; integer columns may have been declared categorical and are not
listed. The lists are used only where nothing hints at any of that. What remains is an
integer column whose codes fill the list of an ordered column: the text cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from cfscore.compiler._lightgbm_names import feature_of_key
from cfscore.compiler._lightgbm_text import LightGBMText
from cfscore.exceptions import CompileError, UsageError
from cfscore.tables import read_category

__all__ = ["Categories", "model_categories"]

#: Text of each code by feature index; None where the codes are the values themselves.
Categories = dict[int, tuple[str, ...] | None]

_CODE: Final = "CATEGORIES"
_MOST_NAMES: Final = 5


def model_categories(
    model: LightGBMText,
    names: Sequence[str],
    categories: Mapping[str, Iterable[Any]] | None = None,
) -> Categories:
    """Return what the codes of every categorical feature stand for.

    Parameters
    ----------
    model : LightGBMText
        The model.
    names : sequence of str
        The lender's name of every feature.
    categories : mapping of str to iterable, optional
        Categories of features by name, in the order of their codes 0, 1, ...; the
        text's own lists are used for features that are not named, where they are
        unambiguous.

    Returns
    -------
    dict of int to tuple of str, or None
        By feature index, ascending: category keys by code; None where the model was
        trained without category columns, so that its codes are the values themselves.

    Raises
    ------
    CompileError
        Code ``CATEGORIES``, when the text's lists are ambiguous.
    UsageError
        Code ``CATEGORIES`` or ``NAMES``, when ``categories`` does not fit the model.
    """
    highest = _highest_codes(model)
    given = feature_of_key(categories or {}, model.feature_names, names)
    found: Categories = {
        feature: _given_keys(feature, values, highest, names)
        for feature, values in given.items()
    }
    rest = [feature for feature in sorted(highest) if feature not in found]
    if rest and model.pandas_categorical:
        found |= _listed_keys(model, highest, rest, names)
    else:
        found |= dict.fromkeys(rest)
    return dict(sorted(found.items()))


def _highest_codes(model: LightGBMText) -> dict[int, int]:
    """Return the highest code in sets and infos of each categorical feature."""
    trees = model.trees
    highest = {
        feature: max(map(int, info.split(":")))
        for feature, info in enumerate(model.feature_infos)
        if info[0] not in "[n"
    }
    splits = np.flatnonzero(trees.is_categorical)
    for feature, chosen in zip(
        trees.feature[splits].tolist(), trees.category_set[splits], strict=True
    ):
        codes = trees.set_codes[trees.set_starts[chosen] : trees.set_starts[chosen + 1]]
        own = int(codes.max(initial=-1))
        highest[feature] = max(own, highest.get(feature, -1))
    return highest


def _given_keys(
    feature: int,
    values: Iterable[Any],
    highest: Mapping[int, int],
    names: Sequence[str],
) -> tuple[str, ...]:
    """Return the category keys of one entry of the argument."""
    name = names[feature]
    if feature not in highest:
        msg = f"categories: the model splits {name!r} as a number."
        hint = "Ordered categories are numbers to LightGBM: score their codes."
        raise UsageError(msg, code=_CODE, hint=hint)
    keys = None if isinstance(values, str) else _keys(values)
    if keys is None:
        msg = (
            f"categories: {name!r} must be a list of distinct categories, none of "
            "them blank."
        )
        raise UsageError(msg, code=_CODE)
    if highest[feature] >= len(keys):
        msg = (
            f"categories: {name!r} has {len(keys)} categories, but the model knows "
            f"codes up to {highest[feature]}."
        )
        raise UsageError(msg, code=_CODE)
    return keys


def _keys(values: Iterable[Any]) -> tuple[str, ...] | None:
    """Return the keys of categories; None when one is blank or there twice."""
    keys = tuple(read_category(value)[0] for value in values)
    known = tuple(key for key in keys if key is not None)
    return known if len(set(known)) == len(keys) else None


def _listed_keys(
    model: LightGBMText,
    highest: Mapping[int, int],
    rest: Sequence[int],
    names: Sequence[str],
) -> dict[int, tuple[str, ...]]:
    """Return the text's lists for the features that remain."""
    lists = model.pandas_categorical or ()
    doubt = _order_doubt(model, highest, names)
    if doubt is not None:
        raise _ambiguous(doubt, [names[feature] for feature in rest])
    values = dict(zip(sorted(highest), lists, strict=True))
    found: dict[int, tuple[str, ...]] = {}
    for feature in rest:
        keys = _keys(values[feature])
        if keys is None or _could_be_codes(values[feature], keys):
            fault = "could be integer codes" if keys else "has blank or equal entries"
            doubt = f"the list in the place of {names[feature]!r} {fault}"
            raise _ambiguous(doubt, [names[feature] for feature in rest])
        found[feature] = keys
    return found


def _order_doubt(
    model: LightGBMText, highest: Mapping[int, int], names: Sequence[str]
) -> str | None:
    """Return why the lists may not be those of the categorical features, in order."""
    lists = model.pandas_categorical or ()
    features = sorted(highest)
    if len(lists) != len(features):
        return f"{len(lists)} lists for {len(features)} categorical features"
    declared = model.declared_categorical
    if declared is not None and not declared <= highest.keys():
        return "a feature declared as categorical was constant in training"
    bounds = [-1, *features, model.n_features]
    for position, (feature, values) in enumerate(zip(features, lists, strict=True)):
        doubt = _length_doubt(len(values), highest[feature])
        between = range(bounds[position] + 1, bounds[position + 2])
        if doubt is None and highest[feature] < len(values) - 1:
            doubt = _rival_doubt(model, between, len(values), names)
        if doubt is not None:
            return f"the list in the place of {names[feature]!r} {doubt}"
    return None


def _length_doubt(n_values: int, highest: int) -> str | None:
    if n_values < 2:
        return "is constant"
    if highest >= n_values:
        return f"has {n_values} categories, but its codes go up to {highest}"
    return None


def _rival_doubt(
    model: LightGBMText, features: Iterable[int], n_values: int, names: Sequence[str]
) -> str | None:
    """Return which number feature fills a list whose last code was never seen."""
    for feature in features:
        if model.feature_infos[feature] == f"[0:{n_values - 1}]":
            return f"may be that of {names[feature]!r}, whose values fill it"
    return None


def _could_be_codes(values: Sequence[Any], keys: Sequence[str]) -> bool:
    return all(key.removeprefix("-").isdecimal() for key in keys) or all(
        isinstance(value, bool) for value in values
    )


def _ambiguous(doubt: str, names: Sequence[str]) -> CompileError:
    listed = ", ".join(map(repr, names[:_MOST_NAMES]))
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    msg = f"LightGBM model text, pandas_categorical: ambiguous, as {doubt}."
    hint = (
        "Pass categories={name: [category of code 0, of code 1, ...]} for "
        f"{listed}{more}."
    )
    return CompileError(msg, code=_CODE, hint=hint)
