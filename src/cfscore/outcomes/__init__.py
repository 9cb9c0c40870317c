"""Outcomes of loans: from instalments and repayments to days past due and labels.

``loan_history`` turns the dated records of a book into what each loan was like at every
month end up to a snapshot: days past due, delinquency bucket, months on book, balance.
``loan_history_from_months`` takes month ends that a ledger has aged already. All the
rest reads that history:

- ``roll_rate``, ``historical_roll_rate`` and ``vintage`` show how arrears move and
  mature; ``choose_bad_definition`` draws the usual conclusion and shows its evidence;
- ``label`` gives each loan one of good, bad, indeterminate, immature and excluded, with
  the counts of every step; ``split_samples`` parts the good and bad ones by customer
  and by time;
- ``payment_default`` and ``delinquency_at`` tell early failures (FPD, SPD) and ever or
  current x days past due at y months on book.

What is not known is never counted as good: a loan younger than its performance window
is immature, an age that a cohort has not reached is missing, a loan without instalments
or with a gap in its months is a fault. The records' faults are reported together, by
table, column and code, with counts.

Results are polars frames. Dates are calendar days in a named time zone, and a day is
judged at its close.
"""

from cfscore.outcomes._bad_definition import BadDefinition, choose_bad_definition
from cfscore.outcomes._bucket import BUCKETS, delinquency_bucket
from cfscore.outcomes._days_past_due import days_past_due
from cfscore.outcomes._definition import (
    CREDIT_LINE,
    REGULATORY_DEFAULT,
    SHORT_LOAN,
    LabelDefinition,
)
from cfscore.outcomes._delinquency import delinquency_at
from cfscore.outcomes._history import LoanHistory
from cfscore.outcomes._label import LABELS, Labels, label
from cfscore.outcomes._loan_history import loan_history
from cfscore.outcomes._monthly_history import loan_history_from_months
from cfscore.outcomes._months_on_book import months_on_book
from cfscore.outcomes._payment_default import PaymentDefaults, payment_default
from cfscore.outcomes._records import EXCLUSIONS, LOAN_STATUSES
from cfscore.outcomes._roll_rate import RollRates, historical_roll_rate, roll_rate
from cfscore.outcomes._sample_split import (
    SAMPLES,
    LabelledSamples,
    hold_out_customers,
    split_samples,
)
from cfscore.outcomes._settlement_rules import PAYERS, SettlementRules
from cfscore.outcomes._vintage import VintageCurves, vintage

__all__ = [
    "BUCKETS",
    "CREDIT_LINE",
    "EXCLUSIONS",
    "LABELS",
    "LOAN_STATUSES",
    "PAYERS",
    "REGULATORY_DEFAULT",
    "SAMPLES",
    "SHORT_LOAN",
    "BadDefinition",
    "LabelDefinition",
    "LabelledSamples",
    "Labels",
    "LoanHistory",
    "PaymentDefaults",
    "RollRates",
    "SettlementRules",
    "VintageCurves",
    "choose_bad_definition",
    "days_past_due",
    "delinquency_at",
    "delinquency_bucket",
    "historical_roll_rate",
    "hold_out_customers",
    "label",
    "loan_history",
    "loan_history_from_months",
    "months_on_book",
    "payment_default",
    "roll_rate",
    "split_samples",
    "vintage",
]
