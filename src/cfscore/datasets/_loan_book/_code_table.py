"""Code tables of the loan book: the texts that each coded column may hold.

Bureau codes follow the second generation of the credit report of the People's Bank of
China as practitioners document it; their meaning stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntFlag

__all__ = [
    "ACCOUNT_STATUSES",
    "ACCOUNT_TYPES",
    "EDUCATION_CODES",
    "FIVE_CLASSES",
    "GUARANTEES",
    "INQUIRY_REASONS",
    "LENDER_TYPES",
    "MARITAL_CODES",
    "MERCHANT_CATEGORIES",
    "MONTHLY_STATUSES",
    "OWN_ORG_TOKEN",
    "REPORT_REASONS",
    "SOURCE_BITS",
    "SPECIAL_TRANSACTIONS",
    "DataSource",
]


#: The lender of this book, where an account or inquiry in a report is its own.
OWN_ORG_TOKEN = "OWN"


class DataSource(IntFlag):
    """Bit of each source in ``consent_mask`` and ``source_down_mask``."""

    BUREAU = 1
    """Credit report of the credit reference centre."""
    CARD = 2
    """Card transactions."""
    WALLET = 4
    """Wallet and wealth balances."""
    MERCHANT = 8
    """Shop panel and receivables of a micro-business."""


#: Bit of each source in ``consent_mask`` and ``source_down_mask``, by name.
SOURCE_BITS: dict[str, int] = {
    name: source.value for name, source in DataSource.__members__.items()
}

#: Highest degree (GB/T 4658 as used in the credit report).
EDUCATION_CODES: Mapping[str, str] = {
    "10": "postgraduate",
    "20": "bachelor",
    "30": "junior college",
    "60": "senior secondary, vocational",
    "70": "junior secondary and below",
}

MARITAL_CODES: Mapping[str, str] = {
    "10": "single",
    "20": "married",
    "30": "widowed",
    "40": "divorced",
}

ACCOUNT_TYPES: Mapping[str, str] = {
    "D1": "non-revolving loan",
    "R1": "revolving loan",
    "R2": "credit card",
    "R3": "semi-credit card; overdrafts up to 60 days (codes 1 and 2) are allowed",
    "R4": "sub-account under a revolving limit",
    "C1": "recovery account of bought or advanced debt",
}

#: Status of an account in a month, one character each.
MONTHLY_STATUSES: Mapping[str, str] = {
    "N": "paid as due",
    "M": "paid after the due day, before the end of the month",
    "*": "nothing due this month, nothing owed before",
    "A": "bill date moved, no bill this month",
    "#": "unknown",
    "/": "not opened",
    "1": "1 to 30 days past due",
    "2": "31 to 60 days past due",
    "3": "61 to 90 days past due",
    "4": "91 to 120 days past due",
    "5": "121 to 150 days past due",
    "6": "151 to 180 days past due",
    "7": "more than 180 days past due",
    "D": "paid by the guarantor",
    "Z": "settled with assets",
    "B": "bad debt",
    "C": "settled; nothing follows",
    "G": "ended otherwise than by settlement; nothing follows",
}

ACCOUNT_STATUSES: Mapping[str, str] = {
    "1": "normal (C1: in collection)",
    "2": "past due (R2, R3: frozen; C1: ended)",
    "3": "settled (R2, R3: blocked)",
    "4": "bad debt (R2, R3: closed)",
    "5": "transferred out (R1: blocked; R2, R3: bad debt)",
    "6": "collateral short (R2, R3: not activated)",
    "8": "judicial recovery",
}

FIVE_CLASSES: Mapping[str, str] = {
    "1": "normal",
    "2": "special mention",
    "3": "substandard",
    "4": "doubtful",
    "5": "loss",
    "9": "not classified",
}

GUARANTEES: Mapping[str, str] = {
    "1": "pledge",
    "2": "mortgage",
    "3": "guarantor",
    "4": "none",
}

LENDER_TYPES: Mapping[str, str] = {
    "11": "commercial bank",
    "12": "village bank",
    "21": "trust company",
    "22": "leasing company",
    "23": "car finance company",
    "24": "consumer finance company",
    "51": "microloan company",
    "53": "guarantee company",
    "54": "factoring company",
}

#: Why a report was asked for. 02, 03, 08, 20, 24 and 26 are credit decisions.
INQUIRY_REASONS: Mapping[str, str] = {
    "01": "management of a running loan",
    "02": "loan approval",
    "03": "card approval",
    "08": "check of a guarantor",
    "09": "judicial inquiry",
    "19": "real-name check of a merchant",
    "20": "before a guarantee",
    "21": "after a guarantee",
    "22": "check of a legal representative",
    "24": "financing approval",
    "25": "check of credit standing",
    "26": "limit approval",
    "self": "the person",
}

REPORT_REASONS: Mapping[str, str] = {
    "01": INQUIRY_REASONS["01"],
    "02": INQUIRY_REASONS["02"],
}

SPECIAL_TRANSACTIONS: Mapping[str, str] = {
    "1": "extension",
    "2": "paid by the guarantor",
    "3": "settled with assets",
    "4": "early repayment",
    "5": "early settlement",
    "8": "judicial recovery",
    "9": "other",
    "11": "debt relief",
    "14": "personal instalments on a card",
    "16": "deferral by the bank",
}

#: Merchant category codes (ISO 18245) in use, by their group.
MERCHANT_CATEGORIES: Mapping[str, str] = {
    "5411": "grocery",
    "5499": "grocery",
    "5812": "dining",
    "5814": "dining",
    "4111": "transport",
    "5541": "transport",
    "4511": "travel",
    "7011": "travel",
    "5912": "health",
    "8062": "health",
    "8299": "education",
    "4814": "utilities",
    "4900": "utilities",
    "5311": "shopping",
    "5651": "shopping",
    "5816": "digital",
    "7994": "digital",
    "7995": "gambling",
    "5813": "nightlife",
    "6011": "cash",
    "6051": "cash",
    "6012": "financial",
    "5094": "luxury",
    "5039": "wholesale",
}
