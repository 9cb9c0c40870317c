"""Settlement rules: which repayments pay which instalment, and when it is paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cfscore.outcomes._options import check_choice, check_names, check_number

__all__ = ["PAYERS", "Allocation", "SettlementRules"]

#: Codes that ``repayments.payer`` may hold; a merchant refunds returned goods.
PAYERS = ("borrower", "collection", "merchant", "guarantor")

#: Which instalment a repayment pays: the oldest that is not fully paid, or the one
#: that its ``seq`` names.
Allocation = Literal["oldest_first", "recorded"]


@dataclass(frozen=True)
class SettlementRules:
    """Which repayments pay which instalment, and when it is fully paid.

    Parameters
    ----------
    tolerance : float, default 1.0
        Currency units; an instalment is fully paid when it, or with ``oldest_first``
        all instalments up to it together, lack no more.
    allocation : {"oldest_first", "recorded"}, default "oldest_first"
        Whether a repayment pays the oldest instalment that is not fully paid, and what
        is left of it the next, or the one that its ``seq`` names and no other.
    payers : tuple of str
        Whose repayments count, out of ``borrower``, ``collection``, ``merchant`` and
        ``guarantor``; by default all but the guarantor's, who spares the lender and
        tells nothing good of the borrower. Repayments without a payer always count.

    Raises
    ------
    UsageError
        When a value is not allowed.

    Notes
    -----
    Oldest first is the order of articles 560 and 561 of the Civil Code of the People's
    Republic of China: the debt that fell due first; in it fees, then interest, then
    principal.

    Examples
    --------
    >>> SettlementRules(tolerance=0.0).payers
    ('borrower', 'collection', 'merchant')
    """

    tolerance: float = 1.0
    allocation: Allocation = "oldest_first"
    payers: tuple[str, ...] = ("borrower", "collection", "merchant")

    def __post_init__(self) -> None:
        """Check every value."""
        check_number("tolerance", self.tolerance, 0.0)
        check_choice("allocation", self.allocation, ("oldest_first", "recorded"))
        payers = check_names("payers", self.payers, PAYERS)
        object.__setattr__(self, "payers", payers)
