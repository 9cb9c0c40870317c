"""Places of bits, in the one instruction that processors have for it."""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["lowest_place", "lowest_place_plain"]


def lowest_place_plain(bits: Any) -> int:
    """Return the place of the lowest bit that is set; ``bits`` must not be 0."""
    return (int(bits) & -int(bits)).bit_length() - 1


def _lowest_place(_typing: Any, bits: Any) -> Any:
    """Do what ``lowest_place_plain`` does for a uint64."""

    def generate(_: Any, builder: Any, __: Any, args: Any) -> Any:
        is_never_0 = ir.Constant(ir.IntType(1), 1)
        return builder.cttz(args[0], is_never_0)

    return types.int64(types.uint64), generate


lowest_place = (
    lowest_place_plain if numba.config.DISABLE_JIT else intrinsic(_lowest_place)
)
