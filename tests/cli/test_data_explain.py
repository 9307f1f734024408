"""`saps data explain` and `saps data compare` as a user types them."""

import json
import re
from pathlib import Path

import pytest

from saps.cli import main
from saps.generator import generate
from saps.lang.spelling import to_lisp
from saps.tasks.files import read_tasks, write_tasks


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty generated tasks."""
    path = tmp_path_factory.mktemp("tasks") / "generated.jsonl"
    write_tasks(path, generate(40, seed=21))
    return path


def test_a_task_is_explained_by_its_templates(generated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = list(read_tasks(generated))[2]
    assert main(["data", "explain", f"{generated}:3"]) == 0
    out = capsys.readouterr().out
    assert f"program: {to_lisp(task.program)}" in out
    assert "derivation 1 of the program" in out
    assert f"the program of the task: {to_lisp(task.program)}" in out


def test_a_sentence_is_explained_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = "Given an array of numbers a, square each element of a, find the sum of a."
    assert main(["data", "explain", "--text", sentence]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "reading 1 of the text: (reduce (map a square) 0 +)"
    assert lines[2].split() == ["sum", "(basic_reduce_int_array)", "->", "int"]
    assert lines[4].split()[:3] == ["list", "=", "square"]
    assert lines[5].strip().startswith("bare: ")
    assert '=> {list}" (' in lines[5]
    assert re.search(r"lists\.yaml:\d+\)$", lines[5])
    assert lines[6].strip() == "list = argument a (int[])"


def test_an_argument_that_the_text_does_not_name_gets_its_declared_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "explain", "--text", "given a string , find the length of the given string"]) == 0
    assert "(strlen a)" in capsys.readouterr().out
    words = ["--text", "given a string , find the length of the given string", "--arg", "name:string"]
    assert main(["data", "explain", *words]) == 0
    assert "(strlen name)" in capsys.readouterr().out


def test_a_sentence_that_is_not_understood_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "explain", "--text", "given a number a , find the colour of a"]) == 1
    out = capsys.readouterr().out
    assert "understood up to: given a number a , find the\n" in out
    assert "not understood from here on: colour of a" in out


def test_all_texts_become_predictions(generated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "predictions.jsonl"
    assert main(["data", "explain", str(generated), "--predictions", str(out)]) == 0
    assert "40 of 40 texts read" in capsys.readouterr().out
    assert main(["evaluate", "--predictions", str(out), "--data", str(generated), "--workers", "0"]) == 0
    report = json.loads(next(tmp_path.glob("*.json")).read_text())
    assert report["overall"]["exact match"]["share"] >= 0.9
    assert len(out.read_text().splitlines()) == 40


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "name a task as FILE:LINE or give a sentence"),
        (["x.jsonl:1", "--text", "sort a"], "one of the two"),
        (["x.jsonl:1", "--arg", "a:int"], "--arg goes with --text"),
        (["x.jsonl"], "name the line of the task as well"),
        (["nowhere.jsonl:1"], "nowhere.jsonl: no such file"),
        (["--text", " "], "--text holds no words"),
        (["--text", "sort a", "--arg", "a"], "declares nothing"),
        (["--text", "sort a", "--predictions", "x"], "reads a file of tasks"),
        (["--text", "sort a", "--templates", "nowhere"], "no folder with *.yaml files"),
    ],
)
def test_mistakes_get_one_line(words: list[str], problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "explain", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line


def test_a_line_without_a_task_is_named(generated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "explain", f"{generated}:41"]) == 2
    assert "generated.jsonl:41: no task in this line" in capsys.readouterr().err


def test_two_files_are_set_side_by_side(generated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    real, out = tmp_path / "real.jsonl", tmp_path / "out.json"
    write_tasks(real, generate(30, seed=22))
    assert main(["data", "compare", str(generated), str(real), "--json", str(out), "--missing", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["tasks", "40", "30"]
    assert any(line.split()[:4] == ["programs", "30", "of", "30"] for line in lines)
    assert any(line.startswith("trigrams that GENERATED lacks") for line in lines)
    figures = json.loads(out.read_text())
    assert figures["derivability"]["texts"] == 30
    assert len(figures["coverage"]["trigrams"]["missing"]) == 2
    assert figures["generated"]["tasks"] == 40


def test_derivations_can_be_left_out(generated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "compare", str(generated), str(generated), "--no-derive"]) == 0
    out = capsys.readouterr().out
    assert "the templates derive" not in out
    assert "lacks" not in out  # a file has all that it has


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["{tasks}", "nowhere.jsonl"], "nowhere.jsonl: no such file"),
        (["{tasks}", "{tasks}", "--missing", "-1"], "--missing is -1"),
        (["{tasks}", "{broken}"], "broken.jsonl:2: not JSON"),
    ],
)
def test_mistakes_in_comparing_get_one_line(
    words: list[str], problem: str, generated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text(generated.read_text().splitlines()[0] + "\n{oh\n")
    assert main(["data", "compare", *(word.format(tasks=generated, broken=broken) for word in words)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line


def test_control_characters_of_a_text_never_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"text": ["given", "\x1b[31m", "a\nb"], "short_tree": "a", "args": {"a": "int"}, "return_type": "int"}
    path = tmp_path / "tasks.jsonl"
    path.write_text(json.dumps(record | {"tests": [], "nodes": ["\x07 root"]}) + "\n")
    assert main(["data", "explain", f"{path}:1"]) == 1
    assert main(["data", "info", str(path)]) == 0
    out = capsys.readouterr().out
    assert r"text: given \x1b[31m a\nb" in out
    assert r"\x07 root" in out
    assert all(line.isprintable() for line in out.splitlines())
