"""Plain form of the text hash: Python integers, one text at a time."""

from __future__ import annotations

from collections.abc import Sequence

WORD = (1 << 64) - 1
PRIME = 1099511628211


def mix_text(hashed: int, text: bytes | None) -> int:
    """Return a row's hash after one more text."""
    for byte in text or b"":
        hashed = (hashed ^ byte) * PRIME & WORD
    length = 0 if text is None else len(text) + 1
    return spread((hashed ^ length) * PRIME & WORD)


def spread(hashed: int) -> int:
    """Return the finalizer of MurmurHash3."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        hashed = (hashed ^ hashed >> 33) * factor & WORD
    return hashed ^ hashed >> 33


def row_hash(texts: Sequence[bytes | None]) -> int:
    """Return the hash of a row."""
    hashed = 0
    for text in texts:
        hashed = mix_text(hashed, text)
    return hashed
