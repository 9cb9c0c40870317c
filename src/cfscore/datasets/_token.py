"""Token: an opaque name in letters that can be mistaken for no number of a person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["token_letters"]


def token_letters(
    prefix: str, numbers: NDArray[np.uint64], seed: int
) -> NDArray[np.uint8]:
    """Return tokens of a letter and 16 more, shape (n, 17), ASCII.

    The numbers go through a one-to-one mixing of 64-bit numbers, so that different
    numbers have different tokens. Letters only: a token can never be mistaken for a
    telephone, card or identity number.

    Parameters
    ----------
    prefix : str
        First letter: what kind of thing is named.
    numbers : array of shape (n,), uint64
        What is named.
    seed : int
        Which book; the same number has another token in another book.

    Returns
    -------
    array of shape (n, 17), uint8
        Letters.

    References
    ----------
    Steele, G. L., Lea, D. and Flood, C. H. (2014), Fast splittable pseudorandom
    number generators, OOPSLA 2014 (the mixing of SplitMix64).
    """
    offset = np.random.SeedSequence(seed).generate_state(1, np.uint64)
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15) + offset
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    octets = mixed.astype(">u8").view(np.uint8).reshape(-1, 8)
    letters = np.full((numbers.size, 17), ord(prefix), dtype=np.uint8)
    letters[:, 1::2] = ord("a") + (octets >> 4)
    letters[:, 2::2] = ord("a") + (octets & 15)
    return letters
