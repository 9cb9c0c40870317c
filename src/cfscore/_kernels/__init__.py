"""Numba kernels: numpy arrays in, numpy arrays out, nothing above known here."""

from cfscore._kernels import numba_import

__all__ = ["numba_import"]
