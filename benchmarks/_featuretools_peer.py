"""Windowed sums by featuretools; run by an interpreter that has it.

``python _featuretools_peer.py FACTS APPLICATIONS OUT``: CSV files with columns ``key,
at, value`` and ``key, as_of`` (Parquet would want the newer numpy of pyarrow). Writes
one row per application, in order, and prints the processor seconds of the fastest of
three runs. featuretools wants an older numpy than cfscore, so it cannot be asked in
the same process; nothing of cfscore is imported here.
"""

import sys
import time
import warnings

import featuretools as ft
import pandas as pd

PRIMITIVES = ["sum", "mean", "max", "min", "std", "count"]
WINDOWS_DAYS = (30, 90, 365)
REPEATS = 3


def build(facts: pd.DataFrame, applications: pd.DataFrame) -> pd.DataFrame:
    entities = ft.EntitySet("book")
    entities.add_dataframe(
        dataframe_name="facts",
        dataframe=facts,
        index="fact",
        time_index="at",
        make_index=True,
    )
    entities.add_dataframe(
        dataframe_name="keys",
        dataframe=pd.DataFrame({"key": applications["key"].unique()}),
        index="key",
    )
    entities.add_relationship("keys", "key", "facts", "key")
    cutoffs = applications.rename(columns={"as_of": "time"})[["key", "time"]]
    parts = [
        ft.dfs(
            entityset=entities,
            target_dataframe_name="keys",
            cutoff_time=cutoffs,
            training_window=f"{days} days",
            include_cutoff_time=False,
            agg_primitives=PRIMITIVES,
            trans_primitives=[],
        )[0].add_suffix(f"_{days}d")
        for days in WINDOWS_DAYS
    ]
    return pd.concat(parts, axis=1).reset_index(drop=True)


def main(facts_path: str, applications_path: str, out_path: str) -> None:
    facts = pd.read_csv(facts_path, parse_dates=["at"])
    applications = pd.read_csv(applications_path, parse_dates=["as_of"])
    seconds = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(REPEATS):
            begin = time.process_time()
            features = build(facts.copy(), applications)
            seconds.append(time.process_time() - begin)
    features.to_csv(out_path, index=False)
    print(min(seconds), ft.__version__)


if __name__ == "__main__":
    main(*sys.argv[1:])
