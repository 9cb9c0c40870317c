"""Thousands of damaged texts: refused, or read as exactly what they say.

On LightGBM's own reader a third of such texts crash or hang the process.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from cfscore.compiler._lightgbm_text import LightGBMText, read_lightgbm_text
from cfscore.compiler._lightgbm_write import write_lightgbm_text
from cfscore.exceptions import CompileError
from tests.lightgbm_models import CATEGORICAL, resized, train, training_rows

pytest.importorskip("lightgbm")

ROOT = Path(__file__).parents[3]
CODES = {"HEADER", "TEXT", "TREE", "TAIL", "VERSION"} | {
    "LINEAR_TREE",
    "MULTICLASS",
    "OBJECTIVE",
}
#: Lines of Python that reading may run per byte of text; whole ones need 0.2 to 0.6.
MOST_STEPS_PER_BYTE = 1.0

Mutation = Callable[[bytes, np.random.Generator], bytes]


def place(data: bytes, pattern: bytes, rng: np.random.Generator) -> re.Match[bytes]:
    found = list(re.finditer(pattern, data))
    return found[rng.integers(len(found))]


def splice(data: bytes, match: re.Match[bytes], new: bytes) -> bytes:
    return data[: match.start()] + new + data[match.end() :]


def replace_byte(data: bytes, rng: np.random.Generator) -> bytes:
    at = int(rng.integers(len(data)))
    new = rng.integers(32, 127) if rng.random() < 0.8 else rng.integers(256)
    return data[:at] + bytes([new]) + data[at + 1 :]


def change_digit(data: bytes, rng: np.random.Generator) -> bytes:
    return splice(data, place(data, b"[0-9]", rng), b"%d" % rng.integers(10))


def cut(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: rng.integers(len(data))]


def cut_without_sizes(data: bytes, rng: np.random.Generator) -> bytes:
    return cut(re.sub(b"tree_sizes=.*\n", b"", data), rng)


def drop_line(data: bytes, rng: np.random.Generator) -> bytes:
    return splice(data, place(data, b"[^\n]*\n", rng), b"")


def double_line(data: bytes, rng: np.random.Generator) -> bytes:
    match = place(data, b"[^\n]+\n", rng)
    return splice(data, match, match[0] * 2)


def swap_lines(data: bytes, rng: np.random.Generator) -> bytes:
    lines = data.split(b"\n")
    one, two = rng.integers(len(lines), size=2)
    lines[one], lines[two] = lines[two], lines[one]
    return b"\n".join(lines)


def drop_number(data: bytes, rng: np.random.Generator) -> bytes:
    return splice(data, place(data, b" [0-9.e-]+", rng), b"")


def swap_numbers(data: bytes, rng: np.random.Generator) -> bytes:
    match = place(data, b"([0-9.e-]+) ([0-9.e-]+)", rng)
    return splice(data, match, match[2] + b" " + match[1])


def change_number(data: bytes, rng: np.random.Generator) -> bytes:
    new = rng.choice(
        ["0", "-1", "1", "2", "-9", "15", "1e999", "nan", "inf", "0x1", ""]
    )
    return splice(data, place(data, b"(?<=[ =])[0-9.e-]+", rng), new.encode())


def then_resized(mutate: Mutation) -> Mutation:
    """Repair ``tree_sizes``, so that the damage meets the checks behind that one."""

    def mutate_and_resize(data: bytes, rng: np.random.Generator) -> bytes:
        changed = mutate(data, rng).decode()
        if "\nTree=0\n" in changed and "\nend of trees\n" in changed:
            changed = resized(changed)
        return changed.encode()

    return mutate_and_resize


#: Mutation, how many of them, and whether accepted texts may say other numbers.
KINDS: dict[str, tuple[Mutation, int, bool]] = {
    "one byte replaced": (replace_byte, 400, True),
    "one digit changed": (change_digit, 300, True),
    "cut": (cut, 150, False),
    "cut, without tree_sizes": (cut_without_sizes, 150, False),
    "a line dropped": (drop_line, 100, False),
    "a line dropped, sizes repaired": (then_resized(drop_line), 150, False),
    "a line doubled, sizes repaired": (then_resized(double_line), 100, False),
    "two lines swapped, sizes repaired": (then_resized(swap_lines), 100, True),
    "a number dropped, sizes repaired": (then_resized(drop_number), 150, True),
    "two numbers swapped, sizes repaired": (then_resized(swap_numbers), 150, True),
    "a number changed, sizes repaired": (then_resized(change_number), 250, True),
}


@pytest.fixture(scope="module")
def original() -> bytes:
    rows, outcomes = training_rows()
    training = {"min_data_per_group": 1, "cat_smooth": 0.1, "num_leaves": 6}
    text = train(rows, outcomes, 3, CATEGORICAL, **training).model_to_string()
    assert "num_cat=1" in text
    # Fewer parameters: most bytes belong to the trees.
    return re.sub(r"(?m)^\[(?!objective|categ|data).*\n", "", text).encode()


@contextmanager
def bounded_steps(most: float) -> Iterator[None]:
    """Fail when the reader executes more lines of Python than allowed."""
    n_steps = 0

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal n_steps
        if "/cfscore/" not in frame.f_code.co_filename:
            return None
        n_steps += event == "line"
        assert n_steps <= most, "the reader does not come to an end"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield
    finally:
        sys.settrace(before)


def read_or_code(data: bytes) -> LightGBMText | str:
    try:
        with bounded_steps(1000 + MOST_STEPS_PER_BYTE * len(data)):
            return read_lightgbm_text(data)
    except CompileError as error:
        refusal = error
    assert refusal.code in CODES
    assert str(refusal).startswith("LightGBM model text, ")
    assert len(str(refusal)) < 400
    return refusal.code


Reading = tuple[str, bytes, LightGBMText | str]


@pytest.fixture(scope="module")
def readings(original: bytes) -> list[Reading]:
    """Return kind and bytes of every damaged text, and the model or refusal's code."""
    rng = np.random.default_rng(20)
    damaged = [
        (kind, mutate(original, rng))
        for kind, (mutate, count, _) in KINDS.items()
        for _ in range(count)
    ]
    return [(kind, data, read_or_code(data)) for kind, data in damaged]


