"""Damaged model texts end to end, each in a process of its own.

Run as a script: reads a JSON list of texts (as hexadecimal bytes), writes a JSON list
of what happened to each: the code of a refusal, ``"same"`` where LightGBM's raw scores
are those of the trees read, ``"different"``, or how the process died. LightGBM is only
imported before the forks, never used, as its threads do not survive them.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import lightgbm
import numpy as np

from cfscore.compiler._lightgbm_text import read_lightgbm_text
from cfscore.compiler._lightgbm_write import write_lightgbm_text
from cfscore.compiler._tree_probes import probe_rows
from cfscore.exceptions import CompileError
from tests.oracles.forest import raw_score

SECONDS_PER_TEXT = 60


def judge(data: bytes) -> str:
    """Return what becomes of one text."""
    try:
        model = read_lightgbm_text(data)
    except CompileError as refusal:
        return refusal.code
    rows = probe_rows(model.trees, model.n_features, 256)
    found = [raw_score(model.trees, row) for row in rows.tolist()]
    for text in (data.decode(), write_lightgbm_text(model)):
        booster = lightgbm.Booster(model_str=text)
        raw = booster.predict(rows, raw_score=True, num_threads=1)
        if not np.array_equal(raw, found):
            return "different"
    return "same"


def judge_apart(data: bytes) -> str:
    """Return the same, or the end of the process that tried."""
    readable, writable = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(readable)
        signal.alarm(SECONDS_PER_TEXT)
        os.write(writable, judge(data).encode())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as pipe:
        answer = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return answer if status == 0 else f"died with status {status}"


if __name__ == "__main__":
    texts = [bytes.fromhex(text) for text in json.load(sys.stdin)]
    answers = [judge_apart(text) for text in texts]
    print("answers:" + json.dumps(answers))
