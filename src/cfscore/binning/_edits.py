"""Manual edits: edges or groups given by hand, checked against the training values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

import numpy as np

from cfscore.binning._special_codes import special_codes_of
from cfscore.exceptions import UsageError
from cfscore.plan import Bins, CategoricalBins, NumericBins
from cfscore.tables import InputField, read_boolean, read_category

__all__ = ["edited_bins"]

_WORD_OF_KIND = {"numeric": "edges", "boolean": "groups", "categorical": "groups"}


def edited_bins(
    field: InputField,
    edit: Any,
    special_codes: tuple[float | str, ...],
    training_keys: Iterable[str] = (),
) -> Bins:
    """Return the bins of a manual edit.

    Parameters
    ----------
    field : InputField
        The edited column.
    edit : list or mapping
        Edges ``[25, 35]``, groups ``[["A", "B"], ["C"]]``, or one of these under the
        key ``"edges"`` or ``"groups"``. Categories are spelt as cells of tables are:
        of a boolean column ``True``, ``1``, ``"true"`` and ``"1"`` are the same.
    special_codes : tuple of float or str
        Declared special codes of the column.
    training_keys : iterable of str
        Categories of the training sample; each must stand in a group.

    Raises
    ------
    UsageError
        When edges are not finite and strictly ascending, a key repeats or is blank, a
        training category stands in no group, or the edit is of the wrong kind.
    """
    word = _WORD_OF_KIND[field.kind]
    content = _content(field, edit, word)
    specials = special_codes_of(field, special_codes)
    if word == "edges":
        return _edited_edges(field, content, specials)
    return _edited_groups(field, content, specials, training_keys)


def _content(field: InputField, edit: Any, word: str) -> list[Any]:
    if isinstance(edit, Mapping):
        if set(edit) != {word}:
            found = sorted(map(str, edit))
            msg = f"needs the one key {word!r} ({field.kind} column), found {found}"
            raise _refused(field, msg)
        edit = edit[word]
    if isinstance(edit, str) or not isinstance(edit, Iterable):
        msg = f"{word} must be a list, found {type(edit).__name__}"
        raise _refused(field, msg)
    content = list(edit)
    nested = [_is_group(item) for item in content]
    if word == "edges" and any(nested):
        raise _refused(field, "groups were given, but the column is numeric")
    if word == "groups" and not all(nested):
        raise _refused(field, f"needs a list of groups ({field.kind} column)")
    return content


def _is_group(item: Any) -> bool:
    return isinstance(item, Iterable) and not isinstance(item, str)


def _edited_edges(
    field: InputField, content: list[Any], specials: tuple[Any, ...]
) -> NumericBins:
    if not all(_is_finite_number(edge) for edge in content):
        raise _refused(field, "every edge must be a finite number")
    edges = [float(edge) + 0.0 for edge in content]
    if len(set(edges)) < len(edges):
        raise _refused(field, "an edge is repeated")
    if edges != sorted(edges):
        raise _refused(field, "edges must ascend")
    return NumericBins(tuple(edges), specials)


def _is_finite_number(value: Any) -> bool:
    is_number = isinstance(value, Real) and not isinstance(value, bool | np.bool_)
    return is_number and math.isfinite(value)


def _edited_groups(
    field: InputField,
    content: list[Any],
    specials: tuple[Any, ...],
    training_keys: Iterable[str],
) -> CategoricalBins:
    groups = tuple(tuple(_key(field, key) for key in group) for group in content)
    if not all(groups):
        raise _refused(field, "a group is empty")
    times = Counter([*(key for group in groups for key in group), *specials])
    n_repeated = sum(count > 1 for count in times.values())
    if n_repeated:
        msg = f"{n_repeated} category key(s) stand in two places"
        raise _refused(field, msg)
    n_left = sum(key not in times for key in training_keys)
    if n_left:
        msg = f"{n_left} category(ies) of the training sample stand in no group"
        raise _refused(field, msg, hint="Put each of them into a group.")
    return CategoricalBins(groups, specials)


def _key(field: InputField, given: Any) -> str:
    """Return the key that tables have for a category, read as their cells are."""
    is_boolean = field.kind == "boolean"
    key, _ = read_boolean(given) if is_boolean else read_category(given)
    if key is None:
        expected = (
            "True or False (or 1, 0)" if is_boolean else "non-blank text or a number"
        )
        raise _refused(field, f"every category must be {expected}")
    return key


def _refused(field: InputField, found: str, hint: str | None = None) -> UsageError:
    return UsageError(f"Edit of column {field.name!r}: {found}.", hint=hint)