def scoring_part(model: LightGBMText) -> str:
    """Return everything that decides about scores, as canonical text."""
    return write_lightgbm_text(model).partition("\npandas_categorical:")[0]


@pytest.mark.slow
def test_two_thousand_damaged_texts(original: bytes, readings: list[Reading]) -> None:
    expected = scoring_part(read_lightgbm_text(original))
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, _, model in readings:
        if isinstance(model, str):
            outcomes[kind]["refused"] += 1
            continue
        found = scoring_part(model)
        outcomes[kind]["same" if found == expected else "different"] += 1
        assert found == expected or KINDS[kind][2], kind
        assert model.trees.n_trees == 3
        assert scoring_part(read_lightgbm_text(found + "\n")) == found
    assert sum(sum(counts.values()) for counts in outcomes.values()) == 2000
    assert all(counts["refused"] > 0 for counts in outcomes.values()), outcomes
    assert outcomes["one digit changed"]["different"] > 30
    assert outcomes["two numbers swapped, sizes repaired"]["different"] > 30


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_fifty_damaged_texts_end_to_end(
    original: bytes, readings: list[Reading]
) -> None:
    """LightGBM sees what was accepted, as it came and as it was written again."""
    expected = scoring_part(read_lightgbm_text(original))
    changed = [
        data
        for _, data, model in readings
        if isinstance(model, LightGBMText) and scoring_part(model) != expected
    ]
    refused = [data for _, data, model in readings if isinstance(model, str)]
    chosen = [
        *changed[:: len(changed) // 40][:40],
        *refused[:: len(refused) // 10][:10],
    ]
    answers = ask_apart(chosen)
    assert answers[:40] == ["same"] * 40
    assert set(answers[40:]) <= CODES
    assert len(answers) == 50


def ask_apart(texts: list[bytes]) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, import_path()))}
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.lightgbm_judge"],
        input=json.dumps([text.hex() for text in texts]),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=True,
        timeout=600,
    )
    line = next(x for x in answer.stdout.splitlines() if x.startswith("answers:"))
    return json.loads(line.removeprefix("answers:"))


def import_path() -> list[Path]:
    """Return the folders of the tests and of the package that is under test."""
    package = Path(sys.modules["cfscore"].__file__).parent
    return [ROOT, package.parent]
