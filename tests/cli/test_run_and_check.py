"""`saps run` and `saps check` as a user types them."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from saps.cli import main
from saps.generator import generate
from saps.lang.spelling import parse
from saps.tasks.files import write_tasks


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["(reduce a 0 +)", "--input", '{"a": [1, 2]}'], 3),
        (['["reverse","a"]', "--input", '{"a": ["x", "y"]}'], ["y", "x"]),
        (["(is_prime, 2)"], True),
        (["-"], None),
    ],
)
def test_run_prints_the_value_as_json(words: list[str], value: object, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["run", *words])
    printed = capsys.readouterr()
    if value is None:
        assert (code, printed.out) == (1, "")
        assert printed.err == "type error: a function where data is needed\n"
    else:
        assert (code, json.loads(printed.out), printed.err) == (0, value, "")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["(/ 1 0)"], "runtime error: division by zero"),
        (["(+ a 1)", "--input", '{"a": "x"}'], "type error: + needs a number, found a string"),
        (["(invoke1 (lambda1 (self arg1)) 0)"], "limit: active lambdas: more than 110"),
        (["(range 0 40)", "--list-length", "39"], "limit: list length: more than 39"),
        (["(+ 1 1)", "--steps", "2"], "limit: steps: more than 2"),
    ],
)
def test_a_program_that_fails_exits_with_1(words: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", *words]) == 1
    assert capsys.readouterr().err == line + "\n"


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["run", "(reduce a 0 +"], "column 14: the '(' opened at column 1 is never closed; add ')'"),
        (["run", "(reduce a 0 +)"], "--input: the program reads 'a', which is not given"),
        (["run", "(+ a 3)", "--input", '{"a": 1}'], "no number 3; write one of 0, 1, 2, 10, 40, 1000000000, inf"),
        (["run", "(reduce a 0 plus)", "--input", '{"a": []}'], "'plus' is neither a primitive nor an input; write +"),
        (["run", "(plus a 1)", "--input", '{"a": 1}'], "'plus' is no function of the language; write +"),
        (["run", "(+ a 3)"], "the language has no number 3; write one of 0, 1, 2, 10, 40"),
        (["run", "(reduce a 0 plus)"], "'plus' is neither a primitive nor an input; write +"),
        (["run", "(plus a 1)"], "'plus' is no function of the language; write +"),
        (["check", "plus"], "'plus' is neither a primitive nor a declared argument; write +, or --arg plus:TYPE"),
        (["run", "(max valeu 1)", "--input", '{"value": 1}'], "'valeu' is neither a primitive nor an input; write v"),
        (["check", "(+ a 3)"], "root > +[1]: expected one of the numbers 0, 1, 2, 10, 40, 1000000000, inf"),
        (["run", "1", "--input", "[1"], "--input: not JSON"),
        (["run", "1", "--input", "[1]"], "--input: not an object"),
        (["run", "1", "--input", "[" * 100_000], "--input: nested too deep"),
        (["run", "1", "--input", '{"a": ' + "9" * 5000 + "}"], "--input: not JSON"),
        (["run", "a", "--input", '{"a": NaN}'], "--input: not JSON (NaN is no value of the language)"),
        (["run", "1", "--steps", "0"], "--steps: 0 is no limit"),
        (["check", "(+ a 1", "--arg", "a:int"], "column 7: the '('"),
        (["check", "(+ a 1)", "--arg", "a:string"], "root > +[0]: expected int, found string"),
        (["check", "(+ 1 1)", "--result", "string"], "root: expected string, found int"),
        (["check", "(+ a 1)", "--arg", "a=int"], "declares nothing; write a name and a type, such as a:int[]"),
        (["check", "(+ a 1)", "--arg", "max:int"], "max means something in the language"),
        (["check", "missing/file.txt"], "missing/file.txt: no such file"),
        (["check", "\x00"], "is no atom"),
    ],
)
def test_a_mistake_of_the_user_is_one_line_and_2(
    words: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("saps: error: ")
    assert part in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)


def test_check_prints_type_and_spellings(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["check", "(map a (partial0 b +))", "--arg", "a:int[]", "--result", "int[]"]
    assert main([*words, "--spelling", "json", "--spelling", "comma", "--spelling", "lisp"]) == 0
    spellings = ['["map","a",["partial0","b","+"]]', "(map, a, (partial0, b, +))", "(map a (partial0 b +))"]
    assert capsys.readouterr().out == "\t".join(["int[] where b: int", *spellings]) + "\n"


def test_a_name_alone_is_an_argument_where_it_is_declared_or_resembles_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "plus", "--arg", "plus:int"]) == 0
    assert main(["check", "a"]) == 0
    assert capsys.readouterr().out == "int\nT where a: T\n"


def test_check_explains_the_type_of_each_node(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "(reduce a 0 (lambda2 (+ arg1 arg2)))", "--arg", "a:int[]", "--explain"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "int",
        "  reduce      int",
        "    a         int[]",
        "    0         int",
        "    lambda2   (int, int) -> int",
        "      +       int",
        "        arg1  int",
        "        arg2  int",
    ]


def test_check_reads_a_file_with_a_program_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "programs.txt"
    path.write_bytes(b'(+ 1 1)\n\n(+ 1\n["len","a"]\n(! 1)\n\xff\n' + b"(" * 1_000_000 + b"\n(strlen s)")
    assert main(["check", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out.splitlines() == ["int", "int where a: T[]", "int where s: string"]
    errors = printed.err.splitlines()
    assert [error.removeprefix(f"{path}:").split(":")[0] for error in errors] == ["3", "5", "6", "7"]
    assert errors[1] == f"{path}:5: root > ![0]: expected bool, found int"
    path.write_text("(+ 1 1)\n")
    assert main(["check", str(path)]) == 0


def test_long_values_are_cut_unless_all_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "a", "--input", json.dumps({"a": list(range(20_000))})]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert (len(printed.out), printed.out[-5:]) == (100_005, " ...\n")
    assert printed.err == "saps: the value is cut after 100,000 characters; --full prints all of it\n"
    assert main([*words, "--full"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == list(range(20_000))
    assert printed.err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [["run", "(range 0 10)"], ["check", "(range 0 10)", "--explain"], ["repl"]])
def test_a_full_disk_is_one_line(words: list[str]) -> None:
    command = [sys.executable, "-m", "saps.cli", *words]
    with open("/dev/full", "w") as full:
        told = subprocess.run(command, input="(+ 1 1)\n", stdout=full, stderr=subprocess.PIPE, text=True)
    assert told.returncode == 2
    assert told.stderr == "saps: error: the output cannot be written (No space left on device); make room for it\n"


def test_neither_waits_for_torch() -> None:
    calls = "from saps.cli import main; main(['run', '1']); main(['check', '1', '--explain'])"
    code = f"{calls}; import sys; print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["1", "int", "  1  int", "False"]


def test_the_programs_of_tasks_are_checked_against_their_own_types(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = list(generate(3, seed=1))
    write_tasks(tmp_path / "good.jsonl.gz", tasks)
    assert main(["check", str(tmp_path / "good.jsonl.gz")]) == 0
    assert "3 of 3" in capsys.readouterr().out
    ill_typed = replace(tasks[1], program=parse("(strlen 1)"))
    write_tasks(tmp_path / "bad.jsonl", [tasks[0], ill_typed, tasks[2]])
    assert main(["check", str(tmp_path / "bad.jsonl")]) == 2
    said = capsys.readouterr()
    assert "task 2: " in said.err
    assert "2 of 3" in said.out
    assert main(["check", str(tmp_path / "bad.jsonl"), "--result", "int"]) == 2
    assert "--result" in capsys.readouterr().err
