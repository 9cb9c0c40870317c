"""Compiling every kernel at once, for an image build or a cluster node."""

from __future__ import annotations

import gc
import os
import pkgutil
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

import cfscore._kernels
from cfscore._kernels import jit

__all__ = ["compile_all_kernels"]


def compile_all_kernels(processes: int | None = None) -> int:
    """Compile the kernels of every kernel module; return how many there are.

    Parameters
    ----------
    processes : int, optional
        Processes that compile, by default one a CPU: numba compiles one kernel at a
        time in a process. Where no cache can be written, other processes could hand
        over nothing, and this one compiles alone.
    """
    names = [module.name for module in pkgutil.iter_modules(cfscore._kernels.__path__)]
    n_processes = os.cpu_count() or 1 if processes is None else processes
    if n_processes == 1 or jit.cache_folder() is None:
        return sum(map(_compile_module, names))
    names.sort(key=_code_size, reverse=True)  # the longest first: none is waited for
    with ProcessPoolExecutor(
        n_processes,
        mp_context=get_context("spawn"),
        initializer=gc.disable,  # short-lived, and a twentieth of the time
    ) as pool:
        return sum(pool.map(_compile_module, names))


def _compile_module(name: str) -> int:
    """Compile the kernels of a module, which share subroutines."""
    kernels = _kernels_of(name)
    for kernel in kernels:
        kernel.compile()
    return len(kernels)


def _code_size(name: str) -> int:
    """Return a measure of how long a module takes to compile."""
    return sum(jit.code_size(kernel) for kernel in _kernels_of(name))


def _kernels_of(name: str) -> list[jit.Kernel]:
    module = import_module(f"cfscore._kernels.{name}")
    found = [value for value in vars(module).values() if isinstance(value, jit.Kernel)]
    return [kernel for kernel in found if kernel.__module__ == module.__name__]
