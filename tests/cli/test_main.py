"""The command line as a whole: what every command shares."""

import subprocess
import sys

import pytest

from saps.cli import COMMANDS, main


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"saps {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["dance"], "there is no command 'dance'"),
        (["evaluate", "--data", "x.jsonl"], "--model --predictions"),
        (["evaluate", "--model", "nowhere", "--data", "nowhere.jsonl"], "nowhere: no such folder"),
        (["evaluate", "--model", "data/model", "--data", "nowhere.jsonl"], "nowhere.jsonl: no such file"),
        (["data", "info", "nowhere.jsonl"], "nowhere.jsonl"),
        (["train", "--config", "nowhere.yaml"], "nowhere.yaml"),
        (["train", "--resume", "nowhere"], "nowhere"),
        (["synthesize", "given a number a , find a", "--model", "nowhere"], "nowhere"),
        (["run", "(+ 1 2"], "("),
        (["check", "(+ 1 2))"], ")"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("saps: error: ")
    assert said.err.count("\n") == 1
    assert complaint in said.err


@pytest.mark.parametrize("name", ["x" * 300, "d/" * 2500 + "x"])
@pytest.mark.parametrize(
    "words",
    [
        ["synthesize", "given a number a , find a", "--model", "NAME"],
        ["serve", "--model", "NAME"],
        ["quickstart", "--folder", "NAME"],
        ["evaluate", "--data", "NAME", "--model", "data/model"],
        ["evaluate", "--data", "data/sample.jsonl", "--model", "NAME"],
        ["evaluate", "--data", "data/sample.jsonl", "--predictions", "NAME"],
        ["evaluate", "--data", "data/sample.jsonl", "--model", "data/model", "--output", "NAME"],
        ["evaluate", "--data", "data/sample.jsonl", "--model", "data/model", "--report", "NAME/x.html"],
        ["evaluate", "--data", "data/sample.jsonl", "--model", "data/model", "--against", "NAME"],
    ],
)
def test_a_name_too_long_for_the_file_system_gets_one_line(
    words: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word.replace("NAME", name) for word in words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("saps: error: ")
    assert said.err.count("\n") == 1
    assert "too long" in said.err


def test_no_command_shows_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    shown = capsys.readouterr().out
    assert [command for command in COMMANDS if command not in shown] == []


@pytest.mark.parametrize("words", [["run", "(+ 1 2)"], ["check", "0"], ["data", "--help"], ["evaluate", "--help"]])
def test_commands_without_a_model_do_not_wait_for_torch(words: list[str]) -> None:
    script = f"""
import sys
from saps.cli import main
try:
    main({words!r})
except SystemExit:
    ...
assert not {{"torch", "pytorch_lightning", "wandb"}} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
