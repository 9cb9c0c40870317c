from __future__ import annotations

import json

import pytest

from cfscore import __version__
from cfscore.cli import doctor, main


def test_sound_installation_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(f"cfscore   {__version__}\n")
    assert "core      numpy" in out


def test_json_tells_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    found = json.loads(out)
    assert found["ok"] is True
    assert found["threads"] >= 1
    extras = {package["extra"] for package in found["packages"]}
    assert extras == {"core", "train", "report", "spark"}


def test_missing_extra_is_named_with_its_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = doctor._version
    monkeypatch.setattr(
        doctor, "_version", lambda name: None if name == "lightgbm" else known(name)
    )
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "train     lightgbm       not installed\n" in out
    assert 'missing   pip install "cfscore[train]"' in out


def test_broken_core_ends_with_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = doctor.import_module

    def import_module(name: str) -> object:
        if name == "numba":
            message = "libllvmlite.so: cannot open shared object file"
            raise OSError(message)
        return known(name)

    monkeypatch.setattr(doctor, "import_module", import_module)
    assert main(["doctor"]) == 70
    out, err = capsys.readouterr()
    assert "cannot be imported (OSError)" in out
    assert err.startswith("cfscore: error [BROKEN_INSTALL]: cannot import numba.")
