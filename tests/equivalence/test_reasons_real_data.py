"""Reasons of the riskiest rows of public credit data: none cites what helped."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cfscore as cf

pytest.importorskip("lightgbm")
pytestmark = [pytest.mark.data, pytest.mark.slow]

N_RISKIEST = 1_000


@dataclass(frozen=True)
class Book:
    """A public data set, and what its columns say of an applicant.

    Parameters
    ----------
    file, target : str
        File within the folder of data sets, and its column of bads.
    reasons : mapping of str to tuple of str
        Columns of each reason.
    directions : mapping of str to str
        Bad rate of the columns whose meaning is beyond doubt.
    """

    file: str
    target: str
    reasons: dict[str, tuple[str, ...]]
    directions: dict[str, str]
    categorical: tuple[str, ...] = field(default=())

    @property
    def columns(self) -> list[str]:
        return [column for columns in self.reasons.values() for column in columns]

    @property
    def catalogue(self) -> dict[str, Any]:
        entries = [{"code": k, "features": list(v)} for k, v in self.reasons.items()]
        return {"reason": entries}

    def split(self, folder: Path) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
        """Return development rows, their outcomes, and rows to explain."""
        table = pd.read_parquet(folder / self.file)[[*self.columns, self.target]]
        table = table.sample(min(len(table), 60_000), random_state=1)
        bad = table.pop(self.target).to_numpy()
        half = len(table) // 2
        return table[:half], bad[:half], table[half:].reset_index(drop=True)


BOOKS = {
    "gmsc": Book(
        "gmsc/cs_training.parquet",
        "SeriousDlqin2yrs",
        {
            "LATE": (
                "NumberOfTime30-59DaysPastDueNotWorse",
                "NumberOfTime60-89DaysPastDueNotWorse",
                "NumberOfTimes90DaysLate",
            ),
            "UTILISATION": ("RevolvingUtilizationOfUnsecuredLines",),
            "DEBT": ("DebtRatio", "NumberRealEstateLoansOrLines"),
            "INCOME": ("MonthlyIncome",),
            "ACCOUNTS": ("NumberOfOpenCreditLinesAndLoans",),
            "AGE": ("age",),
            "DEPENDENTS": ("NumberOfDependents",),
        },
        {
            "NumberOfTime30-59DaysPastDueNotWorse": "ascending",
            "NumberOfTime60-89DaysPastDueNotWorse": "ascending",
            "NumberOfTimes90DaysLate": "ascending",
            "RevolvingUtilizationOfUnsecuredLines": "ascending",
        },
    ),
    "lendingclub": Book(
        "lendingclub/lc_2007_2011.parquet",
        "bad",
        {
            "AMOUNT": ("loan_amnt", "term"),
            "INCOME": ("annual_inc", "dti", "verification_status"),
            "LATE": ("delinq_2yrs", "mths_since_last_delinq"),
            "INQUIRIES": ("inq_last_6mths",),
            "ACCOUNTS": ("open_acc", "total_acc"),
            "RECORDS": ("pub_rec", "pub_rec_bankruptcies"),
            "UTILISATION": ("revol_bal", "revol_util"),
            "PURPOSE": ("purpose",),
            "HOME": ("home_ownership", "emp_length"),
        },
        {
            "inq_last_6mths": "ascending",
            "revol_util": "ascending",
            "annual_inc": "descending",
            "loan_amnt": "ascending",
        },
    ),
}
#: A column whose meaning is beyond doubt, and the reason that it alone stands for.
TELLING = {
    "gmsc": ("UTILISATION", "RevolvingUtilizationOfUnsecuredLines"),
    "lendingclub": ("INQUIRIES", "inq_last_6mths"),
}


def scorecard_plan(book: Book, rows: pd.DataFrame, bad: np.ndarray, **options):
    directions = {k: {"monotonic": v} for k, v in book.directions.items()}
    card = cf.Scorecard(cf.Binner(settings=directions)).fit(rows, bad)
    return cf.compile_plan(card, **options)


def forest_plan(book: Book, rows: pd.DataFrame, bad: np.ndarray, **options):
    model = cf.BoostedModel(monotonic=book.directions).fit(rows, bad)
    return cf.compile_plan(model, **options)


@pytest.fixture(scope="module", params=BOOKS)
def book_rows(request, public_data):
    book = BOOKS[request.param]
    return request.param, book, *book.split(public_data)


@pytest.fixture(params=[scorecard_plan, forest_plan], ids=["scorecard", "forest"])
def riskiest(request, book_rows):
    """Return the plan, all rows and the riskiest of them."""
    name, book, rows, bad, explained = book_rows
    plan = request.param(book, rows, bad)
    risk = cf.Scorer(plan).score(explained).log_odds
    worst = explained.iloc[np.argsort(-risk, kind="stable")[:N_RISKIEST]]
    return name, book, plan, explained, worst


def test_no_reason_cites_a_feature_that_helped(riskiest):
    _, _, plan, _, worst = riskiest
    batch = cf.Scorer(plan).score(worst, reasons=4, contributions=True)
    column_of = {name: j for j, name in enumerate(plan.schema.names)}
    cited = np.array([[column_of.get(c, -1) for c in row] for row in batch.reasons])
    found = np.take_along_axis(batch.contributions, np.maximum(cited, 0), axis=1)
    assert (found[cited >= 0] > 0.0).all()
    # most harmful first, and none left out that harmed more
    assert (np.diff(found, axis=1)[cited[:, 1:] >= 0] <= 0.0).all()
    fourth = np.where(cited[:, 3] >= 0, found[:, 3], 0.0)
    uncited = batch.contributions.copy()
    np.put_along_axis(uncited, np.maximum(cited, 0), -np.inf, axis=1)
    assert (uncited.max(axis=1) <= fourth).all()


def test_no_reason_of_several_features_cites_a_group_that_helped(riskiest):
    name, book, plan, explained, worst = riskiest
    groups = {k: v for k, v in book.reasons.items() if set(v) & set(plan.schema.names)}
    plan = cf.compile_plan(plan, reasons=book.catalogue)
    batch = cf.Scorer(plan).score(worst, reasons=4, contributions=True)
    harm = {
        code: batch.contributions[:, np.isin(plan.schema.names, columns)].sum(axis=1)
        for code, columns in groups.items()
    }
    for row, codes in enumerate(batch.reasons):
        harms = [harm[code][row] for code in codes if code is not None]
        assert harms
        assert min(harms) > 0.0
        assert harms == sorted(harms, reverse=True)
    # those who are told of it have more of it than applicants at large
    code, column = TELLING[name]
    told = (batch.reasons == code).any(axis=1)
    assert told.sum() > 50
    assert worst[column][told].min() >= explained[column].median()
    assert worst[column][told].median() > worst[column][~told].median()
