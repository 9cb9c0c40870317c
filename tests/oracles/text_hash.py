"""Plain form of the text hash: Python integers, one text at a time."""

from __future__ import annotations

from collections.abc import Sequence

WORD = (1 << 64) - 1
FACTOR = 0xC6A4A7935BD1E995


def mix_text(hashed: int, text: bytes | None) -> int:
    """Return a row's hash after one more text."""
    for word in words(text):
        mixed = word * FACTOR & WORD
        mixed = (mixed ^ mixed >> 47) * FACTOR & WORD
        hashed = (hashed ^ mixed) * FACTOR & WORD
        hashed ^= hashed >> 32
    return spread(hashed)


def words(text: bytes | None) -> list[int]:
    """Return what a text is mixed in as: its length, then its bytes by eight."""
    if text is None:
        return [0]
    parts = [text[start : start + 8] for start in range(0, len(text), 8)]
    return [len(text) + 1, *(int.from_bytes(part, "little") for part in parts)]


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
