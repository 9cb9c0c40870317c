"""Commands on forests: a LightGBM text is compiled, inspected, scored and explained."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cfscore.calibration import Calibrator
from cfscore.cli import main
from cfscore.compiler import compile_plan
from cfscore.exceptions import UsageError
from cfscore.explain import TABLE_BYTES, estimate_tables
from cfscore.scoring import Scorer, load_plan
from tests.lightgbm_models import train

pytest.importorskip("lightgbm")

N_ROWS = 400
CITIES = ["north", "south", "中部"]
NAMES = ["use of limits", "年龄", "city"]
REASONS = """
[[reason]]
code = "USE"
en = "Use of limits"
zh = "额度使用"
consumer_text_en = "Your limits are used up."
features = ["use of limits"]

[[reason]]
code = "PERSON"
zh = "个人"
features = ["年龄", "city"]

[[reason]]
code = "NEW"
en = "Unknown place"
zh = "未知地区"

[[special]]
attribute = "UNSEEN"
code = "NEW"
"""


def sample() -> tuple[np.ndarray, np.ndarray]:
    """Return codes as LightGBM sees them, and good outcomes: 1 = good."""
    rng = np.random.default_rng(4)
    rows = np.column_stack(
        [
            np.where(rng.random(N_ROWS) < 0.1, np.nan, rng.uniform(size=N_ROWS)),
            rng.integers(18, 70, N_ROWS),
            rng.integers(0, 3, N_ROWS),
        ]
    )
    risk = np.nan_to_num(rows[:, 0], nan=0.8) + 0.8 * (rows[:, 2] == 1)
    return rows, (rng.logistic(size=N_ROWS) > risk - 0.5).astype(float)


ROWS, GOOD = sample()


def table(n_rows: int = N_ROWS) -> pa.Table:
    """Return the sample as the lender has it."""
    use, age, city = ROWS[:n_rows].T
    return pa.table(
        {
            "id": [f"a{i}" for i in range(n_rows)],
            "年龄": age.astype(int),
            "city": np.take(CITIES, city.astype(int)),
            "use of limits": pa.array(use, from_pandas=True),
            "bad": 1 - GOOD[:n_rows].astype(int),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model, its side files and rows."""
    made = tmp_path_factory.mktemp("forest")
    splitting = {"min_data_per_group": 1, "cat_smooth": 0.1}
    train(ROWS, GOOD, 8, [2], **splitting).save_model(made / "model.txt")
    (made / "names.txt").write_text("\n".join(NAMES) + "\n\n", "utf-8")
    categories = {"city": CITIES}
    (made / "keys.json").write_text(json.dumps(categories), "utf-8")
    (made / "keys.toml").write_text('city = ["north", "south", "中部"]\n', "utf-8")
    (made / "reasons.toml").write_text(REASONS, "utf-8")
    pq.write_table(table(), made / "rows.parquet")
    assert run_compile(made, made / "forest.cfs") == 0
    return made


def run_compile(folder: Path, output: Path, **changed: str) -> int:
    """Run ``cfscore compile`` with every flag."""
    flags = {
        "event": "good",
        "feature-names": str(folder / "names.txt"),
        "categories": str(folder / "keys.json"),
        "reasons": str(folder / "reasons.toml"),
        "development": str(folder / "rows.parquet"),
        "target": "bad",
        "name": "八月 forest",
    } | changed
    given = [text for flag, value in flags.items() for text in (f"--{flag}", value)]
    return main(["compile", str(folder / "model.txt"), str(output), *given, "--json"])


# --- compile


def test_flags_reach_the_plan(folder: Path) -> None:
    plan = load_plan(folder / "forest.cfs")
    assert plan.name == "八月 forest"
    assert plan.schema.names == tuple(NAMES)
    assert plan.forest.features[2].categories == tuple(CITIES)
    assert plan.forest.event == "good"
    assert [reason.code for reason in plan.catalogue.reasons] == [
        "USE",
        "PERSON",
        "NEW",
    ]
    assert plan.provenance.verified
    assert plan.development is not None
    assert plan.development.n_rows == N_ROWS
    assert plan.development.bad_rate == pytest.approx(1 - GOOD.mean())
    categories = {"city": CITIES}
    bare = compile_plan(
        folder / "model.txt", event="good", feature_names=NAMES, categories=categories
    )
    assert load_plan(folder / "forest.cfs").forest.slope == bare.forest.slope == -1.0


