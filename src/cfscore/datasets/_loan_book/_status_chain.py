"""Status chain: the monthly codes of each account, worse for riskier customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import logistic
from cfscore.datasets._loan_book._account import Accounts
from cfscore.datasets._loan_book._clock import (
    SNAPSHOT,
    is_shocked_day,
    local_day,
    month_of_day,
    month_of_year,
    month_start,
)

__all__ = ["FIRST_MONTH", "StatusChain", "bucket_of_code", "draw_chain"]

#: The chains cover the 60 months before the first report and all until extraction.
FIRST_MONTH = (2019 - 1970) * 12 + 2
_LAST_MONTH = int(month_of_day(local_day(np.array(SNAPSHOT - 1))))
N_MONTHS = _LAST_MONTH - FIRST_MONTH + 1

#: Log-odds of falling behind in a month, and their change per unit of risk, for
#: semi-credit cards, whose short overdrafts are allowed, after the shock and in
#: February, when the new year's money is spent.
_LATE_BASE = -5.0
_LATE_PER_RISK = 1.40
_LATE_SEMI_CREDIT = 2.0
_LATE_SHOCK = 0.4
_LATE_FEBRUARY = 0.25

#: Chance to pay everything back, by bucket 1..7, and how it falls with the risk.
_CURE = np.array([1.0, 0.70, 0.45, 0.22, 0.12, 0.08, 0.05, 0.02])
_CURE_PER_RISK = -0.12

_BAD_DEBT = 8  # the bucket after which nothing is expected

_N, _M, _IDLE, _SKIP, _UNKNOWN, _CLOSED, _ENDED = (ord(c) for c in "NM*A#CG")
_GUARANTOR, _ASSETS, _B, _NOT_OPEN = (ord(c) for c in "DZB/")


@dataclass(frozen=True, eq=False)
class StatusChain:
    """Codes of the accounts, month by month.

    Parameters
    ----------
    codes : array of shape (n_accounts, n_months), uint8
        ASCII; ``/`` before the account was opened and after its end.
    close_month : array of shape (n_accounts,), int64
        Month of the closing code; a month that does not come while open.
    """

    codes: NDArray[np.uint8]
    close_month: NDArray[np.int64]

    def window(
        self, account: NDArray[np.int64], month: NDArray[np.int64], width: int
    ) -> NDArray[np.uint8]:
        """Return the codes of the last ``width`` months up to a month, oldest first.

        Parameters
        ----------
        account : array of shape (n,), int64
            Positions of accounts.
        month : array of shape (n,), int64
            Last month of each.
        width : int
            Months.

        Returns
        -------
        array of shape (n, width), uint8
            Codes.
        """
        at = month[:, None] - FIRST_MONTH + np.arange(1 - width, 1)
        found = self.codes[account[:, None], at.clip(0, N_MONTHS - 1)]
        return np.where(at < 0, np.uint8(_NOT_OPEN), found)


def bucket_of_code(codes: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return days past due as a bucket 0..7; 7 for bad debt, 3 for D and Z."""
    digit = codes.astype(np.int64) - ord("0")
    bucket = np.where((digit >= 1) & (digit <= 7), digit, 0)
    bucket[codes == _B] = 7
    bucket[(codes == _GUARANTOR) | (codes == _ASSETS)] = 3
    return bucket


