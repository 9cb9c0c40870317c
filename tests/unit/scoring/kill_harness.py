"""Kills scoring runs and resumes them: run as a script, by ``test_files_kill``.

Every run is a forked child, so that a hundred of them do not import everything anew.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from cfscore.scoring import Scorer, load_plan
from cfscore.scoring.files import _parts
from tests.unit.scoring.file_runs import content

_CALLS = ("fsync", "replace", "link", "unlink", "open", "mkdir")


class Harness:
    """Runs of one plan over one folder of inputs."""

    def __init__(self, plan: Path, inputs: Path, folder: Path, layout: str) -> None:
        self.scorer = Scorer(load_plan(plan), threads=2)
        self.inputs = inputs
        self.folder = folder
        self.target = folder / ("out" if layout == "folder" else f"out.{layout}")

    def score(self, resume: bool, reasons: int = 2) -> None:
        """Score everything, as a child does."""
        self.scorer.score_file(
            self.inputs,
            self.target,
            reasons=reasons,
            keep=["id"],
            on_bad="quarantine",
            resume=resume,
        )

    def child(self, before: Callable[[], None], resume: bool) -> int:
        """Begin a run in a child."""
        pid = os.fork()
        if pid == 0:
            warnings.simplefilter("ignore")  # of locks taken over
            before()
            self.score(resume)
            os._exit(0)
        return pid

    def is_killed(self, pid: int) -> bool:
        """Wait for a child, which either ends well or was killed."""
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return True
        assert os.WEXITSTATUS(status) == 0
        return False

    def start_anew(self) -> None:
        """Remove all that earlier runs have written."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def visible(self) -> dict[str, bytes]:
        """Return what is there for others to read."""
        found = content(self.folder)
        return {name: found[name] for name in found if "/." not in f"/{name}"}

    def has_manifest(self) -> bool:
        """Return whether something tells of a whole output."""
        return any("manifest" in name for name in self.visible())

    def finish(self) -> dict[str, bytes]:
        """Resume until all is done; return what is there then."""
        assert not self.is_killed(self.child(lambda: None, resume=True))
        return content(self.folder)


class KillAtCall:
    """Kills its process at the n-th call to the system, as a power cut would.

    Whatever was written since a file was last flushed is lost, all of it.
    """

    def __init__(self, n: int, folder: Path) -> None:
        self.left, self.folder = n, folder
        self.flushed = {
            path.stat().st_ino: path.stat().st_size
            for path in folder.rglob("*")
            if path.is_file()
        }
        self.real = {name: getattr(os, name) for name in _CALLS}

    def __call__(self) -> None:
        """Put itself between this process and the system."""
        for name in _CALLS:
            setattr(os, name, self.instead_of(name))

    def instead_of(self, name: str) -> Callable[..., object]:
        def call(*given: object, **more: object) -> object:
            self.left -= 1
            if self.left == -1:
                self.lose()
                os.kill(os.getpid(), signal.SIGKILL)
            if name == "fsync":
                state = os.fstat(int(str(given[0])))
                self.flushed[state.st_ino] = state.st_size
            return self.real[name](*given, **more)

        return call

    def lose(self) -> None:
        for path in self.folder.rglob("*"):
            if path.is_file():
                state = path.stat()
                flushed = self.flushed.get(state.st_ino, 0)
                if flushed < state.st_size:
                    os.truncate(path, flushed)


def kill_at_every_call(harness: Harness) -> dict[str, int]:
    """Kill at the first call, the second, ... and resume each time.

    Every other time there is an earlier output, of other options. Wherever there is a
    manifest, all of the earlier output is there, or all of the new one.
    """
    harness.score(resume=False, reasons=1)
    earlier = content(harness.folder)
    harness.score(resume=False)
    whole = content(harness.folder)
    n, n_without_manifest = 0, 0
    while True:
        harness.start_anew()
        if n % 2:
            harness.score(resume=False, reasons=1)
        killer = KillAtCall(n, harness.folder)
        if not harness.is_killed(harness.child(killer, resume=False)):
            break
        n += 1
        if harness.has_manifest():
            assert harness.visible() in (earlier, whole), n
        else:
            n_without_manifest += 1
        assert harness.finish() == whole, n
    return {"kills": n, "files": len(whole), "unfinished": n_without_manifest}


def kill_at_random(harness: Harness, n_kills: int, seed: int) -> dict[str, int]:
    """Kill at random times, several times in a run, and resume each time."""
    begin = time.perf_counter()
    assert not harness.is_killed(harness.child(lambda: None, resume=False))
    seconds = time.perf_counter() - begin
    whole = content(harness.folder)
    draw = random.Random(seed)
    killed, resumed = 0, 0
    while killed < n_kills:
        harness.start_anew()
        for attempt in range(draw.randint(1, 3)):
            pid = harness.child(lambda: None, resume=attempt > 0)
            time.sleep(draw.uniform(0.0, seconds))
            os.kill(pid, signal.SIGKILL)
            killed += harness.is_killed(pid)
            resumed += attempt > 0
        assert harness.finish() == whole
    return {"kills": killed, "resumed": resumed, "files": len(whole)}


def main(arguments: list[str]) -> None:
    """Run what the arguments say and print what came of it."""
    what, plan, inputs, folder, layout, n_rows, *more = arguments
    _parts.PART_ROWS = int(n_rows)
    harness = Harness(Path(plan), Path(inputs), Path(folder), layout)
    if what == "calls":
        found = kill_at_every_call(harness)
    else:
        found = kill_at_random(harness, *map(int, more))
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
