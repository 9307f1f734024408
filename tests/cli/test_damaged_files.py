"""Damaged files of tasks and of predictions, given to every command that reads them: one line, or the good records."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from saps.cli import main
from saps.generator import generate
from saps.tasks.files import task_line

pytestmark = pytest.mark.hostile

TASKS = [task_line(task) for task in generate(6, seed=4)]
RECORD = json.loads(TASKS[3])


def changed(**change: object) -> bytes:
    """The file with one record changed."""
    return replaced(json.dumps(RECORD | change).encode())


def replaced(line: bytes) -> bytes:
    """The file with one line in the place of another."""
    return b"".join([*TASKS[:3], line, b"\n", *TASKS[4:]])


WHOLE = b"".join(TASKS)
FILE_DAMAGES = {
    "nothing": b"",
    "blank lines": b"\n \n\n",
    "packed and cut off": gzip.compress(WHOLE)[:-30],
    "packed and hit": gzip.compress(WHOLE)[:60] + b"\0" * 9 + gzip.compress(WHOLE)[69:],
    "UTF-16": WHOLE.decode().encode("utf-16"),
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
    "one JSON list": json.dumps([RECORD, RECORD]).encode(),
    "an indented record": json.dumps(RECORD, indent=1).encode(),
}
LINE_DAMAGES = {
    "a line cut off": replaced(TASKS[3][:99]),
    "no JSON": replaced(b"{'text': 1}"),
    "no object": replaced(b"[1, 2]"),
    "bytes that are no text": replaced(b'{"text": ["\xff\xfe"]}'),
    "NUL bytes": replaced(b"\0" * 99),
    "deep lists": replaced(b"[" * 99_999),
    "a deep program": changed(short_tree=json.loads("[" * 300 + '"-"' + "]" * 300)),
    "a wide program": changed(short_tree=["+", *["1"] * 20_000]),
    "an endless number": replaced(TASKS[3].replace(b'"input": {', b'"input": {"x": ' + b"9" * 9_999 + b", ", 1)),
    "infinity": replaced(TASKS[3].replace(b'"output": ', b'"output": Infinity, "was": ', 1)),
    "a huge float": replaced(TASKS[3].replace(b'"output": ', b'"output": 1e999, "was": ', 1)),
    "no text": replaced(json.dumps({key: RECORD[key] for key in RECORD if key != "text"}).encode()),
    "numbers as tokens": changed(text=[1, 2]),
    "half a character": changed(text=["\ud800"]),
    "an unknown primitive": changed(short_tree=["frobnicate", "a"]),
    "an unknown type": changed(args={"a": "matrix"}),
    "a type that is none": changed(return_type=["int"]),
    "tests without an input": changed(tests=[{"output": 1}]),
    "tests of other arguments": changed(tests=[{"input": {"zz": 1}, "output": 1}]),
    "null everywhere": replaced(json.dumps(dict.fromkeys(RECORD)).encode()),
}
FEW = ("blank lines", "packed and hit", "a line cut off", "bytes that are no text", "an unknown type")
"""For the commands that take longer to begin; they all read by the same function."""
COMMANDS: dict[str, list[str]] = {
    "info": ["data", "info", "damaged"],
    "split": ["data", "split", "damaged", "--parts", "x=1", "--output-folder", "parts"],
    "explain": ["data", "explain", "damaged", "--predictions", "written"],
    "generate": ["data", "generate", "--count", "1", "--output", "written", "--exclude", "damaged"],
    "check": ["check", "damaged.jsonl"],
    "evaluate": [
        "evaluate",
        "--data",
        "damaged",
        "--predictions",
        "predictions",
        "--workers",
        "0",
        "--output",
        "written",
    ],
    "train": ["train", "--config", "config.yaml", "--data.train", "damaged", "--run", "written"],
    "validate": ["train", "--config", "config.yaml", "--data.validation", "damaged", "--run", "written"],
    "exclude": ["train", "--config", "config.yaml", "--data.exclude+", "damaged", "--run", "written"],
    "compare": ["compare", "config.yaml", "--test", "damaged", "--folder", "written"],
}
CONFIG = "data: {train: good, validation: other}\nmodel: {class_path: saps.models.SAPS}\ntrainer: {max_steps: 1}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good").write_bytes(WHOLE)
    (tmp_path / "other").write_bytes(b"".join(map(task_line, generate(3, seed=9))))
    (tmp_path / "predictions").write_text("\n" * 6)
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path


def damage(folder: Path, content: bytes) -> None:
    for name in ("damaged", "damaged.jsonl"):
        (folder / name).write_bytes(content)


SHORT = ("info", "split", "explain", "generate", "check", "evaluate")
CASES = [
    (command, name)
    for command, words in COMMANDS.items()
    for name in [*FILE_DAMAGES, *LINE_DAMAGES]
    if words[:2] in (["data", "info"], ["data", "split"]) or name in FEW
]


@pytest.mark.parametrize(("command", "name"), CASES)
def test_a_damaged_file_is_one_line(command: str, name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(folder, {**FILE_DAMAGES, **LINE_DAMAGES}[name])
    before = sorted(folder.iterdir())
    assert main(COMMANDS[command]) == 2
    error = capsys.readouterr().err
    assert error.startswith("saps: error: ")
    assert error.count("\n") == 1
    assert len(error) < 600
    assert error.rstrip("\n").isprintable()
    assert name in FILE_DAMAGES or ":4: " in error
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(("command", "name"), [case for case in CASES if case[1] in LINE_DAMAGES and case[0] in SHORT])
def test_a_bad_record_may_be_left_out(
    command: str, name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder, LINE_DAMAGES[name])
    assert main([*COMMANDS[command], "--skip-bad"]) == 0
    assert "left out 1 bad records; the first: damaged" in capsys.readouterr().err


PREDICTIONS: dict[str, Callable[[bytes], bytes]] = {
    "a line too many": lambda whole: whole + b"a\n",
    "a line too few": lambda whole: b"\n".join(whole.split(b"\n")[1:]),
    "nothing": lambda whole: b"",
    "packed and cut off": lambda whole: gzip.compress(whole)[:-9],
    "one line": lambda whole: whole.replace(b"\n", b" "),
    "Windows line ends and more": lambda whole: whole.replace(b"\n", b"\r\n\n"),
}


@pytest.mark.parametrize("name", PREDICTIONS)
def test_damaged_predictions_are_one_line(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = b"".join(json.dumps(json.loads(line)["short_tree"]).encode() + b"\n" for line in TASKS)
    (folder / "predictions").write_bytes(PREDICTIONS[name](whole))
    damage(folder, WHOLE)
    assert main(COMMANDS["evaluate"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "predictions: " in error
    assert not (folder / "written").exists()


LINES = [
    *(
        "(reduce a 0",
        '["reduce", "a"',
        "[" * 9_999,
        "(" * 9_999,
        '{"program": ',
        '{"program": [1]}',
        "null null",
        "\x00",
    ),
    *("NaN NaN", '"\\ud800"', "(reduce)", "()", "[]", "[[]]", "a b", "[1, 2]", '[reduce, "a"]', "x" * 300_000),
    *(
        "[ map a [ partial1 b -",
        "[, map, a",
        "]",
        "[ b a ]",
        "[ map a ( partial1 b - ) ]",
        "[ map, a [ partial1 b - ] ]",
    ),
]


def test_hostile_lines_of_predictions_are_counted(folder: Path) -> None:
    damage(folder, b"".join(task_line(task) for task in generate(len(LINES), seed=6)))
    (folder / "predictions").write_text("".join(f"{line}\n" for line in LINES), encoding="utf-8")
    assert main(COMMANDS["evaluate"]) == 0
    unparsed = [wrong["line"] for wrong in json.loads((folder / "written").read_text())["unparsed"]]
    assert unparsed == list(range(1, len(LINES) + 1))