def draw_chain(
    rng: np.random.Generator, accounts: Accounts, risk: NDArray[np.float64]
) -> StatusChain:
    """Return the codes of the accounts.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    accounts : Accounts
        Whose codes.
    risk : array of shape (n_customers,), float64
        Latent risk of the customers.

    Returns
    -------
    StatusChain
        A Markov chain of buckets; no code follows a closing one. Recovery accounts
        have no codes.
    """
    n = accounts.n
    risk_of = risk[accounts.customer]
    late = _LATE_BASE + _LATE_PER_RISK * risk_of
    late = late + _LATE_SEMI_CREDIT * accounts.is_type("R3")
    cure = _CURE[:, None] * np.exp(_CURE_PER_RISK * risk_of)
    move, label = rng.random((2, N_MONTHS, n))
    rows = np.full((N_MONTHS, n), _NOT_OPEN, dtype=np.uint8)
    is_gone = accounts.close_month < FIRST_MONTH
    close_month = np.where(is_gone, accounts.close_month, 1 << 20)
    bucket = np.zeros(n, dtype=np.int64)
    is_alive = ~accounts.is_type("C1") & ~is_gone
    is_card = accounts.is_type("R1", "R2", "R3")
    open_month, everyone = accounts.open_month, np.arange(n)
    for at in range(N_MONTHS):
        month = FIRST_MONTH + at
        is_open = is_alive & (open_month <= month)
        chance = logistic(late + _season(month))
        bucket = _next_bucket(bucket, move[at], chance, cure[bucket % 8, everyone])
        bucket[~is_open | (open_month == month)] = 0
        codes = _codes(bucket, label[at], is_card, risk_of)
        if at:
            # Unknown months stand alone: a run of them is a fault.
            codes[(codes == _UNKNOWN) & (rows[at - 1] == _UNKNOWN)] = _N
        codes[open_month == month] = _IDLE
        ends = is_open & _is_end(bucket, codes, label[at], month, accounts.close_month)
        is_ended_badly = ends & ((bucket > 0) | (label[at] < 0.005))
        codes[ends] = _CLOSED
        codes[is_ended_badly] = _ENDED
        rows[at, is_open] = codes[is_open]
        close_month[ends] = month
        is_alive &= ~ends
        # What a guarantor or assets have paid is no longer past due.
        bucket[(codes == _GUARANTOR) | (codes == _ASSETS)] = 0
    return StatusChain(np.ascontiguousarray(rows.T), close_month)


def _season(month: int) -> float:
    day = month_start(np.array(month))
    shock = _LATE_SHOCK * float(is_shocked_day(day))
    return shock + _LATE_FEBRUARY * float(month_of_year(np.array(month)) == 2)


def _next_bucket(
    bucket: NDArray[np.int64],
    move: NDArray[np.float64],
    chance: NDArray[np.float64],
    cure: NDArray[np.float64],
) -> NDArray[np.int64]:
    falls_behind = (bucket == 0) & (move < chance)
    is_cured = (bucket > 0) & (bucket < _BAD_DEBT) & (move < cure)
    worse = np.minimum(bucket + 1, 7)
    following = np.where(bucket > 0, worse, np.where(falls_behind, 1, 0))
    following[is_cured] = 0
    is_written_off = (bucket >= 7) & ((bucket == _BAD_DEBT) | (move > 0.85))
    following[is_written_off] = _BAD_DEBT
    return following


def _codes(
    bucket: NDArray[np.int64],
    label: NDArray[np.float64],
    is_card: NDArray[np.bool_],
    risk: NDArray[np.float64],
) -> NDArray[np.uint8]:
    """Return a code for each bucket; which of several is settled by ``label``."""
    codes = (ord("0") + bucket).astype(np.uint8)
    codes[bucket == _BAD_DEBT] = _B
    is_deep = (bucket >= 3) & (bucket < _BAD_DEBT)
    codes[is_deep & (label > 0.99)] = _GUARANTOR
    codes[is_deep & (label > 0.995)] = _ASSETS
    is_current = bucket == 0
    late_in_month = 0.05 * np.exp(0.8 * risk)
    codes[is_current] = _N
    codes[is_current & (label > 0.012) & (label < 0.012 + late_in_month)] = _M
    codes[is_current & is_card & (label > 0.93)] = _IDLE
    codes[is_current & is_card & (label > 0.013) & (label < 0.016)] = _SKIP
    codes[(label > 0.006) & (label < 0.012)] = _UNKNOWN
    return codes


def _is_end(
    bucket: NDArray[np.int64],
    codes: NDArray[np.uint8],
    label: NDArray[np.float64],
    month: int,
    planned: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Return which accounts end: as planned when nothing is owed, or sold as bad."""
    is_due = (planned <= month) & (bucket == 0) & (codes != _UNKNOWN)
    return np.asarray(is_due | ((bucket >= 7) & (label < 0.03)))
