"""Raw tables: decisions with their outcomes and with what was known before them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import polars as pl
import pyarrow as pa

from cfscore.exceptions import FitError, InputError, SchemaError, UsageError
from cfscore.features import (
    FeatureCatalogue,
    build_features,
    load_catalogue,
    shipped_catalogue,
)
from cfscore.outcomes import Labels, label, loan_history
from cfscore.reading import find_sources
from cfscore.workflow._raw_config import FeaturesConfig, LabelsConfig, RawConfig

__all__ = ["RawRecords", "read_raw_tables"]

_NO_LOAN = "no_loan"


@dataclass(frozen=True, eq=False)
class RawRecords:
    """What raw tables came to.

    Parameters
    ----------
    files : tuple of Path
        Every file that was read.
    features : polars.DataFrame
        One row per decision: its key, customer and instant, then the features.
    feature_names : tuple of str
        Columns of ``features`` that are offered to a model.
    outcomes : polars.DataFrame
        The same rows: key, customer, instant, ``label`` (``"no_loan"`` where nothing
        was paid out) and ``y`` (1 = bad, 0 = good, null for neither).
    labels : Labels
        Labels of the loans with their own waterfall.
    waterfall : polars.DataFrame
        From all decisions to goods and bads: ``step``, ``n_decisions``, ``n_left``.
    catalogue : FeatureCatalogue or None
        Of the features that are measured; None where only columns are used.
    """

    files: tuple[Path, ...]
    features: pl.DataFrame
    feature_names: tuple[str, ...]
    outcomes: pl.DataFrame
    labels: Labels
    waterfall: pl.DataFrame
    catalogue: FeatureCatalogue | None

    @property
    def sample(self) -> pa.Table:
        """Features, customer, instant and ``y`` of the good and bad decisions."""
        known = self.outcomes["y"].is_not_null()
        told = self.features.with_columns(self.outcomes["y"])
        return told.filter(known).to_arrow()

    @property
    def directions(self) -> dict[str, str]:
        """Declared directions of the features."""
        if self.catalogue is None:
            return {}
        return {
            info.name: info.direction
            for info in self.catalogue.infos
            if info.name in self.feature_names and info.direction is not None
        }

    @property
    def special_codes(self) -> dict[str, tuple[float | str, ...]]:
        """Special codes of each numeric feature that may hold any."""
        if self.catalogue is None:
            return {}
        found = self.catalogue.special_codes()
        return {
            name: tuple(map(float, codes))
            for name, codes in found.items()
            if name in self.feature_names
        }


def read_raw_tables(
    raw: RawConfig,
    labels: LabelsConfig,
    features: FeaturesConfig,
    base: Path,
    *,
    show_progress: bool = False,
) -> RawRecords:
    """Return the decisions of raw tables with outcome and features.

    Parameters
    ----------
    raw, labels, features : RawConfig, LabelsConfig, FeaturesConfig
        Where everything is, and what is asked of it.
    base : Path
        Folder that paths are relative to.
    show_progress : bool, default False
        Whether a bar on standard error shows how far the features are.

    Raises
    ------
    UsageError
        When a table, a catalogue or a column is not there, or two features have one
        name.
    InputError
        When decisions have no key of their own or no instant, and ``on_bad`` is
        strict.
    SchemaError, RecordFaultError
        When columns are missing or of a wrong type, or records contradict each other.
    FitError
        When no decision has become good or bad.
    """
    folder = base / raw.folder
    catalogue = _catalogue(features, base)
    names = _feature_names(catalogue, features)
    decisions, n_aside = _read_decisions(raw, catalogue, features, folder)
    loans = _label_loans(labels, raw, folder)
    outcomes = _outcomes(decisions, loans, raw, labels, folder)
    if not outcomes["y"].drop_nulls().len():
        msg = "No decision has become good or bad."
        hint = "See the snapshot, the window and the waterfall of the labels."
        raise FitError(msg, code="EMPTY_SAMPLE", hint=hint)
    keys = [raw.key, raw.customer, raw.as_of]
    tables = catalogue.tables if catalogue is not None else ()
    kept = [*keys, *features.columns]
    built = decisions.select(kept)
    if catalogue is not None:
        paths = {name: str(_table_path(folder, name)) for name in tables}
        built = build_features(
            decisions,
            paths,
            catalogue,
            as_of=raw.as_of,
            keep=kept,
            progress=show_progress or None,
        )
    used = (raw.applications, labels.loans, labels.instalments, labels.repayments)
    return RawRecords(
        files=_files(folder, (*used, *tables)),
        features=built,
        feature_names=names,
        outcomes=outcomes,
        labels=loans,
        waterfall=_waterfall(outcomes, n_aside),
        catalogue=catalogue,
    )


def _catalogue(features: FeaturesConfig, base: Path) -> FeatureCatalogue | None:
    """Return all catalogues as one."""
    if not features.catalogues:
        return None
    found = [
        _one_catalogue(name, features.parameters.get(name), base)
        for name in features.catalogues
    ]
    return FeatureCatalogue(
        tuple(spec for catalogue in found for spec in catalogue.specs),
        name="+".join(catalogue.name for catalogue in found),
        version="+".join(catalogue.version for catalogue in found),
    )


def _one_catalogue(
    name: str, parameters: Mapping[str, object] | None, base: Path
) -> FeatureCatalogue:
    if name.endswith(".toml"):
        return load_catalogue(base / name, parameters)
    return shipped_catalogue(name, parameters)


def _feature_names(
    catalogue: FeatureCatalogue | None, features: FeaturesConfig
) -> tuple[str, ...]:
    measured = catalogue.names if catalogue is not None else ()
    both = sorted(set(features.columns) & set(measured))
    if both:
        msg = f"{both[0]!r} is named in columns, and is a feature of a catalogue."
        raise UsageError(msg, hint="Take it out of columns.")
    names = (*features.columns, *measured)
    unknown = sorted(set(features.exclude) - set(names))
    if unknown:
        msg = f"exclude names {unknown[0]!r}, which is no feature."
        close = get_close_matches(unknown[0], names, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else None
        raise UsageError(msg, hint=hint)
    return tuple(name for name in names if name not in features.exclude)


def _read_decisions(
    raw: RawConfig,
    catalogue: FeatureCatalogue | None,
    features: FeaturesConfig,
    folder: Path,
) -> tuple[pl.DataFrame, int]:
    """Return the decisions that have a key of their own, and how many have not."""
    read = catalogue.application_columns if catalogue is not None else ()
    wanted = dict.fromkeys([raw.key, raw.customer, raw.as_of, *features.columns, *read])
    frame = _read_columns(folder, raw.applications, list(wanted))
    is_told = ~pl.any_horizontal(
        pl.col(raw.key, raw.customer, raw.as_of).is_null(),
        pl.col(raw.key).is_duplicated(),
    )
    kept = frame.filter(is_told)
    n_aside = frame.height - kept.height
    if n_aside and raw.on_bad == "strict":
        msg = (
            f"{n_aside} row(s) of {raw.applications!r} share their {raw.key!r}, or "
            f"have no {raw.key!r}, {raw.customer!r} or {raw.as_of!r}."
        )
        hint = 'Mend them, or set on_bad = "quarantine" in [raw] to set them aside.'
        raise InputError(msg, code="DUPLICATE_KEY", hint=hint)
    return kept, n_aside


def _label_loans(labels: LabelsConfig, raw: RawConfig, folder: Path) -> Labels:
    tables = (labels.loans, labels.instalments, labels.repayments)
    history = loan_history(
        *(str(_table_path(folder, name)) for name in tables),
        snapshot=labels.snapshot,
        time_zone=labels.time_zone,
        on_bad=raw.on_bad,
    )
    return label(history, definition=labels.definition)


def _outcomes(
    decisions: pl.DataFrame,
    loans: Labels,
    raw: RawConfig,
    labels: LabelsConfig,
    folder: Path,
) -> pl.DataFrame:
    """Return the label of each decision: that of the first loan paid out on it.

    A loan that is set aside for its faults still is the first.
    """
    columns = [labels.application, "loan_id", "disbursed_at"]
    paid_out = _read_columns(folder, labels.loans, columns).drop_nulls()
    first = (
        paid_out.sort("disbursed_at", "loan_id")
        .unique(labels.application, keep="first", maintain_order=True)
        .join(loans.frame.select("loan_id", "label", "y"), on="loan_id", how="left")
        .select(pl.col(labels.application).alias(raw.key), "label", "y")
    )
    return (
        decisions.select(raw.key, raw.customer, raw.as_of)
        .join(first, on=raw.key, how="left", maintain_order="left")
        .with_columns(pl.col("label").fill_null(_NO_LOAN))
    )


def _read_columns(folder: Path, name: str, columns: list[str]) -> pl.DataFrame:
    """Return columns of a table, all missing ones named."""
    table = pl.scan_parquet(_table_path(folder, name))
    there = set(table.collect_schema().names())
    absent = [column for column in columns if column not in there]
    if absent:
        where = f"is not in table {name!r}"
        raise SchemaError([(column, "MISSING_COLUMN", where) for column in absent])
    return table.select(columns).collect()


def _waterfall(outcomes: pl.DataFrame, n_aside: int) -> pl.DataFrame:
    """Return how many decisions each step takes away."""
    counts = dict(outcomes.group_by("label").len().iter_rows())
    steps = (_NO_LOAN, "excluded", "immature", "indeterminate", "good", "bad")
    removed = [("set aside", n_aside), *((s, counts.get(s, 0)) for s in steps)]
    n_all = outcomes.height + n_aside
    n_left, left = [n_all], n_all
    for _, n in removed:
        left -= n
        n_left.append(left)
    return pl.DataFrame(
        {
            "step": ["all decisions", *(name for name, _ in removed)],
            "n_decisions": [n_all, *(n for _, n in removed)],
            "n_left": n_left,
        }
    )


def _table_path(folder: Path, name: str) -> Path:
    """Return the file of a table, or the folder of its files."""
    for path in (folder / f"{name}.parquet", folder / name):
        if path.exists():
            return path
    msg = f"There is no table {name!r}: neither {name}.parquet nor a folder {name}."
    raise UsageError(msg, hint="See [raw] folder and the names of the tables.")


def _files(folder: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    paths = [_table_path(folder, name) for name in dict.fromkeys(names)]
    return tuple(file for path in paths for file in find_sources(path))
