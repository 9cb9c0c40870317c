from __future__ import annotations

import subprocess
import sys

import pytest

import cfscore
from cfscore.cli import main
from cfscore.cli._main import COMMANDS

# scipy is left out: numba itself imports it where it is installed.
TRAINING = {"lightgbm", "optbinning", "pandas", "polars", "shap", "sklearn"}
HEAVY = TRAINING | {"llvmlite", "narwhals", "numba", "numpy", "pyarrow", "rich"}


def modules_loaded_by(*commands: list[str]) -> set[str]:
    """Return the top-level modules that commands load in a process of their own."""
    code = (
        "import sys; from cfscore.cli import main\n"
        f"codes = [main(command) for command in {list(commands)!r}]\n"
        "print('loaded:', *{name.partition('.')[0] for name in sys.modules}, *codes)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("loaded:")[2].split())


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {name} " in text for name in COMMANDS)
    assert text.startswith("usage: cfscore COMMAND")


def test_no_command_is_a_fault_of_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: cfscore COMMAND")


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_version(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([flag]) == 0
    assert capsys.readouterr().out == f"cfscore {cfscore.__version__}\n"


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("scor", "Unknown command 'scor'. Did you mean 'score'?"),
        ("qqq", "Unknown command 'qqq'. See: cfscore --help"),
        ("--versoin", "Unknown option '--versoin'. Did you mean '--version'?"),
        ("monitor", "The command 'monitor' is not part of this version."),
    ],
)
def test_unknown_command_gets_a_hint(
    argument: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([argument]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"cfscore: error [USAGE]: {message}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_has_help(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: cfscore {command}")


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_refuses_an_unknown_flag(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--hepl"]) == 2
    assert "Unknown option '--hepl'. Did you mean '--help'?" in capsys.readouterr().err


def test_help_and_version_load_nothing_heavy() -> None:
    assert modules_loaded_by(["--help"], ["--version"]) & HEAVY == set()


def test_core_commands_load_no_training_library() -> None:
    commands = ("doctor", "explain", "inspect", "score", "synthesize", "warmup")
    loaded = modules_loaded_by(*([command, "--help"] for command in commands))
    assert loaded & TRAINING == set()
    assert "numpy" in loaded


def test_module_equals_script() -> None:
    arguments = [sys.executable, "-m", "cfscore", "scor"]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Did you mean 'score'?" in done.stderr
