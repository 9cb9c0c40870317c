"""Vector instructions that the compiler does not find by itself."""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["add_transposed", "add_transposed_plain", "prefetch"]

_LANES = 4


def add_transposed_plain(
    table: Any, a: Any, b: Any, c: Any, d: Any, out: Any, w: Any, x: Any, y: Any, z: Any
) -> None:
    """Add four table rows of four numbers, transposed, to four runs of ``out``.

    ``a`` to ``d`` say where the table rows begin, ``w`` to ``z`` where the runs do: run
    ``j`` receives number ``j`` of each row. Indices are not checked.
    """
    for lane, row in enumerate((a, b, c, d)):
        for number, run in enumerate((w, x, y, z)):
            out[run + lane] += table[row + number]


def _vectors(
    context: Any, builder: Any, array_type: Any, array: Any, starts: Any
) -> Any:
    """Return pointers to vectors of four float64 that begin at array indices."""
    data = context.make_array(array_type)(context, builder, array).data
    vector = ir.VectorType(ir.DoubleType(), _LANES).as_pointer()
    return [builder.bitcast(builder.gep(data, [i]), vector) for i in starts]


def _transpose(builder: Any, rows: Any) -> Any:
    """Return the columns of four vectors: pairs within halves, then the halves."""

    def shuffle(one: Any, other: Any, *lanes: int) -> Any:
        mask = ir.Constant(ir.VectorType(ir.IntType(32), _LANES), lanes)
        return builder.shuffle_vector(one, other, mask)

    (even_ab, odd_ab), (even_cd, odd_cd) = (
        (shuffle(one, other, 0, 4, 2, 6), shuffle(one, other, 1, 5, 3, 7))
        for one, other in (rows[:2], rows[2:])
    )
    return (
        shuffle(even_ab, even_cd, 0, 1, 4, 5),
        shuffle(odd_ab, odd_cd, 0, 1, 4, 5),
        shuffle(even_ab, even_cd, 2, 3, 6, 7),
        shuffle(odd_ab, odd_cd, 2, 3, 6, 7),
    )


def _add_transposed(
    _typing: Any,
    table: Any,
    a: Any,
    b: Any,
    c: Any,
    d: Any,
    out: Any,
    w: Any,
    x: Any,
    y: Any,
    z: Any,
) -> Any:
    """Do what ``add_transposed_plain`` does in eight shuffles and four additions."""
    index = types.int64
    signature = types.void(table, *[index] * 4, out, *[index] * 4)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        types_ = signature.args
        rows = [
            builder.load(at, align=8)
            for at in _vectors(context, builder, types_[0], args[0], args[1:5])
        ]
        runs = _vectors(context, builder, types_[5], args[5], args[6:10])
        for at, column in zip(runs, _transpose(builder, rows), strict=True):
            total = builder.fadd(builder.load(at, align=8), column)
            builder.store(total, at, align=8)
        return context.get_dummy_value()

    return signature, generate


def _prefetch(_typing: Any, array: Any, index: Any) -> Any:
    """Ask for the cache line of an element; any index is harmless."""
    signature = types.void(array, types.int64)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        byte = ir.IntType(8).as_pointer()
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        name = "llvm.prefetch.p0"
        function = builder.module.globals.get(name)
        if function is None:
            function = ir.Function(builder.module, kind, name)
        address = builder.bitcast(builder.gep(data, [args[1]]), byte)
        builder.call(function, [address, flag(0), flag(3), flag(1)])
        return context.get_dummy_value()

    return signature, generate


def _no_prefetch(array: Any, index: Any) -> None:
    """Do nothing: a prefetch has no result."""


#: Without the compiler (NUMBA_DISABLE_JIT) the plain forms run.
add_transposed: Any = (
    add_transposed_plain if numba.config.DISABLE_JIT else intrinsic(_add_transposed)
)
prefetch: Any = _no_prefetch if numba.config.DISABLE_JIT else intrinsic(_prefetch)
