"""Catalogue file: what is read, expanded and replaced, and how errors are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfscore.exceptions import UsageError
from cfscore.features import (
    FeatureCatalogue,
    FeatureSpec,
    Source,
    Window,
    load_catalogue,
    shipped_catalogue,
)

EXAMPLE = """
name = "cards"
version = "3"

[parameters]
own = "us"

[code_tables.mcc]
version = "1"
rows = { "5411" = { group = "food" } }

[sources.tx]
key = "who"
event_time = "at"
available_at = "known"
consent = { column = "agreed", bit = 1 }
attach = [{ table = "cards", on = ["card"], columns = ["kind"] }]

[sources.tx.derive]
group = { kind = "lookup", column = "mcc", table = "mcc", attribute = "group" }
hour = { kind = "local_hour", column = "at" }

[[features]]
name = "tx_{what}_{k}"
each = { what = ["sum", "mean"], k = [1, 2] }
source = "tx"
column = "amount"
aggregation = "{what}"
where = { n = { at_least = "{k}" }, org = { not = "{own}" } }
windows = ["30d", "3m_lag12"]

[[features]]
name = "tx_{from}_{to}"
each = [{ from = 1, to = 2 }, { from = 3, to = 9 }]
source = "tx"
aggregation = "count"
where = { hour = { at_least = "{from}", below = "{to}" } }

[[combinations]]
name = "r"
operation = "ratio"
left = "tx_1_2"
right = "tx_3_9"
"""


@pytest.fixture
def load(tmp_path: Path):
    def write_and_load(text: str, **parameters: object) -> FeatureCatalogue:
        file = tmp_path / "cards.toml"
        file.write_text(text, encoding="utf-8")
        return load_catalogue(file, parameters)

    return write_and_load


def test_what_is_read(load) -> None:
    catalogue = load(EXAMPLE)
    assert (catalogue.name, catalogue.version) == ("cards", "3")
    assert catalogue.names == (
        "tx_sum_1_30d",
        "tx_sum_1_3m_lag12",
        "tx_sum_2_30d",
        "tx_sum_2_3m_lag12",
        "tx_mean_1_30d",
        "tx_mean_1_3m_lag12",
        "tx_mean_2_30d",
        "tx_mean_2_3m_lag12",
        "tx_1_2",
        "tx_3_9",
        "r",
    )
    assert catalogue.specs[1].where == {"n": {"at_least": 2}, "org": {"not": "us"}}
    assert load(EXAMPLE, own="them").specs[0].where["org"] == {"not": "them"}
    (source,) = catalogue.sources
    assert source.derive[0].table.rows == {"5411": {"group": "food"}}
    assert catalogue.application_columns == ("who", "agreed")


def test_a_file_and_python_say_the_same(load) -> None:
    text = """
name = "n"
version = "1"
[sources.tx]
key = "who"
event_time = "at"
available_at = "known"
[[features]]
source = "tx"
column = "amount"
aggregation = "sum"
windows = ["30d"]
where = { kind = "fee" }
direction = "ascending"
"""
    tx = Source("tx", key="who", event_time="at", available_at="known")
    spec = FeatureSpec(
        source=tx,
        column="amount",
        aggregation="sum",
        windows=[Window(days=30)],
        where={"kind": "fee"},
        direction=1,
    )
    assert load(text).sha256 == FeatureCatalogue((spec,)).sha256


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        (
            'key = "who"',
            'kee = "who"',
            r"Unknown key 'sources\.tx\.kee'\. Did you mean",
        ),
        (
            "windows =",
            "window =",
            r"'features\[0\]\.window'.*\. Did you mean 'windows'",
        ),
        ('"30d"', '"30 days"', r"'30 days' is no window"),
        (
            'source = "tx"\ncol',
            'source = "txs"\ncol',
            r"names 'txs'.* Did you mean 'tx'",
        ),
        ('"mean"]', '"avg"]', "Unknown aggregation 'avg'"),
        ('"mean"]', '"medain"]', r"\[tx_medain_1\] .*Did you mean 'median'"),
        (
            'kind = "lookup"',
            'kind = "look"',
            r"'sources\.tx\.derive\.group\.kind' must",
        ),
        (
            'table = "mcc"',
            'table = "mc"',
            r"group\.table' names 'mc'.*Did you mean 'mcc",
        ),
        ('attribute = "group"', 'attribute = "g"', r"has no attribute 'g'"),
        ("bit = 1", "bit = 99", r"\[sources\.tx\.consent\] The bit of 'agreed'"),
        (
            'operation = "ratio"',
            'operation = "rate"',
            r"Key 'combinations\[0\]\.operat",
        ),
        (
            'left = "tx_1_2"',
            'left = "tx_1_3"',
            r"no feature before it\. Did you mean 't",
        ),
        ("at_least", "atleast", r"\[tx_sum_1\] where\['n'\]"),
        ('version = "3"', "", r"Missing key\(s\): 'version'"),
    ],
)
def test_errors_name_the_place(load, wrong: str, right: str, message: str) -> None:
    assert wrong in EXAMPLE
    with pytest.raises(UsageError, match=message) as caught:
        load(EXAMPLE.replace(wrong, right))
    assert str(caught.value).startswith("'cards.toml': ")


def test_unknown_parameters_and_catalogues_are_refused(load) -> None:
    with pytest.raises(UsageError, match=r"no parameter 'owm'\. Did you mean 'own'"):
        load(EXAMPLE, owm="x")
    with pytest.raises(
        UsageError, match=r"no catalogue 'bureu'\. Did you mean 'bureau"
    ):
        shipped_catalogue("bureu")
    with pytest.raises(UsageError, match=r"'gone\.toml' cannot be read"):
        load_catalogue("gone.toml")
