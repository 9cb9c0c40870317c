"""Kernels from the cache, kernels compiled anew, and both in one process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cfscore._kernels import digitize, forest, jit, warm_up

_ALONE = """
from cfscore._kernels.calibration import calibrate_affine
calibrate_affine.compile()
"""

# The first kernel comes from the cache, which prepares nothing for the second.
_BOTH = """
import sys
import numpy as np
from cfscore._kernels.calibration import calibrate_affine
from cfscore._kernels.forest import log_odds_of_raw
calibrate_affine.compile()
assert "numba.np.arraymath" not in sys.modules
found = np.empty(2)
log_odds_of_raw(np.array([1.0, 4.0]), 2.0, 3.0, 0.5, found)
assert found.tolist() == [2.0, 6.5]
assert "numba.np.arraymath" in sys.modules
assert "scipy" not in sys.modules
"""


@pytest.mark.slow
def test_a_kernel_is_compiled_after_one_came_from_the_cache(tmp_path: Path) -> None:
    environment = {**os.environ, "CFSCORE_CACHE_DIR": str(tmp_path)}
    for script in (_ALONE, _BOTH):
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_code_of_subroutines_and_every_signature_counts() -> None:
    assert len(forest.add_trees.signatures) == 2
    own = len(forest.add_trees.function.__code__.co_code)
    assert jit.code_size(forest.add_trees) > 2 * own
    assert jit.code_size(digitize.digitize_columns) < jit.code_size(forest.add_trees)


def test_processes_compile_the_same_kernels_as_one() -> None:
    alone = warm_up.compile_all_kernels(processes=1)
    assert alone >= 30
    assert warm_up.compile_all_kernels(processes=2) == alone


def test_without_a_cache_this_process_compiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("no other process is of use")

    n_kernels = warm_up.compile_all_kernels(processes=1)
    monkeypatch.setattr(jit, "cache_folder", lambda: None)
    monkeypatch.setattr(warm_up, "ProcessPoolExecutor", refuse)
    assert warm_up.compile_all_kernels(processes=2) == n_kernels
