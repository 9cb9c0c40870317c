"""Frames: bin tables as pandas tables for people."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cfscore.binning._table import BinTable

__all__ = ["bin_frame", "summary_frame"]


def bin_frame(table: BinTable) -> pd.DataFrame:
    """Return one row per attribute of a characteristic."""
    return pd.DataFrame(
        {
            "bin": table.labels,
            "count": table.counts,
            "share": table.shares,
            "good": table.good,
            "bad": table.bad,
            "bad_rate": table.bad_rates,
            "woe": table.woe,
            "iv": table.iv_parts,
            "woe_raw": table.woe_raw,
            "policy": _policy_texts(table),
        }
    )


def summary_frame(tables: Iterable[BinTable]) -> pd.DataFrame:
    """Return one row per characteristic, in column order."""
    return pd.DataFrame(
        [_summary_row(table) for table in tables], columns=_SUMMARY_COLUMNS
    )


_SUMMARY_COLUMNS = [
    "characteristic",
    "kind",
    "iv",
    "iv_p_value",
    "bins",
    "trend",
    "missing_share",
    "status",
    "reason",
    "remarks",
]


def _summary_row(table: BinTable) -> list[object]:
    remarks = list(table.remarks)
    if table.n_zero_cells:
        remarks.append(f"{table.n_zero_cells} zero cell(s)")
    return [
        table.name,
        table.kind,
        table.iv,
        table.iv_p_value,
        table.n_bins,
        table.trend if table.kind == "numeric" else "not ordered",
        table.missing_share,
        "rejected" if table.rejected else "chosen",
        table.rejected or "",
        "; ".join(remarks),
    ]


def _policy_texts(table: BinTable) -> list[str]:
    pairs = zip(table.policies, table.notes, strict=True)
    return [_policy_text(policy, note) for policy, note in pairs]


def _policy_text(policy: str, note: str) -> str:
    if not note:
        return policy
    return note if note.startswith(policy) else f"{policy}, {note}"
