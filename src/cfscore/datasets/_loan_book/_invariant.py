"""Invariants of raw tables, each with the code under which a breach is reported."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

__all__ = ["INVARIANTS", "LEAST_UNKNOWN_RUN", "MOST_LIMIT_USE", "Breach"]

#: Months in a row without a known status from which on they are a breach.
LEAST_UNKNOWN_RUN = 4

#: Use of a limit that may be seen, over-limit included.
MOST_LIMIT_USE = 1.5


class Breach(StrEnum):
    """Code of each invariant; the text is the name."""

    KEY_DUPLICATE = "KEY_DUPLICATE"
    REQUIRED_MISSING = "REQUIRED_MISSING"
    UNKNOWN_CODE = "UNKNOWN_CODE"
    ORPHAN = "ORPHAN"
    AVAILABLE_BEFORE_EVENT = "AVAILABLE_BEFORE_EVENT"
    AFTER_SNAPSHOT = "AFTER_SNAPSHOT"
    NEGATIVE_VALUE = "NEGATIVE_VALUE"
    AGE_OUT_OF_RANGE = "AGE_OUT_OF_RANGE"
    DATE_AFTER_REPORT = "DATE_AFTER_REPORT"
    NEGATIVE_LIMIT = "NEGATIVE_LIMIT"
    OVER_LIMIT = "OVER_LIMIT"
    STATUS_BLOCKS_DIFFER = "STATUS_BLOCKS_DIFFER"
    STATUS_AFTER_END = "STATUS_AFTER_END"
    MONTH_GAP = "MONTH_GAP"
    UNKNOWN_RUN = "UNKNOWN_RUN"
    PRINCIPAL_MISMATCH = "PRINCIPAL_MISMATCH"
    REPAYMENT_EXCEEDS_DUE = "REPAYMENT_EXCEEDS_DUE"


#: What each code says about the row it is reported for.
INVARIANTS: Mapping[str, str] = {
    Breach.KEY_DUPLICATE: "An earlier row has the same key.",
    Breach.REQUIRED_MISSING: "A cell is null that never may be.",
    Breach.UNKNOWN_CODE: "A code stands in no code table.",
    Breach.ORPHAN: "The row belongs to a report, loan or customer that is not there.",
    Breach.AVAILABLE_BEFORE_EVENT: "Known before it happened.",
    Breach.AFTER_SNAPSHOT: "Happened after the tables were extracted.",
    Breach.NEGATIVE_VALUE: "An amount of money is below 0.",
    Breach.AGE_OUT_OF_RANGE: "An applicant younger than 18 or older than 75 years.",
    Breach.DATE_AFTER_REPORT: "A date in a report lies after the report.",
    Breach.NEGATIVE_LIMIT: "A limit below 0.",
    Breach.OVER_LIMIT: "More than 1.5 times the limit is used.",
    Breach.STATUS_BLOCKS_DIFFER: "The 24 months are not the last of the 60.",
    Breach.STATUS_AFTER_END: "A status after the account has ended (C or G).",
    Breach.MONTH_GAP: "A month is missing before this one.",
    Breach.UNKNOWN_RUN: "One of four or more unknown months (#) in a row.",
    Breach.PRINCIPAL_MISMATCH: "The instalments do not add up to the principal.",
    Breach.REPAYMENT_EXCEEDS_DUE: "More is paid than was due, penalties aside.",
}
