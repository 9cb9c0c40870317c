"""Small training tables and bin tables for the tests of the scorecard package."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from cfscore.binning import Binner

# W6: goods and bads of four bins.
W6_GOODS = (500, 300, 150, 50)
W6_BADS = (10, 20, 30, 40)


def repeated(goods, bads):
    """Return values 0, 1, .. and outcomes with the given goods and bads per value."""
    pairs = list(zip(goods, bads, strict=True))
    x = np.repeat(np.arange(float(len(pairs))), [g + b for g, b in pairs])
    y = np.concatenate([np.repeat([0.0, 1.0], pair) for pair in pairs])
    return x, y


def edited_tables(columns, y, edits, **settings):
    """Return the bin tables of columns whose bins are given by hand."""
    settings = {"laplace": 0.0, "n_jobs": 1} | settings
    return Binner(edits=edits, **settings).fit(columns, y).tables_


@cache
def w6_table():
    x, y = repeated(W6_GOODS, W6_BADS)
    return edited_tables({"inq": x}, y, {"inq": [1, 2, 3]})["inq"]


@cache
def _even_table(n):
    x, y = repeated((40,) * n, tuple(range(10, 10 + n)))
    return edited_tables({"util": x}, y, {"util": list(range(1, n))})["util"]


def table_with_woe(woe):
    """Return a bin table of as many intervals, its WOE replaced; MISSING is neutral."""
    return replace(_even_table(len(woe)), woe=np.array([*woe, 0.0]))


def loan_table(n=3000, seed=0):
    """Return a table of mixed kinds and outcomes that depend on it.

    ``income``, ``debt`` (with the special code -9), ``city`` and ``owner`` carry risk,
    ``noise`` carries none and ``income_again`` repeats ``income``.
    """
    rng = np.random.default_rng(seed)
    income = rng.normal(size=n)
    debt = np.where(rng.random(n) < 0.1, -9.0, rng.gamma(2.0, 1.0, n))
    city = rng.choice(["Oslo", "Bergen", "Nord & <Sør>"], n)
    owner = rng.random(n) < 0.4
    risk = -1.6 - 0.9 * income + 0.5 * np.where(debt < 0, 3.0, debt) - 0.6 * owner
    risk += 0.7 * (city == "Bergen")
    y = (rng.random(n) < 1.0 / (1.0 + np.exp(-risk))).astype(int)
    columns = {
        "income": np.where(rng.random(n) < 0.08, np.nan, income),
        "debt": debt,
        "city": city.astype(object),
        "owner": owner,
        "noise": rng.normal(size=n),
        "income_again": income + 0.1 * rng.normal(size=n),
    }
    return columns, y


def loan_binner(**settings):
    settings = {"special_codes": {"debt": [-9]}, "n_jobs": 1} | settings
    return Binner(**settings)
