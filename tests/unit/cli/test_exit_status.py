from __future__ import annotations

import os
import signal
import threading

import pytest

from cfscore import exceptions
from cfscore.cli._exit_status import ExitStatus, sigterm_interrupts

SECRET = "110105194912310021"


def code_of(error: BaseException) -> int:
    with ExitStatus() as status:
        raise error
    return status.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (exceptions.UsageError("m"), 2),
        (exceptions.MissingExtraError("m"), 2),
        (exceptions.InputError("m"), 3),
        (exceptions.SchemaError([("a", "MISSING_COLUMN", "is missing")]), 3),
        (exceptions.RowFaultError(2, 1, {("a", "NOT_A_NUMBER"): 1}), 3),
        (exceptions.InputChangedError("m"), 5),
        (exceptions.FitError("m"), 3),
        (exceptions.ArtifactError("m"), 4),
        (exceptions.ArtifactTooNewError("m"), 4),
        (exceptions.CompileError("m"), 4),
        (exceptions.OutputError("m"), 5),
        (OSError(28, "No space left on device"), 5),
        (MemoryError(), 5),
        (KeyboardInterrupt(), 7),
        (ZeroDivisionError("m"), 70),
        (exceptions.CfscoreError("m"), 70),
        (SystemExit(0), 0),
        (SystemExit(None), 0),
    ],
)
def test_every_end_has_its_code(error: BaseException, code: int) -> None:
    assert code_of(error) == code


def test_code_that_the_command_set_is_kept() -> None:
    with ExitStatus() as status:
        status.code = 6
    assert status.code == 6


def test_message_is_one_line_with_code_and_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code_of(exceptions.OutputError("Disk is full.", code="ENOSPC", hint="Make room."))
    assert capsys.readouterr().err == (
        "cfscore: error [ENOSPC]: Disk is full. Make room.\n"
    )


def test_internal_error_says_where_and_how_to_report_but_no_value(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ExitStatus() as status:
        {}[SECRET]
    assert status.code == 70
    err = capsys.readouterr().err
    assert err.startswith("cfscore: error [INTERNAL]: KeyError. This is a defect")
    assert "CFSCORE_DEBUG=1" in err
    assert "cfscore doctor" in err
    assert SECRET not in err
    assert "Traceback" not in err


def test_internal_error_names_the_place_in_cfscore(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with ExitStatus():
        exceptions.SchemaError(None)  # type: ignore[arg-type]
    assert "TypeError at cfscore/exceptions.py:" in capsys.readouterr().err


def test_debug_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CFSCORE_DEBUG", "1")
    assert code_of(exceptions.InputError("refused")) == 3
    err = capsys.readouterr().err
    assert "Traceback (most recent call last)" in err
    assert err.startswith("cfscore: error [INPUT]: refused")


def test_missing_package_names_the_extra(capsys: pytest.CaptureFixture[str]) -> None:
    missing = ModuleNotFoundError("No module named 'sklearn'", name="sklearn.base")
    assert code_of(missing) == 2
    assert capsys.readouterr().err == (
        "cfscore: error [MISSING_EXTRA]: This command needs 'sklearn', which is not "
        'installed. Run: pip install "cfscore[train]"\n'
    )


def test_missing_module_of_our_own_is_internal() -> None:
    assert code_of(ModuleNotFoundError("x", name="cfscore.nothing")) == 70


def test_sigterm_ends_a_run_as_an_interrupt() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ExitStatus() as status, sigterm_interrupts():
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    assert status.code == 7
    assert signal.getsignal(signal.SIGTERM) is before


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    seen = []

    def work() -> None:
        with sigterm_interrupts():
            seen.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
