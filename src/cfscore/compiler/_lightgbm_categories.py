"""Categories of a LightGBM model: which text each code of a feature stands for.

A text lists the categories of the training frame's category columns, but not the
columns. Ordered categories are listed too and split as numbers; a constant one is
listed and has no codes; integer columns may have been declared categorical and are not
listed. The lists are used only where none of that can have moved them.
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
        doubt = _doubt(model, highest, names)
        if doubt is not None:
            raise _ambiguous(doubt, [names[feature] for feature in rest])
        lists = dict(zip(sorted(highest), model.pandas_categorical, strict=True))
        found |= {feature: _keys(lists[feature]) for feature in rest}
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


def _doubt(
    model: LightGBMText, highest: Mapping[int, int], names: Sequence[str]
) -> str | None:
    """Return why the text's lists may not be those of its categorical features."""
    lists = model.pandas_categorical or ()
    features = sorted(highest)
    if len(lists) != len(features):
        return f"{len(lists)} lists for {len(features)} categorical features"
    declared = model.declared_categorical
    if declared is not None and not declared <= set(features):
        return "a feature declared as categorical was constant in training"
    for feature, values in zip(features, lists, strict=True):
        list_doubt = _list_doubt(values, highest[feature])
        if list_doubt is not None:
            return f"the list in the place of {names[feature]!r} {list_doubt}"
    return None


def _list_doubt(values: Sequence[Any], highest: int) -> str | None:
    keys = _keys(values)
    if keys is None:
        return "has a category that is blank or there twice"
    if len(keys) < 2:
        return "is constant"
    if all(_is_integer(key) for key in keys) or all(
        isinstance(value, bool) for value in values
    ):
        return "could be integer codes"
    if highest >= len(keys):
        return f"has {len(keys)} categories, but its codes go up to {highest}"
    return None


def _is_integer(key: str) -> bool:
    return key.removeprefix("-").isdecimal()


def _ambiguous(doubt: str, names: Sequence[str]) -> CompileError:
    listed = ", ".join(map(repr, names[:_MOST_NAMES]))
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    msg = f"LightGBM model text, pandas_categorical: ambiguous, as {doubt}."
    hint = (
        "Pass categories={name: [category of code 0, of code 1, ...]} for "
        f"{listed}{more}."
    )
    return CompileError(msg, code=_CODE, hint=hint)
