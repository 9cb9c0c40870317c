"""Cohort: the loans that were booked in the same month, quarter or year."""

from __future__ import annotations

from typing import Literal

import polars as pl

__all__ = ["COHORTS", "Cohort", "cohort_of"]

#: How long the loans of one cohort were booked.
Cohort = Literal["month", "quarter", "year"]

COHORTS: tuple[Cohort, ...] = ("month", "quarter", "year")


def cohort_of(booked_on: pl.Expr, cohort: Cohort) -> pl.Expr:
    """Return the name of the cohort of a date: ``2025-01``, ``2025-Q1`` or ``2025``."""
    year = booked_on.dt.strftime("%Y")
    if cohort == "month":
        return booked_on.dt.strftime("%Y-%m")
    if cohort == "year":
        return year
    return pl.concat_str(year, pl.lit("-Q"), booked_on.dt.quarter().cast(pl.String))
