"""Binner: a raw table becomes bins and weights of evidence."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from cfscore.binning._characteristic import (
    CharacteristicPlan,
    fit_characteristic,
    fit_characteristics,
    plan_characteristics,
    refuse_empty_table,
    warn_of_zero_cells,
)
from cfscore.binning._frames import bin_frame, summary_frame
from cfscore.binning._intake import held_table, refuse_no_columns, refuse_other_shape
from cfscore.binning._refusal import refuse_faulty_rows, refuse_training_values
from cfscore.binning._sample import read_sample
from cfscore.binning._settings import spelling_hint
from cfscore.binning._table import BinTable
from cfscore.exceptions import UsageError
from cfscore.plan import assign_attributes
from cfscore.tables import InputSchema, column_names, infer_schema, read_table

__all__ = ["Binner"]

#: Constructor parameters that hold for every characteristic unless `settings` differ.
_SHARED = (
    "max_bins",
    "min_bin_share",
    "min_bin_count",
    "laplace",
    "monotonic",
    "missing",
    "special",
    "unseen",
    "non_finite",
)


class Binner(TransformerMixin, BaseEstimator):
    """Bins every column of a table and replaces values by weights of evidence.

    Parameters
    ----------
    max_bins : int, default 8
        Most intervals or groups of a characteristic; special codes, MISSING and UNSEEN
        come on top.
    min_bin_share : float, default 0.05
        Least share of all cases in an interval or group.
    min_bin_count : int, default 30
        Least cases in an interval or group; also what ``"own"`` needs, below which it
        falls back to ``"neutral"``.
    laplace : float, default 0.5
        Pseudo-goods and pseudo-bads added to each filled bin; 0 means no smoothing.
    monotonic : {"auto", "ascending", "descending", "peak", "valley", "none", 1, -1}
        Course of the bad rate over the intervals of numeric columns; ``1`` and ``-1``
        are ascending and descending. Default "auto": the better of the two, or one
        turning point where that gains significantly.
    special_codes : list or mapping of column to list, optional
        Values that are no measurements, each its own bin. A list holds for every
        column: numbers for numeric ones, texts and numbers for categorical ones.
        Numeric columns hold float64, and refuse a whole number that none equals.
    categorical : list of str, optional
        Numeric columns to read as categories.
    missing : {"own", "neutral", "worst", "error"}, default "own"
        WOE of missing values: that of their own training cases, 0, the lowest of the
        characteristic, or none (rows are refused).
    special : {"own", "neutral", "error"} or mapping of code to one, default "own"
        WOE of special codes. With a mapping such as ``{-9994: "neutral"}`` a failed
        source is not learnt as risk, while the codes left out keep their own WOE.
    unseen : {"neutral", "missing", "worst", "error"}, default "neutral"
        WOE of categories that training did not hold.
    non_finite : {"value", "error"}, default "value"
        Whether infinities are values beyond every edge, or refused.
    edits : mapping of column to edges or groups, optional
        Bins given by hand, ``{"age": [25, 35], "city": [["A", "B"], ["C"]]}``; the
        solver is not asked. Edges and groups may also stand under that word.
    settings : mapping of column to mapping, optional
        Any of the parameters above, and those of the solver, for single columns (see
        ``BinningSettings``).
    n_jobs : int, optional
        Threads; None or -1 means one per available core. The result is the same.

    Attributes
    ----------
    tables_ : dict of str to BinTable
        Bin table of every characteristic, in column order.
    schema_ : InputSchema
        Columns and their kinds.
    totals_ : SampleTotals
        Cases, goods and bads of the training sample.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : array of shape (n_features_in_,)
        Column names, where the training table had any.

    Notes
    -----
    Orientation: 1 is bad, and WOE ``ln[(good_i/G) / (bad_i/B)]`` is positive where a
    bin is safer than the whole. Bins are ``[a, b)``.

    A fitted binner holds, next to its tables, the counts of every distinct value of
    each column, so that ``rebin`` needs no data. They cannot be joined to rows again,
    and are left out when the binner is pickled or deep-copied.

    Examples
    --------
    >>> inquiries = np.repeat([0, 1, 2, 3] * 2, [500, 300, 150, 50, 10, 20, 30, 40])
    >>> bad = np.repeat([0, 1], [1000, 100])
    >>> binner = Binner(edits={"inquiries": [1, 2, 3]}, laplace=0)
    >>> table = binner.fit({"inquiries": inquiries}, bad).table("inquiries")
    >>> table[["bin", "count", "bad_rate", "woe", "policy"]].round(3)
              bin  count  bad_rate    woe            policy
    0   [-inf, 1)    510     0.020  1.609               own
    1      [1, 2)    320     0.062  0.405               own
    2      [2, 3)    180     0.167 -0.693               own
    3    [3, inf]     90     0.444 -2.079               own
    4     MISSING      0       NaN  0.000  neutral (n < 30)
    """

    def __init__(  # noqa: PLR0913, PLR0917 - scikit-learn's way of parameters
        self,
        max_bins: int = 8,
        min_bin_share: float = 0.05,
        min_bin_count: int = 30,
        laplace: float = 0.5,
        monotonic: str | int = "auto",
        special_codes: Any = None,
        categorical: Iterable[str] | None = None,
        missing: str = "own",
        special: str | Mapping[Any, str] = "own",
        unseen: str = "neutral",
        non_finite: str = "value",
        edits: Mapping[str, Any] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.max_bins = max_bins
        self.min_bin_share = min_bin_share
        self.min_bin_count = min_bin_count
        self.laplace = laplace
        self.monotonic = monotonic
        self.special_codes = special_codes
        self.categorical = categorical
        self.missing = missing
        self.special = special
        self.unseen = unseen
        self.non_finite = non_finite
        self.edits = edits
        self.settings = settings
        self.n_jobs = n_jobs

    # -------------------------------------------------------------- fitting

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the bins of every column and their weights of evidence.

        Parameters
        ----------
        X : table of shape (n_rows, n_columns)
            Anything tabular: pandas, polars, Arrow, a mapping of arrays, a list of
            mappings, a 2-D array.
        y : array-like of shape (n_rows,)
            1 (or True) is bad, 0 (or False) is good.
        sample_weight : array-like of shape (n_rows,), optional
            Weight of each row. ``count`` and ``min_bin_count`` are about cases of
            positive weight; everything else is weighted, the solver's counts too.
            Weights count cases, as smoothing takes them to: bins, counts and weights of
            evidence under a given trend are those of repeated rows; others should
            average about 1. What asks how sure a difference is (``"auto"`` trends,
            p-values of the information value) goes by the effective number of cases,
            which a weight of 2 does not raise. Weights that count none are refused:
            goods or bads that sum to less than 0.5 (to less than 10 where the mean
            weight is below 0.1), or a mean above 1,000,000.

        Returns
        -------
        Binner
            The fitted binner.

        Raises
        ------
        SchemaError
            When columns are duplicated, of mixed kinds or have blank names.
        RowFaultError
            When cells cannot be read.
        UsageError
            When a parameter, a setting or an edit is wrong, or the weights do not
            count cases.
        FitError
            When the target is not binary, or no column can be binned.
        """
        X = held_table(X)
        schema = infer_schema(X, categorical=self.categorical)
        refuse_no_columns(X, schema)
        plans = self._plans(schema)
        batch = read_table(X, schema)
        refuse_faulty_rows(batch, {}, {})
        sample = read_sample(y, sample_weight, batch.n_rows)
        fitted = fit_characteristics(plans, batch, sample, self.n_jobs)
        refuse_training_values(fitted)
        refuse_empty_table(fitted)
        warn_of_zero_cells(fitted)
        self._keep_names(X, schema)
        self.schema_ = schema
        self.totals_ = sample.totals
        self.tables_ = {name: fit.table for name, fit in fitted.items()}
        self._counts = {name: fit.counts for name, fit in fitted.items()}
        return self

    def rebin(self, name: str, *, edges: Any = None, groups: Any = None) -> Self:
        """Return a new fitted binner with the bins of one characteristic edited.

        The edit is put into ``edits``, so that clones and refits keep it. The other
        characteristics stay as they are.

        Parameters
        ----------
        name : str
            Characteristic.
        edges : list of float, optional
            Ascending inner edges of a numeric characteristic.
        groups : list of list of str, optional
            Categories of each group; together all that training held.

        Returns
        -------
        Binner
            A fitted binner; this one is unchanged.

        Raises
        ------
        UsageError
            When not exactly one of ``edges`` and ``groups`` is given, it does not fit
            the characteristic, or this binner was unpickled and holds no counts.
        """
        check_is_fitted(self)
        self._known(name)
        if (edges is None) == (groups is None):
            msg = "rebin needs exactly one of edges and groups."
            raise UsageError(msg)
        if not hasattr(self, "_counts"):
            msg = "A binner that was pickled or copied holds no training counts."
            raise UsageError(msg, hint="Put the bins into edits={...} and fit again.")
        edit = {"edges": edges} if groups is None else {"groups": groups}
        new = copy.copy(self)
        new._counts = self._counts
        new.edits = {**(self.edits or {}), name: edit}
        plan = new._plans(self.schema_)[name]
        fitted = fit_characteristic(plan, self._counts[name], self.totals_)
        refuse_training_values({name: fitted})
        warn_of_zero_cells({name: fitted})
        new.tables_ = {**self.tables_, name: fitted.table}
        return new

    def _plans(self, schema: InputSchema) -> dict[str, CharacteristicPlan]:
        """Return how each column is to be binned, all parameters checked."""
        return plan_characteristics(
            schema,
            {name: getattr(self, name) for name in _SHARED},
            special_codes=self.special_codes,
            settings=self.settings,
            edits=self.edits,
        )

    def _keep_names(self, X: Any, schema: InputSchema) -> None:
        self.n_features_in_ = len(schema)
        if column_names(X) is not None:
            self.feature_names_in_ = np.array(schema.names, dtype=object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    # -------------------------------------------------------------- using

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the weight of evidence of every value.

        Parameters
        ----------
        X : table of shape (n_rows, n_columns)
            Columns are matched by name; further ones are ignored.

        Returns
        -------
        array of shape (n_rows, n_characteristics), float64
            In the order of the training columns; a frame after ``set_output``.

        Raises
        ------
        SchemaError
            When a column is missing or cannot be read.
        RowFaultError
            When cells cannot be read, or a policy is ``"error"``.
        """
        check_is_fitted(self)
        refuse_other_shape(X, self.n_features_in_, type(self).__name__)
        batch = read_table(held_table(X), self.schema_)
        attributes = {
            name: assign_attributes(table.bins, batch.columns[name])
            for name, table in self.tables_.items()
        }
        refuse_faulty_rows(batch, self.tables_, attributes)
        woe = np.empty((batch.n_rows, len(self.tables_)))
        for j, (name, table) in enumerate(self.tables_.items()):
            woe[:, j] = table.woe[attributes[name]]
        return woe

    def table(self, name: str) -> pd.DataFrame:
        """Return the bin table of one characteristic.

        Parameters
        ----------
        name : str
            Characteristic.

        Returns
        -------
        DataFrame
            One row per attribute: bin, count (cases), share, good, bad, bad_rate, woe
            (as used), iv, woe_raw (unsmoothed), policy.

        Raises
        ------
        UsageError
            When there is no such characteristic.
        """
        check_is_fitted(self)
        return bin_frame(self._known(name))

    def summary(self) -> pd.DataFrame:
        """Return one row per characteristic.

        Returns
        -------
        DataFrame
            characteristic, kind, iv, iv_p_value, bins (intervals or groups), trend (as
            the rates have it), missing_share, status ("chosen" or "rejected"), reason
            of a rejection, remarks. Rejected are characteristics of which nothing tells
            goods from bads; they stay in the table with WOE 0 or nearly so.
        """
        check_is_fitted(self)
        return summary_frame(self.tables_.values())

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the columns that ``transform`` returns.

        Parameters
        ----------
        input_features : array-like of str, optional
            Must be the training columns; None asks for those.

        Returns
        -------
        array of shape (n_features_in_,), object
            Column names in the order of training.

        Raises
        ------
        UsageError
            When other names are given.
        """
        check_is_fitted(self)
        names = np.array(self.schema_.names, dtype=object)
        if input_features is None:
            return names
        given = np.asarray(input_features, dtype=object)
        if hasattr(self, "feature_names_in_") and not np.array_equal(given, names):
            msg = "input_features is not equal to feature_names_in_"
            raise UsageError(msg)
        if given.shape != names.shape:
            msg = (
                "input_features should have length equal to number of features "
                f"({len(names)}), got {given.size}"
            )
            raise UsageError(msg)
        return given

    def _known(self, name: str) -> BinTable:
        if name not in self.tables_:
            msg = f"There is no characteristic {name!r}."
            raise UsageError(msg, hint=spelling_hint(name, self.tables_))
        return self.tables_[name]

    def __sklearn_tags__(self) -> Any:
        """Return what scikit-learn should know: kinds of input, y required."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without the counts of single training values."""
        state = dict(super().__getstate__())
        state.pop("_counts", None)
        return state
