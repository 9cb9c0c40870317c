"""Loading a plan: read once, audited, built, replayed, and only then handed out."""

from __future__ import annotations

import hmac
import os
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cfscore.exceptions import ArtifactError
from cfscore.execution import ForestEngine
from cfscore.explain import ForestExplainer
from cfscore.plan import MAX_PLAN_BYTES, GoldenRows, ScoringPlan, decode_plan
from cfscore.scoring._golden import golden_batch, golden_reasons, replay

__all__ = ["check_golden", "check_golden_reasons", "load_plan"]

_MAX_ULP = 2


def load_plan(
    path: str | os.PathLike[str], expect_sha256: str | None = None
) -> ScoringPlan:
    """Return the plan stored in a file, after checking every byte of it.

    The file is read once; its hashes and structure are audited before anything is
    built, nothing in it is executed, and its golden rows must reproduce: margin and
    status bitwise, for a scorecard also log-odds, score and reasons; PD within 2 ulp.
    The reasons of a forest must reproduce when it first explains, as its tables of
    contributions are built then.

    Parameters
    ----------
    path : str or path
        A ``.cfs`` file.
    expect_sha256 : str, optional
        Hash of the whole file as known from elsewhere (``plan.sha256``). A hash inside
        the file protects against accidents only.

    Returns
    -------
    ScoringPlan
        Ready for ``Scorer``.

    Raises
    ------
    ArtifactError
        When the file is unreadable, damaged, inconsistent, not reproducible here or
        not the expected one; ``.code`` says which.
    ArtifactTooNewError
        When a later protocol wrote it.
    """
    data = _read(Path(path))
    if expect_sha256 is not None:
        _check_hash(data, expect_sha256)
    plan = decode_plan(data)
    check_golden(plan)
    return plan


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():
            msg = f"No plan file at {path.name!r}."
            raise ArtifactError(msg, code="NOT_FOUND", hint="Check the path.")
        with path.open("rb") as file:
            data = file.read(MAX_PLAN_BYTES + 1)
    except OSError as error:
        msg = f"The plan file {path.name!r} cannot be read: {error.strerror}."
        raise ArtifactError(msg, code="UNREADABLE") from error
    if len(data) > MAX_PLAN_BYTES:
        msg = f"The file {path.name!r} is larger than any plan."
        raise ArtifactError(msg, code="TOO_LARGE")
    return data


def _check_hash(data: bytes, expected: str) -> None:
    found = sha256(data).hexdigest()
    if not hmac.compare_digest(found, expected.strip().lower()):
        msg = f"The plan file has SHA-256 {found}, not the expected one."
        raise ArtifactError(
            msg, code="HASH_MISMATCH", hint="Fetch the file again from its source."
        )


def check_golden(plan: ScoringPlan) -> None:
    """Replay a plan's golden rows.

    Raises
    ------
    ArtifactError
        When a result differs from the stored one, or there are no golden rows.
    """
    expected = plan.golden
    if expected is None:
        msg = "The plan holds no golden rows."
        raise ArtifactError(msg, code="NO_GOLDEN_ROWS")
    found = replay(plan, expected.columns, reasons=not plan.is_forest)
    exact = _FOREST_EXACT if plan.is_forest else _EXACT
    wrong = [name for name in exact if not _equal(found, expected, name)]
    wrong += [
        name
        for name in ("log_odds", "score", "pd")
        if name not in exact
        and not _within_ulp(getattr(found, name), getattr(expected, name))
    ]
    if wrong:
        raise _mismatch(wrong)


def check_golden_reasons(
    plan: ScoringPlan, engine: ForestEngine, explainer: ForestExplainer
) -> None:
    """Replay the reasons of a forest plan's golden rows.

    Raises
    ------
    ArtifactError
        When a reason differs from the stored one.
    """
    if plan.golden is None:
        return
    batch = golden_batch(plan, plan.golden.columns)
    found = golden_reasons(batch, engine, explainer)
    if found.tobytes() != plan.golden.reasons.tobytes():
        raise _mismatch(["reasons"])


def _mismatch(names: list[str]) -> ArtifactError:
    msg = f"Golden rows do not reproduce: {', '.join(names)} differ."
    hint = "The file was changed, or this machine computes differently."
    return ArtifactError(msg, code="GOLDEN_MISMATCH", hint=hint)


_EXACT = ("log_odds", "score", "reasons", "status")
#: A calibration takes logarithms, which may differ by 2 ulp between machines.
_FOREST_EXACT = ("margin", "status")


def _equal(found: GoldenRows, expected: GoldenRows, name: str) -> bool:
    a, b = getattr(found, name), getattr(expected, name)
    return bool(a.shape == b.shape and a.tobytes() == b.tobytes())


def _within_ulp(found: NDArray[np.float64], expected: NDArray[np.float64]) -> bool:
    if found.shape != expected.shape:
        return False
    both_nan = np.isnan(found) & np.isnan(expected)
    distance = np.abs(found - expected) <= _MAX_ULP * np.spacing(np.abs(expected))
    return bool((both_nan | distance).all())
