from __future__ import annotations

import datetime
import inspect
import json
from pathlib import Path

import pytest

from cfscore.binning import Binner
from cfscore.exceptions import UsageError
from cfscore.score_scale import ScoreScale
from cfscore.scorecard import Scorecard, SelectionRules
from cfscore.tables import InputField, InputSchema
from cfscore.workflow import BinnerConfig, ScorecardConfig, load_config

MINIMAL = '[data]\npath = "x.parquet"\ntarget = "bad"\n'


def load(tmp_path: Path, text: str):
    path = tmp_path / "run.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def defaults_of(kind: type) -> dict[str, object]:
    parameters = inspect.signature(kind).parameters
    return {name: parameter.default for name, parameter in parameters.items()}


def test_binner_section_has_the_parameters_of_binner() -> None:
    assert defaults_of(BinnerConfig) == defaults_of(Binner)


def test_scorecard_section_has_the_other_parameters_of_scorecard() -> None:
    expected = defaults_of(Scorecard)
    del expected["binner"], expected["scale"]
    assert defaults_of(ScorecardConfig) == expected


def test_minimal_config_has_the_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, MINIMAL)
    assert config.split.holdout == 0.3
    assert config.scale == ScoreScale()
    assert config.output.folder == "run"
    assert config.read_reasons(tmp_path) is None
    assert config.build_card().get_params(deep=False)["selection"] == "auto"


def test_every_section_reaches_the_card(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        MINIMAL
        + """
[split]
time = "at"
out_of_time_from = 2026-01-01
[binner]
max_bins = 5
monotonic = -1
special_codes = [-9991]
edits = { age = [25, 35] }
[binner.settings.age]
max_bins = 3
[scorecard]
selection = { min_iv = 0.05, max_vif = 3 }
sign = "free"
C = 2
[scale]
pdo = 40
rounding = "points"
""",
    )
    card = config.build_card()
    assert config.split.out_of_time_from == datetime.date(2026, 1, 1)
    assert card.binner.max_bins == 5
    assert card.binner.monotonic == -1
    assert card.binner.special_codes == (-9991.0,)
    assert card.binner.edits == {"age": [25, 35]}
    assert card.binner.settings == {"age": {"max_bins": 3}}
    assert card.selection == SelectionRules(min_iv=0.05, max_vif=3.0)
    assert (card.sign, card.C) == ("free", 2.0)
    assert card.scale == ScoreScale(pdo=40, rounding="points")


SCHEMA = InputSchema(
    (
        InputField("age", "numeric"),
        InputField("use", "numeric"),
        InputField("city", "categorical"),
        InputField("owner", "boolean"),
    )
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", {}),
        ('special_codes = [-7, "XNA"]', {"age": (-7.0,), "use": (-7.0,)}),
        ('special_codes = ["XNA"]', {}),
        ('special_codes = { use = [-7, -8], city = ["XNA"] }', {"use": (-7.0, -8.0)}),
        (
            "special_codes = [-7]\nsettings = { use = { special_codes = [-9] } }",
            {"age": (-7.0,), "use": (-9.0,)},
        ),
        (
            "special_codes = { age = [-7] }\nsettings = { age = { max_bins = 3 } }",
            {"age": (-7.0,)},
        ),
        ("settings = { use = { special_codes = [] } }", {}),
    ],
)
def test_special_codes_of_numbers(tmp_path: Path, written: str, expected: dict) -> None:
    config = load(tmp_path, f"{MINIMAL}[binner]\n{written}\n")
    assert config.binner.numeric_codes(SCHEMA) == expected


@pytest.mark.parametrize(
    "written",
    [
        "special_codes = [99999999999999999]",
        "special_codes = { city = [99999999999999999] }",
        "settings = { city = { special_codes = [99999999999999999] } }",
    ],
)
def test_large_whole_codes_keep_their_digits(tmp_path: Path, written: str) -> None:
    binner = load(tmp_path, f"{MINIMAL}[binner]\n{written}\n").binner.build()
    found = str(binner.special_codes) + str(binner.settings)
    assert "99999999999999999" in found


def test_a_number_takes_no_large_whole_code(tmp_path: Path) -> None:
    written = "special_codes = [9007199254740993]"
    config = load(tmp_path, f"{MINIMAL}[binner]\n{written}\n")
    with pytest.raises(UsageError, match=r"special_codes\['age'\]: .* whole-number"):
        config.binner.numeric_codes(SCHEMA)


