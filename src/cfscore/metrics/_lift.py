"""Lift table: the sample in bands of risk, worst first."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfscore.exceptions import UsageError
from cfscore.metrics._interval import check_confidence, wilson_interval
from cfscore.metrics._sample import (
    HigherIs,
    RiskGroups,
    effective_count,
    rank_by_risk,
)

__all__ = ["lift_table"]


def lift_table(
    y: ArrayLike,
    risk: ArrayLike,
    *,
    n_bands: int = 10,
    higher_is: HigherIs = "riskier",
    sample_weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> dict[str, NDArray[np.generic]]:
    """Return the gains table: bands of about equal size, worst first.

    Cases of equal risk stay in one band, the one that holds their middle; bands left
    empty by ties are not listed.

    Parameters
    ----------
    y : array of shape (n,)
        1 = bad, 0 = good.
    risk : array of shape (n,)
        Ranking variable: PD, log-odds, or a score with ``higher_is="safer"``.
    n_bands : int, default 10
        Bands wanted, at least 1.
    higher_is : {"riskier", "safer"}, default "riskier"
        What a larger ``risk`` means.
    sample_weight : array of shape (n,), optional
        Sampling weights >= 0; None weighs all alike, and counts are integers.
    confidence : float, default 0.95
        Coverage of the interval of each bad rate.

    Returns
    -------
    dict of str to array of shape (n_listed_bands,)
        Columns of equal length; any frame library takes the dict as it is.

        ``band``
            1 = worst.
        ``value_min``, ``value_max``
            Range of the caller's risk or score in the band, both ends included.
        ``n``, ``bads``
            Cases and bads, or their summed weights.
        ``bad_rate``, ``bad_rate_lower``, ``bad_rate_upper``
            Share of bads with Wilson's interval.
        ``cum_bad_share``, ``cum_good_share``
            Share of all bads and of all goods in this band and the worse ones.
        ``ks``
            ``cum_bad_share - cum_good_share``.
        ``lift``, ``cum_lift``
            Bad rate of the band, and of this and all worse bands, over that of the
            sample.
        ``odds``
            Goods per bad; ``inf`` without bads.
        ``woe``
            ``ln[(good_i / G) / (bad_i / B)]``, positive = safer, unsmoothed:
            ``inf`` without bads, ``-inf`` without goods.

    Raises
    ------
    UsageError
        When ``n_bands``, ``higher_is`` or ``confidence`` is not an allowed value.
    InputError
        When the arrays are not numeric, have gaps, differ in length, or ``y`` is
        not binary with both classes present.

    Examples
    --------
    >>> y = [1, 1, 0, 1, 0, 0, 0, 1, 0, 0]
    >>> pd = [0.9, 0.8, 0.7, 0.6, 0.55, 0.5, 0.4, 0.35, 0.2, 0.1]
    >>> table = lift_table(y, pd, n_bands=5)
    >>> table["bads"].tolist(), table["cum_bad_share"].tolist()
    ([2, 1, 0, 1, 0], [0.5, 0.75, 0.75, 1.0, 1.0])
    >>> table["lift"].tolist()
    [2.5, 1.25, 0.0, 1.25, 0.0]
    """
    check_confidence(confidence)
    if n_bands < 1 or n_bands % 1:
        msg = f"n_bands must be a whole number of at least 1, got {n_bands!r}."
        raise UsageError(msg)
    groups = rank_by_risk(y, risk, higher_is, sample_weight)
    starts = _band_starts(groups, n_bands)
    bads = np.add.reduceat(groups.bad, starts)
    goods = np.add.reduceat(groups.good, starts)
    squared = np.add.reduceat(groups.bad_squared + groups.good_squared, starts)
    bad_rate = bads / (bads + goods)
    lower, upper = wilson_interval(
        bad_rate, effective_count(bads + goods, squared), confidence
    )
    count_type = np.int64 if sample_weight is None else np.float64
    return {
        "band": np.arange(1, starts.size + 1),
        "value_min": np.minimum.reduceat(groups.value, starts),
        "value_max": np.maximum.reduceat(groups.value, starts),
        "n": (bads + goods).astype(count_type),
        "bads": bads.astype(count_type),
        "bad_rate": bad_rate,
        "bad_rate_lower": lower,
        "bad_rate_upper": upper,
        **_cumulative_columns(bads, goods),
        **_ratio_columns(bads, goods),
    }


def _band_starts(groups: RiskGroups, n_bands: int) -> NDArray[np.intp]:
    """Return the index of the first group of each band that is not empty."""
    cases = groups.bad + groups.good
    to_here = np.cumsum(cases)
    middle = (to_here - cases / 2.0) / to_here[-1]
    band = np.floor(middle * n_bands)
    return np.flatnonzero(np.r_[True, band[1:] != band[:-1]])


def _cumulative_columns(
    bads: NDArray[np.float64], goods: NDArray[np.float64]
) -> dict[str, NDArray[np.generic]]:
    bads_to_here, goods_to_here = np.cumsum(bads), np.cumsum(goods)
    sample_rate = bads_to_here[-1] / (bads_to_here[-1] + goods_to_here[-1])
    bad_share = bads_to_here / bads_to_here[-1]
    good_share = goods_to_here / goods_to_here[-1]
    return {
        "cum_bad_share": bad_share,
        "cum_good_share": good_share,
        "ks": bad_share - good_share,
        "lift": bads / (bads + goods) / sample_rate,
        "cum_lift": bads_to_here / (bads_to_here + goods_to_here) / sample_rate,
    }


def _ratio_columns(
    bads: NDArray[np.float64], goods: NDArray[np.float64]
) -> dict[str, NDArray[np.generic]]:
    with np.errstate(divide="ignore"):  # a band without bads or goods is infinite
        odds = goods / bads
        woe = np.log(goods / goods.sum()) - np.log(bads / bads.sum())
    return {"odds": odds, "woe": woe}
