"""``cfscore doctor``: what is installed, what is missing, and what to do about it."""

from __future__ import annotations

import ctypes.util
import os
import platform
import re
import sys
from argparse import Namespace
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

from cfscore import __version__
from cfscore.cli._command_parser import CommandParser
from cfscore.cli._exit_status import ExitCode
from cfscore.cli._streams import write_data, write_json, write_message

__all__ = ["Package", "build_parser", "examine", "run"]

_CORE = ("numpy", "numba", "pyarrow", "narwhals", "rich")
_EXTRAS = ("train", "report", "spark")
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+).*extra == ['\"](?P<extra>\w+)")


@dataclass(frozen=True)
class Package:
    """One package that cfscore uses.

    Parameters
    ----------
    name : str
        Name on the registry.
    extra : str
        Extra that installs it; ``"core"`` where cfscore cannot do without.
    version : str or None
        Installed version, None where it is missing.
    fault : str or None
        Why it cannot be imported; looked at for core packages only.
    """

    name: str
    extra: str
    version: str | None
    fault: str | None = None


def build_parser() -> CommandParser:
    """Return the parser of ``cfscore doctor``."""
    parser = CommandParser("doctor", "Show versions, threads, caches, what is missing.")
    parser.add_argument(
        "--json", action="store_true", help="one line of JSON on stdout"
    )
    return parser


def run(arguments: Namespace) -> int:
    """Show the state of the installation; 70 where the core is broken."""
    packages = [*map(_core_package, _CORE), *_optional_packages()]
    is_broken = any(package.fault for package in packages)
    facts = examine(packages)
    if arguments.json:
        listed = [asdict(package) for package in packages]
        write_json({"ok": not is_broken, **facts, "packages": listed})
    else:
        write_data(_text(facts, packages))
    if is_broken:
        broken = ", ".join(package.name for package in packages if package.fault)
        write_message(
            f"cfscore: error [BROKEN_INSTALL]: cannot import {broken}. "
            "Run: pip install --force-reinstall cfscore"
        )
        return ExitCode.INTERNAL
    return ExitCode.DONE


def examine(packages: list[Package]) -> dict[str, Any]:
    """Return what can be told of this machine and installation.

    Parameters
    ----------
    packages : list of Package
        Packages as they were found.

    Returns
    -------
    dict of str to value
        Ready for JSON.
    """
    is_numba_broken = any(p.fault for p in packages if p.name in ("numba", "numpy"))
    folder = None
    if not is_numba_broken:
        folder = import_module("cfscore._kernels.jit").cache_folder()
    extras = (p.extra for p in packages if p.version is None and p.extra != "core")
    return {
        "cfscore": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "threads": _available_cpus(),
        "kernel_cache": None if folder is None else str(folder),
        "libgomp": ctypes.util.find_library("gomp"),
        "missing_extras": list(dict.fromkeys(extras)),
    }


def _available_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _core_package(name: str) -> Package:
    """Return a core package, imported to see whether it works."""
    fault = None
    try:
        import_module(name)
    except (ImportError, OSError) as error:
        fault = type(error).__name__
    return Package(name, "core", _version(name), fault)


def _optional_packages() -> list[Package]:
    """Return the packages of the extras, as this distribution declares them."""
    try:
        declared = requires("cfscore") or []
    except PackageNotFoundError:
        return []
    found = [_REQUIREMENT.match(line) for line in declared]
    return [
        Package(match["name"], match["extra"], _version(match["name"]))
        for match in found
        if match and match["extra"] in _EXTRAS
    ]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _text(facts: dict[str, Any], packages: list[Package]) -> str:
    cache = facts["kernel_cache"] or "none is writable: kernels are compiled each time"
    gomp = facts["libgomp"] or "not found; LightGBM needs it (apt install libgomp1)"
    lines = [
        f"cfscore   {facts['cfscore']}",
        f"python    {facts['python']}  {facts['executable']}",
        f"platform  {facts['platform']}",
        f"threads   {facts['threads']} of {facts['cpus']} CPUs",
        f"kernels   {cache}",
        f"libgomp   {gomp}",
        *(_package_line(package) for package in packages),
        *(f'missing   pip install "cfscore[{e}]"' for e in facts["missing_extras"]),
    ]
    return "\n".join(lines) + "\n"


def _package_line(package: Package) -> str:
    state = f"cannot be imported ({package.fault})" if package.fault else ""
    found = package.version or "not installed"
    return f"{package.extra:<8}  {package.name:<14} {found} {state}".rstrip()