def test_repeated_codes_are_refused_by_their_place(tmp_path: Path) -> None:
    written = "special_codes = { use = [-7, -7.0] }"
    with pytest.raises(UsageError, match=r"\[binner\] special_codes\['use'\] must not"):
        load(tmp_path, f"{MINIMAL}[binner]\n{written}\n")


def test_declared_special_codes_are_taken_where_the_config_says_nothing(
    tmp_path: Path,
) -> None:
    declared = {"use": (-7.0,)}
    silent = load(tmp_path, MINIMAL).complete_binner(declared)
    assert silent.numeric_codes(SCHEMA) == declared
    told = load(tmp_path, MINIMAL + "[binner]\nspecial_codes = { age = [-1] }\n")
    assert told.complete_binner(declared).numeric_codes(SCHEMA) == {"age": (-1.0,)}


@pytest.mark.parametrize(
    ("written", "expected"),
    [('"auto"', "auto"), ('"all"', None), ('["age", "use"]', ("age", "use"))],
)
def test_selection(tmp_path: Path, written: str, expected: object) -> None:
    config = load(tmp_path, f"{MINIMAL}[scorecard]\nselection = {written}\n")
    assert config.build_card().selection == expected


def test_catalogue_may_be_a_file_or_stand_inside(tmp_path: Path) -> None:
    reasons = '[[reason]]\ncode = "R"\nfeatures = ["age"]\n'
    (tmp_path / "reasons.toml").write_text(reasons)
    outside = load(tmp_path, MINIMAL + '[reasons]\ncatalogue = "reasons.toml"\n')
    inside = load(
        tmp_path,
        MINIMAL + '[[reasons.reason]]\ncode = "R"\nfeatures = ["age"]\n',
    )
    found = outside.read_reasons(tmp_path)
    assert found is not None
    assert found == inside.read_reasons(tmp_path)


def test_config_is_kept_as_json_with_every_default(tmp_path: Path) -> None:
    split = '[split]\ntime = "at"\nout_of_time_from = 2026-01-01T08:00:00+08:00\n'
    content = load(tmp_path, MINIMAL + split).to_dict()
    assert json.loads(json.dumps(content)) == content
    assert content["split"]["out_of_time_from"] == "2026-01-01T08:00:00+08:00"
    assert content["binner"]["laplace"] == 0.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"needs \[data\], one flat table, or \[raw\], raw tables"),
        ('[raw]\nfolder = "x"', r"\[raw\] needs \[labels\]"),
        (
            '[data]\npath = "x"\ntarget = "y"\n[features]\ncolumns = ["a"]',
            r"\[labels\] and \[features\] belong to \[raw\]",
        ),
        ('[data]\npath = "x"', r"Missing key\(s\): 'data\.target'"),
        (MINIMAL + "[binnr]", r"Unknown key 'binnr'\. Did you mean 'binner'"),
        (
            MINIMAL + "[binner]\nmax_bin = 3",
            r"'binner\.max_bin'\. Did you mean 'max_bi",
        ),
        (
            MINIMAL + "[binner]\nmax_bins = 3.5",
            r"'binner\.max_bins' must be an integer",
        ),
        (MINIMAL + '[binner]\nmissing = "wrost"', r"Did you mean 'worst'"),
        (MINIMAL + "[split]\nholdout = 1", r"\[split\] holdout must be a share in"),
        (MINIMAL + "[split]\nseed = -1", r"seed must not be negative"),
        (
            MINIMAL + "[split]\nout_of_time_from = 2026-01-01",
            r"out_of_time_from needs the column it speaks of",
        ),
        (MINIMAL + "[scale]\npdo = 0", r"\[scale\] ScoreScale pdo must be positive"),
        (
            MINIMAL + "[scorecard.selection]\nmax_vif = 0.5",
            r"\[scorecard\.selection\] SelectionRules max_vif",
        ),
        (MINIMAL + '[reasons]\ncatalogue = "no.toml"', r"Reason catalogue 'no\.toml'"),
        (
            MINIMAL + '[reasons]\ncatalogue = "no.toml"\nreference = "mean"',
            r"\[reasons\] holds either catalogue, a path, or",
        ),
        (
            MINIMAL + '[reasons]\nrefrence = "mean"',
            r"\[reasons\] Unknown key 'refrence'",
        ),
    ],
)
def test_faults_name_the_file_and_the_key(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load(tmp_path, text)
    assert str(caught.value).startswith("Config 'run.toml': ")
