from __future__ import annotations

import re

import pytest

from cfscore.cli._command_parser import CommandParser, count
from cfscore.exceptions import UsageError


@pytest.fixture
def parser() -> CommandParser:
    made = CommandParser("score", "Score.", later={"--resume": "Run it again."})
    made.add_argument("-m", "--model", required=True)
    made.add_argument("-o", "--output", required=True)
    made.add_argument("--rows", type=count)
    made.add_argument("--limit", type=float)
    made.add_json_flag()
    return made


def test_arguments_are_parsed(parser: CommandParser) -> None:
    found = parser.parse(["-mcard.cfs", "--output=o", "--rows", "3", "--limit", "-1.5"])
    assert vars(found) == {
        "model": "card.cfs",
        "output": "o",
        "rows": 3,
        "limit": -1.5,
        "json": False,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        # A misspelt flag is named, not the required one that is missing for it.
        (["--modle", "x"], "Unknown option '--modle'. Did you mean '--model'?"),
        (["--modle=x"], "Unknown option '--modle'. Did you mean '--model'?"),
        (["--mod", "x"], "Unknown option '--mod'."),  # no abbreviations
        (["-q"], "Unknown option '-q'."),
        (["--resume"], "--resume is not part of this version. Run it again."),
        (["--resum"], "Unknown option '--resum'. Did you mean '--resume'?"),
        ([], "The following arguments are required: -m/--model, -o/--output."),
        (["-m", "x", "-o"], "Argument -o/--output: expected one argument."),
        (["-m", "x", "-o", "y", "z"], "Unrecognized arguments: z."),
        (["--rows", "0"], "Argument --rows: '0' is not a positive integer."),
        (["--rows", "٣"], "Argument --rows: '٣' is not a positive integer."),
        (["--rows", "1_000"], "Argument --rows: '1_000' is not a positive integer."),
    ],
)
def test_fault_is_a_usage_error(
    parser: CommandParser, arguments: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(message)) as caught:
        parser.parse(arguments)
    assert "cfscore score --help" in str(caught.value) or "--resume" in message


def test_what_stands_behind_two_dashes_is_no_flag() -> None:
    parser = CommandParser("inspect", "Show.")
    parser.add_argument("plan")
    assert parser.parse(["--", "--odd.cfs"]).plan == "--odd.cfs"
