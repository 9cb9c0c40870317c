"""Training: rows and settings become the text of a model, checked by re-reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from lightgbm.basic import LightGBMError
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedShuffleSplit

from cfscore.boosting._constraints import Interaction, interaction_sets
from cfscore.boosting._encoding import FeatureEncoding
from cfscore.boosting._model_text import best_rounds, checked_text
from cfscore.boosting._progress import TrainingProgress
from cfscore.boosting._rows import LabelledRows
from cfscore.boosting._settings import BoostingSettings
from cfscore.exceptions import FitError
from cfscore.execution import available_threads

__all__ = ["TrainedModel", "TrainingPlan", "train"]

Floats = NDArray[np.float64]

#: Cells of the matrix that are worth a thread of their own.
_CELLS_PER_THREAD = 5_000_000

_HELD_OUT = "held out"


@dataclass(frozen=True)
class TrainingPlan:
    """How to train.

    Parameters
    ----------
    settings : BoostingSettings
        LightGBM's parameters.
    encoding : FeatureEncoding
        Meaning of the matrix columns.
    directions : mapping of str to int
        Columns with a direction, see ``resolve_directions``.
    interaction : {"none", "pairs", "free"}
        Which interactions the trees may hold.
    validation_share : float
        Share of the rows that early stopping holds out where no others are given.
    refit : bool
        Whether to train again on all rows once the number of trees is known.
    """

    settings: BoostingSettings
    encoding: FeatureEncoding
    directions: dict[str, int]
    interaction: Interaction
    validation_share: float
    refit: bool

    @property
    def signs(self) -> dict[int, int]:
        """Direction of each matrix column with one."""
        names = self.encoding.schema.names
        return {names.index(name): sign for name, sign in self.directions.items()}

    def parameters(self, n_rows: int) -> dict[str, Any]:
        """Return what LightGBM is given, constraints and threads included."""
        found = dict(self.settings.values)
        n_columns = len(self.encoding.schema)
        if self.signs:
            signs = [self.signs.get(column, 0) for column in range(n_columns)]
            found["monotone_constraints"] = signs
        sets = interaction_sets(self.interaction, n_columns)
        if sets is not None:
            found["interaction_constraints"] = sets
        found.setdefault("num_threads", _n_threads(n_rows * n_columns))
        return found


@dataclass(frozen=True)
class TrainedModel:
    """What training found.

    Parameters
    ----------
    text : str
        The model in LightGBM's own words; it predicts what the trained one did.
    n_iterations : int
        Boosting rounds.
    history : mapping of str to list of float
        Each metric on the held-out rows after each round; empty without such rows.
    """

    text: str
    n_iterations: int
    history: dict[str, list[float]]


def train(
    plan: TrainingPlan, rows: LabelledRows, validation: LabelledRows | None
) -> TrainedModel:
    """Return a model trained on labelled rows.

    Parameters
    ----------
    plan : TrainingPlan
        How to train.
    rows : LabelledRows
        To train on.
    validation : LabelledRows or None
        To stop early by; None holds a stratified share of ``rows`` out.

    Raises
    ------
    FitError
        When LightGBM refuses a parameter, no split is possible, too few cases are
        there to hold out, or what was read back predicts something else.
    """
    history: dict[str, list[float]] = {}
    if not plan.settings.early_stopping_round:
        n_rounds = plan.settings.num_iterations
        booster = _run(plan, rows, n_rounds, title="boosting")
    elif validation is not None:
        booster = _run_until_best(plan, rows, validation, history)
    else:
        kept, held_out = _hold_out(rows, plan)
        booster = _run_until_best(plan, kept, held_out, history)
        if plan.refit:
            n_rounds = best_rounds(booster)
            booster = _run(plan, rows, n_rounds, title="boosting on all rows")
    text = checked_text(booster, rows.matrix, plan.interaction, plan.signs)
    return TrainedModel(text, best_rounds(booster), history)


def _run_until_best(
    plan: TrainingPlan,
    rows: LabelledRows,
    validation: LabelledRows,
    history: dict[str, list[float]],
) -> lgb.Booster:
    """Train with early stopping and note the metrics of the held-out rows."""
    noted: dict[str, Any] = {}
    booster = _run(
        plan,
        rows,
        plan.settings.num_iterations,
        validation=validation,
        callbacks=[
            lgb.early_stopping(
                plan.settings.early_stopping_round,
                first_metric_only=bool(plan.settings.values.get("first_metric_only")),
                verbose=False,
                min_delta=plan.settings.values.get("early_stopping_min_delta", 0.0),
            ),
            lgb.record_evaluation(noted),
        ],
    )
    history |= {name: list(found) for name, found in noted[_HELD_OUT].items()}
    return booster


def _run(
    plan: TrainingPlan,
    rows: LabelledRows,
    n_rounds: int,
    *,
    title: str = "boosting",
    validation: LabelledRows | None = None,
    callbacks: list[Any] | None = None,
) -> lgb.Booster:
    parameters = plan.parameters(len(rows.y))
    data = lgb.Dataset(
        rows.matrix,
        rows.y,
        weight=rows.weights,
        feature_name=plan.encoding.feature_names,
        categorical_feature=plan.encoding.categorical_positions,
        params=parameters,
    )
    held_out = []
    if validation is not None:
        held_out = [
            data.create_valid(validation.matrix, validation.y, validation.weights)
        ]
    with TrainingProgress(title) as progress:
        try:
            return lgb.train(
                parameters,
                data,
                num_boost_round=n_rounds,
                valid_sets=held_out,
                valid_names=[_HELD_OUT] * len(held_out),
                callbacks=[*(callbacks or []), progress],
            )
        except (LightGBMError, TypeError, ValueError) as error:
            msg = f"LightGBM refused to train: {_first_line(error)}"
            raise FitError(msg, code="LIGHTGBM", hint="Check params.") from error


def _n_threads(n_cells: int) -> int:
    """Return as many threads as have enough to do; their number changes no tree.

    LightGBM's threads wait for each other several times a split. With two threads on
    two busy processors (load 5.5), 4,000 rows of 4 columns took 9.0 instead of 0.6 s.
    """
    return max(1, min(available_threads(), n_cells // _CELLS_PER_THREAD))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _hold_out(
    rows: LabelledRows, plan: TrainingPlan
) -> tuple[LabelledRows, LabelledRows]:
    """Return the rows to train on and those to stop by, bads alike in both."""
    split = StratifiedShuffleSplit(
        1, test_size=plan.validation_share, random_state=plan.settings.seed
    )
    try:
        kept, held_out = next(split.split(rows.matrix, rows.y))
    except ValueError as error:
        n_bad = int(rows.y.sum())
        msg = (
            f"Of {len(rows.y)} rows, {n_bad} of them bad, no validation share of "
            f"{plan.validation_share} can be held out."
        )
        hint = "Give an eval_set, or params={'early_stopping_round': 0}."
        raise FitError(msg, code="FEW_CASES", hint=hint) from error
    return rows.take(np.sort(kept)), rows.take(np.sort(held_out))
