"""A loan book written once for all tests, and the same rows without faults."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from cfscore.datasets import LoanBookCheck, check_loan_book, synthesize
from cfscore.datasets._loan_book._block import draw_block
from cfscore.datasets._loan_book._draft import to_arrow

N_CUSTOMERS, SEED = 700, 3


@pytest.fixture(scope="session")
def loan_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a loan book of 700 customers, dirty rows included."""
    folder = tmp_path_factory.mktemp("loan_book")
    synthesize(folder, customers=N_CUSTOMERS, seed=SEED)
    return folder


@pytest.fixture(scope="session")
def loan_book_check(loan_book: Path) -> LoanBookCheck:
    """What the check finds in that folder."""
    return check_loan_book(loan_book)


@pytest.fixture(scope="session")
def clean_tables() -> dict[str, pa.Table]:
    """Tables of 512 customers as drawn, before any row is made dirty."""
    blocks = [draw_block(SEED, index) for index in range(2)]
    return {
        name: pa.concat_tables([to_arrow(block[name], SEED) for block in blocks])
        for name in blocks[0]
    }
