"""Files: every row accounted for, the output whole or absent."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from cfscore.exceptions import (
    InputError,
    OutputError,
    RowFaultError,
    SchemaError,
    UsageError,
)
from cfscore.scoring import Scorer
from cfscore.scoring.files import score_file
from tests.unit.scoring.small_plan import small_plan

N_ROWS = 1_000
ID = 110105194912310021


@pytest.fixture(scope="module")
def scorer():
    return Scorer(small_plan())


@pytest.fixture
def table():
    rng = np.random.default_rng(3)
    return pa.table(
        {
            "application": pa.array(ID + np.arange(N_ROWS), pa.int64()),
            "use": rng.choice(np.array([0.1, 0.5, 0.9, None]), N_ROWS).tolist(),
            "city": rng.choice(["north", "south, east", "new"], N_ROWS),
        }
    )


@pytest.fixture
def source(table, tmp_path):
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=300)
    return tmp_path / "in.parquet"


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
def test_every_format_in_and_out_gives_the_same_scores(
    scorer, table, source, tmp_path, ending
):
    pa_csv.write_csv(table, tmp_path / "in.csv")
    with pa.ipc.new_file(tmp_path / "in.arrow", table.schema) as writer:
        writer.write_table(table)
    expected = scorer.score(table, reasons=2)
    target = tmp_path / "out.parquet"
    report = scorer.score_file(
        tmp_path / f"in.{ending}", target, reasons=2, keep=["application"]
    )
    found = pq.read_table(target)
    assert found.column_names == [
        "application",
        "log_odds",
        "pd",
        "score",
        "reason_1",
        "reason_2",
        "status",
    ]
    assert found.column("score").to_numpy().tobytes() == expected.score.tobytes()
    # an 18-digit identifier keeps every digit, in whatever format it came
    assert str(found.column("application")[7]) == str(ID + 7)
    assert (report.rows, report.scored, report.rejected) == (N_ROWS, N_ROWS, 0)


def test_output_formats_agree(scorer, source, tmp_path):
    for ending in ("parquet", "csv", "arrow"):
        scorer.score_file(source, tmp_path / f"out.{ending}", reasons=2)
    expected = pq.read_table(tmp_path / "out.parquet")
    read = pa_csv.read_csv(tmp_path / "out.csv")
    assert read.column("score").to_pylist() == expected.column("score").to_pylist()
    with pa.ipc.open_file(tmp_path / "out.arrow") as reader:
        assert reader.read_all().equals(expected)


@pytest.mark.parametrize("batch_rows", [1, 7, 300, 10**6])
def test_batch_size_does_not_change_a_value(scorer, source, tmp_path, batch_rows):
    scorer.score_file(source, tmp_path / "a.parquet", reasons=2)
    scorer.score_file(source, tmp_path / "b.parquet", reasons=2, batch_rows=batch_rows)
    a, b = (pq.read_table(tmp_path / f"{n}.parquet") for n in "ab")
    assert a.equals(b)


def test_same_input_gives_the_same_bytes(scorer, source, tmp_path):
    for name in "ab":
        scorer.score_file(source, tmp_path / f"{name}.parquet", reasons=4)
    a, b = ((tmp_path / f"{n}.parquet").read_bytes() for n in "ab")
    assert a == b


def test_counts_of_missing_unseen_and_infinite_are_reported(scorer, tmp_path):
    table = pa.table({"use": [None, 0.5, np.inf, -9991.0], "city": ["new"] * 4})
    pq.write_table(table, tmp_path / "in.parquet")
    report = score_file(scorer, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert report.roles["use"] == {"SPECIAL -9991": 1, "MISSING": 1}
    assert report.roles["city"] == {"MISSING": 0, "UNSEEN": 4}
    assert report.infinite == {"use": 1}


def bad_csv(tmp_path):
    (tmp_path / "in.csv").write_text(
        "application,use,city\n1,0.5,north\n2,0.5x,north\n3,,north\n"
    )
    return tmp_path / "in.csv"


def test_strict_refuses_the_file_and_leaves_the_old_output(scorer, tmp_path):
    target = tmp_path / "out.parquet"
    target.write_text("old")
    with pytest.raises(RowFaultError, match=r"'use': 1 x NOT_A_NUMBER") as caught:
        scorer.score_file(bad_csv(tmp_path), target)
    assert "0.5x" not in str(caught.value)
    assert target.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.csv", "out.parquet"]


def test_quarantine_keeps_every_row_with_its_status(scorer, tmp_path):
    target = tmp_path / "out.parquet"
    report = scorer.score_file(
        bad_csv(tmp_path), target, keep=["application"], on_bad="quarantine", reasons=1
    )
    assert (report.rows, report.scored, report.rejected) == (3, 2, 1)
    assert report.faults == {("use", "NOT_A_NUMBER"): 1}
    found = pq.read_table(target).to_pylist()
    assert [row["application"] for row in found] == ["1", "2", "3"]
    assert [row["status"] for row in found] == [0, 1, 0]
    assert found[1]["score"] is None


def test_too_many_rejects_leave_no_output(scorer, tmp_path):
    target = tmp_path / "out.parquet"
    with pytest.raises(InputError, match="too many") as caught:
        scorer.score_file(
            bad_csv(tmp_path), target, on_bad="quarantine", max_rejected=lambda n: 0
        )
    assert caught.value.code == "TOO_MANY_REJECTS"
    assert not target.exists()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("use,city\n0.5,north,extra\n", "ROW_FAULTS"),
        ("use,city\n0.5\n", "ROW_FAULTS"),
        ("use,city\n0.5,north,\n", "TRAILING_DELIMITER"),
        ('use,city\n0.5,"north\n', "UNCLOSED_QUOTE"),
        ("", "EMPTY"),
        ("use;city\n0.5;north\n", "DELIMITER"),
        ("use,use,city\n1,2,north\n", "SCHEMA"),
        ("PK\x03\x04", "UNKNOWN_FORMAT"),
    ],
)
def test_broken_csv_is_refused_by_name_and_never_shown(scorer, tmp_path, text, code):
    (tmp_path / "in.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        scorer.score_file(tmp_path / "in.csv", tmp_path / "out.parquet")
    assert caught.value.code == code
    assert "north" not in str(caught.value)
    assert not (tmp_path / "out.parquet").exists()


def test_wrong_encoding_is_refused(scorer, tmp_path):
    (tmp_path / "in.csv").write_bytes("use,city\n0.5,中部\n".encode("gb18030"))
    with pytest.raises(InputError):
        scorer.score_file(tmp_path / "in.csv", tmp_path / "out.parquet")


def test_byte_order_mark_line_ends_and_quoted_newlines_are_read(scorer, tmp_path):
    text = '\ufeffuse,city\r\n0.5,"south, east"\r\n0.1,"two\r\nlines"\r\n'
    (tmp_path / "in.csv").write_bytes(text.encode())
    report = scorer.score_file(tmp_path / "in.csv", tmp_path / "out.parquet")
    assert report.rows == 2
    assert report.roles["city"]["UNSEEN"] == 1


def test_header_only_gives_a_valid_empty_output(scorer, tmp_path):
    (tmp_path / "in.csv").write_text("use,city,id\n")
    report = scorer.score_file(
        tmp_path / "in.csv", tmp_path / "out.parquet", reasons=1, keep=["id"]
    )
    assert report.rows == 0
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.num_rows == 0
    assert found.column_names == ["id", "log_odds", "pd", "score", "reason_1", "status"]


def test_truncated_parquet_is_refused(scorer, source, tmp_path):
    source.write_bytes(source.read_bytes()[:-100])
    with pytest.raises(InputError) as caught:
        scorer.score_file(source, tmp_path / "out.parquet")
    assert caught.value.code == "UNREADABLE"


def test_missing_columns_are_listed_before_anything_is_read(scorer, tmp_path):
    pq.write_table(pa.table({"other": [1]}), tmp_path / "in.parquet")
    with pytest.raises(SchemaError, match=r"'use'.*'city'.*'id'"):
        scorer.score_file(
            tmp_path / "in.parquet", tmp_path / "out.parquet", keep=["id"]
        )


def test_folder_and_pattern_are_read_in_order(scorer, table, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    for i in range(3):
        pq.write_table(table.slice(i * 300, 300), folder / f"part-{i}.parquet")
    for i, pattern in enumerate((folder, f"{folder}/*.parquet")):
        target = tmp_path / f"out{i}.parquet"
        report = scorer.score_file(pattern, target, keep=["application"])
        assert report.rows == 900
        kept = pq.read_table(target).column("application").to_pylist()
        assert kept == table.column("application").to_pylist()[:900]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "in.parquet"}, "one of the inputs"),
        ({"target": "out.xlsx"}, "not known"),
        ({"source": ["in.parquet", "in.parquet"]}, "given twice"),
        ({"keep": ["score"]}, "names of result columns"),
        ({"keep": ["application", "application"]}, "given twice"),
        ({"batch_rows": 0}, "batch_rows"),
        ({"on_bad": "drop"}, "on_bad"),
        ({"batch_rows": 2.0}, "batch_rows"),
        ({"batch_rows": True}, "batch_rows"),
        ({"reasons": -1}, "reasons"),
        ({"reasons": 2.0}, "reasons"),
        ({"reasons": True}, "reasons"),
        ({"reasons": np.True_}, "reasons"),
        ({"expect_rows": True}, "expect_rows"),
        ({"expect_rows": 1000.0}, "expect_rows"),
        ({"expect_rows": -1}, "expect_rows"),
    ],
)
def test_wrong_options_are_usage_errors(
    scorer, source, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    options = {"source": "in.parquet", "target": "out.parquet"} | arguments
    with pytest.raises(UsageError, match=message):
        scorer.score_file(options.pop("source"), options.pop("target"), **options)


def test_integers_of_numpy_are_options_as_any(scorer, source, tmp_path):
    plain = {"reasons": 2, "batch_rows": 400, "expect_rows": N_ROWS}
    of_numpy = {name: np.int64(number) for name, number in plain.items()}
    written = []
    for name, options in (("a", plain), ("b", of_numpy)):
        folder = tmp_path / name
        folder.mkdir()
        scorer.score_file(source, folder / "out.parquet", **options)
        written.append([p.read_bytes() for p in sorted(folder.iterdir())])
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("pattern", "target", "message"),
    [
        ("m2/*.parquet", "m2/out.parquet", "'out.parquet' matches .* 'm2/[*].parquet'"),
        ("m2", "m2/out.csv", "'out.csv' lies in the input folder 'm2'"),
        ("m2/", "m2/../m2/y=1/out.csv", "'out.csv' lies in the input folder 'm2/'"),
        ("./m2/*", "link/out.csv", "'out.csv' matches the input pattern './m2/[*]'"),
        ("link", "m2/out.csv", "'out.csv' lies in the input folder 'link'"),
        ("m2/**/*.parquet", "m2/new/", "'part-00000.parquet' matches"),
        ("m2", "m2/y=1/", "'part-00000.parquet' lies in"),
        ("m2/*t", "m2/name.parquet", "'name.parquet' matches"),
    ],
)
def test_an_output_that_the_next_run_would_read_is_refused(
    scorer, source, tmp_path, monkeypatch, pattern, target, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m2" / "y=1").mkdir(parents=True)
    source.rename(tmp_path / "m2" / "a.parquet")
    (tmp_path / "link").symlink_to("m2", target_is_directory=True)
    (tmp_path / "m2" / "name.parquet").symlink_to(tmp_path / "named.parquet")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=message) as caught:
        scorer.score_file([pattern], target)
    assert "another folder" in caught.value.hint
    assert sorted(tmp_path.rglob("*")) == before


def test_rejects_that_the_next_run_would_read_are_refused(scorer, tmp_path):
    source = bad_csv(tmp_path)
    pattern, target = tmp_path / "*.csv", tmp_path / "out.parquet"
    with pytest.raises(UsageError, match=r"'out.parquet.rejects.csv' matches"):
        scorer.score_file(pattern, target, on_bad="quarantine")
    scorer.score_file([source], target, on_bad="quarantine")


@pytest.mark.parametrize(
    ("pattern", "target"),
    [
        ("m2/*.parquet", "m2/out.csv"),
        ("m2/*.parquet", "out.parquet"),
        ("m2", "m2/sub/out.parquet"),
        ("m2", "m2/_out.parquet"),
        ("m2", "m2/sub/"),
        (["m2/a.parquet"], "m2/out.parquet"),
    ],
)
def test_an_output_beside_the_inputs_is_none_of_them(
    scorer, source, tmp_path, monkeypatch, pattern, target
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m2" / "sub").mkdir(parents=True)
    source.rename(tmp_path / "m2" / "a.parquet")
    for _ in range(2):
        assert scorer.score_file(pattern, target).rows == N_ROWS


@pytest.mark.parametrize("pattern", ["none.parquet", "none*.csv"])
def test_nothing_to_read_is_refused(scorer, tmp_path, pattern):
    with pytest.raises(InputError) as caught:
        scorer.score_file(tmp_path / pattern, tmp_path / "out.parquet")
    assert caught.value.code == "NOT_FOUND"


def test_devices_are_refused_and_never_read_for_ever(scorer, tmp_path):
    with pytest.raises(InputError):
        scorer.score_file("/dev/zero", tmp_path / "out.parquet")


def test_output_folder_that_does_not_exist_is_an_output_error(scorer, source, tmp_path):
    with pytest.raises(OutputError):
        scorer.score_file(source, tmp_path / "none" / "out.parquet")


def test_interrupt_leaves_the_old_output_and_no_temporary_file(
    scorer, source, tmp_path
):
    target = tmp_path / "out.parquet"
    target.write_text("old")

    def interrupt(done, total, rejected):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scorer.score_file(source, target, progress=interrupt)
    assert target.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["in.parquet", "out.parquet"]


def test_progress_tells_rows_done_and_in_all(scorer, source, tmp_path):
    seen = []
    scorer.score_file(
        source,
        tmp_path / "out.parquet",
        batch_rows=400,
        progress=lambda *numbers: seen.append(numbers),
    )
    assert seen[-1] == (N_ROWS, N_ROWS, 0)
    assert [done for done, _, _ in seen] == sorted({done for done, _, _ in seen})
