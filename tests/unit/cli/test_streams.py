from __future__ import annotations

import io
import subprocess
import sys
import warnings

import pytest

from cfscore.cli import _streams
from cfscore.cli._streams import plain_warnings, write_data, write_json, write_message


def test_json_is_one_line_with_readable_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_json({"name": "评分卡", "rows": 3})
    assert capsys.readouterr().out == '{"name": "评分卡", "rows": 3}\n'


def test_json_refuses_what_is_no_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"pd": float("nan")})


def test_console_without_chinese_shows_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    console = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", console)
    write_data("score 评\n")
    assert raw.getvalue() == b"score \\u8bc4\n"


def test_message_to_a_closed_stderr_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    write_message("nobody reads this")


def test_warning_is_one_plain_line(capsys: pytest.CaptureFixture[str]) -> None:
    with plain_warnings():
        warnings.simplefilter("always")
        warnings.warn("3 bins hold goods only", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "cfscore: warning: 3 bins hold goods only\n"


def test_reader_that_stops_early_ends_the_writing_quietly() -> None:
    code = (
        f"from {_streams.__name__} import write_data\n"
        "for _ in range(10_000): write_data('x' * 1000 + '\\n')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
