"""Tables of who applies: customers, applications and the truth about them."""

from __future__ import annotations

from cfscore.datasets._applicant import CHANNELS, EMPLOYMENTS, PRODUCTS, RESIDENCES
from cfscore.datasets._loan_book._code_table import EDUCATION_CODES, MARITAL_CODES
from cfscore.datasets._loan_book._table import (
    TableInfo,
    attribute,
    flag,
    instant,
    key,
    measure,
    reference,
    times,
)

__all__ = ["APPLICATIONS", "CUSTOMERS", "PURPOSES", "REJECT_RULES", "TRUTH"]

PURPOSES = ("consumption", "decoration", "education", "medical", "travel", "turnover")

#: Why the old policy rejected, in the order in which it asks.
REJECT_RULES = (
    "OWN_PAST_DUE",
    "NO_REPORT_LARGE_AMOUNT",
    "DELINQUENCY_3_OR_6",
    "INQUIRIES",
    "NO_FILE_LARGE_AMOUNT",
    "SCORE",
)

_BY_DECISION = {"known_at": "decided_at"}

CUSTOMERS = TableInfo(
    name="customers",
    meaning="One person who applied at least once.",
    key=("customer_id",),
    columns=(
        key("customer_id", "Opaque random token."),
        *times("first visit", "the first visit"),
        measure("birth_year", "int16", "year", "Year of birth."),
        attribute("gender", "As declared; not for models.", levels=("F", "M")),
        attribute(
            "edu_code",
            "Highest degree.",
            levels=tuple(EDUCATION_CODES),
            missing="3 % of customers leave it out.",
        ),
        attribute("marital", "Marital status.", levels=tuple(MARITAL_CODES)),
        attribute(
            "residence",
            "Housing situation.",
            levels=tuple(level.text for level in RESIDENCES),
        ),
        attribute(
            "employment",
            "Kind of employment; one level exists from the population shift on.",
            levels=tuple(level.text for level in EMPLOYMENTS),
            missing="4 % of customers leave it out.",
        ),
        measure(
            "city_tier",
            "int8",
            "1..6",
            "Tier of the city of residence, 1 = largest cities.",
            direction="ascending",
        ),
        flag("rural", "Lives outside a town or city.", direction="ascending"),
        instant("first_seen_at", "First visit; before the first application."),
    ),
)

APPLICATIONS = TableInfo(
    name="applications",
    meaning="One application for credit and what the old policy decided.",
    key=("application_id",),
    references={"customer_id": "customers"},
    columns=(
        key("application_id", "Opaque random token."),
        reference("customer_id", "Who applied."),
        *times("the application is sent", "it has been decided (decided_at)"),
        instant(
            "applied_at",
            "When the application was sent: the instant at which features are taken.",
            known_at="applied_at",
        ),
        attribute(
            "product",
            "Product applied for.",
            levels=tuple(level.text for level in PRODUCTS),
            known_at="applied_at",
        ),
        attribute(
            "channel",
            "Where the applicant came from.",
            levels=tuple(level.text for level in CHANNELS),
            known_at="applied_at",
        ),
        reference("partner_id", "Partner behind the channel.", known_at="applied_at"),
        measure(
            "requested_amount",
            "double",
            "CNY",
            "Amount applied for.",
            known_at="applied_at",
        ),
        measure(
            "requested_term",
            "int16",
            "months",
            "Term applied for.",
            known_at="applied_at",
        ),
        attribute(
            "purpose", "Declared purpose.", levels=PURPOSES, known_at="applied_at"
        ),
        measure(
            "declared_income",
            "double",
            "CNY per month",
            "Declared income, not verified, rounded by the applicant.",
            direction="descending",
            missing="About 7 %, somewhat more often among riskier applicants.",
            known_at="applied_at",
        ),
        measure(
            "employer_months",
            "int16",
            "months",
            "Time with the present employer.",
            direction="descending",
            missing="Students, the self-employed, and where it was left out.",
            known_at="applied_at",
        ),
        reference("device_token", "Device used.", known_at="applied_at"),
        measure(
            "app_hour",
            "int8",
            "0..23",
            "Local hour (UTC+8) of the application.",
            known_at="applied_at",
        ),
        measure(
            "form_seconds",
            "double",
            "seconds",
            "Time spent on the form; pure noise.",
            known_at="applied_at",
        ),
        measure(
            "consent_mask",
            "int32",
            "bits",
            "Sources the applicant agreed to: 1 bureau, 2 card, 4 wallet, 8 merchant. "
            "A bit that is off makes every feature of that source NO_CONSENT.",
            known_at="applied_at",
        ),
        measure(
            "source_down_mask",
            "int32",
            "bits",
            "Sources that did not answer before the application: SOURCE_DOWN.",
            known_at="applied_at",
        ),
        attribute(
            "decision",
            "What was decided.",
            levels=("approve", "reject", "cancel"),
            **_BY_DECISION,
        ),
        instant("decided_at", "When it was decided.", **_BY_DECISION),
        attribute(
            "reject_rule",
            "First rule that rejected; the score comes last.",
            levels=REJECT_RULES,
            missing="Where the decision is not a rejection.",
            **_BY_DECISION,
        ),
        measure(
            "approved_amount",
            "double",
            "CNY",
            "Amount approved.",
            missing="Where the decision is not an approval.",
            **_BY_DECISION,
        ),
        measure(
            "apr_nominal",
            "double",
            "ratio per year",
            "Price offered, nominal, fees included.",
            missing="Where the decision is not an approval.",
            **_BY_DECISION,
        ),
        measure(
            "score_then",
            "int16",
            "points",
            "Score of the old model; larger = safer. A noisy view of the risk.",
            missing="Where the bureau did not answer or was not asked.",
            **_BY_DECISION,
        ),
        attribute(
            "model_version",
            "Version of the old model.",
            levels=("v1", "v2"),
            missing="Where there is no score_then.",
            **_BY_DECISION,
        ),
        flag(
            "override",
            "Approved in spite of a score below the cut-off.",
            **_BY_DECISION,
        ),
    ),
)

TRUTH = TableInfo(
    name="truth",
    meaning="What nobody knows about an application; for tests, never for models.",
    key=("application_id",),
    references={"application_id": "applications"},
    columns=(
        key("application_id", "Application, in the order of that table."),
        reference("customer_id", "Who applied."),
        instant("event_time", "When it happened: the application is sent."),
        instant(
            "available_at",
            "When the lender could first know: never.",
            missing="Always, so that no as-of join can reach this table.",
        ),
        measure(
            "true_pd",
            "double",
            "probability",
            "Probability of 60 or more (equally: of 90 or more) days past due within "
            "12 months on book, were the application approved.",
            direction="ascending",
        ),
        flag(
            "would_default",
            "Drawn with true_pd; also of the rejected. Where there is a loan, its "
            "instalments and repayments say the same.",
            direction="ascending",
        ),
        measure(
            "latent_x",
            "double",
            "",
            "Latent risk; about N(0, 1) before the population shift, larger = riskier.",
            direction="ascending",
        ),
    ),
)
