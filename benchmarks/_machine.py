"""Machine: where, when and with which versions a measurement was run."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import cfscore
from cfscore.execution import available_threads

__all__ = ["describe_machine"]


def describe_machine(packages: Iterable[str]) -> str:
    """Return date, processor, load and versions as one paragraph."""
    versions = [f"Python {platform.python_version()}"]
    versions += [f"{name} {_version(name)}" for name in packages]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    now = datetime.now(UTC)
    return (
        f"Run on {now:%d %B %Y}, {_processor()}, {available_threads()} CPUs available, "
        f"{platform.system()}, load average {load:.1f} when it ended. "
        f"{', '.join(versions)}."
    )


def _version(package: str) -> str:
    if package == "cfscore":  # it may run from its source
        return cfscore.__version__
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """Return the name of the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()
