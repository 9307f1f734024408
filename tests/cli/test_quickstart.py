"""The quickstart's commands are ones that a user could type."""

import importlib
from pathlib import Path

import pytest

from saps.cli import COMMANDS, _parse, main
from saps.cli.quickstart import _commands, _unused


def test_every_command_of_the_road_is_accepted(tmp_path: Path) -> None:
    commands = [[str(word) for word in command] for command in _commands(1_000, 1, tmp_path / "quickstart")]
    assert [words[0] for words in commands] == ["data", "data", "train", "evaluate"] + ["synthesize"] * 3
    for words in commands:
        _parse(importlib.import_module(COMMANDS[words[0]][0]), words)


def test_the_judged_programs_are_kept_from_training(tmp_path: Path) -> None:
    commands = [[str(word) for word in command] for command in _commands(1_000, 1, tmp_path)]
    train = next(words for words in commands if words[0] == "train")
    judged = next(words for words in commands if words[0] == "evaluate")
    assert judged[judged.index("--data") + 1] in train[train.index("--data.exclude") + 1]


def test_an_earlier_run_is_kept(tmp_path: Path) -> None:
    assert _unused(tmp_path / "quickstart") == tmp_path / "quickstart"
    (tmp_path / "quickstart").mkdir()
    (tmp_path / "quickstart-2").mkdir()
    assert _unused(tmp_path / "quickstart") == tmp_path / "quickstart-3"


def test_too_few_tasks_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quickstart", "--tasks", "10"]) == 2
    assert "--tasks 10" in capsys.readouterr().err
