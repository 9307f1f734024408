"""`saps data` as a user types it."""

import argparse
import gzip
import json
from pathlib import Path

import pytest

from saps.cli import data, main
from saps.errors import UserError
from saps.generator import generate
from saps.lang.example import Example
from saps.lang.spelling import parse
from saps.tasks.files import read_tasks, write_tasks
from saps.tasks.hashes import program_hash
from saps.tasks.splits import read_splits
from saps.tasks.task import Task
from tests.tasks.piped import piped


def saps_data(*words: object) -> int:
    parser = argparse.ArgumentParser(prog="saps data")
    data.add_arguments(parser)
    return data.run(parser.parse_args([str(word) for word in words]))


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """Ten tasks of ten programs, of which the first fails one of its two tests."""

    def make(number: int) -> Task:
        program = parse("(+ a " * number + "a" + ")" * number)
        expected = (number + 1, 0 if number == 1 else 2 * number + 2)
        tests = tuple(Example({"a": a}, output) for a, output in zip((1, 2), expected, strict=True))
        return Task(("multiply", str(number)), program, {"a": "int"}, "int", tests, "product")

    write_tasks(tmp_path / "tasks.jsonl", map(make, range(1, 11)))
    return tmp_path / "tasks.jsonl"


def test_info_prints_the_figures(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert saps_data("info", tasks) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "tasks 10" in lines
    assert "nodes mean 12.0, median 11, 95 % 21, max 21" in lines
    assert "pass all tests 9 of 10 (90.0 %)" in lines
    assert "pass some tests 1 of 10 (10.0 %)" in lines
    assert "10 of 10 (100.0 %) product" in lines


def test_info_as_json(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert saps_data("info", tasks, "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["tasks"] == 10
    assert figures["passed"] == {"all": 9, "some": 1, "none": 0}
    assert figures["templates"] == {"product": 10}


def test_info_without_running(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert saps_data("info", tasks, "--no-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["passed"] is None


def test_info_counts_the_bad_records_it_leaves_out(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with tasks.open("a") as file:
        file.write("{}\n")
    with pytest.raises(UserError, match="jsonl:11: "):
        saps_data("info", tasks)
    capsys.readouterr()
    assert saps_data("info", tasks, "--skip-bad") == 0
    printed = capsys.readouterr()
    assert "left out 1 bad records; the first:" in printed.err
    assert "tasks                10" in printed.out


def test_every_command_reads_data_as_published(tasks: Path, tmp_path: Path) -> None:
    """Tokens with blanks and quotes, an empty text, booleans and long integers; all have --skip-bad."""
    record = {"text": ['a "quoted clause , never cut"', "of", ""], "short_tree": ["+", "a", "1"], "args": {"a": "int"}}
    record |= {
        "return_type": "int",
        "tests": [{"input": {"a": True}, "output": 2}, {"input": {"a": 2**70}, "output": 0}],
    }
    with tasks.open("a") as file:
        file.write(json.dumps(record) + "\n" + json.dumps(record | {"text": [], "short_tree": ["len", "b"]}) + "\n")
        file.write(json.dumps(record | {"text": []}) + "\n")
    predictions, parts = tmp_path / "predictions", tmp_path / "parts"
    commands = {
        "info": ["data", "info", tasks],
        "split": ["data", "split", tasks, "--parts", "a=0.5", "b=0.5", "--output-folder", parts],
        "compare": ["data", "compare", tasks, tasks],
        "explain": ["data", "explain", tasks, "--predictions", predictions],
        "generate": ["data", "generate", "--count", "2", "--output", tmp_path / "made.jsonl", "--exclude", tasks],
        "check": ["check", tasks],
        "evaluate": ["evaluate", "--data", tasks, "--predictions", predictions, "--workers", "0"],
    }
    for name, words in commands.items():
        assert main([str(word) for word in words]) == 2 or name == "compare", name
        predictions.write_text("\n" * 12)
        assert main([str(word) for word in [*words, "--skip-bad"]]) == 0, name
    assert len(predictions.read_text().splitlines()) == 12


def test_files_to_compare_may_be_pipes(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with piped(tasks.read_bytes()) as generated:
        assert saps_data("compare", generated, tasks, "--no-derive") == 0
    assert "distinct programs" in capsys.readouterr().out


def test_split_says_what_it_wrote(tasks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "parts"
    assert saps_data("split", tasks, "--parts", "train=0.8", "dev=0.2", "--output-folder", folder) == 0
    assert f"{folder / 'train.jsonl'}: 8 tasks of 8 programs" in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == ["dev.jsonl", "split.json", "train.jsonl"]


def test_fetch_from_a_file_of_another_content(tmp_path: Path) -> None:
    (tmp_path / "dev.gz").write_bytes(gzip.compress(b"something else"))
    with pytest.raises(UserError, match=r"but the published metaset3.dev.jsonl.gz has") as caught:
        saps_data("fetch", "dev", "--folder", tmp_path / "data", "--from-file", tmp_path / "dev.gz")
    assert caught.value.setting == "from_file"


def test_fetch_knows_the_published_splits() -> None:
    with pytest.raises(SystemExit) as caught:
        saps_data("fetch", "validation")
    assert caught.value.code == 2
    assert set(read_splits()) == {"train", "dev", "test"}


def test_generate_writes_tasks_and_keeps_programs_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl.gz"
    assert saps_data("generate", "--count", 20, "--seed", 3, "--output", first) == 0
    assert saps_data("generate", "--count", 20, "--seed", 3, "--output", second, "--exclude", first) == 0
    assert "20 tasks (seed 3, 0 programs kept out)" in capsys.readouterr().out
    programs = {program_hash(task.program) for task in read_tasks(first)}
    assert len(list(read_tasks(second))) == 20
    assert not programs & {program_hash(task.program) for task in read_tasks(second)}


def test_generate_wants_a_count_above_0(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--count 0: give a number above 0"):
        saps_data("generate", "--count", 0, "--output", tmp_path / "tasks.jsonl")


def test_a_split_may_leave_bad_records_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, broken = tmp_path / "whole.jsonl", tmp_path / "broken.jsonl"
    write_tasks(whole, generate(20, seed=1))
    lines = whole.read_text(encoding="utf-8").splitlines()
    broken.write_text("\n".join([*lines[:10], '{"text": 1}', *lines[10:]]) + "\n", encoding="utf-8")
    words = ["data", "split", str(broken), "--parts", "a=0.5", "b=0.5", "--output-folder", str(tmp_path / "parts")]
    assert main(words) == 2
    assert f"{broken}:11: " in capsys.readouterr().err
    assert main([*words, "--skip-bad"]) == 0
    assert f"left out 1 bad records; the first: {broken}:11: " in capsys.readouterr().err
    written = [line for part in ("a", "b") for line in (tmp_path / "parts" / f"{part}.jsonl").read_text().splitlines()]
    assert sorted(written) == sorted(lines)
