"""Settings of a command: a dataclass becomes flags, and a mistake gets one line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from jsonargparse.typing import NonNegativeInt, PositiveFloat

from saps.cli import main
from saps.cli.settings import Width, flag, read_settings
from saps.errors import UserError


@dataclass(frozen=True)
class Cooking:
    """What is cooked."""

    dish: str = flag(positional=True, metavar="DISH")
    """What it is called."""
    book: Path
    """Where the recipe is."""
    herb: tuple[str, ...] = flag((), metavar="NAME")
    """One of the herbs; 100 % optional."""
    guests: tuple[str, ...] = flag((), nargs="+")
    """Who comes."""
    portions: Width = 4
    """For how many."""
    hours: PositiveFloat | None = None
    """How long it takes."""
    retries: NonNegativeInt = 0
    """How often it may burn."""
    heat: Literal["low", "high"] | None = None
    """How hot the oven is."""
    leave_lid: bool = False
    """Keep the lid on."""
    minutes: tuple[NonNegativeInt, ...] = flag((), nargs="+")
    """When to stir."""


def read(*words: str) -> Cooking:
    return read_settings("cook", "Cook.", Cooking, words)


def test_each_field_has_a_flag_and_a_default() -> None:
    assert read("soup", "--book", "b") == Cooking("soup", Path("b"))
    words = "pie --book=b --herb x --herb [1,2] --guests a b --guests c --portions 7 --hours 1e1 --heat low --leave-lid"
    assert read(*words.split()) == Cooking(
        "pie", Path("b"), ("x", "[1,2]"), ("a", "b", "c"), 7, 10.0, heat="low", leave_lid=True
    )


@pytest.mark.parametrize("text", ["null", "true", "5", "-1", "", '{"a": [1]} -> 3', "a: b", "1e3", "[1"])
def test_a_text_is_taken_as_it_is(text: str) -> None:
    read_text = read(text, "--book", "b", f"--herb={text}")
    assert (read_text.dish, read_text.herb) == (text, (text,))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("soup", "the following arguments are required: --book; see 'saps cook --help'"),
        ("--book b", "the following arguments are required: DISH; see 'saps cook --help'"),
        ("soup --book b --portions 0", "--portions 0: give a number from 1 to 1000"),
        ("soup --book b --portions=many", "--portions many: give a number from 1 to 1000"),
        ("soup --book b --hours 0", "--hours 0: give a number above 0"),
        ("soup --book b --hours nan", "--hours nan: give a number above 0"),
        ("soup --book b --retries -1", "--retries -1: give a number of at least 0"),
        ("soup --book b --minutes 3 -1", "--minutes -1: give a number of at least 0"),
        ("soup --book b --heat hot", "--heat hot: give one of low, high"),
        ("soup --book b --leave_lid", "unrecognized arguments: --leave_lid; perhaps --leave-lid"),
        ("soup --book b --leave", "unrecognized arguments: --leave; perhaps --leave-lid"),
        ("soup --book b --quickly", "unrecognized arguments: --quickly; 'saps cook --help' lists the settings"),
        ("soup --book", "argument --book: expected one argument"),
    ],
)
def test_a_mistake_gets_one_line(words: str, complaint: str) -> None:
    with pytest.raises(UserError) as mistake:
        read(*words.split())
    assert str(mistake.value) == complaint


def test_the_help_is_what_stands_under_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read("--help")
    shown = " ".join(capsys.readouterr().out.split())
    assert "--book BOOK Where the recipe is. (required, type: Path)" in shown
    assert "--herb NAME One of the herbs; 100 % optional. (type: str)" in shown
    assert "--portions PORTIONS For how many. (type: int from 1 to 1000, default: 4)" in shown
    assert "--retries RETRIES How often it may burn. (type: NonNegativeInt, default: 0)" in shown
    assert "--leave-lid Keep the lid on." in shown
    assert "null" not in shown


@pytest.mark.parametrize(
    ("setting", "flag"),
    [("", ""), ("allow_unknown", " (--allow-unknown)"), ("data.batch_size", " (--data.batch_size)")],
)
def test_the_command_line_adds_the_flag_of_a_setting(
    setting: str, flag: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> int:
        raise UserError("it is wrong", setting)

    monkeypatch.setattr("saps.cli.run_command.run", refuse)
    assert main(["run", "0"]) == 2
    assert capsys.readouterr().err == f"saps: error: it is wrong{flag}\n"
