"""Benchmarks through fetch and join, on files of the same shape with sentences of our own."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from saps.cli import main
from saps.lang.inference import check
from saps.lang.types import parse_type
from saps.tasks.benchmarks.published import read_benchmarks
from saps.tasks.files import read_tasks
from saps.tasks.records import record_of, task_from_record
from saps.tasks.task import Task

ROOT = Path(__file__).resolve().parents[3]
BENCHMARKS = read_benchmarks()
SQUARES = 8  # the id of a task of MBPP whose program takes a list of integers and gives one


def saps_data(*words: object) -> int:
    return main(["data", *map(str, words)])


def made_up(number: int, *tests: str) -> dict[str, Any]:
    return {"task_id": number, "text": f"Say the {number}th thing.", "code": "boom()", "test_list": list(tests)}


def lines(records: list[Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def mbpp(tmp_path: Path) -> Path:
    """As many tasks as MBPP has; the asserts of one can be held in part."""
    tests = ["assert g([1, 2]) == [1, 4]", "assert g((3,)) == (9,)", "assert set(g([1])) == {1}", "assert g(1, 2) == 3"]
    records = [made_up(number, *(tests if number == SQUARES else ())) for number in range(1, 975)]
    path = tmp_path / "got.jsonl"
    path.write_text(lines(records), encoding="utf-8")
    return path


def test_mbpp_from_a_file_becomes_tasks(mbpp: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "data"
    assert saps_data("fetch", "mbpp", "--from-file", mbpp, "--folder", folder) == 0
    out = capsys.readouterr().out
    assert "974 tasks, content right" in out
    assert "licence CC BY 4.0" in out
    assert saps_data("join", "mbpp", "--folder", folder) == 0
    assert "1 tasks with 2 tests; left out: 2 tests that AlgoLisp cannot hold, 248 tasks" in capsys.readouterr().out
    (task,) = read_tasks(folder / "mbpp.tasks.jsonl")
    assert (task.text, task.template) == (("say", "the", "8th", "thing"), "mbpp/8")
    assert [(dict(test.input), test.output) for test in task.tests] == [
        ({"nums": [1, 2]}, [1, 4]),
        ({"nums": [3]}, [9]),
    ]
    assert saps_data("info", folder / "mbpp.tasks.jsonl") == 0
    assert "1 of 1 (100.0 %)" in capsys.readouterr().out


def test_odd_and_even_ids(mbpp: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    even = tmp_path / "even.jsonl"
    assert saps_data("join", "mbpp", "--from-file", mbpp, "--ids", "even", "--output", even) == 0
    assert len(list(read_tasks(even))) == 1
    assert saps_data("join", "mbpp", "--from-file", mbpp, "--ids", "odd", "--output", tmp_path / "odd.jsonl") == 2
    assert "no task of it could be joined (129 tasks with too few other tests)" in capsys.readouterr().err
    assert not (tmp_path / "odd.jsonl").exists()


def test_the_sanitized_file_is_one_list(tmp_path: Path) -> None:
    record = {"task_id": SQUARES, "prompt": "Square them all.", "test_list": ["assert h([5]) == [25]"]}
    path, output = tmp_path / "list.json", tmp_path / "tasks.jsonl"
    path.write_text(json.dumps([record], indent=1), encoding="utf-8")
    assert saps_data("join", "mbpp-sanitized", "--from-file", path, "--output", output) == 0
    assert [task.template for task in read_tasks(output)] == ["mbpp/8"]
    path.write_text(json.dumps([record | {"task_id": number} for number in range(2, 429)]), encoding="utf-8")
    assert saps_data("fetch", "mbpp-sanitized", "--from-file", path, "--folder", tmp_path / "data") == 0


def test_tasks_with_too_few_tests_to_show_some_are_left_out(
    mbpp: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "tasks.jsonl"
    assert saps_data("join", "mbpp", "--from-file", mbpp, "--min-tests", 2, "--output", output) == 0
    assert saps_data("join", "mbpp", "--from-file", mbpp, "--min-tests", 3, "--output", output) == 2
    assert "no task of it could be joined (2 tests that AlgoLisp cannot hold, 249 tasks" in capsys.readouterr().err
    assert saps_data("join", "mbpp", "--from-file", mbpp, "--min-tests", 0, "--output", output) == 2
    assert "min_tests is 0; it must be at least 1" in capsys.readouterr().err


def test_revised_tasks_replace_those_of_the_same_id(mbpp: Path, tmp_path: Path) -> None:
    revised, output = tmp_path / "revised.json", tmp_path / "tasks.jsonl"
    records = [made_up(4, "assert g([1, 2], 1) == [2]"), made_up(SQUARES, "assert g([5]) == [25]")]
    revised.write_text(json.dumps(records), encoding="utf-8")
    assert saps_data("join", "mbpp", "--from-file", mbpp, "--revised", revised, "--output", output) == 0
    tasks = list(read_tasks(output))
    assert [(task.template, len(task.tests)) for task in tasks] == [("mbpp/4", 1), ("mbpp/8", 1)]


def test_a_file_that_unpacks_without_end_is_given_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(lines([made_up(1) | {"code": "x" * 10_000_000}]).encode(), 1) * 8)
    assert saps_data("fetch", "mbpp", "--from-file", path, "--folder", tmp_path / "data") == 2
    assert "bomb.jsonl.gz:2: task 1 stands in the file twice" in capsys.readouterr().err
    path.write_bytes(gzip.compress(b"[" + b" " * 10_000_000 + b"\n", 1) * 8)
    assert saps_data("join", "mbpp", "--from-file", path, "--output", tmp_path / "tasks.jsonl") == 2
    assert "more than 67,108,864 characters; this is not the benchmark's file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "prompt", ["def f(", "x = 1", "def f():\n    pass\n", 'def f():\n    """ """\n', '"""Words."""', "(" * 90_000]
)
def test_a_task_without_a_sentence_is_left_out(prompt: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = humaneval_record(24, "assert candidate(9) == 3")
    path, output = tmp_path / "made-up.jsonl", tmp_path / "tasks.jsonl"
    path.write_text(lines([good, good | {"task_id": "HumanEval/23", "prompt": prompt}]), encoding="utf-8")
    assert saps_data("join", "humaneval", "--from-file", path, "--output", output) == 0
    assert (
        "1 tasks with 1 tests; left out: 1 tasks without a sentence, 64 tasks that the file" in capsys.readouterr().out
    )


def humaneval_record(number: int, test: str) -> dict[str, str]:
    doc = '"""Tell how long it is.\n    Blanks count.\n\n    >>> measure("ab")\n    2\n    """'
    prompt = f"import os\n\ndef helper():\n    pass\n\ndef measure(string):\n    {doc}\n"
    return {"task_id": f"HumanEval/{number}", "prompt": prompt, "entry_point": "measure", "test": test}


def test_humaneval_says_its_sentence_in_a_docstring(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    test = (
        "METADATA = {}\n\ndef check(candidate):\n    assert candidate('abc') == 3\n    assert candidate('a' * 9) == 9\n"
    )
    path, output = tmp_path / "made-up.jsonl.gz", tmp_path / "tasks.jsonl"
    path.write_bytes(gzip.compress(lines([humaneval_record(23, test), humaneval_record(1, test)]).encode()))
    assert saps_data("join", "humaneval", "--from-file", path, "--output", output) == 0
    assert "1 tasks with 1 tests; left out: 1 tests" in capsys.readouterr().out
    (task,) = read_tasks(output)
    assert " ".join(task.text) == "tell how long it is , blanks count"
    assert task.template == "humaneval/23"
    assert saps_data("fetch", "humaneval", "--from-file", path, "--folder", tmp_path / "data") == 2
    assert "but the published HumanEval.jsonl.gz has 44877" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("nonsense", "got.jsonl:1: not JSON"),
        ("[1, 2", "got.jsonl: not JSON"),
        ("[1, 2]", "got.jsonl:1: a task is a JSON object"),
        ("[]", "0 tasks, but the published"),
        ("", "the file is empty"),
        ("\n", "holds no task"),
        (lines([{"task_id": 1}]), 'has a number "task_id" and a "text"'),
        (lines([{"task_id": True, "text": "x", "test_list": []}]), 'has a number "task_id"'),
        (lines([{"task_id": 1, "text": "x", "test_list": [1]}]), "list of asserts"),
        (lines([made_up(1, *["assert f(1) == 1"] * 1001)]), "got.jsonl:1: 1,001 asserts for one task"),
        (lines([made_up(1), made_up(1)]), "got.jsonl:2: task 1 stands in the file twice"),
        (lines([made_up(1)]), "1 tasks, but the published mbpp.jsonl has 974"),
        (lines([made_up(number) for number in range(1001, 1975)]), "has no task 4, but the published"),
    ],
)
def test_another_file_is_refused_in_one_line(
    content: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = tmp_path / "got.jsonl", tmp_path / "data"
    path.write_text(content, encoding="utf-8")
    assert saps_data("fetch", "mbpp", "--from-file", path, "--folder", folder) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1
    assert not folder.exists()


def test_what_is_not_fetched_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert saps_data("join", "humaneval", "--folder", tmp_path) == 2
    assert "get it with 'saps data fetch humaneval'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["mbpp", "humaneval"])
def test_our_programs_are_well_typed_tasks(name: str) -> None:
    programs = BENCHMARKS[name].own_programs()
    ids = [one.id for one in programs]
    assert ids == sorted(set(ids))
    for one in programs:
        check(one.program, types(one.args), parse_type(one.return_type))
        task = Task(("x",), one.program, one.args, one.return_type, (), f"{name}/{one.id}")
        assert task_from_record(record_of(task)) == task


def types(args: Mapping[str, str]) -> dict[str, Any]:
    return {name: parse_type(written) for name, written in args.items()}


def test_the_files_of_programs_hold_nothing_else() -> None:
    for path in sorted((ROOT / "data" / "human").iterdir()):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert list(json.loads(line)) == ["id", "args", "return_type", "program"]


def test_the_table_of_benchmarks_agrees_with_the_list() -> None:
    page = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    for name, benchmark in BENCHMARKS.items():
        split = benchmark.split
        row = next(line for line in page.splitlines() if line.startswith(f"| {name} |"))
        assert f"`{split.file}` | {split.tasks} |" in row
        assert benchmark.licence in row
        assert (split.sha256 or "its content") in row
        if not benchmark.is_selection:
            assert f"| {len(benchmark.own_programs())} |" in row
