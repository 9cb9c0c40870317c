"""Settings shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("default")


@pytest.fixture(scope="session")
def public_data() -> Path:
    """Return the folder of public data sets, or skip the test."""
    folder = os.environ.get("CFSCORE_TEST_DATA")
    if not folder:
        pytest.skip("CFSCORE_TEST_DATA names no folder of public data sets")
    return Path(folder)
