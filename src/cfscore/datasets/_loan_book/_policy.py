"""Policy: what the lender decided then, with a model worse than the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._applicant import logistic
from cfscore.datasets._loan_book._account import Accounts
from cfscore.datasets._loan_book._application import Applications
from cfscore.datasets._loan_book._clock import month_of_day
from cfscore.datasets._loan_book._code_table import DataSource
from cfscore.datasets._loan_book._customer import Customers
from cfscore.datasets._loan_book._default import Defaults
from cfscore.datasets._loan_book._draft import Draft, draft_table
from cfscore.datasets._loan_book._inquiry import Inquiries
from cfscore.datasets._loan_book._pair import match
from cfscore.datasets._loan_book._schema_application import APPLICATIONS, REJECT_RULES
from cfscore.datasets._loan_book._status_chain import StatusChain, bucket_of_code

__all__ = ["Decisions", "decide", "draft_applications"]

_APPROVE, _REJECT, _CANCEL = range(3)

#: Standard deviation of what the old model saw wrongly of the risk.
_SCORE_NOISE = 0.8
_CUTOFF = 540
_MOST_HARD_INQUIRIES = 15
_LARGE_WITHOUT_FILE = 12_000.0
_LARGE_WITHOUT_REPORT = 6_000.0
_OVERRIDE_SHARE = 0.10
_CANCEL_SHARE = 0.06

#: The second version of the old model came in July 2025.
_SECOND_VERSION_MONTH = (2025 - 1970) * 12 + 6

#: Days past due of an own loan that close the door.
_TOLERATED_DAYS = 5

_SMALLEST_AMOUNT = 500.0
_HIGHEST_APR = 0.2396


@dataclass(frozen=True, eq=False)
class Decisions:
    """What was decided on each application.

    Parameters
    ----------
    decision : array of shape (n,), int64
        0 approved, 1 rejected, 2 cancelled by the applicant after approval.
    rule : array of shape (n,), int64
        Number of the rule that rejected; that of the score where none did.
    score : array of shape (n,), float64, points
        Of the old model.
    has_score, override : array of shape (n,), bool
        Scored; approved although below the cut-off.
    amount, apr : array of shape (n,), float64
        Approved amount in CNY, nominal price per year.
    """

    decision: NDArray[np.int64]
    rule: NDArray[np.int64]
    score: NDArray[np.float64]
    has_score: NDArray[np.bool_]
    override: NDArray[np.bool_]
    amount: NDArray[np.float64]
    apr: NDArray[np.float64]

    @property
    def is_approved(self) -> NDArray[np.bool_]:
        """Whether there is a loan."""
        return np.asarray(self.decision == _APPROVE)


@dataclass(frozen=True, eq=False)
class BureauView:
    """What the old policy looked at besides the form.

    Parameters
    ----------
    accounts : Accounts
        Of the customers.
    chain : StatusChain
        Codes of the accounts.
    inquiries : Inquiries
        About the customers.
    """

    accounts: Accounts
    chain: StatusChain
    inquiries: Inquiries


def decide(
    rng: np.random.Generator,
    customers: Customers,
    applications: Applications,
    defaults: Defaults,
    view: BureauView,
) -> Decisions:
    """Return the decisions of the old policy.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    customers : Customers
        Who has a file.
    applications : Applications
        What is decided on.
    defaults : Defaults
        When each would stop paying: own arrears close the door.
    view : BureauView
        Of the bureau.

    Returns
    -------
    Decisions
        One per application.
    """
    n, risk = applications.n, applications.applicants.latent_risk
    score = (602 - 45 * (risk + _SCORE_NOISE * rng.standard_normal(n))).round()
    bureau = int(DataSource.BUREAU)
    has_report = (applications.consent & ~applications.down & bureau) > 0
    has_file = customers.has_file[applications.customer] & has_report
    requested = applications.form.requested_amount
    day = applications.applied_day
    hard = view.inquiries.hard_count(applications.customer, day, 90)
    is_below = score < _CUTOFF
    override = is_below & (rng.random(n) < _OVERRIDE_SHARE)
    breaks = {
        "NO_REPORT_LARGE_AMOUNT": ~has_report & (requested > _LARGE_WITHOUT_REPORT),
        "DELINQUENCY_3_OR_6": has_file & _is_delinquent(applications, view),
        "INQUIRIES": has_file & (hard > _MOST_HARD_INQUIRIES),
        "NO_FILE_LARGE_AMOUNT": ~has_file & (requested > _LARGE_WITHOUT_FILE),
        "SCORE": has_report & is_below & ~override,
    }
    none = len(REJECT_RULES)
    rule = np.full(n, none, dtype=np.int64)
    for text in reversed(REJECT_RULES[1:]):
        rule[breaks[text]] = REJECT_RULES.index(text)
    is_cancelled = rng.random(n) < _CANCEL_SHARE
    decision = np.where(rule < none, _REJECT, np.where(is_cancelled, _CANCEL, _APPROVE))
    _close_the_door(applications, defaults, decision, rule)
    share = logistic((score - 560) / 25 + 0.4 * rng.standard_normal(n))
    amount = np.maximum(np.round(requested * share / 100) * 100, _SMALLEST_AMOUNT)
    apr = 0.12 + 0.11 * logistic((590 - score) / 30 + 0.3 * rng.standard_normal(n))
    return Decisions(
        decision=decision,
        rule=rule,
        score=score,
        has_score=has_report,
        override=override & (decision != _REJECT) & has_report,
        amount=np.minimum(amount, requested),
        apr=np.minimum(apr, _HIGHEST_APR).round(4),
    )


def draft_applications(
    rng: np.random.Generator,
    applications: Applications,
    defaults: Defaults,
    decisions: Decisions,
) -> Draft:
    """Return the rows of ``applications``."""
    n, form, people = applications.n, applications.form, applications.applicants
    rejected, approved = decisions.decision == _REJECT, decisions.is_approved
    month = month_of_day(applications.applied_day)
    local_hour = (applications.applied + 8 * 3600) // 3600 % 24
    columns: dict[str, NDArray[np.generic]] = {
        "application_id": applications.number,
        "event_time": applications.applied,
        "available_at": defaults.decided,
        "applied_at": applications.applied,
        "product": people.product,
        "channel": people.channel,
        "partner_id": people.channel * 3 + rng.integers(0, 3, n),
        "requested_amount": form.requested_amount,
        "requested_term": applications.term,
        "purpose": rng.integers(0, 6, n),
        "declared_income": form.declared_income,
        "employer_months": form.employer_months,
        # A device serves a customer for years; one in ten applies with another.
        "device_token": applications.owner * 2 + (rng.random(n) < 0.1),
        "app_hour": local_hour,
        "form_seconds": form.form_seconds,
        "consent_mask": applications.consent,
        "source_down_mask": applications.down,
        "decision": decisions.decision,
        "decided_at": defaults.decided,
        "reject_rule": decisions.rule,
        "approved_amount": decisions.amount,
        "apr_nominal": decisions.apr,
        "score_then": decisions.score,
        "model_version": month >= _SECOND_VERSION_MONTH,
        "override": decisions.override,
    }
    missing = {
        "declared_income": form.no_income,
        "employer_months": form.no_employer,
        "reject_rule": ~rejected,
        "approved_amount": ~approved,
        "apr_nominal": ~approved,
        "score_then": ~decisions.has_score,
        "model_version": ~decisions.has_score,
    }
    return draft_table(APPLICATIONS, applications.owner, columns, missing)


def _is_delinquent(applications: Applications, view: BureauView) -> NDArray[np.bool_]:
    """Return who was past due three months in a row or six in all of 24 months."""
    row, account = match(applications.customer, view.accounts.customer)
    month = month_of_day(applications.applied_day[row] - 20) - 1
    is_late = bucket_of_code(view.chain.window(account, month, 24)) > 0
    in_all = is_late.sum(axis=1)
    in_a_row = (is_late[:, 2:] & is_late[:, 1:-1] & is_late[:, :-2]).any(axis=1)
    months = np.bincount(row, in_all, minlength=applications.n)
    runs = np.bincount(row, in_a_row, minlength=applications.n)
    return np.asarray((months >= 6) | (runs > 0))


def _close_the_door(
    applications: Applications,
    defaults: Defaults,
    decision: NDArray[np.int64],
    rule: NDArray[np.int64],
) -> None:
    """Reject, in place and by time, who is past due with an approved loan."""
    own = REJECT_RULES.index("OWN_PAST_DUE")
    later, earlier = match(applications.customer, applications.customer)
    is_pair = earlier < later
    later, earlier = later[is_pair], earlier[is_pair]
    known = applications.applied_day[later] - _TOLERATED_DAYS
    is_past_due = defaults.stop_day[earlier] < known
    for serial in range(1, 1 + int(applications.serial.max(initial=0))):
        now = applications.serial[later] == serial
        closes = now & is_past_due & (decision[earlier] == _APPROVE)
        decision[later[closes]] = _REJECT
        rule[later[closes]] = own
