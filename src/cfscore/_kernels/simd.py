"""Vector instructions that the compiler does not find by itself."""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from cfscore._kernels.jit import subroutine

__all__ = [
    "add_dot_products",
    "add_dot_products_plain",
    "add_transposed",
    "add_transposed_plain",
    "dot_product",
    "prefetch",
]

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


@subroutine
def dot_product(table: Any, x: Any, y: Any, n_vectors: Any) -> float:
    """Return the dot product of two runs of ``4 * n_vectors`` numbers of a table.

    The products of every fourth number are added first, then the four sums two by two.
    """
    first = second = third = fourth = 0.0
    for at in range(0, _LANES * n_vectors, _LANES):
        first += table[x + at] * table[y + at]
        second += table[x + at + 1] * table[y + at + 1]
        third += table[x + at + 2] * table[y + at + 2]
        fourth += table[x + at + 3] * table[y + at + 3]
    return (first + second) + (third + fourth)


def add_dot_products_plain(
    table: Any,
    a: Any,
    b: Any,
    c: Any,
    d: Any,
    w: Any,
    x: Any,
    y: Any,
    z: Any,
    n_vectors: Any,
    out: Any,
    run: Any,
) -> None:
    """Add the dot products of ``a`` and ``w``, ``b`` and ``x``, ... to a run."""
    for lane, (one, other) in enumerate(((a, w), (b, x), (c, y), (d, z))):
        out[run + lane] += dot_product(table, one, other, n_vectors)


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


def _add_dot_products(
    _typing: Any,
    table: Any,
    a: Any,
    b: Any,
    c: Any,
    d: Any,
    w: Any,
    x: Any,
    y: Any,
    z: Any,
    n_vectors: Any,
    out: Any,
    run: Any,
) -> Any:
    """Do what ``add_dot_products_plain`` does, the four rows side by side."""
    index = types.int64
    signature = types.void(table, *[index] * 9, out, index)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        zero = ir.Constant(ir.VectorType(ir.DoubleType(), _LANES), [0.0] * _LANES)
        sums = [cgutils.alloca_once_value(builder, zero) for _ in range(_LANES)]
        with cgutils.for_range(builder, args[9]) as loop:
            ahead = builder.mul(loop.index, ir.Constant(loop.index.type, _LANES))
            starts = [builder.add(start, ahead) for start in args[1:9]]
            at = _vectors(context, builder, signature.args[0], args[0], starts)
            ones, others = at[:_LANES], at[_LANES:]
            for total, one, other in zip(sums, ones, others, strict=True):
                product = builder.fmul(
                    builder.load(one, align=8), builder.load(other, align=8)
                )
                builder.store(builder.fadd(builder.load(total), product), total)
        lanes = _transpose(builder, [builder.load(total) for total in sums])
        halves = builder.fadd(lanes[0], lanes[1]), builder.fadd(lanes[2], lanes[3])
        (at_run,) = _vectors(context, builder, signature.args[10], args[10], args[11:])
        total = builder.fadd(builder.load(at_run, align=8), builder.fadd(*halves))
        builder.store(total, at_run, align=8)
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
add_dot_products: Any = (
    add_dot_products_plain if numba.config.DISABLE_JIT else intrinsic(_add_dot_products)
)
prefetch: Any = _no_prefetch if numba.config.DISABLE_JIT else intrinsic(_prefetch)
