"""Forest stage: the trees of a boosted model with the columns they read."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np

from cfscore.exceptions import UsageError
from cfscore.plan._calibration import AffineCalibration, Calibration
from cfscore.plan._points import NonFinite
from cfscore.plan._protocol import MAX_SET_BYTES, MAX_THRESHOLDS
from cfscore.plan._trees import Trees
from cfscore.tables import InputField, InputSchema, Kind

__all__ = ["ForestFeature", "ForestPolicy", "ForestStage"]

#: What a missing or unseen value does: what the model does with it, or refuse the row.
ForestPolicy = Literal["model", "error"]
_BOOLEAN_KEYS = frozenset({"False", "True"})


@dataclass(frozen=True)
class ForestFeature:
    """One input column of a forest.

    Parameters
    ----------
    name : str
        Input column.
    kind : {"numeric", "boolean", "categorical"}
        Kind of the input column.
    categories : tuple of str
        Key of code 0, 1, ...; empty for numeric columns, ``"False"`` and ``"True"`` in
        either order, or one of them, for boolean ones. A missing value and a key that
        is not listed both reach the trees as NaN.
    missing, unseen : {"model", "error"}, default "model"
        Whether such a value takes the way the model gives it or refuses the row.
    non_finite : {"value", "error"}, default "value"
        Whether ``+inf`` and ``-inf`` are scored as values or refused.
    special : tuple of float, default ()
        Finite declared special codes of a numeric column. They reach the trees as NaN,
        but are not missing: no policy refuses them, and they are counted one by one.

    Raises
    ------
    UsageError
        When a numeric column has categories, one repeats, or a policy is unknown; when
        another column has special codes, or they are not finite or repeat.
    """

    name: str
    kind: Kind
    categories: tuple[str, ...] = ()
    missing: ForestPolicy = "model"
    unseen: ForestPolicy = "model"
    non_finite: NonFinite = "value"
    special: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Check categories, special codes and policies."""
        self._check_categories()
        self._check_special()
        for policy in ("missing", "unseen"):
            if getattr(self, policy) not in ("model", "error"):
                msg = f"Feature {self.name!r}: {policy} must be 'model' or 'error'."
                raise UsageError(msg)
        if self.non_finite not in ("value", "error"):
            msg = f"Feature {self.name!r}: non_finite must be 'value' or 'error'."
            raise UsageError(msg)

    def _check_categories(self) -> None:
        if self.kind == "numeric" and self.categories:
            msg = f"Feature {self.name!r}: a numeric column has no categories."
            raise UsageError(msg)
        n_repeated = sum(n > 1 for n in Counter(self.categories).values())
        blank = any(not isinstance(k, str) or not k.strip() for k in self.categories)
        if n_repeated or blank:
            msg = f"Feature {self.name!r}: categories must be distinct non-blank text."
            raise UsageError(msg)
        if self.kind == "boolean" and not _BOOLEAN_KEYS.issuperset(self.categories):
            msg = f"Feature {self.name!r}: a boolean has categories 'False' and 'True'."
            raise UsageError(msg)

    def _check_special(self) -> None:
        if self.special and self.kind != "numeric":
            msg = f"Feature {self.name!r}: only a numeric column has special codes."
            raise UsageError(msg)
        if not all(math.isfinite(code) for code in self.special):
            msg = f"Feature {self.name!r}: special codes must be finite numbers."
            raise UsageError(msg)
        if len(set(self.special)) != len(self.special):
            msg = f"Feature {self.name!r}: special codes must not repeat."
            raise UsageError(msg)


