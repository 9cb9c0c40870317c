"""Strict JSON: one text for one value, and nothing that JSON leaves open.

Canonical text has sorted keys, no blanks, UTF-8 and the shortest numbers that read
back. Reading refuses duplicate keys, NaN, infinities, deep nesting, lone surrogates,
numbers beyond int64 or float64, and any text that is not canonical.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from cfscore.exceptions import ArtifactError
from cfscore.plan._protocol import MAX_JSON_BYTES

__all__ = ["canonical_json", "parse_json"]

_MAX_DEPTH = 32
_LONGEST_NUMBER = 32
_MIN_INT, _MAX_INT = -(2**63), 2**63 - 1


def canonical_json(value: object) -> bytes:
    """Return the canonical text of dicts, lists, texts, numbers, booleans and None.

    Raises
    ------
    UnicodeEncodeError
        When a text holds a lone surrogate.
    """
    text = json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return text.encode("utf-8")


def parse_json(data: bytes, name: str) -> Any:
    """Return the value of a canonical JSON text.

    Parameters
    ----------
    data : bytes
        The text in UTF-8.
    name : str
        Name of the member, for messages.

    Returns
    -------
    dict, list, str, float, int, bool or None
        Nested at most 32 deep.

    Raises
    ------
    ArtifactError
        Code ``JSON``, or ``TOO_LARGE``.
    """
    if len(data) > MAX_JSON_BYTES:
        msg = f"{name} has {len(data)} bytes; at most {MAX_JSON_BYTES} are read."
        raise ArtifactError(msg, code="TOO_LARGE")
    try:
        value = _parse(data)
        _check_depth(value)
        canonical = canonical_json(value)
    except _Refused as refusal:
        raise _error(name, str(refusal)) from None
    except UnicodeDecodeError:
        raise _error(name, "it is not UTF-8") from None
    except UnicodeEncodeError:
        raise _error(name, "a text holds half a surrogate pair") from None
    except RecursionError:
        raise _error(name, "it is nested too deeply") from None
    except json.JSONDecodeError as fault:
        raise _error(name, f"syntax error at character {fault.pos}") from None
    if canonical != data:
        raise _error(name, "it is not in canonical form")
    return value


class _Refused(Exception):
    """A construct that plans do not use."""


def _error(name: str, why: str) -> ArtifactError:
    return ArtifactError(f"{name} cannot be read: {why}.", code="JSON")


def _parse(data: bytes) -> Any:
    return json.loads(
        data.decode("utf-8"),
        object_pairs_hook=_unique_keys,
        parse_int=_integer,
        parse_float=_number,
        parse_constant=_refuse_constant,
    )


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        msg = "an object has the same key twice"
        raise _Refused(msg)
    return found


def _integer(text: str) -> int:
    value = int(text) if len(text) <= _LONGEST_NUMBER else _MAX_INT + 1
    if not _MIN_INT <= value <= _MAX_INT:
        msg = "an integer does not fit into 64 bits"
        raise _Refused(msg)
    return value


def _number(text: str) -> float:
    value = float(text) if len(text) <= _LONGEST_NUMBER else math.inf
    if not math.isfinite(value):
        msg = "a number does not fit into a float64"
        raise _Refused(msg)
    return value


def _refuse_constant(text: str) -> NoReturn:
    msg = "it holds NaN or an infinity"
    raise _Refused(msg)


def _check_depth(value: Any) -> None:
    """Refuse containers nested more than ``_MAX_DEPTH`` deep, without recursion."""
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [item for container in level for item in _items(container)]
        if not level:
            return
    msg = f"it is nested more than {_MAX_DEPTH} deep"
    raise _Refused(msg)


def _items(container: Any) -> list[Any]:
    """Return the containers directly inside a container."""
    if isinstance(container, dict):
        container = container.values()
    elif not isinstance(container, list):
        return []
    return [item for item in container if isinstance(item, dict | list)]
