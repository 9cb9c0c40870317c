"""Feature spec: what to measure, over which facts, and how the column is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cfscore.exceptions import UsageError
from cfscore.features._aggregation import AGGREGATIONS, Aggregation, Option
from cfscore.features._condition import Condition, check_condition, condition_label
from cfscore.features._forbidden_field import check_permitted
from cfscore.features._source import Source
from cfscore.features._spelling import spelling_hint
from cfscore.features._window import Window, WindowUnit

__all__ = ["Column", "Direction", "FeatureSpec", "direction_name"]

Direction = Literal["ascending", "descending", 1, -1]


@dataclass(frozen=True)
class Column:
    """One output column of a spec.

    Parameters
    ----------
    name : str
        Name of the feature.
    window : Window or None
        Its window; None is the whole history.
    output : str or None
        Which of several outputs of the aggregation it is.
    """

    name: str
    window: Window | None
    output: str | None


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """One measure of a source, in one or more windows.

    Parameters
    ----------
    source : Source
        Where the facts are.
    aggregation : str
        One of count, sum, mean, median, min, max, std, cv, per_month, distinct,
        share, ratio, trend, top_share, first, last, recency, age, mean_gap,
        active_months, longest_run, run_or_count, salary.
    column : str or sequence of str, optional
        Column to aggregate; several for distinct. Facts in which it is missing are
        left out. None counts facts.
    windows : sequence of Window
        One feature for each; none is one feature over the whole history.
    where : mapping, optional
        Which facts count: values, lists of values or comparisons by column.
    name : str, optional
        Name before the window; ``{window}`` in it is replaced, else ``_30d`` is
        added. None is source, column, aggregation and condition.
    part : mapping, optional
        Second condition: the facts above the line of a share, the facts that a run
        is made of.
    against : Window, optional
        The longer window of a trend, or the window below the line of a ratio.
    denominator : str, optional
        Column below the line of a ratio; None is ``column``.
    by : str or sequence of str
        Sums, means and the like first sum the facts per distinct value of these
        columns; runs do not cross them; a ratio counts each distinct pair of these
        and the denominator once; a top share is that of the largest of them.
    elapsed_in : {"days", "months"}, default "days"
        Unit of recency, age and mean gap.
    text : bool, default False
        Whether first or last takes a column of text.
    direction : {"ascending", "descending", 1, -1} or None
        How the bad rate is expected to move with the value.
    unit : str
        Unit of the column, for the data dictionary.
    description : str
        What the feature says, for the data dictionary.
    legal_basis : str, optional
        Why a forbidden field may be used; see ``FORBIDDEN_FIELDS``.

    Raises
    ------
    UsageError
        When the aggregation is unknown, an argument is missing or of no use to it, or
        a forbidden field is used without a legal basis.

    Notes
    -----
    Over the facts of a window, in order of time: ``std`` is that of a sample (n - 1),
    ``cv`` the population's over the mean; ``share`` is the sum (or number) in ``part``
    over that of all; ``ratio`` the sum over that of the denominator, the other window,
    or both; ``trend`` the sum per month (or day) over that in the window ``against``;
    ``per_month`` the sum divided by the length of the window. ``recency`` and ``age``
    run from the last and the first fact to the decision, in calendar days or months;
    ``mean_gap`` is the mean time between facts. Counts and sums of no facts are 0;
    what cannot be measured is NOT_APPLICABLE, and a recency of nothing NEVER.

    Examples
    --------
    >>> tx = Source(
    ...     "transactions",
    ...     key="customer_id",
    ...     event_time="event_time",
    ...     available_at="available_at",
    ... )
    >>> spec = FeatureSpec(
    ...     source=tx,
    ...     column="amount",
    ...     aggregation="sum",
    ...     windows=[Window(days=30), Window(months=6)],
    ...     where={"direction": "out"},
    ... )
    >>> [column.name for column in spec.columns]
    ['transactions_amount_sum_out_30d', 'transactions_amount_sum_out_6m']
    """

    source: Source
    aggregation: str
    column: str | Sequence[str] | None = None
    windows: Sequence[Window] = ()
    where: Condition = field(default_factory=dict)
    name: str | None = None
    part: Condition | None = None
    against: Window | None = None
    denominator: str | None = None
    by: str | Sequence[str] = ()
    elapsed_in: WindowUnit = "days"
    text: bool = False
    direction: Direction | None = None
    unit: str = ""
    description: str = ""
    legal_basis: str | None = None

    def __post_init__(self) -> None:
        """Check every argument against what the aggregation takes."""
        object.__setattr__(self, "windows", tuple(self.windows))
        object.__setattr__(self, "where", dict(self.where or {}))
        object.__setattr__(self, "by", _tuple(self.by))
        object.__setattr__(self, "direction", direction_name(self.direction))
        if self.aggregation not in AGGREGATIONS:
            msg = f"Unknown aggregation {self.aggregation!r}."
            raise UsageError(msg, hint=spelling_hint(self.aggregation, AGGREGATIONS))
        self._check_column()
        self._check_options()
        self._check_windows()
        check_condition(self.where, "where")
        check_condition(self.part or {}, "part")
        check_permitted(self.inputs, self.source.fields, self.legal_basis)

    @property
    def rule(self) -> Aggregation:
        """How facts become a value."""
        return AGGREGATIONS[self.aggregation]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Columns that are aggregated."""
        return _tuple(self.column)

    @property
    def by_names(self) -> tuple[str, ...]:
        """Columns that group the facts of one application."""
        return _tuple(self.by)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns that are read, derived ones among them; the times apart."""
        names = (
            *self.column_names,
            *((self.denominator,) if self.denominator else ()),
            *self.by_names,
            *self.where,
            *(self.part or {}),
        )
        return tuple(dict.fromkeys(names))

    @property
    def columns(self) -> tuple[Column, ...]:
        """Output columns, window by window."""
        return tuple(
            Column(self._column_name(window, output), window, output)
            for window in self.windows or (None,)
            for output in self.rule.outputs or (None,)
        )

    @property
    def base_name(self) -> str:
        """Name without the window."""
        if self.name is not None:
            return self.name
        parts = [self.source.name, *self.column_names, self.aggregation]
        for condition in (self.where, self.part or {}):
            if condition:
                parts.append(condition_label(condition))
        return "_".join(parts)

    def _column_name(self, window: Window | None, output: str | None) -> str:
        name = self.base_name if output is None else f"{self.base_name}_{output}"
        if window is None:
            return name.replace("_{window}", "")
        label = window.label
        if self.against is not None:
            label = f"{label[:-1]}v{self.against.label}"
        return (
            name.replace("{window}", label) if "{window}" in name else f"{name}_{label}"
        )

    def _check_column(self) -> None:
        least, most = {
            "none": (0, 0),
            "optional": (0, 1),
            "one": (1, 1),
            "many": (1, 99),
        }[self.rule.columns]
        found = len(self.column_names)
        if not least <= found <= most:
            wanted = {0: "no column", 1: "one column"}.get(most, "one column or more")
            wanted = f"at most {wanted}" if least < most == 1 else wanted
            msg = f"Aggregation {self.aggregation!r} needs {wanted}, got {found}."
            raise UsageError(msg)

    def _check_options(self) -> None:
        given: set[Option] = {
            name
            for name, value in self._options().items()
            if value not in (None, (), "days")
        }
        lacking = sorted(self.rule.needs - given)
        useless = sorted(given - self.rule.needs - self.rule.takes)
        if lacking:
            msg = f"Aggregation {self.aggregation!r} needs {', '.join(lacking)}."
            raise UsageError(msg)
        if useless:
            msg = f"Aggregation {self.aggregation!r} takes no {', '.join(useless)}."
            raise UsageError(msg)
        if self.direction is not None and self.rule.outputs:
            msg = f"Aggregation {self.aggregation!r} knows the direction of its values."
            raise UsageError(msg, hint="Leave out direction.")
        if self.text and not self.rule.picks:
            msg = f"Aggregation {self.aggregation!r} gives no text."
            raise UsageError(msg, hint="text=True is for first and last.")
        if self.aggregation == "ratio" and not {"against", "denominator"} & given:
            msg = "Aggregation 'ratio' needs denominator, against, or both."
            raise UsageError(msg)
        if self.aggregation == "ratio" and self.by and not self.denominator:
            msg = "Aggregation 'ratio' takes by together with denominator only."
            raise UsageError(msg)

    def _options(self) -> Mapping[Option, object]:
        return {
            "against": self.against,
            "by": self.by,
            "denominator": self.denominator,
            "elapsed_in": self.elapsed_in,
            "part": self.part,
        }

    def _check_windows(self) -> None:
        units = {window.unit for window in self.windows}
        if self.aggregation in ("per_month", "trend") and not self.windows:
            msg = f"Aggregation {self.aggregation!r} needs a window."
            raise UsageError(msg)
        if self.rule.months_only and units != {"months"}:
            msg = f"Windows of {self.aggregation!r} must be in months."
            raise UsageError(msg)
        if self.aggregation == "trend" and units != {self.against.unit}:  # type: ignore[union-attr]
            msg = "Both windows of a trend must be in the same unit."
            raise UsageError(msg)
        if self.source.resolution == "month" and self._speaks_of_days(units):
            msg = (
                f"Source {self.source.name!r} tells months; days cannot be told apart."
            )
            hint = "Use windows in months, and elapsed_in='months'."
            raise UsageError(msg, hint=hint)

    def _speaks_of_days(self, units: set[WindowUnit]) -> bool:
        in_days = self.rule.unit == "elapsed" and self.elapsed_in == "days"
        against = self.against is not None and self.against.unit == "days"
        return in_days or against or "days" in units


def direction_name(
    direction: Direction | None,
) -> Literal["ascending", "descending"] | None:
    """Return a direction in words.

    Raises
    ------
    UsageError
        When it is no direction.
    """
    names: dict[object, Literal["ascending", "descending"]] = {
        "ascending": "ascending",
        "descending": "descending",
        1: "ascending",
        -1: "descending",
    }
    if direction is None:
        return None
    if direction not in names:
        msg = f"direction must be 'ascending' or 'descending', got {direction!r}."
        raise UsageError(msg)
    return names[direction]


def _tuple(names: str | Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)
