"""Plan fault: one contradiction found in a plan, as a code and a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from cfscore.exceptions import ArtifactError, CompileError, UsageError

__all__ = ["PlanFault", "refused_as"]


class PlanFault(NamedTuple):
    """What is wrong with a plan.

    ``code`` is stable and listed in ``_artifact``; ``text`` is a sentence that names
    columns, never values of customers.
    """

    code: str
    text: str


@contextmanager
def refused_as(code: str) -> Iterator[None]:
    """Turn what a part of a plan says against its own values into an ArtifactError."""
    try:
        yield
    except (CompileError, UsageError) as error:
        msg = f"The plan file contradicts itself: {error}"
        raise ArtifactError(msg, code=code) from error