@dataclass(frozen=True, eq=False)
class ForestStage:
    """A boosted model: columns, trees and the way from raw score to log-odds.

    Parameters
    ----------
    features : tuple of ForestFeature
        In the order of the trees' feature indices; names unique.
    trees : Trees
        At least one tree.
    sigmoid : float, default 1
        Log-odds per unit of raw score; positive.
    averages : bool, default False
        Whether the raw score is divided by the number of trees (random forest mode).
    event : {"bad", "good"}, default "bad"
        What the model predicts; log-odds are always those of bad.

    Raises
    ------
    UsageError
        When the parts do not belong together, or the trees are beyond what can be
        scored: more than 65,535 thresholds of a feature, category codes so high that
        their sets do not fit into memory, leaf values whose sum overflows.
    """

    features: tuple[ForestFeature, ...]
    trees: Trees
    sigmoid: float = 1.0
    averages: bool = False
    event: Literal["bad", "good"] = "bad"

    def __post_init__(self) -> None:
        """Check that there are trees and that they read existing columns."""
        if not self.features or self.trees.n_trees == 0:
            msg = "A forest needs at least one feature and one tree."
            raise UsageError(msg)
        if self.trees.n_nodes and int(self.trees.feature.max()) >= len(self.features):
            msg = "A tree reads a feature that the forest does not have."
            raise UsageError(msg)
        if not (math.isfinite(self.sigmoid) and self.sigmoid > 0):
            msg = "The sigmoid parameter of a forest must be positive."
            raise UsageError(msg)
        if self.event not in ("bad", "good"):
            msg = f"event must be 'bad' or 'good', got {self.event!r}."
            raise UsageError(msg)
        assert len(self.schema) == len(self.features)  # raises where names repeat
        self._check_limits()

    def _check_limits(self) -> None:
        """Refuse trees that no engine could rank or add up."""
        for feature, n in zip(self.features, self._threshold_counts(), strict=True):
            if n > MAX_THRESHOLDS:
                msg = f"Feature {feature.name!r} has {n} thresholds: too many."
                raise UsageError(msg)
        if self._set_bytes() > MAX_SET_BYTES:
            msg = "The category codes of a forest are too high to be looked up."
            raise UsageError(msg)
        if not math.isfinite(self.largest_raw * self.sigmoid):
            msg = "The leaf values of a forest add up to more than a float64 holds."
            raise UsageError(msg)

    def _threshold_counts(self) -> list[int]:
        """Return the distinct thresholds of each feature, or an upper bound."""
        trees = self.trees
        if trees.n_nodes <= MAX_THRESHOLDS:
            return [trees.n_nodes] * len(self.features)
        numeric = ~trees.is_categorical
        return [
            len(np.unique(trees.threshold[numeric & (trees.feature == index)]))
            for index in range(len(self.features))
        ]

    def _set_bytes(self) -> int:
        """Return the sizes of all category sets, counted up to their highest codes."""
        trees = self.trees
        ends = trees.set_starts[1:][np.diff(trees.set_starts) > 0]
        return int((trees.set_codes[ends - 1].astype(np.int64) + 1).sum())

    @property
    def largest_raw(self) -> float:
        """Bound of the raw score's size: the sum of each tree's largest leaf value."""
        sizes = np.abs(self.trees.leaf_value)
        with np.errstate(over="ignore"):
            return float(np.maximum.reduceat(sizes, self.trees.leaf_starts[:-1]).sum())

    @cached_property
    def schema(self) -> InputSchema:
        """Input columns in feature order."""
        return InputSchema(tuple(InputField(f.name, f.kind) for f in self.features))

    @property
    def special_codes(self) -> dict[str, tuple[float, ...]]:
        """Declared special codes of every numeric column."""
        return {f.name: f.special for f in self.features if f.kind == "numeric"}

    @property
    def slope(self) -> float:
        """Log-odds of bad per unit of (averaged) raw score."""
        return self.sigmoid if self.event == "bad" else -self.sigmoid

    def margin_line(self, calibration: Calibration | None) -> tuple[float, float]:
        """Return intercept and slope from the (averaged) raw score to the margin.

        Parameters
        ----------
        calibration : Calibration or None
            Folded in when it is affine.
        """
        if isinstance(calibration, AffineCalibration):
            return calibration.intercept, calibration.slope * self.slope
        return 0.0, self.slope

    @cached_property
    def expected_raw(self) -> float:
        """Raw score expected over the training cases: leaf values by their cover.

        LightGBM's expected value, ``sum over trees of sum(value * cover) / cover``
        (Lundberg et al., *Nature Machine Intelligence* 2, 2020, algorithm 1); a leaf
        counts 0 in a tree without covers.
        """
        trees = self.trees
        covers = trees.leaf_cover.astype(np.float64)
        total = 0.0
        for start, stop in pairwise(trees.leaf_starts.tolist()):
            if stop - start == 1:
                total += float(trees.leaf_value[start])
                continue
            cover = covers[start:stop]
            whole = float(cover.sum())
            if whole > 0.0:
                parts = cover / whole * trees.leaf_value[start:stop]
                total += math.fsum(parts.tolist())
        return total

    @property
    def divisor(self) -> float:
        """What the raw score is divided by."""
        return float(self.trees.n_trees) if self.averages else 1.0
