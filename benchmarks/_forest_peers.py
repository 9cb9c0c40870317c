"""Forest peers: other ways to score a LightGBM model, where they are installed.

lleaves 1.3 runs with llvmlite up to 0.44, which numba 0.61 brings.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._forest_models import N_FEATURES, Forest

__all__ = ["PEERS", "Predict", "build_peer"]

Floats = NDArray[np.float64]
#: Log-odds (or PD, where the peer gives nothing else) of rows, on some threads.
Predict = Callable[[Floats, int], Floats]


def build_peer(name: str, forest: Forest) -> tuple[Predict | None, str]:
    """Return a peer's prediction for a model, or None and why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they say of their own dependencies
            return PEERS[name](forest), ""
    except ModuleNotFoundError as error:
        return None, f"{name}: not measured, {error.name} is not installed"
    except AttributeError as error:  # lleaves 1.3 with a later llvmlite
        return None, f"{name}: not measured, does not run here ({error})"


def _build_lleaves(forest: Forest) -> Predict:
    lleaves = import_module("lleaves")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.txt")
        forest.booster.save_model(path)
        model = lleaves.Model(model_file=str(path))
        model.compile(raw_score=True)

    def predict(rows: Floats, threads: int) -> Floats:
        found: Floats = model.predict(rows, n_jobs=threads)
        return found

    return predict


def _build_onnxruntime(forest: Forest) -> Predict:
    runtime = import_module("onnxruntime")
    tools = import_module("onnxmltools")
    types = import_module("onnxmltools.convert.common.data_types")
    model = tools.convert_lightgbm(
        forest.booster,
        initial_types=[("rows", types.FloatTensorType([None, N_FEATURES]))],
        zipmap=False,
    ).SerializeToString()
    sessions = {}
    for threads in (1, 2):
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        sessions[threads] = runtime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )

    def predict(rows: Floats, threads: int) -> Floats:
        given = {"rows": rows.astype(np.float32)}
        pd = np.asarray(sessions[threads].run(None, given)[1])[:, 1].astype(float)
        return np.log(pd) - np.log1p(-pd)

    return predict


PEERS = {"lleaves": _build_lleaves, "onnxruntime": _build_onnxruntime}
