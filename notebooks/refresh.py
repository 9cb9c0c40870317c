"""Runs the notebooks and writes them back in the form in which they are committed.

::

    python -m notebooks.refresh

Outputs are kept, with everything removed that differs between two equal runs: times,
addresses of objects, the ids that editors give to cells, versions of the interpreter.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbformat import NotebookNode

__all__ = ["NOTEBOOKS", "execute", "settle"]

NOTEBOOKS = sorted(Path(__file__).parent.glob("*.ipynb"))

SECONDS_PER_CELL = 300  # a stuck cell fails; a busy machine does not

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_ADDRESS = re.compile(r" at 0x[0-9a-f]+(?=>)")


class _ThisInterpreter(KernelSpecManager):
    """Runs every kernel on this interpreter, whatever else is installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


def execute(path: Path, folder: Path) -> NotebookNode:
    """Return the notebook with the outputs of a run in a folder.

    Parameters
    ----------
    path : Path
        The notebook; it is not changed.
    folder : Path
        Working directory of its kernel.
    """
    client = NotebookClient(
        nbformat.read(path, as_version=4),
        km=AsyncKernelManager(kernel_spec_manager=_ThisInterpreter()),
        timeout=SECONDS_PER_CELL,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    # A backend chosen for this process is not the notebook's. One thread for BLAS: on a
    # busy machine its threads wait for each other, and a fit takes 10 s instead of 1.
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    environment.pop("MPLBACKEND", None)
    return client.execute(env=environment, cleanup_kc=True)


def settle(notebook: NotebookNode) -> str:
    """Return the text of a notebook without what differs between equal runs.

    Parameters
    ----------
    notebook : NotebookNode
        Executed; it is changed.
    """
    notebook.metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {}
        for output in cell.get("outputs", []):
            plain = output.get("data", {}).get("text/plain")
            if plain is not None:
                output.data["text/plain"] = _ADDRESS.sub("", plain)
    nbformat.validate(notebook)
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def _refresh() -> None:
    for path in NOTEBOOKS:
        with TemporaryDirectory() as folder:
            text = settle(execute(path, Path(folder)))
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _refresh()
