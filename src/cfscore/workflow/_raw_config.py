"""Config of raw tables: what is decided on, what became of it, what is measured."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cfscore.exceptions import UsageError
from cfscore.outcomes import LabelDefinition

__all__ = ["FeaturesConfig", "LabelsConfig", "RawConfig"]


@dataclass(frozen=True)
class RawConfig:
    """Section ``[raw]``: the tables as the lender keeps them, one row per decision.

    Parameters
    ----------
    folder : str
        Folder of Parquet tables, each a file or a folder of its name, relative to the
        config.
    applications : str, default "applications"
        Table with one row per decision.
    key : str, default "application_id"
        Its column that identifies a decision.
    customer : str, default "customer_id"
        Its column of the customer: all decisions on one are held out together.
    as_of : str, default "applied_at"
        Its column with the instant of the decision, before which facts are known.
    on_bad : {"strict", "quarantine"}, default "strict"
        Whether decisions without a key of their own or an instant, and loans with
        faulty records, refuse the run, or are set aside and counted.
    """

    folder: str
    applications: str = "applications"
    key: str = "application_id"
    customer: str = "customer_id"
    as_of: str = "applied_at"
    on_bad: Literal["strict", "quarantine"] = "strict"


@dataclass(frozen=True)
class LabelsConfig:
    """Section ``[labels]``: what became of the decisions.

    Parameters
    ----------
    snapshot : date
        Day up to whose close the records are known.
    loans, instalments, repayments : str
        Tables of the loans (see ``cfscore.outcomes.loan_history``).
    application : str, default "application_id"
        Column of the loans that names the decision. Where there are several loans,
        the first one paid out is its outcome: later ones have been seen for less time.
    definition : LabelDefinition
        What good and bad mean: ``[labels.definition]``.
    time_zone : str, default "Asia/Shanghai"
        Zone in which an instant has its calendar day.
    """

    snapshot: datetime.date
    loans: str = "loans"
    instalments: str = "instalments"
    repayments: str = "repayments"
    application: str = "application_id"
    definition: LabelDefinition = field(default_factory=LabelDefinition)
    time_zone: str = "Asia/Shanghai"


@dataclass(frozen=True)
class FeaturesConfig:
    """Section ``[features]``: what is measured before a decision.

    Parameters
    ----------
    catalogues : tuple of str
        Shipped feature catalogues by name, or TOML files of specs, relative to the
        config.
    columns : tuple of str
        Columns of the applications that are features as they are: what the form asks.
    exclude : tuple of str
        Features that are measured, but not offered to the models.
    parameters : mapping of str to mapping
        By catalogue, values in the place of its ``[parameters]``.
    """

    catalogues: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that there is something to measure, and whose parameters are given."""
        if not self.catalogues and not self.columns:
            msg = "Neither catalogues nor columns are named: there are no features."
            raise UsageError(msg)
        unknown = sorted(set(self.parameters) - set(self.catalogues))
        if unknown:
            msg = (
                f"parameters are given for {unknown[0]!r}, which is no catalogue here."
            )
            raise UsageError(msg, hint=f"Catalogues are {list(self.catalogues)}.")
