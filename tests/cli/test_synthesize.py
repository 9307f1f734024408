"""`saps synthesize` as a user types it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from saps.cli import main
from tests.learned import BIGGER, COMBINE, DIVIDE, REVERSE, SUM_OF_EVEN


def fields(printed: str) -> dict[str, str]:
    """The lines of the report by the name to their left."""
    return {line[:11].strip(): line[11:] for line in printed.splitlines()}


def synthesize(model: Path, *words: str) -> int:
    return main(["synthesize", *words, "--model", str(model)])


def refusal(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr, when nothing else was said."""
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("saps: error: ")
    assert said.err.count("\n") == 1
    return said.err


def test_program_type_arguments_examples_and_result_are_printed(
    learned_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--example", '{"a": [1, 2, 3, 4]} -> 6', "--example", '{"a": []} -> 0', "--input", '{"a": [5, 6]}']
    assert synthesize(learned_model, SUM_OF_EVEN, *words) == 0
    printed = fields(capsys.readouterr().out)
    assert printed == {
        "program": "(reduce (filter a (lambda1 (== (% arg1 2) 0))) 0 +)",
        "type": "int",
        "arguments": "a: int[] (guessed from the sentence; --arg NAME:TYPE declares)",
        "examples": "passes all 2; candidate 1 of 10 (1 tried)",
        "result": "6",
        "model": f"{learned_model}; 75.00 % exact match in its own validation",
    }


def test_declared_arguments_are_no_guess(learned_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert synthesize(learned_model, BIGGER, "--arg", "b:int", "--arg", "a:int[]") == 0
    printed = fields(capsys.readouterr().out)
    assert printed["arguments"] == "b: int, a: int[]"
    assert printed["type"] == "int[]"
    assert printed["examples"] == "none given; this is the most probable of 10 candidates"
    assert "result" not in printed


def test_an_example_picks_a_less_probable_candidate(learned_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert synthesize(learned_model, COMBINE, "--example", '{"a": 3, "b": 5} -> 15') == 0
    printed = fields(capsys.readouterr().out)
    assert printed["program"] == "(* a b)"
    assert printed["examples"] == "passes the example; candidate 2 of 10 (2 tried)"


@pytest.mark.parametrize(
    ("width", "verdict"),
    [
        ("4", "none of 4 candidates passes it; this is only the most probable one"),
        ("1", "the only candidate does not pass it; this is only the most probable one"),
    ],
)
def test_it_says_so_when_nothing_passes(
    learned_model: Path, capsys: pytest.CaptureFixture[str], width: str, verdict: str
) -> None:
    asked = ("--example", '{"a": 3, "b": 5} -> 77', "--candidates", width, "--beam-only")
    assert synthesize(learned_model, COMBINE, *asked) == 0
    printed = fields(capsys.readouterr().out)
    assert printed["program"] == "(+ a b)"
    assert printed["examples"] == verdict


def test_a_program_that_fails_on_the_input_exits_with_1(
    learned_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert synthesize(learned_model, DIVIDE, "--input", '{"a": 1, "b": 0}') == 1
    assert fields(capsys.readouterr().out)["result"] == "runtime error: division by zero"


def test_a_search_finds_what_the_beam_is_too_narrow_for(
    learned_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = ["--example", '{"a": 3, "b": 5} -> 9']
    assert synthesize(learned_model, COMBINE, *example, "--candidates", "2", "--beam-only") == 0
    printed = fields(capsys.readouterr().out)
    assert printed["examples"].startswith("none of 2 candidates passes it")
    assert printed["not sure"] == "no program that was found passes the examples"
    assert synthesize(learned_model, COMBINE, *example, "--candidates", "2") == 0
    printed = fields(capsys.readouterr().out)
    assert printed["program"] == "(* a a)"
    assert printed["examples"].startswith("no candidate of the beam passes, so a search went on; passes the example")
    assert "one more example" in printed["not sure"]
    assert synthesize(learned_model, COMBINE, *example, "--search", "--budget", "40", "--explain") == 0
    printed = fields(capsys.readouterr().out)
    assert printed["program"] == "(* a a)"
    assert printed["examples"].startswith("passes the example; program ")
    assert printed["ended"] == "a program passes"
    assert "programs tried" in printed["counts"]


def test_a_search_that_finds_nothing_says_why_it_ended(learned_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--example", '{"a": 3, "b": 5} -> 77777', "--search", "--budget", "3"]
    assert synthesize(learned_model, COMBINE, *words) == 0
    printed = fields(capsys.readouterr().out)
    assert printed["program"] == "(+ a b)"
    assert "programs passes it (as many programs as allowed were tried)" in printed["examples"]


def test_the_declared_result_binds_the_program(learned_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert synthesize(learned_model, COMBINE, "--returns", "bool") == 0
    assert fields(capsys.readouterr().out)["type"] == "bool"


def test_json_holds_every_candidate(learned_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert synthesize(learned_model, REVERSE, "--input", '{"a": [1, 2]}', "--candidates", "3", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["model"] == str(learned_model)
    assert answer["candidates"][0]["program"] == "(reverse a)"
    assert answer["candidates"][answer["chosen"]]["result"] == {"kind": "value", "shown": "[2, 1]"}
    assert len(answer["candidates"]) == 3


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--example", '{"a": [1, 2]}'], 'example 1: no "->"'),
        (["--example", '{"a": [1, 2} -> 3'], "example 1: not JSON at column 12"),
        (["--example", '{"a": 1} -> 1', "--arg", "a:int[]"], "example 1: a is int[] (declared)"),
        (["--example", '{"c": [1]} -> 1'], "example 1: values for c"),
        (["--input", "[5]"], "the input: "),
        (["--input", '{"a": ["x"]}'], "the input: a is int[]"),
        (["--arg", "a"], "a:int"),
        (["--arg", "a:float"], "float"),
        (["--arg", "a:int", "--arg", "a:int"], "declared twice"),
        (["--arg", "total:int"], "never seen an argument named total"),
        (["--candidates", "0"], "--candidates 0: give a number from 1 to 1000"),
        (["--candidates", "many"], "--candidates"),
        (["--budget", "5"], "--budget 5: bounds a search; add --search"),
        (["--seconds", "5"], "--seconds 5.0: bounds a search; add --search"),
        (["--search", "--budget", "0"], "--budget 0: give a number from 1 to 100000"),
        (["--search", "--seconds", "0"], "--seconds 0: give a number above 0"),
        (["--returns", "list"], "is no type"),
        (["--exmple", "x"], "--exmple"),
    ],
)
def test_a_mistake_gets_one_line_and_exit_code_2(
    learned_model: Path, capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
) -> None:
    assert synthesize(learned_model, SUM_OF_EVEN, *words) == 2
    assert complaint in refusal(capsys)


def test_unknown_words_are_refused_unless_allowed(learned_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sentence = "given an array of numbers a , revers a"
    assert synthesize(learned_model, sentence) == 2
    assert "'revers' (perhaps 'reverse'" in refusal(capsys)
    assert synthesize(learned_model, sentence, "--allow-unknown") == 0


def test_an_empty_sentence_is_refused(learned_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert synthesize(learned_model, "  ") == 2
    assert "empty" in refusal(capsys)


def test_a_model_with_a_file_missing_is_named(
    learned_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("config.json", "model.safetensors", "labels.json"):
        (tmp_path / name).write_bytes((learned_model / name).read_bytes())
    assert synthesize(tmp_path, REVERSE) == 2
    assert "words.json is missing" in refusal(capsys)


def test_the_newest_run_answers_where_it_is_asked_for(
    learned_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["synthesize", REVERSE, "--model", "latest"]) == 2
    assert "make quickstart" in refusal(capsys)
    shutil.copytree(learned_model, tmp_path / "runs" / "mine" / "model")
    assert main(["synthesize", REVERSE, "--json", "--model", "latest"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "runs/mine/model"


@pytest.mark.parametrize("words", [["--example", "?"], ["--arg", "a"], ["--input", "?"], ["--candidates", "0"]])
def test_a_mistyped_question_is_refused_before_torch_is_loaded(words: list[str]) -> None:
    script = f"""
import sys
from saps.cli import main
assert main(["synthesize", "x", *{words!r}]) == 2
assert "torch" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
