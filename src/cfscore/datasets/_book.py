"""Book: rows of applications and of their truth, the same in any portion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cfscore.datasets._applicant import (
    CHANNELS,
    EDUCATIONS,
    EMPLOYMENTS,
    PRODUCTS,
    RESIDENCES,
    Applicants,
    draw_applicants,
)
from cfscore.datasets._arrow import (
    boolean_array,
    fixed_text_array,
    level_array,
    number_array,
)
from cfscore.datasets._bureau import draw_bureau
from cfscore.datasets._calendar import ApplicationTimes, draw_times
from cfscore.datasets._dictionary import (
    APPLICATION_COLUMNS,
    TRUTH_COLUMNS,
    arrow_schema,
)
from cfscore.datasets._form import Form, draw_form
from cfscore.datasets._outcome import draw_outcomes
from cfscore.datasets._payments import draw_card, draw_wallet
from cfscore.datasets._token import token_letters
from cfscore.exceptions import UsageError

__all__ = [
    "CHUNK_ROWS",
    "Book",
    "application_table",
    "book_portion",
    "check_portion",
    "truth_table",
]

#: Rows drawn together. Part of the book's definition: changing it changes every row.
CHUNK_ROWS = 8192


class _Part(IntEnum):
    """Independent stream of randomness of each part of a chunk.

    A part that draws more or less leaves the others as they are.
    """

    TIMES = 0
    APPLICANTS = 1
    FORM = 2
    BUREAU = 3
    CARD = 4
    WALLET = 5
    OUTCOMES = 6


@dataclass(frozen=True, eq=False)
class Book:
    """Applications and their truth, row by row.

    Parameters
    ----------
    applications : pyarrow.Table
        Columns of ``APPLICATION_COLUMNS``.
    truth : pyarrow.Table
        Columns of ``TRUTH_COLUMNS``, in the same order of rows.
    """

    applications: pa.Table
    truth: pa.Table


def application_table(
    customers: int = 20_000, seed: int = 7, start_row: int = 0
) -> pa.Table:
    """Return synthetic applications with their label.

    Parameters
    ----------
    customers : int, default 20_000
        Rows, one application each; at least 1.
    seed : int, default 7
        Which book; at least 0.
    start_row : int, default 0
        First row of the book to return. A row is the same in whatever portion it is
        asked for, so that a book of any size can be read piece by piece.

    Returns
    -------
    pyarrow.Table
        Columns of ``APPLICATION_COLUMNS``; ``bad`` is 1 for bad and 0 for good. Rows
        are in no order of time.

    Raises
    ------
    UsageError
        When an argument is not a whole number in its range.

    Examples
    --------
    >>> table = application_table(customers=1000)
    >>> table.num_rows, table.column_names[:4]
    (1000, ['application_id', 'applied_at', 'product', 'channel'])
    >>> table.slice(900).equals(application_table(customers=100, start_row=900))
    True
    """
    return book_portion(customers, seed, start_row).applications


def truth_table(customers: int = 20_000, seed: int = 7, start_row: int = 0) -> pa.Table:
    """Return the truth behind :func:`application_table`, row by row.

    Parameters
    ----------
    customers, seed, start_row : int
        As for :func:`application_table`.

    Returns
    -------
    pyarrow.Table
        Columns of ``TRUTH_COLUMNS``: ``application_id``, ``true_pd`` (probability of
        default in (0, 1)) and ``latent_risk`` (larger = riskier).

    Raises
    ------
    UsageError
        When an argument is not a whole number in its range.

    Examples
    --------
    >>> truth_table(customers=5).column_names
    ['application_id', 'true_pd', 'latent_risk']
    """
    return book_portion(customers, seed, start_row).truth


def book_portion(customers: int, seed: int, start_row: int = 0) -> Book:
    """Return applications and truth of rows [start_row, start_row + customers).

    Raises
    ------
    UsageError
        When an argument is not a whole number in its range.
    """
    check_portion(customers, seed, start_row)
    parts = list(_slices(seed, start_row, start_row + customers))
    return Book(
        applications=pa.concat_tables([p.applications for p in parts]).combine_chunks(),
        truth=pa.concat_tables([p.truth for p in parts]).combine_chunks(),
    )


def check_portion(customers: int, seed: int, start_row: int = 0) -> None:
    """Check what names a portion of a book.

    Raises
    ------
    UsageError
        When an argument is not a whole number in its range.
    """
    for name, value, least in (
        ("customers", customers, 1),
        ("seed", seed, 0),
        ("start_row", start_row, 0),
    ):
        is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not is_whole or value < least:
            msg = f"{name} must be a whole number of at least {least}, got {value!r}."
            raise UsageError(msg)


def _slices(seed: int, start: int, stop: int) -> Iterator[Book]:
    for index in range(start // CHUNK_ROWS, -(-stop // CHUNK_ROWS)):
        chunk = _draw_chunk(seed, index)
        first = max(start - index * CHUNK_ROWS, 0)
        length = min(stop - index * CHUNK_ROWS, CHUNK_ROWS) - first
        yield Book(
            applications=chunk.applications.slice(first, length),
            truth=chunk.truth.slice(first, length),
        )


def _draw_chunk(seed: int, index: int) -> Book:
    """Return the whole chunk of that index, whatever rows of it are wanted."""

    def stream(part: _Part) -> np.random.Generator:
        sequence = np.random.SeedSequence(seed, spawn_key=(index, part))
        return np.random.Generator(np.random.PCG64(sequence))

    times = draw_times(stream(_Part.TIMES), CHUNK_ROWS)
    applicants = draw_applicants(stream(_Part.APPLICANTS), times)
    form = draw_form(stream(_Part.FORM), applicants)
    card, no_salary_flag = draw_card(stream(_Part.CARD), applicants)
    outcomes = draw_outcomes(stream(_Part.OUTCOMES), times, applicants)
    token = fixed_text_array(_tokens(seed, index))
    numbers = {
        **_form_numbers(form, times, applicants),
        **draw_bureau(stream(_Part.BUREAU), times, applicants),
        **card,
        **draw_wallet(stream(_Part.WALLET), applicants),
        "applied_at": times.applied_at,
        "bad": outcomes.bad,
        "true_pd": outcomes.true_pd,
        "latent_risk": outcomes.latent_risk,
    }
    missing = {
        "app_declared_income": form.no_income,
        "app_employer_months": form.no_employer,
        "upay_salary_detected": no_salary_flag,
    }
    texts = {"application_id": token, **_text_columns(form, applicants)}
    return Book(
        applications=_table(arrow_schema(APPLICATION_COLUMNS), numbers, missing, texts),
        truth=_table(arrow_schema(TRUTH_COLUMNS), numbers, missing, texts),
    )


def _form_numbers(
    form: Form, times: ApplicationTimes, applicants: Applicants
) -> dict[str, NDArray[np.generic]]:
    return {
        "age_years": applicants.age_years,
        "city_tier": applicants.city_tier,
        "rural": applicants.rural,
        "app_declared_income": form.declared_income,
        "app_employer_months": form.employer_months,
        "app_requested_amount": form.requested_amount,
        "app_hour": times.local_hour,
        "app_form_seconds": form.form_seconds,
    }


def _text_columns(form: Form, applicants: Applicants) -> dict[str, pa.Array]:
    employment = np.where(form.no_employment, -1, applicants.employment)
    employment[form.is_blank] = len(EMPLOYMENTS)  # the blank text put behind them
    education = np.where(form.no_education, -1, applicants.education)
    return {
        "product": level_array(applicants.product, [p.text for p in PRODUCTS]),
        "channel": level_array(applicants.channel, [c.text for c in CHANNELS]),
        "app_employment": level_array(employment, [*(e.text for e in EMPLOYMENTS), ""]),
        "app_residence": level_array(
            applicants.residence, [r.text for r in RESIDENCES]
        ),
        "app_education": level_array(education, [e.text for e in EDUCATIONS]),
    }


def _table(
    schema: pa.Schema,
    numbers: Mapping[str, NDArray[np.generic]],
    missing: Mapping[str, NDArray[np.bool_]],
    texts: Mapping[str, pa.Array],
) -> pa.Table:
    arrays = []
    for field in schema:
        if field.name in texts:
            arrays.append(texts[field.name])
        elif field.type == pa.bool_():
            flags = np.asarray(numbers[field.name], dtype=np.bool_)
            arrays.append(boolean_array(flags, missing.get(field.name)))
        else:
            values = numbers[field.name]
            arrays.append(number_array(values, field.type, missing.get(field.name)))
    return pa.Table.from_arrays(arrays, schema=schema)


def _tokens(seed: int, index: int) -> NDArray[np.uint8]:
    """Return the tokens of a chunk as letters, shape (CHUNK_ROWS, 17)."""
    row = np.arange(CHUNK_ROWS, dtype=np.uint64) + np.uint64(index * CHUNK_ROWS)
    return token_letters("A", row, seed)
