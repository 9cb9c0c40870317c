"""Vector instructions that the compiler does not find by itself."""

from __future__ import annotations

from functools import partial
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from cfscore._kernels.jit import subroutine

__all__ = [
    "add_dot_products_1",
    "add_dot_products_2",
    "add_dot_products_4",
    "add_dot_products_plain",
    "add_transposed",
    "add_transposed_plain",
    "dot_product",
    "prefetch",
]

_LANES = 4
_AT = tuple(np.uint64(lane) for lane in range(_LANES + 1))


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
def dot_product(table: Any, x: Any, y: Any, n: Any) -> float:
    """Return the dot product of two runs of ``n`` numbers, a multiple of 4.

    All but the table are uint64.

    The products of every fourth number are added first, then the four sums two by two.
    """
    first = second = third = fourth = 0.0
    for at in range(_AT[0], n, _AT[4]):
        first += table[x + at] * table[y + at]
        second += table[x + at + _AT[1]] * table[y + at + _AT[1]]
        third += table[x + at + _AT[2]] * table[y + at + _AT[2]]
        fourth += table[x + at + _AT[3]] * table[y + at + _AT[3]]
    return (first + second) + (third + fourth)


def add_dot_products_plain(
    n_vectors: int,
    table: Any,
    a: Any,
    b: Any,
    c: Any,
    d: Any,
    w: Any,
    x: Any,
    y: Any,
    z: Any,
    out: Any,
    run: Any,
) -> None:
    """Add the dot products of ``a`` and ``w``, ``b`` and ``x``, ... to a run."""
    for lane, (one, other) in enumerate(((a, w), (b, x), (c, y), (d, z))):
        starts = np.uint64(one), np.uint64(other)
        out[run + lane] += dot_product(table, *starts, np.uint64(_LANES * n_vectors))


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


def _add_dot_products(n_vectors: int) -> Any:
    """Return what ``add_dot_products_plain`` does, the four rows side by side."""

    def add(
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
        out: Any,
        run: Any,
    ) -> Any:
        signature = types.void(table, *[types.int64] * 8, out, types.int64)

        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            # Nothing writes to the table, so a row's vectors can stay in registers
            # from one feature to the next.
            constant = builder.module.add_metadata([])

            def loaded(starts: Any, number: int) -> Any:
                ahead = ir.Constant(ir.IntType(64), _LANES * number)
                starts = [builder.add(start, ahead) for start in starts]
                for at in _vectors(
                    context, builder, signature.args[0], args[0], starts
                ):
                    vector = builder.load(at, align=8)
                    vector.set_metadata("invariant.load", constant)
                    yield vector

            zero = ir.Constant(ir.VectorType(ir.DoubleType(), _LANES), [0.0] * _LANES)
            sums = [zero] * _LANES
            for number in range(n_vectors):
                ones, others = loaded(args[1:5], number), loaded(args[5:9], number)
                sums = [
                    builder.fadd(total, builder.fmul(one, other))
                    for total, one, other in zip(sums, ones, others, strict=True)
                ]
            lanes = _transpose(builder, sums)
            halves = builder.fadd(lanes[0], lanes[1]), builder.fadd(lanes[2], lanes[3])
            (at,) = _vectors(context, builder, signature.args[9], args[9], args[10:])
            total = builder.fadd(builder.load(at, align=8), builder.fadd(*halves))
            builder.store(total, at, align=8)
            return context.get_dummy_value()

        return signature, generate

    return add


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


def _compiled(plain: Any, generator: Any) -> Any:
    """Return an intrinsic, or its plain form where NUMBA_DISABLE_JIT is set."""
    return plain if numba.config.DISABLE_JIT else intrinsic(generator)


add_transposed = _compiled(add_transposed_plain, _add_transposed)
add_dot_products_1, add_dot_products_2, add_dot_products_4 = (
    _compiled(partial(add_dot_products_plain, n), _add_dot_products(n))
    for n in (1, 2, 4)
)
prefetch = _compiled(_no_prefetch, _prefetch)
