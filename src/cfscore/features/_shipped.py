"""Shipped catalogues: the customary features of the sources a lender has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cfscore.exceptions import UsageError
from cfscore.features._catalogue import FeatureCatalogue
from cfscore.features._catalogue_file import load_catalogue
from cfscore.features._spelling import spelling_hint

__all__ = ["SHIPPED_CATALOGUES", "shipped_catalogue"]

#: Catalogues by name, with what each needs.
SHIPPED_CATALOGUES: dict[str, str] = {
    "bureau": "Credit report of the second generation (PBOC).",
    "transactions": "Card transactions.",
    "wallet": "Daily balances of wallet and wealth products, behind consent.",
    "repayment": "Instalments and repayments of own loans.",
    "merchant": "Monthly panel of a shop on a platform.",
    "receivables": "Invoices of a supplier to core enterprises.",
    "invoices": "VAT invoices of a small business, void and red ones among them.",
}

_FOLDER = Path(__file__).parent / "catalogues"


def shipped_catalogue(
    name: str, parameters: Mapping[str, Any] | None = None
) -> FeatureCatalogue:
    """Return one of the catalogues that come with cfscore.

    Parameters
    ----------
    name : str
        A key of ``SHIPPED_CATALOGUES``.
    parameters : mapping of str to value, optional
        In the place of the defaults in the file, such as ``own_org``.

    Returns
    -------
    FeatureCatalogue
        The specs, to be built as they are or read as an example.

    Raises
    ------
    UsageError
        When there is no such catalogue or parameter.

    Examples
    --------
    >>> catalogue = shipped_catalogue("transactions")
    >>> catalogue.name, catalogue.tables
    ('transactions', ('transactions',))
    """
    if name not in SHIPPED_CATALOGUES:
        msg = f"There is no catalogue {name!r}."
        raise UsageError(msg, hint=spelling_hint(name, SHIPPED_CATALOGUES))
    return load_catalogue(_FOLDER / f"{name}.toml", parameters)
