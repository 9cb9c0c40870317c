"""Settings: LightGBM's own parameters by one name each, completed and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

from lightgbm.basic import _ConfigAliases

from cfscore.exceptions import UsageError

__all__ = ["DEFAULTS", "BoostingSettings", "resolve_settings"]

#: What holds unless ``params`` says otherwise. A small learning rate with early
#: stopping; leaves with an expected ten bads or so (the sum of PD * (1 - PD) over a
#: leaf's cases); half of the columns per tree and shrunken leaves against chance.
DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "num_iterations": 5000,
        "early_stopping_round": 100,
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_sum_hessian_in_leaf": 10.0,
        "feature_fraction": 0.5,
        "lambda_l2": 10.0,
        "seed": 0,
        "verbosity": -1,
    }
)

#: LightGBM parameter -> what says it here.
_TAKEN = {
    "monotone_constraints": "monotonic",
    "interaction_constraints": "interaction",
    "categorical_feature": "categorical",
    "ignore_column": "the columns of X",
    "label_column": "y",
    "weight_column": "sample_weight",
    "group_column": "the columns of X",
    "data": "X",
    "valid": "eval_set",
}

#: LightGBM parameter -> (only value, why).
_FIXED: Mapping[str, tuple[Any, str]] = {
    "objective": ("binary", "the model is a probability of default"),
    "num_class": (1, "there are two outcomes, good and bad"),
    "linear_tree": (False, "leaves of scored trees are numbers"),
    "deterministic": (True, "training must be repeatable"),
    "zero_as_missing": (False, "0 is a value"),
    "forcedsplits_filename": ("", "splits follow from the data and constraints"),
    "input_model": ("", "training does not continue a foreign model"),
}


#: LightGBM parameter -> only value with which its trees keep to declared directions;
#: found by trying, the others break them in LightGBM 4.7.
_KEEPS_DIRECTIONS: Mapping[str, Any] = {
    "monotone_constraints_method": "basic",
    "path_smooth": 0,
    "quant_train_renew_leaf": False,
}


@dataclass(frozen=True)
class BoostingSettings:
    """Parameters of one training run, under LightGBM's main names.

    Parameters
    ----------
    values : mapping of str to object
        Everything LightGBM is given, the objective and the seed included; without the
        number of trees, early stopping, constraints and (unless asked for) threads.
    num_iterations : int
        Trees at most, at least 1.
    early_stopping_round : int
        Trees without improvement after which training stops; 0 for no early stopping.
    """

    values: Mapping[str, Any]
    num_iterations: int
    early_stopping_round: int

    @property
    def seed(self) -> int:
        """Seed of everything random, the validation share included."""
        return int(self.values["seed"])

    @property
    def boosting(self) -> str:
        """Kind of boosting: ``"gbdt"``, ``"dart"`` or ``"rf"``."""
        name = str(self.values.get("boosting", "gbdt"))
        return {"gbrt": "gbdt", "random_forest": "rf"}.get(name, name)

    @property
    def sigmoid(self) -> float:
        """LightGBM's sigmoid parameter: log-odds per unit of raw score."""
        return float(self.values.get("sigmoid", 1.0))


def resolve_settings(
    params: Any, *, interaction: str, has_directions: bool
) -> BoostingSettings:
    """Return LightGBM's parameters by their main names, completed by the defaults.

    Parameters
    ----------
    params : mapping of str to object or None
        LightGBM's parameters under any of its names.
    interaction : {"none", "pairs", "free"}
        Which interactions the trees may hold.
    has_directions : bool
        Whether directions are declared.

    Raises
    ------
    UsageError
        When a name is unknown (the closest one is suggested), is given twice under
        two names, is the task of another argument, or contradicts what is fixed.
    """
    given = _by_main_name(params)
    for name in given:
        if name in _TAKEN:
            msg = f"params must not hold {name!r}: use {_TAKEN[name]} instead."
            raise UsageError(msg)
    _check_fixed(given)
    if has_directions:
        _check_directions(given)
    values = {**DEFAULTS, **given}
    values.setdefault("force_col_wise", not values.get("force_row_wise"))
    values |= {name: value for name, (value, _) in _FIXED.items() if value}
    num_iterations = _whole(values.pop("num_iterations"), "num_iterations", low=1)
    patience = values.pop("early_stopping_round")
    patience = 0 if patience is None else _whole(patience, "early_stopping_round")
    _whole(values["seed"], "seed")
    settings = BoostingSettings(MappingProxyType(values), num_iterations, patience)
    return _checked_boosting(settings, given, interaction)


def _by_main_name(params: Any) -> dict[str, Any]:
    if params is None:
        return {}
    if not isinstance(params, Mapping):
        msg = f"params must be a mapping of LightGBM's names, got {type(params)}."
        raise UsageError(msg)
    main_names = _main_names()
    given: dict[str, Any] = {}
    spelt: dict[str, str] = {}
    for name, value in params.items():
        if name not in main_names:
            msg = f"params names {name!r}, which LightGBM does not know."
            raise UsageError(msg, hint=_spelling_hint(name))
        main = main_names[name]
        if main in given:
            msg = f"params holds {main!r} twice, as {spelt[main]!r} and {name!r}."
            raise UsageError(msg, hint="Keep one of them.")
        given[main], spelt[main] = value, name
    return given


@cache
def _main_names() -> dict[str, str]:
    """Return the main name of every name that LightGBM knows."""
    aliases = _ConfigAliases._get_all_param_aliases()
    return {alias: main for main, names in aliases.items() for alias in (main, *names)}


def _spelling_hint(name: Any) -> str | None:
    close = get_close_matches(str(name), list(_main_names()), n=1)
    return f"Did you mean {close[0]!r}?" if close else None


def _check_fixed(given: Mapping[str, Any]) -> None:
    for name, (value, reason) in _FIXED.items():
        if name in given and given[name] != value:
            msg = f"params[{name!r}] must be {value!r} ({reason}), got {given[name]!r}."
            raise UsageError(msg)


def _check_directions(given: Mapping[str, Any]) -> None:
    for name, value in _KEEPS_DIRECTIONS.items():
        if name in given and given[name] != value:
            msg = (
                f"params[{name!r}] must be {value!r} where directions are declared, "
                f"got {given[name]!r}: LightGBM does not keep to them otherwise."
            )
            raise UsageError(msg)


def _whole(value: Any, name: str, low: int = 0) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < low:
        msg = f"params[{name!r}] must be a whole number from {low}, got {value!r}."
        raise UsageError(msg)
    return int(value)


def _checked_boosting(
    settings: BoostingSettings, given: Mapping[str, Any], interaction: str
) -> BoostingSettings:
    """Refuse what a kind of boosting cannot do."""
    sigmoid = settings.values.get("sigmoid", 1.0)
    if not isinstance(sigmoid, Real) or not float(sigmoid) > 0.0:
        msg = f"params['sigmoid'] must be a positive number, got {sigmoid!r}."
        raise UsageError(msg)
    if settings.boosting == "rf" and interaction == "pairs":
        msg = "interaction='pairs' cannot be had with params['boosting'] = 'rf'."
        raise UsageError(msg, hint="Use interaction='none' or 'free'.")
    if settings.boosting != "dart":
        return settings
    if "num_iterations" not in given:
        msg = "params['boosting'] = 'dart' cannot stop early."
        raise UsageError(msg, hint="Give params['num_iterations'].")
    return BoostingSettings(settings.values, settings.num_iterations, 0)
