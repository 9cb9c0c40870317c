"""Compiling every kernel at once, for an image build or a cluster node."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import cfscore._kernels
from cfscore._kernels import jit

__all__ = ["compile_all_kernels"]


def compile_all_kernels() -> int:
    """Compile or load the kernels of every kernel module; return how many there are."""
    for module in pkgutil.iter_modules(cfscore._kernels.__path__):
        import_module(f"cfscore._kernels.{module.name}")
    return jit.compile_declared()
