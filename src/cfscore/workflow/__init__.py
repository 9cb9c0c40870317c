"""Whole runs: from one typed config to a folder of results, and the demonstration."""

from cfscore.workflow._boosted_config import BoostedConfig, CalibrationConfig
from cfscore.workflow._config import (
    BinnerConfig,
    DataConfig,
    OutputConfig,
    ScorecardConfig,
    SplitConfig,
    TrainConfig,
    load_config,
)
from cfscore.workflow._demo import (
    DEMO_KEY,
    DEMO_REASONS,
    DemoFolder,
    DemoModel,
    DemoResult,
    DemoSample,
    run_demo,
)
from cfscore.workflow._development_table import read_table_files, target_values
from cfscore.workflow._discrimination import Discrimination, discriminate
from cfscore.workflow._measured_plan import MeasuredPlan
from cfscore.workflow._raw_config import FeaturesConfig, LabelsConfig, RawConfig
from cfscore.workflow._raw_tables import RawRecords, read_raw_tables
from cfscore.workflow._run_folder import RUN_FILES
from cfscore.workflow._sample_split import SAMPLE_NAMES, SampleSplit, split_rows
from cfscore.workflow._synthetic import (
    example_config_text,
    person_features_text,
    raw_catalogue_text,
    raw_config_text,
    synthetic_catalogue,
    synthetic_catalogue_text,
)
from cfscore.workflow._train import TrainingRun, develop, train

__all__ = [
    "DEMO_KEY",
    "DEMO_REASONS",
    "RUN_FILES",
    "SAMPLE_NAMES",
    "BinnerConfig",
    "BoostedConfig",
    "CalibrationConfig",
    "DataConfig",
    "DemoFolder",
    "DemoModel",
    "DemoResult",
    "DemoSample",
    "Discrimination",
    "FeaturesConfig",
    "LabelsConfig",
    "MeasuredPlan",
    "OutputConfig",
    "RawConfig",
    "RawRecords",
    "SampleSplit",
    "ScorecardConfig",
    "SplitConfig",
    "TrainConfig",
    "TrainingRun",
    "develop",
    "discriminate",
    "example_config_text",
    "load_config",
    "person_features_text",
    "raw_catalogue_text",
    "raw_config_text",
    "read_raw_tables",
    "read_table_files",
    "run_demo",
    "split_rows",
    "synthetic_catalogue",
    "synthetic_catalogue_text",
    "target_values",
    "train",
]
