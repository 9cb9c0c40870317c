"""Raw tables of a small lender: random rows around a few hundred decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

__all__ = ["APPLIED_AT", "raw_tables"]

APPLIED_AT = "applied_at"
START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 540

Tables = dict[str, pl.DataFrame]


def raw_tables(customers: int = 60, seed: int = 0) -> tuple[pl.DataFrame, Tables]:
    """Return applications and every table that the shipped catalogues read.

    Rows are spread over the time of the applications, before and after them; about
    one row in seven becomes known days after it happened. There are customers without
    consent, without a file, without rows of one kind or another.
    """
    rng = np.random.default_rng(seed)
    names = [f"c{i:03}" for i in range(customers)]
    draw = _Draw(rng, names)
    applications = draw.applications()
    reports = draw.reports()
    accounts = draw.accounts(reports)
    loans = draw.loans()
    instalments = draw.instalments(loans)
    tables = {
        "bureau_reports": reports,
        "bureau_accounts": accounts,
        "bureau_monthly_status": draw.months(accounts),
        "inquiries": draw.inquiries(reports),
        "bureau_special": draw.of_report(reports, {"kind": ["1", "2", "3", "5", "8"]}),
        "bureau_public": draw.of_report(reports, {"kind": ["tax", "enforcement"]}),
        "transactions": draw.transactions(),
        "balances": draw.balances(),
        "loans": loans,
        "instalments": instalments,
        "repayments": draw.repayments(instalments),
        "merchants_monthly": draw.shops(),
        "receivables": draw.receivables(),
        "invoices": draw.invoices(),
    }
    return applications, tables


class _Draw:
    def __init__(self, rng: np.random.Generator, names: list[str]) -> None:
        self.rng = rng
        self.names = names

    def instants(self, n: int) -> list[datetime]:
        seconds = self.rng.integers(0, DAYS * 86_400, n)
        return [START + timedelta(seconds=int(s)) for s in seconds]

    def known(self, times: Sequence[datetime]) -> list[datetime]:
        late = self.rng.random(len(times)) < 0.15
        hours = np.where(late, self.rng.integers(24, 480, len(times)), 2)
        return [t + timedelta(hours=int(h)) for t, h in zip(times, hours, strict=True)]

    def pick(self, values: Sequence[Any], n: int) -> list[Any]:
        return [values[i] for i in self.rng.integers(0, len(values), n)]

    def money(self, n: int, mean: float = 500.0) -> list[float]:
        return np.round(self.rng.exponential(mean, n), 2).tolist()

    def days(self, moments: Sequence[datetime], least: int, most: int) -> list[date]:
        apart = self.rng.integers(least, most, len(moments))
        return [
            m.date() + timedelta(days=int(d))
            for m, d in zip(moments, apart, strict=True)
        ]

    def applications(self) -> pl.DataFrame:
        n = 2 * len(self.names)
        return pl.DataFrame(
            {
                "customer_id": [*self.names, *self.pick(self.names, n // 2)],
                "firm_id": self.pick(self.names, n),
                APPLIED_AT: self.instants(n),
                "consent_mask": self.pick([15, 15, 15, 14, 13, 11, 7, None], n),
                "source_down_mask": self.pick([0, 0, 0, 0, 1, 6, 8], n),
                "declared_income": self.pick([None, 5000.0, 9000.0], n),
                "requested_amount": self.money(n, 9000.0),
                "requested_term": self.pick([6, 12, 24], n),
            }
        )

    def reports(self) -> pl.DataFrame:
        n = 3 * len(self.names)
        times = self.instants(n)
        return pl.DataFrame(
            {
                "report_id": [f"r{i}" for i in range(n)],
                "customer_id": self.pick(self.names[3:], n),
                "report_time": times,
                "available_at": self.known(times),
                "hit": self.pick([True, True, True, True, False], n),
                "vendor_score": self.pick([None, 480, 560, 640], n),
            }
        )

    def accounts(self, reports: pl.DataFrame) -> pl.DataFrame:
        owners = reports.sample(3 * len(reports), with_replacement=True, seed=1)
        times = owners.get_column("report_time").to_list()
        n = len(owners)
        return pl.DataFrame(
            {
                "report_id": owners.get_column("report_id"),
                "acct_no": [f"a{i}" for i in range(n)],
                "type": self.pick(["D1", "R1", "R2", "R2", "R3", "R4"], n),
                "org_type": self.pick(["11", "24", "51"], n),
                "org_token": self.pick(["b1", "b2", "m1"], n),
                "currency": self.pick(["CNY", "CNY", "other"], n),
                "open_date": self.days(times, -900, -10),
                "amount": self.pick([None, 1000.0, 5000.0], n),
                "limit": self.pick([None, 0.0, 3000.0, 20_000.0], n),
                "shared_limit": self.pick([None, None, 30_000.0], n),
                "agreement_token": self.pick([None, None, "g1"], n),
                "balance": self.money(n),
                "used": self.money(n),
                "due_month": self.money(n, 80.0),
                "overdue_total": self.pick([0.0, 0.0, 120.5], n),
                "avg_used_6m": self.money(n),
                "five_class": self.pick(["1", "1", "2", "3", "9"], n),
                "status": self.pick(["1", "1", "2", "3", "4", "5"], n),
            }
        )

    def months(self, accounts: pl.DataFrame) -> pl.DataFrame:
        rows = accounts.select("report_id", "acct_no", "open_date").rows()
        found = []
        for report, account, opened in rows:
            for back in range(int(self.rng.integers(0, 20))):
                year, month = divmod(12 * opened.year + opened.month + back + 20, 12)
                code = self.pick("NNNNNM*A#/1123D", 1)[0]
                found.append((report, account, date(year, month + 1, 1), code))
        schema = ["report_id", "acct_no", "month", "code"]
        return pl.DataFrame(found, schema=schema, orient="row")

    def of_report(
        self, reports: pl.DataFrame, columns: dict[str, list[str]], times: int = 1
    ) -> pl.DataFrame:
        n = times * len(reports)
        owners = reports.sample(n, with_replacement=True, seed=2)
        moments = owners.get_column("report_time").to_list()
        return pl.DataFrame(
            {
                "report_id": owners.get_column("report_id"),
                "date": self.days(moments, -300, 1),
                **{name: self.pick(values, n) for name, values in columns.items()},
            }
        )

    def inquiries(self, reports: pl.DataFrame) -> pl.DataFrame:
        columns = {
            "reason": ["01", "02", "03", "09", "20", "self"],
            "org_token": ["OWN", "b1", "b2", "m1"],
        }
        return self.of_report(reports, columns, 6).rename({"date": "inquiry_date"})

    def transactions(self) -> pl.DataFrame:
        n = 120 * len(self.names)
        times = self.instants(n)
        return pl.DataFrame(
            {
                "customer_id": self.pick(self.names[:-3], n),
                "event_time": times,
                "available_at": self.known(times),
                "card_token": self.pick(["k1", "k2"], n),
                "card_kind": self.pick(["C", "D"], n),
                "direction": self.pick(["in", "out", "out"], n),
                "kind": self.pick(["purchase", "purchase", "withdraw", "transfer"], n),
                "amount": self.pick([8000.0, 1000.0, 12.34, 56.7, 0.1], n),
                "mcc": self.pick([None, "5411", "5812", "3100", "7995", "6011"], n),
                "payer_token": self.pick([None, "p"], n),
                "city": self.pick([None, "A", "B"], n),
                "cross_border": self.pick([False, False, True], n),
                "response": self.pick(["00", "00", "00", "51", "05"], n),
                "is_own_transfer": self.pick([False, False, True], n),
            }
        )

    def balances(self) -> pl.DataFrame:
        n = 60 * len(self.names)
        days = [t.date() for t in self.instants(n)]
        ends = [datetime(d.year, d.month, d.day, 16, tzinfo=UTC) for d in days]
        return pl.DataFrame(
            {
                "customer_id": self.pick(self.names[2:], n),
                "product": self.pick(["wallet", "wealth"], n),
                "date": days,
                "available_at": self.known(ends),
                "balance": self.money(n, 40.0),
                "inflow": self.pick([0.0, 0.0, 100.0], n),
                "outflow": self.pick([0.0, 0.0, 300.0], n),
            }
        )

    def loans(self) -> pl.DataFrame:
        n = 2 * len(self.names)
        times = self.instants(n)
        return pl.DataFrame(
            {
                "loan_id": [f"l{i}" for i in range(n)],
                "customer_id": self.pick(self.names, n),
                "disbursed_at": times,
                "available_at": self.known(times),
                "principal": self.money(n, 3000.0),
            }
        )

    def instalments(self, loans: pl.DataFrame) -> pl.DataFrame:
        return (
            loans.join(pl.DataFrame({"seq": range(1, 7)}), how="cross")
            .with_columns(
                (
                    pl.col("disbursed_at").dt.date()
                    + pl.duration(days=30 * pl.col("seq"))
                )
                .cast(pl.Date)
                .alias("due_date"),
                (pl.col("principal") / 6).round(2).alias("due_principal"),
                pl.lit(3.5).alias("due_interest"),
                pl.lit(0.0).alias("due_fee"),
            )
            .drop("principal", "disbursed_at")
        )

    def repayments(self, instalments: pl.DataFrame) -> pl.DataFrame:
        """Pay instalments early, late, in two parts, in part or not at all."""
        found = []
        columns = ["loan_id", "customer_id", "seq", "due_date", "due_principal"]
        for loan, customer, seq, due, principal in instalments.select(columns).rows():
            way = int(self.rng.integers(0, 5))
            parts = {0: [], 1: [1.0], 2: [0.5, 0.5], 3: [0.4], 4: [1.0]}[way]
            for share in parts:
                days = int(self.rng.integers(-10, 50))
                paid = datetime(due.year, due.month, due.day, 3, tzinfo=UTC)
                paid += timedelta(days=days)
                amount = round(principal * share, 2)
                row = (loan, customer, seq, paid, amount, 3.5 * share, 0.0)
                found.append(row)
        names = ["loan_id", "customer_id", "seq", "paid_at", "principal"]
        names += ["interest", "fee"]
        table = pl.DataFrame(found, schema=names, orient="row")
        n = len(table)
        return table.with_columns(
            pl.Series(
                "available_at", self.known(table.get_column("paid_at").to_list())
            ),
            pl.Series("amount", self.money(n)),
            pl.Series("auto_debit", self.pick([True, False], n)),
            pl.Series("payer", self.pick(["borrower", "guarantor", "collection"], n)),
        )

    def shops(self) -> pl.DataFrame:
        found = []
        for i, name in enumerate(self.names[::2]):
            for back in range(3 + i % 20):
                year, month = divmod(12 * 2025 + 5 - back, 12)
                found.append((name, f"m{i}", date(year, month + 1, 1), back))
        names = ["customer_id", "merchant_id", "month", "months_on_platform"]
        table = pl.DataFrame(found, schema=names, orient="row")
        n = len(table)
        late = self.rng.integers(30, 45, n)
        known = pl.col("month").cast(pl.Datetime("us", "UTC"))
        return table.with_columns(
            (known + pl.duration(days=pl.Series(late))).alias("available_at"),
            *(pl.Series(c, self.money(n, 9000.0)) for c in ("gmv", "ad_spend")),
            *(pl.Series(c, self.pick([0, 3, 50], n)) for c in ("orders", "buyers")),
            *(
                pl.Series(c, self.rng.random(n))
                for c in ("refund_rate", "dispute_rate", "dsr", "on_time_ship")
            ),
        )

    def receivables(self) -> pl.DataFrame:
        n = 8 * len(self.names)
        times = self.instants(n)
        paid = self.days(times, 20, 200)
        return pl.DataFrame(
            {
                "invoice_id": self.pick([f"i{i}" for i in range(5 * n)], n),
                "customer_id": self.pick(self.names[::2], n),
                "core_id": self.pick(["x", "y", "z"], n),
                "invoice_date": [t.date() for t in times],
                "due_date": self.days(times, 30, 90),
                "available_at": self.known(times),
                "paid_date": [d if i % 4 else None for i, d in enumerate(paid)],
                "amount": self.money(n, 9000.0),
                "dilution": self.rng.random(n).round(3),
                "confirmed_by_core": self.pick([True, False], n),
            }
        )

    def invoices(self) -> pl.DataFrame:
        n = 20 * len(self.names)
        return pl.DataFrame(
            {
                "firm_id": self.pick(self.names, n),
                "invoice_date": [t.date() for t in self.instants(n)],
                "net_amount": self.pick([100.0, 250.5, -40.0, 0.1], n),
                "status": self.pick(["valid", " valid ", "void"], n),
                "partner_id": self.pick(["s1", "s2", "s3", None], n),
            }
        )
