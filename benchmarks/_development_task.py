"""Development task: a public data set as both sides are given it, and its split."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import RepeatedStratifiedKFold

__all__ = ["TASKS", "DevelopmentTask", "data_folder", "load_task"]

_SEED = 20261101

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DevelopmentTask:
    """A table, its target and what its documentation says of the columns.

    Parameters
    ----------
    name : str
        Data set.
    X : DataFrame of shape (n_rows, n_columns)
        Columns known when the decision was taken, as they were read.
    y : array of shape (n_rows,), int64
        1 = bad, 0 = good.
    categorical : tuple of str
        Columns of numbers that stand for categories; text columns not listed.
    special_codes : mapping of str to list
        Documented codes that are no measurements.
    dropped : mapping of str to str
        Columns left out, and why.
    trained_on : array of bool, optional
        Rows of the training sample of an out-of-time split; None means folds.
    """

    name: str
    X: pd.DataFrame
    y: NDArray[np.int64]
    categorical: tuple[str, ...] = ()
    special_codes: Mapping[str, list[Any]] = field(default_factory=dict)
    dropped: Mapping[str, str] = field(default_factory=dict)
    trained_on: NDArray[np.bool_] | None = None

    @property
    def is_out_of_time(self) -> bool:
        """Whether there is one split by date instead of folds."""
        return self.trained_on is not None

    def splits(self, n_folds: int) -> Iterator[tuple[str, Rows, Rows]]:
        """Yield name, training rows and test rows; the same for every caller.

        Five stratified folds, repeated five times with another shuffle, of which the
        first ``n_folds`` are taken.
        """
        if self.trained_on is not None:
            train, test = np.flatnonzero(self.trained_on), ~self.trained_on
            yield "out of time", train, np.flatnonzero(test)
            return
        folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=5, random_state=_SEED)
        for i, (train, test) in enumerate(folds.split(self.X, self.y)):
            if i == n_folds:
                return
            yield f"repeat {i // 5 + 1} fold {i % 5 + 1}", train, test


def data_folder() -> Path | None:
    """Return the folder of public data sets, None where there is none."""
    folder = os.environ.get("CFSCORE_TEST_DATA")
    return Path(folder) if folder else None


def load_task(name: str, folder: Path) -> DevelopmentTask:
    """Return one data set; a KeyError names an unknown one."""
    return TASKS[name](folder)


# ------------------------------------------------------------------ data sets


def _german(folder: Path) -> DevelopmentTask:
    frame = pd.read_csv(folder / "german" / "germancredit.csv")
    y = (frame.pop("creditability") == "bad").to_numpy(np.int64)
    return DevelopmentTask("german", frame, y)


def _taiwan(folder: Path) -> DevelopmentTask:
    frame = pd.read_csv(folder / "taiwan" / "UCI_Credit_Card.csv")
    y = frame.pop("default.payment.next.month").to_numpy(np.int64)
    dropped = {"ID": "row number"}
    statuses = ["PAY_0", "PAY_2", "PAY_3", "PAY_4", "PAY_5", "PAY_6"]
    return DevelopmentTask(
        "taiwan",
        frame.drop(columns=list(dropped)),
        y,
        categorical=("SEX", "EDUCATION", "MARRIAGE"),
        special_codes={
            **{name: [-2, -1, 0] for name in statuses},
            "EDUCATION": [0, 5, 6],
            "MARRIAGE": [0],
        },
        dropped=dropped,
    )


def _gmsc(folder: Path) -> DevelopmentTask:
    frame = pd.read_parquet(folder / "gmsc" / "cs_training.parquet")
    y = frame.pop("SeriousDlqin2yrs").to_numpy(np.int64)
    counters = [name for name in frame if name.startswith("NumberOfTime")]
    codes = {**{name: [96, 98] for name in counters}, "age": [0]}
    return DevelopmentTask("gmsc", frame, y, special_codes=codes)


_LENDINGCLUB_DROPPED = {
    **dict.fromkeys(
        [
            "loan_status",
            "pymnt_plan",
            "out_prncp",
            "out_prncp_inv",
            "total_pymnt",
            "total_pymnt_inv",
            "total_rec_prncp",
            "total_rec_int",
            "total_rec_late_fee",
            "recoveries",
            "collection_recovery_fee",
            "last_pymnt_d",
            "last_pymnt_amnt",
            "last_credit_pull_d",
            "hardship_flag",
            "debt_settlement_flag",
            "debt_settlement_flag_date",
            "settlement_status",
            "settlement_date",
            "settlement_amount",
            "settlement_percentage",
            "settlement_term",
        ],
        "leak: known only from how the loan went",
    ),
    "funded_amnt": "leak: known only after the decision",
    "funded_amnt_inv": "leak: known only after the decision",
    "disbursement_method": "known only after the decision",
    "initial_list_status": "known only after the decision",
    "policy_code": "known only after the decision",
    "loan_id": "row number",
    "emp_title": "free text",
    "title": "free text",
    "zip_code": "close to an identifier (837 levels)",
    "issue_d": "the split",
    "issue_year": "the split",
    "earliest_cr_line": "replaced by months_of_credit, its age at issue_d",
}


def _lendingclub(folder: Path) -> DevelopmentTask:
    frame = pd.read_parquet(folder / "lendingclub" / "lc_2007_2011.parquet")
    y = frame.pop("bad").to_numpy(np.int64)
    issued = frame["issue_d"].dt
    opened = frame["earliest_cr_line"].dt
    frame["months_of_credit"] = (
        12 * (issued.year - opened.year) + issued.month - opened.month
    )
    return DevelopmentTask(
        "lendingclub",
        frame.drop(columns=list(_LENDINGCLUB_DROPPED)),
        y,
        special_codes={"emp_length": ["n/a"]},
        dropped=_LENDINGCLUB_DROPPED,
        trained_on=(issued.year <= 2010).to_numpy(),
    )


def _homecredit(folder: Path) -> DevelopmentTask:
    frame = pd.read_parquet(folder / "homecredit" / "application_union.parquet")
    y = frame.pop("TARGET").to_numpy(np.int64)
    dropped = {"SK_ID_CURR": "customer number"}
    codes = {
        "DAYS_EMPLOYED": [365243],
        "CODE_GENDER": ["XNA"],
        "ORGANIZATION_TYPE": ["XNA"],
    }
    return DevelopmentTask(
        "homecredit",
        frame.drop(columns=list(dropped)),
        y,
        special_codes=codes,
        dropped=dropped,
    )


TASKS: dict[str, Callable[[Path], DevelopmentTask]] = {
    "german": _german,
    "lendingclub": _lendingclub,
    "taiwan": _taiwan,
    "gmsc": _gmsc,
    "homecredit": _homecredit,
}
