"""Source: a table of facts, whose they are, when they happened and became known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cfscore.exceptions import UsageError
from cfscore.features._attach import Attach, names_of
from cfscore.features._derivation import Derivation, Elapsed
from cfscore.features._settlement import Settlement
from cfscore.special_code import SpecialCode

__all__ = ["Attachment", "Flag", "Resolution", "Source"]

Resolution = Literal["instant", "date", "month"]

#: How columns of other tables are added to facts.
Attachment = Attach | Settlement


@dataclass(frozen=True)
class Flag:
    """A yes or no about a source in a column of the applications.

    Parameters
    ----------
    column : str
        Boolean column, or an integer mask with one bit per source. Missing means no.
    bit : int, optional
        Position of the bit, 0 = the lowest; None for a boolean column.

    Raises
    ------
    UsageError
        When the bit is not in 0..62.
    """

    column: str
    bit: int | None = None

    def __post_init__(self) -> None:
        """Check the bit."""
        if self.bit is not None and not 0 <= self.bit <= 62:
            msg = f"The bit of {self.column!r} must be in 0..62, got {self.bit}."
            raise UsageError(msg)


@dataclass(frozen=True)
class Source:
    """A table of facts with two times: when each happened, and when it was known.

    A fact is used for a decision when it happened before it and when
    ``available_at < as_of``; both comparisons are strict.

    Parameters
    ----------
    name : str
        Name of the source, and of its table unless ``table`` is given.
    key : str or tuple of str
        Column(s) that say whose fact it is; the applications have columns of the same
        names. With ``within``, columns of that table.
    event_time : str or None
        When the fact happened. None, with ``within`` only, for the state that a
        report describes: the time is that of the report.
    available_at : str or None
        When the fact could first be known; name the event time a second time where
        that is true. None, with ``within`` only, where the report says it.
    resolution : {"instant", "date", "month"}, default "instant"
        What ``event_time`` tells. Instants are compared with the instant of the
        decision, dates with its calendar date and months with its calendar month: a
        fact of the day, or of the month, of the decision is in no window. Months are
        given as dates or texts ``"2025-06"``.
    time_zone : str, default "Asia/Shanghai"
        Zone of the calendar for dates, months and hours. Where timestamps have no
        zone, neither the table's nor the decision's, they are wall-clock time there;
        a mixture is refused.
    table : str, optional
        Name of the table; None is ``name``. Several sources may read one table.
    absent : {"NOT_APPLICABLE", "NO_HIT"} or None, default "NOT_APPLICABLE"
        What every feature is for an entity without any usable fact. None says that
        an empty history is a history: counts are 0. With ``within``, a report without
        facts of this source is such a history, and ``absent`` of that source says
        what there is without a report.
    hit : str, optional
        Boolean column that is False where the row says "nothing is known"; such a row
        counts as none.
    within : Source, optional
        Source of reports: only the facts of the latest usable report are used.
    attach : tuple of Attach and Settlement
        Columns of other tables, joined in this order before anything else.
    derive : tuple of derivations
        Columns computed from others, in this order.
    consent : Flag, optional
        Whether the applicant agreed: without, every feature is NO_CONSENT and the
        facts are not read.
    outage : Flag, optional
        Whether the source did not answer: every feature is then SOURCE_DOWN.
    fields : mapping of str to str
        Columns that hold what their name does not tell, by the name of the field; see
        ``FORBIDDEN_FIELDS``.

    Raises
    ------
    UsageError
        When an argument is not allowed.

    Examples
    --------
    >>> Source(
    ...     "transactions",
    ...     key="customer_id",
    ...     event_time="event_time",
    ...     available_at="available_at",
    ... ).keys
    ('customer_id',)
    """

    name: str
    key: str | tuple[str, ...]
    event_time: str | None
    available_at: str | None = None
    resolution: Resolution = "instant"
    time_zone: str = "Asia/Shanghai"
    table: str | None = None
    absent: Literal["NOT_APPLICABLE", "NO_HIT"] | None = "NOT_APPLICABLE"
    hit: str | None = None
    within: Source | None = None
    attach: tuple[Attachment, ...] = ()
    derive: tuple[Derivation, ...] = ()
    consent: Flag | None = None
    outage: Flag | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check every argument."""
        object.__setattr__(self, "attach", tuple(self.attach))
        object.__setattr__(self, "derive", tuple(self.derive))
        if self.resolution not in ("instant", "date", "month"):
            msg = f"Unknown resolution {self.resolution!r} of {self.name!r}."
            raise UsageError(msg, hint="It is 'instant', 'date' or 'month'.")
        if self.absent not in (None, "NOT_APPLICABLE", "NO_HIT"):
            msg = f"absent={self.absent!r} of {self.name!r} is not allowed."
            raise UsageError(msg, hint="It is 'NOT_APPLICABLE', 'NO_HIT' or None.")
        self._check_times()
        self._check_zone()
        self._check_derivations()
        if not self.keys:
            msg = f"Source {self.name!r} has no key."
            raise UsageError(msg)

    def _check_times(self) -> None:
        if self.within is None:
            if self.event_time is None or self.available_at is None:
                msg = f"Source {self.name!r} needs event_time and available_at."
                hint = "Where facts are known at once, available_at is the event time."
                raise UsageError(msg, hint=hint)
        elif self.within.within is not None:
            msg = f"Source {self.name!r} is within a source that is itself within one."
            raise UsageError(msg)
        elif self.event_time is None and self.resolution != self.within.resolution:
            msg = f"Source {self.name!r} takes its time from {self.within.name!r}."
            raise UsageError(msg, hint=f"Pass resolution={self.within.resolution!r}.")

    def _check_derivations(self) -> None:
        names = tuple(self.derived)
        for derivation in self.derive:
            later = set(names[names.index(derivation.name) :])
            if not isinstance(derivation, Elapsed):
                # Elapsed times need the decision and are computed last.
                later |= {n for n, d in self.derived.items() if isinstance(d, Elapsed)}
            ahead = sorted(later.intersection(derivation.inputs))
            if ahead:
                msg = f"Derivation {derivation.name!r} of {self.name!r} reads {ahead}."
                hint = "A derived column reads columns of the table and earlier ones."
                raise UsageError(msg, hint=hint)

    def _check_zone(self) -> None:
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            msg = f"Source {self.name!r}: {self.time_zone!r} is no time zone."
            raise UsageError(msg, hint="Write it like 'Asia/Shanghai'.") from error

    @property
    def keys(self) -> tuple[str, ...]:
        """Key columns."""
        return names_of(self.key)

    @property
    def table_name(self) -> str:
        """Name of the table."""
        return self.table or self.name

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of all tables that are read, this one first."""
        own = (self.table_name, *(attach.table for attach in self.attach))
        return own + (self.within.tables if self.within else ())

    @property
    def owner(self) -> Source:
        """The source whose key is a column of the applications."""
        return self.within or self

    @property
    def absent_code(self) -> SpecialCode | None:
        """What features are without any usable fact or report."""
        absent = self.owner.absent
        return None if absent is None else SpecialCode[absent]

    @property
    def derived(self) -> dict[str, Derivation]:
        """Derived columns by name."""
        found: dict[str, Derivation] = {}
        for derivation in self.derive:
            found[derivation.name] = derivation
            if isinstance(derivation, Elapsed):
                found[f"{derivation.name}_open"] = derivation
        return found

    def raw_columns(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the columns of the tables that some columns are made of.

        Parameters
        ----------
        names : tuple of str
            Columns, derived ones among them.

        Returns
        -------
        tuple of str
            Columns of the table and of the attached ones, each once.
        """
        found: dict[str, None] = {}
        for name in names:
            derivation = self.derived.get(name)
            if derivation is None:
                found[name] = None
            else:
                found.update(dict.fromkeys(self.raw_columns(derivation.inputs)))
        return tuple(found)
