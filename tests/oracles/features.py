"""Features in plain Python: one fact, one window, one number after the other."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from cfscore.features import FeatureSpec, Source, Window
from cfscore.special_code import SpecialCode

__all__ = ["AGGREGATORS", "feature_row"]

Fact = dict[str, Any]
Value = float | str | None


def feature_row(
    spec: FeatureSpec, application: Fact, as_of: str, rows: Sequence[Fact]
) -> list[float | str]:
    """Return the columns of a spec that has no attached or derived columns."""
    decision = application[as_of]
    source = spec.source
    usable = [
        row
        for row in rows
        if all(row[key] == application[key] for key in source.keys)
        and is_usable(source, row, decision)
    ]
    if not usable and source.absent is not None:
        code = SpecialCode[source.absent]
        return [code.name if spec.text else float(code)] * len(spec.columns)
    values = []
    for window in spec.windows or (None,):
        value = AGGREGATORS[spec.aggregation](spec, window, decision, usable)
        empty = spec.rule.empty
        if value is None:
            value = empty.name if spec.text else float(empty)
        values.append(value)
    return values


# ------------------------------------------------------------------- time


def point(source: Source, moment: date) -> date:
    """Return a moment in the terms in which the source tells its facts."""
    if source.resolution == "instant":
        return moment
    day = local_date(source, moment)
    return day.replace(day=1) if source.resolution == "month" else day


def local_date(source: Source, moment: date) -> date:
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is not None:
        moment = moment.astimezone(ZoneInfo(source.time_zone))
    return moment.date()


def is_usable(source: Source, row: Fact, decision: datetime) -> bool:
    event, known = row[source.event_time], row[source.available_at]
    if event is None or known is None:
        return False
    if not isinstance(known, datetime):
        decision_known = local_date(source, decision)
    else:
        decision_known = decision
    return point(source, event) < point(source, decision) and known < decision_known


def months_before(moment: date, months: int) -> date:
    """Return the same day of an earlier month, or its last day."""
    number = 12 * moment.year + moment.month - 1 - months
    year, month = divmod(number, 12)
    for day in range(moment.day, 0, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


def shifted(source: Source, moment: date, length: int, unit: str) -> date:
    if unit == "days":
        return moment - timedelta(days=length)
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        wall = moment.astimezone(ZoneInfo(source.time_zone)).replace(tzinfo=None)
        back = months_before(wall, length).replace(tzinfo=ZoneInfo(source.time_zone))
        return back.astimezone(moment.tzinfo)
    return months_before(moment, length)


def in_window(
    source: Source, window: Window | None, decision: datetime, row: Fact
) -> bool:
    if window is None:
        return True
    end = point(source, decision)
    first = shifted(source, end, window.lag + window.length, window.unit)
    after = shifted(source, end, window.lag, window.unit)
    return first <= point(source, row[source.event_time]) < after


def elapsed(spec: FeatureSpec, start: date, end: date) -> float:
    """Return the calendar days or months between two moments."""
    source = spec.source
    first, last = local_date(source, start), local_date(source, end)
    if source.resolution == "month":
        first, last = first.replace(day=1), last.replace(day=1)
    if spec.elapsed_in == "days":
        return float((last - first).days)
    return float(12 * (last.year - first.year) + last.month - first.month)


# -------------------------------------------------------------- selection


def meets(condition: dict[str, Any] | None, row: Fact) -> bool:
    """Return whether a fact has the wanted value, or one of them, in each column."""
    for column, wanted in (condition or {}).items():
        options = wanted if isinstance(wanted, list | tuple) else [wanted]
        if row[column] is None or row[column] not in options:
            return False
    return True


def selected(
    spec: FeatureSpec, window: Window | None, decision: datetime, rows: Sequence[Fact]
) -> list[Fact]:
    found = [
        row
        for row in rows
        if in_window(spec.source, window, decision, row) and meets(spec.where, row)
    ]
    return sorted(found, key=lambda row: time_order(spec, row))


def time_order(spec: FeatureSpec, row: Fact) -> tuple[Any, ...]:
    source = spec.source
    columns = (*spec.column_names, *((spec.denominator,) if spec.denominator else ()))
    values = [(row[c] is not None, str(type(row[c])), row[c] or 0) for c in columns]
    return point(source, row[source.event_time]), row[source.available_at], values


def known(spec: FeatureSpec, rows: Sequence[Fact]) -> list[Fact]:
    if not spec.column_names:
        return list(rows)
    return [r for r in rows if any(r[c] is not None for c in spec.column_names)]


def numbers(spec: FeatureSpec, rows: Sequence[Fact]) -> list[float]:
    """Return the values, added up per ``by`` where the aggregation asks for it."""
    rows = known(spec, rows)
    values = [1.0 if not spec.column_names else row[spec.column] for row in rows]
    if not spec.by:
        return values
    totals: dict[tuple[Any, ...], float] = {}
    for row, value in zip(rows, values, strict=True):
        group = tuple(row[name] for name in spec.by)
        totals[group] = totals.get(group, 0.0) + value
    return list(totals.values())


def total(rows: Sequence[Fact], column: str | None) -> float:
    if column is None:
        return float(len(rows))
    return sum(row[column] for row in rows if row[column] is not None)


def divided(above: float, below: float) -> float | None:
    return above / below if below != 0 else None


# ------------------------------------------------------------ aggregators

Aggregator = Callable[
    [FeatureSpec, Window | None, datetime, Sequence[Fact]], float | str | None
]
#: Plain rules by the name of the aggregation; None where nothing can be measured.
AGGREGATORS: dict[str, Aggregator] = {}


def on_rows(rule: Callable[[FeatureSpec, list[Fact]], Value]) -> Aggregator:
    """Return a rule on the facts of the window as one on all facts."""

    def aggregator(
        spec: FeatureSpec,
        window: Window | None,
        decision: datetime,
        rows: Sequence[Fact],
    ) -> Value:
        return rule(spec, selected(spec, window, decision, rows))

    return aggregator


def on_numbers(rule: Callable[[list[float]], Value], least: int = 1) -> Aggregator:
    def on_values(spec: FeatureSpec, rows: list[Fact]) -> Value:
        values = numbers(spec, rows)
        return rule(values) if len(values) >= least else None

    return on_rows(on_values)


def count(spec: FeatureSpec, rows: list[Fact]) -> Value:
    return float(len(known(spec, rows)))


def distinct(spec: FeatureSpec, rows: list[Fact]) -> Value:
    found = {tuple(r[c] for c in spec.column_names) for r in known(spec, rows)}
    return float(len(found))


def share(spec: FeatureSpec, rows: list[Fact]) -> Value:
    column = spec.column_names[0] if spec.column_names else None
    part = [row for row in rows if meets(spec.part, row)]
    return divided(total(part, column), total(rows, column))


def ratio(
    spec: FeatureSpec, window: Window | None, decision: datetime, rows: Sequence[Fact]
) -> Value:
    column = spec.column_names[0] if spec.column_names else None
    above = selected(spec, window, decision, rows)
    below = selected(spec, spec.against or window, decision, rows)
    denominator = spec.denominator or column
    if not spec.by or spec.denominator is None:
        return divided(total(above, column), total(below, denominator))
    pairs = {
        (*(row[name] for name in spec.by), row[denominator])
        for row in below
        if all(row[name] is not None for name in spec.by)
        and row[denominator] is not None
    }
    alone = [row for row in below if any(row[name] is None for name in spec.by)]
    once = sum(pair[-1] for pair in pairs) + total(alone, denominator)
    return divided(total(above, column), once)


def trend(
    spec: FeatureSpec, window: Window | None, decision: datetime, rows: Sequence[Fact]
) -> Value:
    column = spec.column_names[0] if spec.column_names else None
    recent = total(selected(spec, window, decision, rows), column) / window.length
    longer = total(selected(spec, spec.against, decision, rows), column)
    return divided(recent, longer / spec.against.length)


def per_month(
    spec: FeatureSpec, window: Window | None, decision: datetime, rows: Sequence[Fact]
) -> Value:
    column = spec.column_names[0] if spec.column_names else None
    return total(selected(spec, window, decision, rows), column) / window.length


def recency(
    spec: FeatureSpec, window: Window | None, decision: datetime, rows: Sequence[Fact]
) -> Value:
    found = known(spec, selected(spec, window, decision, rows))
    times = [row[spec.source.event_time] for row in found]
    return elapsed(spec, max(times), decision) if times else None


def age(
    spec: FeatureSpec, window: Window | None, decision: datetime, rows: Sequence[Fact]
) -> Value:
    found = known(spec, selected(spec, window, decision, rows))
    times = [row[spec.source.event_time] for row in found]
    return elapsed(spec, min(times), decision) if times else None


def mean_gap(spec: FeatureSpec, rows: list[Fact]) -> Value:
    times = [row[spec.source.event_time] for row in known(spec, rows)]
    if len(times) < 2:
        return None
    return elapsed(spec, min(times), max(times)) / (len(times) - 1)


def active_months(spec: FeatureSpec, rows: list[Fact]) -> Value:
    days = [
        local_date(spec.source, row[spec.source.event_time])
        for row in known(spec, rows)
    ]
    return float(len({(day.year, day.month) for day in days}))


def runs(spec: FeatureSpec, rows: list[Fact]) -> list[int]:
    """Return the lengths of the unbroken rows of facts in ``part``."""

    def group(row: Fact) -> tuple[Any, ...]:
        return tuple((row[name] is not None, row[name] or "") for name in spec.by)

    def order(row: Fact) -> tuple[Any, ...]:
        event = point(spec.source, row[spec.source.event_time])
        return group(row), event, meets(spec.part, row)

    lengths = []
    for _, facts in groupby(sorted(rows, key=order), key=group):
        length, last = 0, None
        for row in facts:
            event = point(spec.source, row[spec.source.event_time])
            if not meets(spec.part, row):
                length = 0
            elif spec.source.resolution == "month" and (
                last is None or months_before(event, 1) != last
            ):
                length = 1
            else:
                length += 1
            last = event
            lengths.append(length)
    return lengths


def longest_run(spec: FeatureSpec, rows: list[Fact]) -> Value:
    return float(max(runs(spec, rows), default=0))


def run_or_count(spec: FeatureSpec, rows: list[Fact]) -> Value:
    hits = sum(meets(spec.part, row) for row in rows)
    return float(max(runs(spec, rows), default=0) >= 3 or hits >= 6)


def end_value(position: int) -> Aggregator:
    def value(spec: FeatureSpec, rows: list[Fact]) -> Value:
        found = known(spec, rows)
        return found[position][spec.column] if found else None

    return on_rows(value)


AGGREGATORS |= {
    "active_months": on_rows(active_months),
    "age": age,
    "count": on_rows(count),
    "cv": on_numbers(lambda v: divided(statistics.pstdev(v), statistics.fmean(v))),
    "distinct": on_rows(distinct),
    "first": end_value(0),
    "last": end_value(-1),
    "longest_run": on_rows(longest_run),
    "max": on_numbers(max),
    "mean": on_numbers(statistics.fmean),
    "mean_gap": on_rows(mean_gap),
    "median": on_numbers(statistics.median),
    "min": on_numbers(min),
    "per_month": per_month,
    "ratio": ratio,
    "recency": recency,
    "run_or_count": on_rows(run_or_count),
    "share": on_rows(share),
    "std": on_numbers(statistics.stdev, least=2),
    "sum": on_rows(lambda spec, rows: total(rows, spec.column_names[0])),
    "top_share": on_numbers(lambda v: divided(max(v), sum(v))),
    "trend": trend,
}
