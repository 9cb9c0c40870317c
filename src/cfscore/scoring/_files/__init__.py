"""Files: scored in parts, written whole or not at all, every row accounted for.

A run is cut into parts by its inputs alone. Each part is read, scored and written at
the same time, into a hidden staging folder; when all are there, the account is drawn up
and everything moves to its place, the manifest last::

    _score_file -> _run -> _part_pool -> _part_run -> _block_scorer -> _rejects, _tally
                        -> _journal (finished parts, for a run that resumes)
                        -> _finish, _manifest -> _report
"""

from cfscore.scoring._files._estimate import RunEstimate
from cfscore.scoring._files._options import FileOptions, OnBad, Progress
from cfscore.scoring._files._rejects import row_faults
from cfscore.scoring._files._report import FileReport
from cfscore.scoring._files._score_file import estimate_file, score_file

__all__ = [
    "FileOptions",
    "FileReport",
    "OnBad",
    "Progress",
    "RunEstimate",
    "estimate_file",
    "row_faults",
    "score_file",
]
