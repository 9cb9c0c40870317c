"""Files: scored in parts, written whole or not at all, every row accounted for.

A run is cut into parts by its inputs alone. Each part is read, scored and written at
the same time, into a hidden staging folder; when all are there, the account is drawn up
and everything moves to its place, the manifest last::

    _score_file -> _run -> _part_pool -> _part_run -> _block_scorer -> _rejects, _tally
                                      -> _one_file (a single output, by checkpoints)
                        -> _journal, _stretches, _kept_parts (for a run that resumes)
                        -> _finish, _manifest -> _report

The workers of another engine score by ``_batch_function``. ``cfscore.scoring`` does not
import this package before a file is scored: it is a tenth of the time to a first score.
"""

from cfscore.scoring.files._batch_function import BatchFunction, batch_function
from cfscore.scoring.files._estimate import RunEstimate
from cfscore.scoring.files._options import FileOptions, Progress
from cfscore.scoring.files._report import FileReport
from cfscore.scoring.files._score_file import estimate_file, score_file

__all__ = [
    "BatchFunction",
    "FileOptions",
    "FileReport",
    "Progress",
    "RunEstimate",
    "batch_function",
    "estimate_file",
    "score_file",
]
