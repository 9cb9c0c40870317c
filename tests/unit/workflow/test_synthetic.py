from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from cfscore.datasets import (
    APPLICATION_COLUMNS,
    LOAN_BOOK_TABLES,
    POPULATION_SHIFT_AT,
    SNAPSHOT_AT,
)
from cfscore.features import load_catalogue, shipped_catalogue
from cfscore.plan import read_catalogue
from cfscore.workflow import (
    example_config_text,
    load_config,
    person_features_text,
    raw_catalogue_text,
    raw_config_text,
    synthetic_catalogue,
    synthetic_catalogue_text,
)


def load_example(tmp_path: Path):
    (tmp_path / "reasons.toml").write_text(synthetic_catalogue_text(), encoding="utf-8")
    path = tmp_path / "run.toml"
    path.write_text(example_config_text(with_catalogue=True), encoding="utf-8")
    return load_config(path)


def test_example_is_valid_as_printed(tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(example_config_text(), encoding="utf-8")
    assert load_config(path).read_reasons(tmp_path) is None


def test_example_with_its_catalogue_is_valid(tmp_path: Path) -> None:
    assert load_example(tmp_path).read_reasons(tmp_path) == synthetic_catalogue()


def test_example_knows_the_book(tmp_path: Path) -> None:
    config = load_example(tmp_path)
    by_role: dict[str, list[str]] = {}
    for column in APPLICATION_COLUMNS:
        by_role.setdefault(column.role, []).append(column.name)
    assert [config.data.target] == by_role["label"]
    assert list(config.data.id) == by_role["key"]
    assert [config.split.time] == by_role["time"]
    assert list(config.data.exclude) == by_role["segment"]
    assert config.split.out_of_time_from == POPULATION_SHIFT_AT.date()
    declared = config.binner.special_codes
    assert isinstance(declared, Mapping)
    assert {name: set(codes) for name, codes in declared.items()} == {
        column.name: set(column.special)
        for column in APPLICATION_COLUMNS
        if column.special
    }


def test_catalogue_covers_the_book_in_both_languages() -> None:
    catalogue = synthetic_catalogue()
    offered = {c.name for c in APPLICATION_COLUMNS if c.role in ("feature", "segment")}
    assert set(catalogue.features) == offered
    for reason in catalogue.reasons:
        assert all(
            (reason.en, reason.zh, reason.consumer_text_en, reason.consumer_text_zh)
        )
        # A letter states what was seen, and promises nothing.
        assert "approve" not in reason.consumer_text_en
    texts = [reason.consumer_text_zh for reason in catalogue.reasons]
    assert len(set(texts)) == len(texts)


def test_no_file_is_not_a_short_history() -> None:
    rules = {
        (rule.attribute, rule.feature): rule.code
        for rule in synthetic_catalogue().special_rules
    }
    assert rules["SPECIAL -9991", None] == "THIN_FILE"
    assert rules["SPECIAL -9995", None] == "NO_CONSENT"
    assert rules["SPECIAL -9994", None] is None
    assert synthetic_catalogue().inquiries == "INQUIRIES"


def test_every_commented_key_is_a_key(tmp_path: Path) -> None:
    """What is commented out must be right as well: it is what a reader tries next."""
    lines = []
    for line in example_config_text(with_catalogue=True).splitlines():
        bare = line.removeprefix("# ")
        is_key = line.startswith("# ") and (" = " in bare or bare.startswith("["))
        lines.append(bare if is_key else line)
    text = "\n".join(lines)
    # The two ways to write the selection exclude each other.
    text = text.replace('selection = "auto"', "")
    path = tmp_path / "all.toml"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "reasons.toml").write_text(synthetic_catalogue_text(), encoding="utf-8")
    config = load_config(path)
    assert config.data.weight == "sampling_weight"
    assert config.binner.edits == {"age_years": [25, 35, 50]}
    assert config.scorecard.C == 1.0
    assert tomllib.loads(text)["scorecard"]["selection"]["max_vif"] == 5


def test_raw_example_knows_the_raw_book(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text(raw_config_text(), encoding="utf-8")
    config = load_config(tmp_path / "run.toml")
    assert config.raw is not None
    assert config.labels is not None
    assert config.features is not None
    columns = {c.name: c for c in LOAN_BOOK_TABLES["applications"].columns}
    assert {config.raw.key, config.raw.customer, config.raw.as_of} <= set(columns)
    for name in config.features.columns:
        assert columns[name].known_at == "applied_at"
    assert config.labels.snapshot == SNAPSHOT_AT.date()
    assert config.split.out_of_time_from == POPULATION_SHIFT_AT.date()


def test_raw_reasons_cover_every_feature_of_the_raw_example(tmp_path: Path) -> None:
    files = {
        "run.toml": raw_config_text(with_files=True),
        "reasons.toml": raw_catalogue_text(),
        "person.toml": person_features_text(),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load_config(tmp_path / "run.toml")
    assert config.features is not None
    offered = set(config.features.columns)
    for name in config.features.catalogues:
        is_file = name.endswith(".toml")
        found = load_catalogue(tmp_path / name) if is_file else shipped_catalogue(name)
        offered |= set(found.names)
    catalogue = read_catalogue(tmp_path / "reasons.toml")
    assert set(catalogue.features) == offered
    for reason in catalogue.reasons:
        assert all(
            (reason.en, reason.zh, reason.consumer_text_en, reason.consumer_text_zh)
        )
