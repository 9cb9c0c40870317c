"""Config: everything a development run depends on, from one TOML file."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from cfscore.binning import Binner
from cfscore.exceptions import UsageError
from cfscore.plan import ReasonCatalogue, read_catalogue, read_toml, read_typed
from cfscore.score_scale import ScoreScale
from cfscore.scorecard import Scorecard, SelectionRules
from cfscore.special_code import exact_numbers, read_codes
from cfscore.tables import InputSchema
from cfscore.workflow._boosted_config import BoostedConfig
from cfscore.workflow._raw_config import FeaturesConfig, LabelsConfig, RawConfig

__all__ = [
    "BinnerConfig",
    "DataConfig",
    "OutputConfig",
    "ScorecardConfig",
    "SplitConfig",
    "TrainConfig",
    "load_config",
]

#: A whole number beyond 2**53 must not pass through float64: a category has all digits.
Codes = tuple[int | float | str, ...]


@dataclass(frozen=True)
class DataConfig:
    """Section ``[data]``: the table and the meaning of its columns.

    Parameters
    ----------
    path : str
        Parquet, CSV or Arrow: a file, a folder or a pattern, relative to the config.
    target : str
        Column with 1 for bad and 0 for good.
    id : tuple of str
        Columns that identify a row; never characteristics.
    exclude : tuple of str
        Further columns that are not offered to the model.
    weight : str, optional
        Column of sample weights, which count cases and should average about 1.
    """

    path: str
    target: str
    id: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    weight: str | None = None


@dataclass(frozen=True)
class SplitConfig:
    """Section ``[split]``: which rows the model sees.

    Parameters
    ----------
    time : str, optional
        Column with the instant of the decision; never a characteristic. Of raw tables
        it is ``as_of``.
    customer : str, optional
        Column of the customer, whose rows are held out together; never a
        characteristic. Of raw tables it is theirs.
    out_of_time_from : date or datetime, optional
        Rows from here on are out of time; a date is its midnight in UTC.
    holdout : float, default 0.3
        Share of the remaining rows, or customers, that is held out, drawn at random.
    seed : int, default 0
        Seed of that draw.
    """

    time: str | None = None
    out_of_time_from: datetime.date | datetime.datetime | None = None
    holdout: float = 0.3
    seed: int = 0
    customer: str | None = None

    def __post_init__(self) -> None:
        """Check ranges."""
        if not 0.0 <= self.holdout < 1.0:
            msg = f"holdout must be a share in [0, 1), got {self.holdout}."
            raise UsageError(msg)
        if self.seed < 0:
            msg = f"seed must not be negative, got {self.seed}."
            raise UsageError(msg)

    @property
    def calibration_seed(self) -> int:
        """Seed of the share kept for a calibration.

        Not the seed of the hold-out, which would draw the same customers again.
        """
        return self.seed + 1


@dataclass(frozen=True)
class BinnerConfig:
    """Section ``[binner]``: the parameters of ``Binner``, by the same names."""

    max_bins: int = 8
    min_bin_share: float = 0.05
    min_bin_count: int = 30
    laplace: float = 0.5
    monotonic: Literal[
        "auto", "ascending", "descending", "peak", "valley", "none", 1, -1
    ] = "auto"
    special_codes: Codes | Mapping[str, Codes] | None = None
    categorical: tuple[str, ...] | None = None
    missing: Literal["own", "neutral", "worst", "error"] = "own"
    special: (
        Literal["own", "neutral", "error"]
        | Mapping[str, Literal["own", "neutral", "error"]]
    ) = "own"
    unseen: Literal["neutral", "missing", "worst", "error"] = "neutral"
    non_finite: Literal["value", "error"] = "value"
    edits: Mapping[str, Any] | None = None
    settings: Mapping[str, Mapping[str, Any]] | None = None
    n_jobs: int | None = None

    def __post_init__(self) -> None:
        """Bring special codes to the form in which they are compared."""
        codes = self.special_codes
        if isinstance(codes, Mapping):
            plain: Any = {
                name: read_codes(f"special_codes[{name!r}]", own)
                for name, own in codes.items()
            }
        else:
            plain = None if codes is None else read_codes("special_codes", codes)
        object.__setattr__(self, "special_codes", plain)

    def build(self) -> Binner:
        """Return the unfitted binner."""
        return Binner(**vars(self))

    def numeric_codes(self, schema: InputSchema) -> dict[str, tuple[float, ...]]:
        """Return the special codes that are declared for numeric columns.

        Parameters
        ----------
        schema : InputSchema
            Columns and kinds.

        Returns
        -------
        dict of str to tuple of float
            Columns without any are left out.
        """
        numeric = [field.name for field in schema.fields if field.kind == "numeric"]
        general, settings = self.special_codes, self.settings or {}
        if not isinstance(general, Mapping):
            general = dict.fromkeys(numeric, general or ())
        declared = {
            name: settings.get(name, {}).get("special_codes", general.get(name, ()))
            for name in numeric
        }
        numbers = {
            name: exact_numbers(f"special_codes[{name!r}]", read_codes(name, codes))
            for name, codes in declared.items()
        }
        return {name: codes for name, codes in numbers.items() if codes}


@dataclass(frozen=True)
class ScorecardConfig:
    """Section ``[scorecard]``: the parameters of ``Scorecard``.

    Parameters
    ----------
    selection : {"auto", "all"}, list of str or table, default "auto"
        The rules with their defaults, every column that can be binned, these columns,
        or the rules with other limits (see ``SelectionRules``).
    sign : {"constrained", "free"}, default "constrained"
        Whether a safer attribute may never cost points.
    C : float, optional
        Inverse strength of an L2 penalty.
    """

    selection: Literal["auto", "all"] | tuple[str, ...] | SelectionRules = "auto"
    sign: Literal["constrained", "free"] = "constrained"
    C: float | None = None

    def build(self, binner: Binner, scale: ScoreScale) -> Scorecard:
        """Return the unfitted card."""
        selection = None if self.selection == "all" else self.selection
        return Scorecard(
            binner=binner, scale=scale, selection=selection, sign=self.sign, C=self.C
        )


@dataclass(frozen=True)
class OutputConfig:
    """Section ``[output]``.

    Parameters
    ----------
    folder : str, default "run"
        Folder of the run, relative to the config.
    name : str, default "scorecard"
        Name of the plan for people.
    """

    folder: str = "run"
    name: str = "scorecard"


@dataclass(frozen=True)
class TrainConfig:
    """A whole development run.

    Parameters
    ----------
    data : DataConfig, optional
        One flat table with features and target; or else
    raw : RawConfig, optional
        raw tables, with
    labels : LabelsConfig, optional
        how outcomes become a target, and
    features : FeaturesConfig, optional
        what is measured before each decision.
    split : SplitConfig
        Development, hold-out, out of time.
    binner : BinnerConfig
        How characteristics are binned.
    scorecard : ScorecardConfig
        How they are selected and fitted.
    boosted : BoostedConfig, optional
        A boosted model beside the scorecard; none where it is left out.
    scale : ScoreScale
        Meaning of the points.
    reasons : mapping of str to value
        ``catalogue``, the path of a reason catalogue, or the catalogue itself; empty
        for one reason per characteristic.
    output : OutputConfig
        Where results go.

    Raises
    ------
    UsageError
        When it is neither one flat table nor raw tables with labels and features, or
        a date has no column.
    """

    data: DataConfig | None = None
    raw: RawConfig | None = None
    labels: LabelsConfig | None = None
    features: FeaturesConfig | None = None
    split: SplitConfig = field(default_factory=SplitConfig)
    binner: BinnerConfig = field(default_factory=BinnerConfig)
    scorecard: ScorecardConfig = field(default_factory=ScorecardConfig)
    boosted: BoostedConfig | None = None
    scale: ScoreScale = field(default_factory=ScoreScale)
    reasons: Mapping[str, Any] = field(default_factory=dict)
    output: OutputConfig = field(default_factory=OutputConfig)

    def __post_init__(self) -> None:
        """Check that the sections belong together."""
        sections = (self.raw, self.labels, self.features)
        if (self.data is None) == (self.raw is None):
            msg = "The config needs [data], one flat table, or [raw], raw tables."
            raise UsageError(msg, code="CONFIG")
        if self.raw is None and any(section is not None for section in sections):
            msg = "[labels] and [features] belong to [raw], not to [data]."
            raise UsageError(msg, code="CONFIG")
        if self.raw is not None:
            self._check_raw()
        elif self.split.out_of_time_from is not None and self.split.time is None:
            msg = "[split] out_of_time_from needs the column it speaks of."
            hint = "Set time to a column of instants or dates."
            raise UsageError(msg, code="CONFIG", hint=hint)

    def _check_raw(self) -> None:
        if self.labels is None or self.features is None:
            absent = "[labels]" if self.labels is None else "[features]"
            msg = f"[raw] needs {absent}: raw tables hold neither target nor features."
            raise UsageError(msg, code="CONFIG")
        if self.split.time is not None or self.split.customer is not None:
            msg = "[split] time and customer are those of [raw]: as_of and customer."
            raise UsageError(msg, code="CONFIG", hint="Leave them out of [split].")

    def build_card(self, special_codes: Mapping[str, Codes] | None = None) -> Scorecard:
        """Return the unfitted card.

        Parameters
        ----------
        special_codes : mapping of str to tuple, optional
            Those that the features declare, where the config says nothing.
        """
        binner = self.complete_binner(special_codes or {})
        return self.scorecard.build(binner.build(), self.scale)

    def complete_binner(self, special_codes: Mapping[str, Codes]) -> BinnerConfig:
        """Return the section ``[binner]`` with special codes that features declare.

        Parameters
        ----------
        special_codes : mapping of str to tuple
            Taken where the config says nothing.
        """
        if self.binner.special_codes is None and special_codes:
            return replace(self.binner, special_codes=special_codes)
        return self.binner

    def read_reasons(self, base: Path) -> ReasonCatalogue | None:
        """Return the reason catalogue, None where the config names none.

        Parameters
        ----------
        base : Path
            Folder that paths are relative to.

        Raises
        ------
        UsageError
            When the catalogue is missing, wrong, or given twice.
        """
        if not self.reasons:
            return None
        if "catalogue" not in self.reasons:
            return _inline_catalogue(self.reasons)
        if len(self.reasons) > 1 or not isinstance(self.reasons["catalogue"], str):
            msg = "[reasons] holds either catalogue, a path, or a catalogue itself."
            raise UsageError(msg, code="CONFIG")
        return read_catalogue(base / self.reasons["catalogue"])

    def to_dict(self) -> dict[str, Any]:
        """Return the config with every default, as JSON can hold it."""
        plain = _plain(asdict(self))
        assert isinstance(plain, dict)
        return plain


def load_config(path: str | os.PathLike[str]) -> TrainConfig:
    """Return the config in a TOML file, every key and type checked.

    Parameters
    ----------
    path : str or path
        UTF-8 TOML file; ``cfscore train --example`` prints one.

    Raises
    ------
    UsageError
        When the file cannot be read or a key is unknown, missing or of a wrong type;
        the full path of the key is named and the likely spelling suggested.
    """
    table = read_toml(path)
    try:
        config = read_typed(TrainConfig, table)
        config.read_reasons(Path(path).parent)
    except UsageError as error:
        msg = f"Config {Path(path).name!r}: {error.args[0]}"
        raise UsageError(msg, code=error.code, hint=error.hint) from error
    return config


def _inline_catalogue(table: Mapping[str, Any]) -> ReasonCatalogue:
    try:
        return read_catalogue(table)
    except UsageError as error:
        msg = f"[reasons] {error.args[0]}"
        raise UsageError(msg, code="CONFIG", hint=error.hint) from error


def _plain(value: Any) -> Any:
    """Return a value with lists for tuples and text for dates."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value
