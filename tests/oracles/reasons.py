"""Plain form of the reason kernel: sort the adverse reasons of one row."""

from __future__ import annotations

from collections.abc import Sequence


def rank_reasons(
    contributions: Sequence[float],
    reasons: Sequence[int],
    n_reasons: int,
    minimum: float,
    inquiries: int,
    k: int,
) -> list[int]:
    """Return k reason indices, most harmful first, -1 where there are fewer.

    ``contributions`` and ``reasons`` hold one entry per column: log-odds of bad and
    the reason it counts towards (-1 never).
    """
    harm = [0.0] * n_reasons
    for contribution, reason in zip(contributions, reasons, strict=True):
        if reason >= 0:
            harm[reason] += contribution
    adverse = [r for r in range(n_reasons) if harm[r] > 0 and harm[r] >= minimum]
    ranked = sorted(adverse, key=lambda r: (-harm[r], r))
    chosen = ranked[:k]
    if inquiries in ranked[k:] and chosen:
        chosen[-1] = inquiries
    return chosen + [-1] * (k - len(chosen))
