"""Header of LightGBM's model text: version, features, objective and tree sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cfscore.compiler._lightgbm_grammar import (
    FLOAT,
    MAX_INT32,
    Place,
    key_values,
    read_float,
    read_int,
    read_ints,
    require,
)

__all__ = ["IDENTITY_OBJECTIVES", "Header", "read_header"]

_HEADER: Final = Place("header", "HEADER")
_AVERAGES: Final = "average_output"
_REQUIRED: Final = frozenset(
    {
        "version",
        "num_class",
        "num_tree_per_iteration",
        "label_index",
        "max_feature_idx",
        "feature_names",
        "feature_infos",
    }
)
_KNOWN: Final = _REQUIRED | {"objective", "monotone_constraints", "tree_sizes"}
_VERSIONS: Final = ("v3", "v4")

#: Objectives whose prediction is the raw score itself.
IDENTITY_OBJECTIVES: Final = frozenset(
    {"regression", "regression_l1", "huber", "fair", "quantile", "mape"}
)
#: Objectives whose prediction no plan expresses, and why.
_REFUSED_OBJECTIVES: Final = {
    "cross_entropy_lambda": "it predicts an intensity, not a probability",
    "gamma": "its prediction is the exponential of the raw score",
    "lambdarank": "a ranking has no probability",
    "multiclass": "it has more than two classes",
    "multiclassova": "it has more than two classes",
    "poisson": "its prediction is the exponential of the raw score",
    "rank_xendcg": "a ranking has no probability",
    "tweedie": "its prediction is the exponential of the raw score",
}
_SUPPORTED: Final = (
    "Supported: binary, cross_entropy, regression, regression_l1, huber, fair, "
    "quantile, mape."
)

_BOUND: Final = rf"(?:{FLOAT}|-?inf)"
_FEATURE_INFO: Final = re.compile(
    rf"none|\[{_BOUND}:{_BOUND}\]|-?[0-9]{{1,10}}+(?::-?[0-9]{{1,10}}+)*+"
)


@dataclass(frozen=True)
class Header:
    """What the header says.

    Parameters
    ----------
    version : str
        Version of the text's format.
    feature_names, feature_infos : tuple of str
        One per feature; an info is ``[min:max]``, ``none`` or codes.
    objective : str
        Name of the objective.
    sigmoid : float
        Factor of the raw score in the log-odds; 1 where the objective has none.
    averages : bool
        Whether predictions are divided by the number of trees.
    monotone_constraints : tuple of int or None
        -1, 0 or 1 per feature.
    tree_sizes : tuple of int or None
        Bytes of every tree, where the text says them.
    """

    version: str
    feature_names: tuple[str, ...]
    feature_infos: tuple[str, ...]
    objective: str
    sigmoid: float
    averages: bool
    monotone_constraints: tuple[int, ...] | None
    tree_sizes: tuple[int, ...] | None


def read_header(text: str) -> Header:
    """Read the lines between ``tree`` and the first tree.

    Raises
    ------
    CompileError
        Code ``HEADER``, ``VERSION``, ``MULTICLASS`` or ``OBJECTIVE``.
    """
    lines = text.split("\n")
    averages = lines.count(_AVERAGES)
    if averages > 1:
        _HEADER.refuse(f"{_AVERAGES} is given twice")
    pairs = (line for line in lines if line != _AVERAGES)
    found = key_values(pairs, _KNOWN, _HEADER)
    require(found, _REQUIRED, _HEADER)
    _check_version(found["version"])
    _check_classes(found)
    objective, sigmoid = _read_objective(found.get("objective"))
    _int(found, "label_index")
    n_features = _int(found, "max_feature_idx", high=MAX_INT32 - 1) + 1
    return Header(
        version=found["version"],
        feature_names=_read_names(found["feature_names"], n_features),
        feature_infos=_read_infos(found["feature_infos"], n_features),
        objective=objective,
        sigmoid=sigmoid,
        averages=averages == 1,
        monotone_constraints=_read_monotone(found, n_features),
        tree_sizes=_read_sizes(found.get("tree_sizes")),
    )


def _int(found: Mapping[str, str], key: str, *, high: int = MAX_INT32) -> int:
    return read_int(found[key], _HEADER.at(key), high=high)


def _check_version(version: str) -> None:
    if version not in _VERSIONS:
        _HEADER.at("version").refuse(
            f"expected one of {', '.join(_VERSIONS)}",
            code="VERSION",
            hint="Load the model with LightGBM 4 and save it again.",
        )


def _check_classes(found: Mapping[str, str]) -> None:
    for key in ("num_class", "num_tree_per_iteration"):
        count = _int(found, key)
        if count != 1:
            _HEADER.at(key).refuse(
                f"multiclass models cannot be compiled; expected 1, found {count}",
                code="MULTICLASS",
            )


def _read_objective(text: str | None) -> tuple[str, float]:
    """Return the name and the sigmoid parameter of an objective."""
    place = Place("header, objective", "OBJECTIVE")
    if text is None:
        fault = "missing, so that nothing says what the raw score means"
        place.refuse(fault, hint="Models of a custom objective cannot be compiled.")
    name, _, options = text.partition(" ")
    if name in _REFUSED_OBJECTIVES:
        fault = f"{name} cannot be compiled: {_REFUSED_OBJECTIVES[name]}"
        place.refuse(fault, hint=_SUPPORTED)
    if name in IDENTITY_OBJECTIVES and options == "sqrt":
        fault = f"{name} with reg_sqrt cannot be compiled: its prediction is a square"
        place.refuse(fault, hint="Train without reg_sqrt.")
    if name == "binary" and options.startswith("sigmoid:"):
        return name, _read_sigmoid(options.removeprefix("sigmoid:"), place)
    if options or (name != "cross_entropy" and name not in IDENTITY_OBJECTIVES):
        place.refuse("not an objective that LightGBM writes", hint=_SUPPORTED)
    return name, 1.0


def _read_sigmoid(text: str, place: Place) -> float:
    sigmoid = read_float(text, place)
    if sigmoid <= 0:
        place.refuse("sigmoid must be positive")
    return sigmoid


def _read_names(text: str, n_features: int) -> tuple[str, ...]:
    names = _split(text, n_features, _HEADER.at("feature_names"))
    if "" in names or len(set(names)) != len(names):
        _HEADER.at("feature_names").refuse("names must be unique and not empty")
    return names


def _read_infos(text: str, n_features: int) -> tuple[str, ...]:
    infos = _split(text, n_features, _HEADER.at("feature_infos"))
    if not all(map(_FEATURE_INFO.fullmatch, infos)):
        fault = "expected 'none', '[min:max]' or codes for every feature"
        _HEADER.at("feature_infos").refuse(fault)
    return infos


def _split(text: str, n_features: int, place: Place) -> tuple[str, ...]:
    entries = tuple(text.split(" "))
    if len(entries) != n_features:
        place.refuse(f"expected {n_features} entries, found {len(entries)}")
    return entries


def _read_monotone(found: Mapping[str, str], n_features: int) -> tuple[int, ...] | None:
    key = "monotone_constraints"
    if key not in found:
        return None
    return tuple(read_ints(found[key], n_features, _HEADER.at(key), low=-1, high=1))


def _read_sizes(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    n = text.count(" ") + 1 if text else 0
    return tuple(read_ints(text, n, _HEADER.at("tree_sizes"), low=1))
