"""Applicants: who applies for what, and the latent risk that drives the rest."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._calendar import ApplicationTimes

__all__ = [
    "CHANNELS",
    "EDUCATIONS",
    "EMPLOYMENTS",
    "PRODUCTS",
    "RESIDENCES",
    "Applicants",
    "Level",
    "draw_applicants",
    "draw_levels",
    "logistic",
]


@dataclass(frozen=True)
class Level:
    """One level of a category.

    Parameters
    ----------
    text : str
        As it stands in the table.
    share : float
        Share of applicants before the population shift.
    share_shifted : float
        Share of applicants from the population shift on.
    effect : float
        Shift of the latent risk, in its standard deviations; positive = riskier.
    """

    text: str
    share: float
    share_shifted: float
    effect: float


PRODUCTS = (
    Level("cash_loan", 0.55, 0.55, 0.10),
    Level("bnpl_line", 0.33, 0.35, -0.15),
    Level("micro_biz", 0.12, 0.10, 0.00),
)
# The channel that grows at the population shift is the last one.
CHANNELS = (
    Level("自营 App", 0.42, 0.30, -0.14),
    Level("合作方A, 电商", 0.28, 0.22, 0.00),
    Level("线下 门店", 0.16, 0.08, 0.08),
    Level("信息流 广告", 0.14, 0.40, 0.30),
)
# The last level cannot be chosen before the population shift. Students and owners of
# micro businesses are more frequent than their share here: see _draw_employment.
EMPLOYMENTS = (
    Level("公务员", 0.07, 0.06, -0.75),
    Level("国企, 事业单位", 0.15, 0.12, -0.55),
    Level("私企 员工", 0.38, 0.35, 0.00),
    Level("制造业, 计件", 0.21, 0.20, 0.25),
    Level("个体工商户", 0.07, 0.06, 0.15),
    Level("自由职业", 0.11, 0.11, 0.45),
    Level("学生", 0.01, 0.02, 0.28),
    Level("网约车, 外卖 骑手", 0.00, 0.08, 0.48),
)
EDUCATIONS = (
    Level("研究生", 0.06, 0.05, -0.58),
    Level("本科", 0.26, 0.23, -0.34),
    Level("大专", 0.28, 0.28, 0.00),
    Level("高中, 中专", 0.26, 0.28, 0.27),
    Level("初中及以下", 0.14, 0.16, 0.50),
)
RESIDENCES = (
    Level("自有住房, 有按揭", 0.24, 0.19, -0.38),
    Level("自有住房, 无按揭", 0.17, 0.16, -0.45),
    Level("与父母同住", 0.20, 0.23, 0.00),
    Level("单位 宿舍", 0.09, 0.10, 0.15),
    Level("租房", 0.30, 0.32, 0.30),
)

#: Age is 18 years plus a gamma variable: (shape, scale in years), before and after
#: the population shift: means of 34 and 28.6 years.
_AGE_GAMMA = ((2.6, 6.2), (1.9, 5.6))
_AGE_RANGE = (18, 70)

_RURAL_SHARE = (0.22, 0.38)  # before and after the population shift

#: Share of city tiers 1..6 among town and among rural applicants.
_TIER_SHARE_TOWN = (0.18, 0.27, 0.25, 0.17, 0.09, 0.04)
_TIER_SHARE_RURAL = (0.02, 0.08, 0.20, 0.28, 0.27, 0.15)

_STUDENT_SHARE_BELOW_24 = 0.30
_OWNER_SHARE_IN_MICRO_BIZ = 0.75

# Effects on the latent risk, in its standard deviations.
_EFFECT_PER_YEAR = -0.032  # of age, about 34 years
_EFFECT_RURAL = 0.18
_EFFECT_PER_TIER = 0.08  # about tier 3
_EFFECT_NIGHT = 0.40  # local hour before 5

#: Standard deviation of what the form does not tell about the latent risk, and the
#: mean of what it does; with both the latent risk is about N(0, 1) before the shift.
_UNTOLD_SD = 0.70
_TOLD_MEAN = 0.04


@dataclass(frozen=True, eq=False)
class Applicants:
    """Who applied, for what, and how risky they are.

    Parameters
    ----------
    product, channel, employment, education, residence : array of shape (n,), int64
        Index into the levels of that category.
    age_years, city_tier : array of shape (n,), int32
        Completed years; tier 1 (largest cities) to 6.
    rural : array of shape (n,), bool
        Lives outside a town or city.
    latent_risk : array of shape (n,), float64
        About N(0, 1) before the population shift; larger = riskier.
    affluence : array of shape (n,), float64
        Latent means, larger = wealthier; lower on average among riskier applicants.
    """

    product: NDArray[np.int64]
    channel: NDArray[np.int64]
    employment: NDArray[np.int64]
    education: NDArray[np.int64]
    residence: NDArray[np.int64]
    age_years: NDArray[np.int32]
    city_tier: NDArray[np.int32]
    rural: NDArray[np.bool_]
    latent_risk: NDArray[np.float64]
    affluence: NDArray[np.float64]

    def take(self, rows: NDArray[np.int64]) -> Applicants:
        """Return the applicants at these positions."""
        return Applicants(
            **{field.name: getattr(self, field.name)[rows] for field in fields(self)}
        )


def draw_applicants(rng: np.random.Generator, times: ApplicationTimes) -> Applicants:
    """Return the applicants at the given times, with their latent risk.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    times : ApplicationTimes
        When each applied; those after the population shift are another population.

    Returns
    -------
    Applicants
        One per time.
    """
    shifted = times.is_shifted
    n = shifted.size
    product = draw_levels(rng, PRODUCTS, shifted)
    channel = draw_levels(rng, CHANNELS, shifted)
    age = _draw_age(rng, shifted)
    rural = rng.random(n) < np.where(shifted, _RURAL_SHARE[1], _RURAL_SHARE[0])
    tier = _draw_tier(rng, rural)
    employment = _draw_employment(rng, shifted, age, product)
    education = draw_levels(rng, EDUCATIONS, shifted)
    residence = draw_levels(rng, RESIDENCES, shifted)

    told = (
        _effects(PRODUCTS)[product]
        + _effects(CHANNELS)[channel]
        + _effects(EMPLOYMENTS)[employment]
        + _effects(EDUCATIONS)[education]
        + _effects(RESIDENCES)[residence]
        + _EFFECT_PER_YEAR * (age - 34.0)
        + _EFFECT_RURAL * rural
        + _EFFECT_PER_TIER * (tier - 3.0)
        + _EFFECT_NIGHT * (times.local_hour < 5)
    )
    latent_risk = told - _TOLD_MEAN + _UNTOLD_SD * rng.standard_normal(n)
    affluence = (
        -0.35 * latent_risk
        - 0.12 * (tier - 3.0)
        - 0.20 * (education - 2.0)
        + 0.85 * rng.standard_normal(n)
    )
    return Applicants(
        product=product,
        channel=channel,
        employment=employment,
        education=education,
        residence=residence,
        age_years=age,
        city_tier=tier,
        rural=rural,
        latent_risk=latent_risk,
        affluence=affluence,
    )


def draw_levels(
    rng: np.random.Generator, levels: tuple[Level, ...], shifted: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return a level of each applicant, by the shares before and after the shift."""
    before = _draw_code(rng, [level.share for level in levels], shifted.size)
    after = _draw_code(rng, [level.share_shifted for level in levels], shifted.size)
    return np.where(shifted, after, before)


def logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``1 / (1 + exp(-x))``, elementwise."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _effects(levels: tuple[Level, ...]) -> NDArray[np.float64]:
    return np.array([level.effect for level in levels])


def _draw_code(
    rng: np.random.Generator, shares: list[float], n: int
) -> NDArray[np.int64]:
    """Return n independent codes 0..k-1 with the given shares."""
    # The end of the last level is left open, so that no rounding can leave it.
    ends = np.cumsum(shares)[:-1]
    return np.searchsorted(ends, rng.random(n), side="right")


def _draw_age(
    rng: np.random.Generator, shifted: NDArray[np.bool_]
) -> NDArray[np.int32]:
    before, after = (
        _AGE_RANGE[0] + scale * rng.standard_gamma(shape, shifted.size)
        for shape, scale in _AGE_GAMMA
    )
    age = np.where(shifted, after, before).clip(*_AGE_RANGE)
    return age.astype(np.int32)


def _draw_tier(rng: np.random.Generator, rural: NDArray[np.bool_]) -> NDArray[np.int32]:
    town = _draw_code(rng, list(_TIER_SHARE_TOWN), rural.size)
    country = _draw_code(rng, list(_TIER_SHARE_RURAL), rural.size)
    return np.where(rural, country, town).astype(np.int32) + np.int32(1)


def _draw_employment(
    rng: np.random.Generator,
    shifted: NDArray[np.bool_],
    age: NDArray[np.int32],
    product: NDArray[np.int64],
) -> NDArray[np.int64]:
    texts = [level.text for level in EMPLOYMENTS]
    student, owner = texts.index("学生"), texts.index("个体工商户")
    employment = draw_levels(rng, EMPLOYMENTS, shifted)
    studies = (age < 24) & (rng.random(age.size) < _STUDENT_SHARE_BELOW_24)
    is_micro = product == [level.text for level in PRODUCTS].index("micro_biz")
    owns = is_micro & (rng.random(age.size) < _OWNER_SHARE_IN_MICRO_BIZ)
    employment[studies] = student
    employment[owns] = owner
    return employment
