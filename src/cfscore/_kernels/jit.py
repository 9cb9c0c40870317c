"""The one jit decorator: serial, nogil, exact, compiled on first use, cached on disk.

Every kernel is declared with explicit signatures whose array inputs are read-only, so
that writable and read-only arrays share one compiled version. ``fastmath`` is off:
NaN means "missing" here. Kernels are serial; callers slice rows over threads.

The cache lies in ``$CFSCORE_CACHE_DIR`` or ``~/.cache/cfscore`` under a name made of
the numba version, the CPU and a hash of all kernel sources (numba itself does not see
an edit in a helper file). Where that folder is not writable, kernels are compiled in
memory.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
from numba import types
from numba.core.caching import FunctionCache, _CacheLocator
from numba.core.runtime import rtsys
from numba.extending import register_jitable

from cfscore._kernels.numba_import import hidden

__all__ = ["cache_folder", "code_size", "kernel", "subroutine"]

Types = tuple[Any, ...]

#: Held while a kernel is compiled, and across a fork: numba holds locks of its own
#: while it compiles, for which a child forked meanwhile would wait without end.
_compiling = threading.RLock()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_compiling.acquire,
        after_in_parent=_compiling.release,
        after_in_child=_compiling.release,
    )


def read_only(element: Any, ndim: int = 1) -> Any:
    """Return the type of a C-contiguous read-only array (accepts writable ones)."""
    return types.Array(element, ndim, "C", readonly=True)


def writable(element: Any, ndim: int = 1) -> Any:
    """Return the type of a C-contiguous writable array."""
    return types.Array(element, ndim, "C")


def cache_folder() -> Path | None:
    """Return the folder of compiled kernels, None where nothing can be written."""
    root = os.environ.get("CFSCORE_CACHE_DIR")
    base = Path(root) if root else _default_cache_root()
    if base is None:
        return None
    folder = base / f"kernels-{_version_stamp()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _default_cache_root() -> Path | None:
    xdg = os.environ.get("XDG_CACHE_HOME")
    if xdg:
        return Path(xdg) / "cfscore"
    try:
        return Path.home() / ".cache" / "cfscore"
    except RuntimeError:  # no home folder is known
        return None


def _version_stamp() -> str:
    """Return a name for one interpreter, numba, CPU and state of the sources."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    digest.update(np.__version__.encode())
    digest.update(llvm.get_host_cpu_name().encode())
    digest.update(str(llvm.get_host_cpu_features().flatten()).encode())
    python = f"{sys.version_info.major}{sys.version_info.minor}"
    return f"py{python}-numba{numba.__version__}-{digest.hexdigest()[:16]}"


class _FolderLocator(_CacheLocator):  # type: ignore[misc]
    """Put a kernel's cache files into the version-stamped folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name

    def get_cache_path(self) -> str:
        return str(self._folder)

    def get_source_stamp(self) -> str:
        return self._folder.name

    def get_disambiguator(self) -> str:
        return self._name


def _folder_cache(function: Callable[..., Any], folder: Path) -> FunctionCache:
    """Return numba's function cache, pointed at ``folder``."""
    name = f"{function.__module__}.{function.__qualname__}"
    locator = _FolderLocator(folder, name)

    class _Impl(FunctionCache._impl_class):  # type: ignore[misc]
        def __init__(self, py_func: Callable[..., Any]) -> None:
            self._lineno = py_func.__code__.co_firstlineno
            self._locator = locator
            self._filename_base = self.get_filename_base(name, sys.abiflags)

    class _Cache(FunctionCache):  # type: ignore[misc]
        _impl_class = _Impl

        def load_overload(self, sig: Types, target_context: Any) -> Any:
            # numba's own method also registers everything that it can compile: half of
            # the time of a first score, and of no use to what is compiled already.
            rtsys.initialize(target_context)
            with self._guard_against_spurious_io_errors():
                return self._load_overload(sig, target_context)

    return _Cache(function)


class Kernel:
    """A jitted function that is loaded from the cache or compiled at its first call."""

    def __init__(
        self, function: Callable[..., Any], signatures: tuple[Types, ...]
    ) -> None:
        self.function = function
        self.signatures = signatures
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__module__ = function.__module__
        self._compiled: Any = None

    def __call__(self, *args: Any) -> Any:
        """Run the compiled kernel."""
        compiled = self._compiled
        return (compiled if compiled is not None else self.compile())(*args)

    def compile(self) -> Any:
        """Return the compiled dispatcher, loading or compiling every signature."""
        with _compiling:
            if self._compiled is None:
                dispatcher = numba.njit(
                    nogil=True,
                    fastmath=False,
                    error_model="numpy",
                    boundscheck=False,
                    no_cfunc_wrapper=True,
                )(self.function)
                folder = cache_folder()
                if folder is not None and not numba.config.DISABLE_JIT:
                    dispatcher._cache = _folder_cache(self.function, folder)
                if not numba.config.DISABLE_JIT:
                    with hidden("scipy"):
                        for signature in self.signatures:
                            dispatcher.compile(signature)
                    dispatcher.disable_compile()
                self._compiled = dispatcher
        return self._compiled


def kernel(*signatures: Types) -> Callable[[Callable[..., Any]], Kernel]:
    """Declare a kernel with its argument types.

    Parameters
    ----------
    *signatures : tuple of numba types
        Argument types of each version; inputs by ``read_only``, outputs by
        ``writable``.
    """

    def decorate(function: Callable[..., Any]) -> Kernel:
        return Kernel(function, signatures)

    return decorate


def subroutine(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let kernels call a small function of scalars.

    The compiler inlines it into their loops; numba's own ``inline="always"`` does so
    earlier and kept it from vectorising them (1.8 instead of 0.8 ns a row and tree).
    """
    made: Callable[..., Any] = register_jitable(no_cfunc_wrapper=True)(function)
    return made


def code_size(declared: Kernel) -> int:
    """Return a measure of how long a kernel takes to compile.

    It is the bytes of its code and of the subroutines' that it names, for every
    signature.
    """
    sizes: dict[str, int] = {}
    waiting: list[Any] = [declared.function]
    while waiting:
        function = waiting.pop()
        code = function.__code__
        if code.co_name in sizes:
            continue
        sizes[code.co_name] = len(code.co_code)
        named = [function.__globals__.get(name) for name in code.co_names]
        waiting += [found for found in named if isinstance(found, FunctionType)]
    return sum(sizes.values()) * len(declared.signatures)
