"""The ``cfscore`` command: one module per command, loaded when it is called.

Data go to files or stdout, messages and progress to stderr. Exit codes: 0 done,
2 usage, 3 input refused or too many rejects, 4 artefact refused, 5 output failed,
6 done with rejects and ``--fail-on-rejects``, 7 interrupted, 70 internal.
"""

from cfscore.cli._main import main

__all__ = ["main"]
