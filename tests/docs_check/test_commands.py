"""The check of the commands on pages: what it finds, makes short and leaves out; `make docs-check` runs them."""

from pathlib import Path

import pytest

from saps.cli import main
from saps.tasks.missing import how_to_get
from tests.docs_check.folder import TABLE
from tests.docs_check.pages import PAGES, ROOT, Command, commands_of
from tests.docs_check.words import shortened

COMMANDS = [command for page in PAGES for command in commands_of(page)]


def test_commands_are_found_with_their_continuations() -> None:
    lines = [command.line for command in COMMANDS]
    assert len(lines) > 100
    assert any(line.startswith("saps train --config experiments/quickstart.yaml --data.train") for line in lines)
    assert not [line for line in lines if line.startswith(("saps:", "saps>"))]


@pytest.mark.parametrize("table", ["left_out", "fails", "waits"])
def test_what_is_said_of_commands_is_said_of_some_that_there_are(table: str) -> None:
    for beginning in TABLE[table]:
        assert any(command.line.startswith(beginning) for command in COMMANDS), beginning


def test_a_choice_is_each_of_its_commands() -> None:
    command = Command(ROOT / "README.md", 1, "saps data fetch train|dev [--folder data] 'a || b'")
    assert command.variants() == [
        "saps data fetch train --folder data 'a || b'",
        "saps data fetch dev --folder data 'a || b'",
    ]


def test_long_commands_become_short() -> None:
    assert shortened(["data", "generate", "--count", "20000", "--output", "a"])[3] == "300"
    assert shortened(["data", "generate", "--parts", "train=100000", "--instances", "1=3"])[3:] == [
        "train=60",
        "--instances",
        "1=3",
    ]
    assert shortened(["compare", "a.yaml", "b.yaml", "c.yaml", "--budget", "10m"])[1:] == [
        "a.yaml",
        "b.yaml",
        "--budget",
        "4steps",
    ]
    assert shortened(["train", "--resume", "runs/a"]) == ["train", "--resume", "runs/a"]
    assert shortened(["run", "(reduce a 0 +)"]) == ["run", "(reduce a 0 +)"]


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("data/metaset3.dev.jsonl.gz", "saps data fetch dev --folder data"),
        (
            "data/algolisp/train.jsonl.gz",
            "saps data split data/metaset3.dev.jsonl.gz --parts train=0.9 validation=0.1 --output-folder data/algolisp",
        ),
        (
            "runs/small/data/test.jsonl.gz",
            "saps data generate --parts validation=640 test=960 --instances 1=1 2=1 3=1 "
            "--output-folder runs/small/data",
        ),
    ],
)
def test_a_missing_file_names_the_command_that_makes_it(path: str, command: str) -> None:
    assert how_to_get(Path(path)) == f"make it by '{command}'"
    assert how_to_get(Path("mine.jsonl")) == "check the path"
    assert any(line.line.startswith(command.partition(" --folder")[0]) for line in COMMANDS) or "fetch" in command


def test_a_training_without_its_data_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", "--config", str(ROOT / "experiments" / "saps_vh_att.yaml")]) == 2
    error = capsys.readouterr().err
    assert "data/algolisp/train.jsonl.gz: no such file; make it by 'saps data split " in error
    assert error.count("\n") == 1
