from __future__ import annotations

import json

import pytest

from cfscore.cli import main


def test_every_kernel_is_compiled(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["warmup", "--json"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["kernels"] >= 8
    assert found["seconds"] >= 0.0
    assert err == ""


def test_a_person_is_told_where_they_lie(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["warmup"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "kernels ready after" in err
