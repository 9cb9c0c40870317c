"""Whole runs: from one typed config to a folder of results, and the demonstration."""

from cfscore.workflow._config import (
    BinnerConfig,
    DataConfig,
    OutputConfig,
    ScorecardConfig,
    SplitConfig,
    TrainConfig,
    load_config,
)
from cfscore.workflow._demo import DemoFolder, DemoResult, DemoSample, run_demo
from cfscore.workflow._development_table import read_table_files, target_values
from cfscore.workflow._discrimination import Discrimination, discriminate
from cfscore.workflow._run_folder import RUN_FILES
from cfscore.workflow._sample_split import SAMPLE_NAMES, SampleSplit, split_rows
from cfscore.workflow._synthetic import (
    example_config_text,
    synthetic_catalogue,
    synthetic_catalogue_text,
)
from cfscore.workflow._train import TrainingRun, develop, train

__all__ = [
    "RUN_FILES",
    "SAMPLE_NAMES",
    "BinnerConfig",
    "DataConfig",
    "DemoFolder",
    "DemoResult",
    "DemoSample",
    "Discrimination",
    "OutputConfig",
    "SampleSplit",
    "ScorecardConfig",
    "SplitConfig",
    "TrainConfig",
    "TrainingRun",
    "develop",
    "discriminate",
    "example_config_text",
    "load_config",
    "read_table_files",
    "run_demo",
    "split_rows",
    "synthetic_catalogue",
    "synthetic_catalogue_text",
    "target_values",
    "train",
]
