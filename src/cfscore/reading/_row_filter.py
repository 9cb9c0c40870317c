"""Row filter: rows that turn out faulty leave a block and become its rejects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cfscore.reading._unit import InputBlock, RowReject
from cfscore.tables import pack_mask

__all__ = ["without_rows"]


def without_rows(block: InputBlock, faults: Sequence[RowReject]) -> InputBlock:
    """Return a block without the rows of some faults, which join its rejects."""
    if not faults:
        return block
    faulty = np.unique(np.array([fault.row for fault in faults], np.int64))
    kept = ~np.isin(block.rows, faulty)
    rejects = sorted((*block.rejects, *faults), key=lambda reject: reject.row)
    batch = block.batch.filter(pack_mask(kept))
    return InputBlock(batch, block.rows[kept], tuple(rejects))
