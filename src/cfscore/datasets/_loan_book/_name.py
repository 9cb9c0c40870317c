"""Name: what stands in the text columns that name something."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from cfscore.datasets._loan_book._code_table import OWN_ORG_TOKEN
from cfscore.datasets._token import token_letters

__all__ = [
    "CITIES_PER_TIER",
    "N_BANKS",
    "N_CORES",
    "N_GUARANTORS",
    "N_LENDERS",
    "N_SHOPS",
    "TEXT_LEVELS",
    "TOKEN_PREFIXES",
    "UNUSED_SERIAL",
    "row_number",
    "row_tokens",
]

#: First letter of the random tokens of a column.
TOKEN_PREFIXES: Mapping[str, str] = {
    "customer_id": "C",
    "application_id": "A",
    "report_id": "R",
    "acct_no": "N",
    "agreement_token": "G",
    "txn_id": "T",
    "card_token": "K",
    "payer_token": "P",
    "merchant_token": "S",
    "device_token": "D",
    "loan_id": "L",
    "repayment_id": "Q",
    "merchant_id": "M",
    "supplier_id": "M",
    "invoice_id": "V",
}

N_BANKS = 20
N_LENDERS = 60  # banks first
N_CORES = 40
N_GUARANTORS = 6
N_SHOPS = 4096
CITIES_PER_TIER = 26


def _letter(number: int) -> str:
    return chr(ord("a") + number)


def _pool(prefix: str, size: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{_letter(i // 26)}{_letter(i % 26)}" for i in range(size))


#: Texts of the columns whose names come from a small pool. The lender of the book
#: stands behind the others.
TEXT_LEVELS: Mapping[str, tuple[str, ...]] = {
    "org_token": (*_pool("org-", N_LENDERS), OWN_ORG_TOKEN),
    "partner_id": _pool("partner-", 12),
    "core_id": _pool("core-", N_CORES),
    "guarantor_token": _pool("guarantor-", N_GUARANTORS),
    "city": tuple(
        f"tier{tier}-{_letter(i)}" for tier in range(1, 7) for i in range(26)
    ),
}

_SERIAL_BITS = 16
_SERIAL_MASK = (1 << _SERIAL_BITS) - 1

#: Added to the number of a row, it names one that no customer has.
UNUSED_SERIAL = 1 << (_SERIAL_BITS - 1)


def row_number(
    owner: NDArray[np.int64], serial: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the number behind the token of a customer's serial-th row."""
    assert not serial.size or serial.max() < UNUSED_SERIAL, "too many rows of one kind"
    return np.asarray((owner << _SERIAL_BITS) | serial)


def row_tokens(column: str, numbers: NDArray[np.int64], seed: int) -> NDArray[np.uint8]:
    """Return the tokens behind the numbers of a column as letters, shape (n, width).

    Names of transactions are those of their customer with a serial number in letters:
    there are many of them, and they compress to a fifth of the size.
    """
    prefix = TOKEN_PREFIXES[column]
    if column == "txn_id":
        owners = _runs_of_tokens(prefix, numbers >> _SERIAL_BITS, seed)
        return np.concatenate([owners, _serial_letters(numbers & _SERIAL_MASK)], axis=1)
    return _runs_of_tokens(prefix, numbers, seed)


def _runs_of_tokens(
    prefix: str, numbers: NDArray[np.int64], seed: int
) -> NDArray[np.uint8]:
    """Return tokens; a run of equal numbers is mixed once."""
    is_first = np.ones(numbers.size, dtype=np.bool_)
    is_first[1:] = numbers[1:] != numbers[:-1]
    letters = token_letters(prefix, numbers[is_first].astype(np.uint64), seed)
    return np.asarray(letters[np.cumsum(is_first) - 1])


def _serial_letters(serial: NDArray[np.int64]) -> NDArray[np.uint8]:
    shifts = np.array([12, 8, 4, 0])
    return np.asarray(ord("a") + ((serial[:, None] >> shifts) & 15), dtype=np.uint8)
