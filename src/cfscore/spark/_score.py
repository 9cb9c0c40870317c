"""Score: one Arrow batch of a Spark partition after another, in the workers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cfscore.exceptions import SchemaError
from cfscore.plan import decode_plan
from cfscore.scoring.files import BatchFunction, batch_function

__all__ = ["score"]


def score(
    df: Any,
    plan_path: str | os.PathLike[str],
    reasons: int = 4,
    keep: Sequence[str] | None = None,
    *,
    expect_sha256: str | None = None,
) -> Any:
    """Score every row of a Spark data frame with a plan.

    The plan is read on the driver, sent to the workers and loaded once in each of their
    processes; a task scores with one thread. The same row has the same bits as in a
    file or a table. Spark promises no order of rows: keep a column that identifies
    them.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
        Columns are matched by name.
    plan_path : str or path
        A plan file that the driver can read.
    reasons : int, default 4
        Number of reason codes per row.
    keep : sequence of str, optional
        Columns to carry over untouched, in front; all of them when omitted.
    expect_sha256 : str, optional
        Hash of the plan file, see ``load_plan``.

    Returns
    -------
    pyspark.sql.DataFrame
        Kept columns, log_odds, pd, score, reason_1 .. reason_k, status, and rejects:
        the faults of a row that cannot be scored, which has a status other than 0 and
        null scores, and ends no job.

    Raises
    ------
    SchemaError
        When columns are missing; all are listed.
    UsageError
        When a kept column has the name of a result.
    ArtifactError
        When the plan is refused.
    """
    kept = tuple(df.columns if keep is None else keep)
    function = batch_function(plan_path, reasons, kept, expect_sha256=expect_sha256)
    wanted = dict.fromkeys([*kept, *decode_plan(function.plan_bytes).schema.names])
    missing = [name for name in wanted if name not in df.columns]
    if missing:
        raise SchemaError(
            [(name, "MISSING_COLUMN", "is not in the data frame") for name in missing]
        )
    # PySpark itself stumbles over names with dots on the way into mapInArrow.
    numbered = df.select(
        [df[_quoted(name)].alias(f"c{i}") for i, name in enumerate(wanted)]
    )
    partition = _Partition(function, tuple(wanted))
    return numbered.mapInArrow(partition, _result_schema(df, kept, reasons))


@dataclass(frozen=True)
class _Partition:
    """Scores the batches of a partition, whose columns have lost their names."""

    function: BatchFunction
    names: tuple[str, ...]

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield a scored record batch for each one given."""
        named = (batch.rename_columns(list(self.names)) for batch in batches)
        yield from self.function.stream(named)


def _quoted(name: str) -> str:
    """Return a column's name as Spark takes it, whatever signs are in it."""
    return "`" + name.replace("`", "``") + "`"


def _result_schema(df: Any, kept: Sequence[str], reasons: int) -> Any:
    """Return the schema of the results, of the types of the data frame's own."""
    schema = type(df.schema)([df.schema[name] for name in kept])
    kinds = dict.fromkeys(("log_odds", "pd", "score"), "double")
    kinds |= {f"reason_{i + 1}": "string" for i in range(reasons)}
    kinds |= {"status": "short", "rejects": "string"}
    for name, kind in kinds.items():
        schema = schema.add(name, kind)
    return schema
