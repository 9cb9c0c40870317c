"""Arrow frame: what a result table offers to people who work with data frames."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Literal

import pyarrow as pa

from cfscore.exceptions import MissingExtraError

__all__ = ["ArrowFrame"]


class ArrowFrame:
    """A result with an Arrow form, and pandas and polars forms of the same."""

    def to_arrow(self) -> pa.Table:
        """Return the result as one Arrow table."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """Return the same columns as a pandas frame.

        Returns
        -------
        pandas.DataFrame
            With the columns of ``to_arrow``.

        Raises
        ------
        MissingExtraError
            When pandas is not installed.
        """
        return self._to_frame("pandas")

    def to_polars(self) -> Any:
        """Return the same columns as a polars frame.

        Returns
        -------
        polars.DataFrame
            With the columns of ``to_arrow``.

        Raises
        ------
        MissingExtraError
            When polars is not installed.
        """
        return self._to_frame("polars")

    def _to_frame(self, backend: Literal["pandas", "polars"]) -> Any:
        try:
            # by name and late: narwhals is 0.1 s of a process that leaves it alone
            frames = import_module("narwhals.stable.v2")
            frame = frames.from_arrow(self.to_arrow(), backend=backend)
        except ModuleNotFoundError as error:
            msg = f"{backend} is not installed."
            hint = 'Run: pip install "cfscore[train]"'
            raise MissingExtraError(msg, hint=hint) from error
        return frame.to_native()