def test_json_names_source_and_plan(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "o.cfs"
    toml = str(folder / "keys.toml")
    assert run_compile(folder, target, categories=toml) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sha256"] == load_plan(folder / "forest.cfs").sha256
    assert found["name"] == "八月 forest"
    source = found["source_sha256"]
    more = ["--expect-sha256", source]
    model = str(folder / "model.txt")
    assert main(["compile", model, str(target), *more]) == 0
    more[1] = source.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    assert main(["compile", model, str(target), *more]) == 4
    assert "error [HASH_MISMATCH]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"feature-names": "keys.json"}, 2, "expected 3 names, got 1"),
        ({"categories": "bad.json"}, 2, "is not valid JSON"),
        ({"categories": "names.txt"}, 2, "is not valid TOML"),
        ({"categories": "list.json"}, 2, "must hold a list of categories"),
        ({"categories": "other.json"}, 2, "'town' is no feature of the model"),
        ({"reasons": "short.toml"}, 4, "does not cover: ['city', '年龄']"),
        ({"target": "none"}, 3, "none"),
    ],
)
def test_side_files_that_do_not_fit_are_refused(
    folder: Path,
    tmp_path: Path,
    changed: dict[str, str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = {
        "bad.json": "{",
        "list.json": '["north"]',
        "other.json": '{"town": ["north"]}',
        "short.toml": '[[reason]]\ncode = "USE"\nfeatures = ["use of limits"]\n',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    places = {
        flag: str((tmp_path if name in texts else folder) / name)
        if flag != "target"
        else name
        for flag, name in changed.items()
    }
    target = tmp_path / "o.cfs"
    assert run_compile(folder, target, **places) == code
    assert message in capsys.readouterr().err
    assert not target.exists()


def test_damaged_texts_and_models_without_a_pd_are_4(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (folder / "model.txt").read_text("utf-8")
    objective = "objective=binary sigmoid:1"
    damaged = {
        "TREE": text.replace("left_child=", "left_child=99 ", 1),
        "HEADER": text.replace("\nmax_feature_idx=2", "\nmax_feature_idx=3"),
        "NEEDS_CALIBRATOR": text.replace(
            "objective=binary sigmoid:1", "objective=huber"
        ),
        "OBJECTIVE": text.replace(objective, "objective=poisson"),
    }
    for code, changed in damaged.items():
        lines = [line for line in changed.splitlines() if "tree_sizes" not in line]
        (tmp_path / "model.txt").write_text("\n".join(lines) + "\n", "utf-8")
        target = tmp_path / "o.cfs"
        assert main(["compile", str(tmp_path / "model.txt"), str(target)]) == 4
        assert f"error [{code}]" in capsys.readouterr().err
        assert not target.exists()


# --- inspect


def test_person_sees_the_whole_forest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(folder / "forest.cfs")]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for expected in (
        "== 八月 forest",
        "protocol       2",
        "source         lightgbm",
        "verified       yes",
        "== Forest",
        "event         1 = good in training",
        "calibration   none",
        "north, south, 中部",
        "UNSEEN             NEW, every characteristic",
        "rows      400",
    ):
        assert expected in out, expected
    plan = load_plan(folder / "forest.cfs")
    assert f"leaves        {plan.forest.trees.n_leaves}, at most 8 a tree" in out
    size = estimate_tables(plan).n_bytes / 1e6
    assert f"explanations  {size:,.1f} MB of tables, at most 268 MB; 0 leaves" in out


def test_json_is_the_whole_forest(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = load_plan(folder / "forest.cfs")
    rows = table().select(NAMES)
    margin = Scorer(plan).score(rows).log_odds
    calibrated = compile_plan(plan, Calibrator("isotonic").fit(margin, 1 - GOOD))
    calibrated.save(tmp_path / "c.cfs")
    assert main(["inspect", str(tmp_path / "c.cfs"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["family"], found["protocol"]) == ("forest", 2)
    assert found["sha256"] == calibrated.sha256
    assert found["forest"]["trees"] == 8
    expected = vars(estimate_tables(plan)) | {"most_bytes": TABLE_BYTES}
    assert found["forest"]["explanation_tables"] == expected
    assert found["calibration"]["kind"] == "IsotonicCalibration"
    assert tuple(found["calibration"]["edges"]) == calibrated.calibration.edges
    assert [f["name"] for f in found["features"]] == NAMES
    assert sum(f["splits"] for f in found["features"]) == plan.forest.trees.n_nodes
    policies = {f["name"]: f["policies"] for f in found["features"]}
    number = {"missing": "model", "special": None, "unseen": None}
    assert policies["年龄"] == {**number, "non_finite": "value"}
    assert policies["city"] == {**number, "unseen": "model", "non_finite": None}


def test_a_forest_that_cannot_be_explained_is_inspected(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(plan: object) -> None:
        msg = "none"
        raise UsageError(msg)

    monkeypatch.setattr("cfscore.cli.inspect.estimate_tables", refuse)
    assert main(["inspect", str(folder / "forest.cfs")]) == 0
    assert "explanations  none: its trees do not tell" in capsys.readouterr().out


# --- special codes


@pytest.fixture
def special_folder(folder: Path, tmp_path: Path) -> Path:
    """Return a folder with the plan, told of two special codes, and rows with them."""
    plan = load_plan(folder / "forest.cfs")
    use, *others = plan.forest.features
    features = (replace(use, special=(-9991.0, -9993.0)), *others)
    told = replace(plan, model=replace(plan.forest, features=features), golden=None)
    compile_plan(told).save(tmp_path / "forest.cfs")
    rows = {"use of limits": [-9993.0, -9993.0, -9991.0, None, 0.5]}
    rows |= {"年龄": [30] * 5, "city": ["north"] * 5}
    pq.write_table(pa.table(rows), tmp_path / "rows.parquet")
    return tmp_path


def test_special_codes_are_inspected(
    special_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(special_folder / "forest.cfs")
    assert main(["inspect", path]) == 0
    out = capsys.readouterr().out
    assert "protocol       3" in out
    assert "SPECIAL -9991, SPECIAL -9993" in out
    assert main(["inspect", path, "--json"]) == 0
    use, age, city = json.loads(capsys.readouterr().out)["features"]
    assert use["special_codes"] == [-9991.0, -9993.0]
    assert (age["special_codes"], city["special_codes"]) == ([], [])
    policies = [f["policies"]["special"] for f in (use, age, city)]
    assert policies == ["missing", None, None]


def test_special_codes_are_counted_and_explained(
    special_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, rows = (str(special_folder / n) for n in ("forest.cfs", "rows.parquet"))
    target = str(special_folder / "out.parquet")
    assert main(["score", "-m", plan, "-i", rows, "-o", target, "--json"]) == 0
    roles = json.loads(capsys.readouterr().out)["roles"]["use of limits"]
    assert roles == {"SPECIAL -9991": 1, "SPECIAL -9993": 2, "MISSING": 1}
    scores = pq.read_table(target).column("score").to_pylist()
    assert len(set(scores[:4])) == 1
    for row, state in ((1, "special"), (3, "special"), (4, "missing"), (5, "value")):
        assert (
            main(["explain", "-m", plan, "-i", rows, "--row", str(row), "--json"]) == 0
        )
        parts = json.loads(capsys.readouterr().out)["parts"]
        assert parts[0]["state"] == state


# --- score


def test_file_is_scored_like_the_table(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "scored.parquet"
    rows = table(50).set_column(2, "city", pa.array(["north"] * 49 + ["elsewhere"]))
    pq.write_table(rows, tmp_path / "in.parquet")
    arguments = ["-m", str(folder / "forest.cfs"), "-i", str(tmp_path / "in.parquet")]
    arguments += ["-o", str(target), "--keep", "id", "--json"]
    assert main(["score", *arguments]) == 0
    plan = load_plan(folder / "forest.cfs")
    expected = Scorer(plan).score(rows, reasons=4).to_arrow()
    found = pq.read_table(target)
    assert found.drop_columns("id").equals(expected)
    account = json.loads(capsys.readouterr().out)
    n_missing = rows.column("use of limits").null_count
    assert account["roles"]["city"] == {"MISSING": 0, "UNSEEN": 1}
    assert account["roles"]["use of limits"] == {"MISSING": n_missing}
    assert (account["rows"], account["rejected"]) == (50, 0)


def test_missing_column_and_bad_cells_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    arguments = ["-m", str(folder / "forest.cfs"), "-i", str(source), "-o", str(target)]
    source.write_text("年龄,city\n30,north\n", "utf-8")
    assert main(["score", *arguments]) == 3
    assert "'use of limits'" in capsys.readouterr().err
    source.write_text("年龄,city,use of limits\n30,north,x\n40,south,0.5\n", "utf-8")
    assert main(["score", *arguments]) == 3
    assert not target.exists()
    more = ["--on-bad", "quarantine", "--fail-on-rejects"]
    assert main(["score", *arguments, *more]) == 6
    assert target.read_text("utf-8").count("\n") == 3


# --- explain


def explained(folder: Path, source: Path, row: int, *more: str) -> int:
    arguments = ["-m", str(folder / "forest.cfs"), "-i", str(source), "--row", str(row)]
    return main(["explain", *arguments, *more])


def test_row_is_explained_in_numbers_that_add_up(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scorer = Scorer(load_plan(folder / "forest.cfs"))
    batch = scorer.score(table(), reasons=4, contributions=True)
    for row in (1, 2, 57, 400):
        assert explained(folder, folder / "rows.parquet", row, "--json") == 0
        found = json.loads(capsys.readouterr().out)
        assert found["score"] == batch.score[row - 1]
        parts = {part["feature"]: part for part in found["parts"]}
        contributions = [parts[name]["contribution"] for name in NAMES]
        assert contributions == batch.contributions[row - 1].tolist()
        total = found["base_value"] + sum(contributions)
        assert total == pytest.approx(found["margin"])
        assert found["margin"] == found["log_odds"]
        codes = [code for code in batch.reasons[row - 1] if code]
        assert [reason["code"] for reason in found["reasons"]] == codes
        state = "missing" if np.isnan(ROWS[row - 1, 0]) else "value"
        assert parts["use of limits"]["state"] == state


def one_row(folder: Path, **cells: Any) -> Path:
    path = folder / "one.parquet"
    row = {"use of limits": 0.95, "年龄": 30, "city": "south"} | cells
    pq.write_table(pa.Table.from_pylist([row]), path)
    return path


def test_person_sees_features_by_their_weight_and_no_cell(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert explained(folder, one_row(tmp_path), 1) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "Row 1 (counted from 1), plan 八月 forest" in out
    assert "margin" not in out  # that is the log-odds here
    assert ". Your limits are used up." in out
    assert "0.95" not in out.partition("feature")[2]
    found = Scorer(load_plan(folder / "forest.cfs")).score(
        pq.read_table(tmp_path / "one.parquet"), contributions=True
    )
    order = np.argsort(-np.abs(found.contributions[0]))
    shown = out[out.index("feature") :]
    places = [shown.index(NAMES[i]) for i in order]
    assert places == sorted(places)


def test_unseen_and_missing_cells_have_their_own_words(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = one_row(tmp_path, city="elsewhere", **{"use of limits": None})
    assert explained(folder, path, 1, "--language", "zh") == 0
    out = capsys.readouterr().out
    lines = {
        line.split()[-3]: line for line in out.splitlines() if len(line.split()) > 3
    }
    assert "missing" in lines
    assert "unseen" in lines
    assert "elsewhere" not in out


def test_margin_is_told_where_a_calibration_follows_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = load_plan(folder / "forest.cfs")
    margin = Scorer(plan).score(table()).log_odds
    compile_plan(plan, Calibrator("beta").fit(margin, 1 - GOOD)).save(
        tmp_path / "forest.cfs"
    )
    assert explained(tmp_path, folder / "rows.parquet", 5) == 0
    assert "log-odds before calibration" in capsys.readouterr().out
    assert explained(tmp_path, folder / "rows.parquet", 5, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    total = found["base_value"] + sum(p["contribution"] for p in found["parts"])
    assert total == pytest.approx(found["margin"])
    assert found["margin"] != found["log_odds"]
