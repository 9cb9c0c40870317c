"""Label definition: which outcome of a loan is good, bad or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cfscore.exceptions import UsageError
from cfscore.outcomes._delinquency import MEASURES, Measure
from cfscore.outcomes._options import check_choice, check_whole

__all__ = ["CREDIT_LINE", "REGULATORY_DEFAULT", "SHORT_LOAN", "LabelDefinition"]

_FIRST_PAYMENT = ("keep", "exclude")


@dataclass(frozen=True)
class LabelDefinition:
    """Limits that part good, indeterminate and bad loans.

    Parameters
    ----------
    bad_dpd : int, default 30
        Days past due from which a loan is bad, at least 1.
    window_months : int, default 12
        Performance window: months on book up to whose end the outcome counts. A loan
        that is not so old is immature.
    good_dpd : int, default 5
        Most days past due of a good loan, from 0 to ``bad_dpd - 1``. Between the two
        limits a loan is indeterminate.
    measure : {"ever", "current"}, default "ever"
        Whether the most days past due within the window count, or those at its end.
    first_payment_default : {"keep", "exclude"}, default "keep"
        Whether loans that were 30 days past due on their first instalment are labelled
        like others, or excluded: they are often fraud rather than credit risk.

    Raises
    ------
    UsageError
        When a value is not allowed.

    Examples
    --------
    >>> str(LabelDefinition(bad_dpd=60, window_months=12))
    'ever 60+ within 12 months on book; good up to 5 days past due'
    """

    bad_dpd: int = 30
    window_months: int = 12
    good_dpd: int = 5
    measure: Measure = "ever"
    first_payment_default: Literal["keep", "exclude"] = "keep"

    def __post_init__(self) -> None:
        """Check every value."""
        check_whole("bad_dpd", self.bad_dpd, 1)
        check_whole("window_months", self.window_months, 1)
        check_whole("good_dpd", self.good_dpd, 0)
        check_choice("measure", self.measure, MEASURES)
        check_choice(
            "first_payment_default", self.first_payment_default, _FIRST_PAYMENT
        )
        if self.good_dpd >= self.bad_dpd:
            msg = f"good_dpd must be below bad_dpd {self.bad_dpd}, got {self.good_dpd}."
            raise UsageError(msg)

    def __str__(self) -> str:
        """Return the definition in words."""
        when = "within" if self.measure == "ever" else "at"
        without = (
            "; first-payment defaults excluded"
            if self.first_payment_default == "exclude"
            else ""
        )
        return (
            f"{self.measure} {self.bad_dpd}+ {when} {self.window_months} months on "
            f"book; good up to {self.good_dpd} days past due{without}"
        )


#: Usual for cash loans of up to a year: ever 30+ within 6 months on book.
SHORT_LOAN = LabelDefinition(bad_dpd=30, window_months=6, good_dpd=5)

#: Usual for lines and longer loans: ever 60+ within 12 months on book.
CREDIT_LINE = LabelDefinition(bad_dpd=60, window_months=12, good_dpd=15)

#: The supervisor's default (IFRS 9 B5.5.37; CRR article 178): ever 90+ within a year.
REGULATORY_DEFAULT = LabelDefinition(bad_dpd=90, window_months=12, good_dpd=15)
