"""Forbidden fields: what must not be collected, whatever it would predict."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping

from cfscore.exceptions import UsageError

__all__ = ["FORBIDDEN_FIELDS", "check_permitted", "forbidden_field"]

#: Fields that a credit agency may not collect, with the words that name them in a
#: column: Regulation on the Credit Reporting Industry (2013), article 14, paragraph 1.
#: Contacts, messages and installed apps are not listed there; they are of people who
#: never applied, and nothing here supports them.
FORBIDDEN_FIELDS: dict[str, tuple[str, ...]] = {
    "religion": ("religion", "religious", "faith", "宗教", "信仰"),
    "genes": ("gene", "genes", "genetic", "genome", "dna", "基因"),
    "fingerprints": ("fingerprint", "fingerprints", "指纹"),
    "blood type": ("blood type", "blood group", "bloodtype", "血型"),
    "disease": ("disease", "diseases", "illness", "diagnosis", "疾病"),
    "medical history": ("medical history", "health history", "病史"),
    "contacts": ("contact list", "contacts", "phonebook", "通讯录"),
    "messages": ("sms", "sms text", "短信"),
    "installed apps": ("app list", "installed apps", "应用列表"),
}

#: Device fingerprints are no fingerprints of a person.
_HARMLESS = re.compile(r"\bdevice fingerprint\b")
_SEPARATORS = re.compile(r"[\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_log = logging.getLogger("cfscore.features")


def forbidden_field(column: str) -> str | None:
    """Return the forbidden field that the name of a column speaks of, if any.

    Parameters
    ----------
    column : str
        Name of a column, in English or Chinese.

    Returns
    -------
    str or None
        A key of ``FORBIDDEN_FIELDS``.

    Examples
    --------
    >>> forbidden_field("blood_type"), forbidden_field("device_fingerprint")
    ('blood type', None)
    """
    spaced = _SEPARATORS.sub(" ", _HUMP.sub(" ", column)).lower().strip()
    text = f" {_HARMLESS.sub('', spaced)} "
    for field, words in FORBIDDEN_FIELDS.items():
        for word in words:
            if (f" {word} " if word.isascii() else word) in text:
                return field
    return None


def check_permitted(
    columns: Iterable[str], fields: Mapping[str, str], legal_basis: str | None
) -> None:
    """Refuse columns that hold a forbidden field, unless there is a legal basis.

    Parameters
    ----------
    columns : iterable of str
        Columns that are to be used.
    fields : mapping of str to str
        Field of a column whose name does not tell.
    legal_basis : str or None
        Why it is allowed; logged.

    Raises
    ------
    UsageError
        Code ``FORBIDDEN_FIELD``, when there is none.
    """
    for column in columns:
        field = forbidden_field(fields.get(column, column))
        if field is None:
            continue
        if not (legal_basis or "").strip():
            msg = f"Column {column!r} holds a forbidden field: {field}."
            hint = "Leave it out, or state legal_basis='...'."
            raise UsageError(msg, code="FORBIDDEN_FIELD", hint=hint)
        _log.warning(
            "column %r (%s) is used on the basis: %s", column, field, legal_basis
        )
