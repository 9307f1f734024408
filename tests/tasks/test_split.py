"""A division keeps every program on one side and meets the shares."""

import json
from collections import Counter
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.lang.example import Example
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.tasks.checksums import sha256_of
from saps.tasks.excluded import read_excluded
from saps.tasks.files import read_tasks, write_tasks
from saps.tasks.hashes import program_hash
from saps.tasks.split import assign_programs, parse_parts, split_file
from saps.tasks.task import Task
from tests.tasks.piped import piped


def make_task(number: int, text: str = "") -> Task:
    """A task whose program adds 1 ``number`` times."""
    program = Tree("a")
    for _ in range(number):
        program = Tree("+", (program, Tree("1")))
    words = ("number", *str(number), *text.split())
    return Task(words, program, {"a": "int"}, "int", (Example({"a": 1}, 1 + number),))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """100 tasks of 61 programs, one of which has 40 texts."""
    tasks = [make_task(number) for number in range(1, 61)]
    tasks[10:10] = [make_task(0, f"text {number}") for number in range(40)]
    write_tasks(tmp_path / "all.jsonl", tasks)
    return tmp_path / "all.jsonl"


def test_the_parts_hold_every_task_once_and_share_no_program(source: Path, tmp_path: Path) -> None:
    parts = split_file(source, {"train": 0.8, "dev": 0.1, "test": 0.1}, seed=1, folder=tmp_path / "parts")
    read = {part.name: list(read_tasks(tmp_path / "parts" / part.file)) for part in parts}
    programs = {name: {task.program for task in tasks} for name, tasks in read.items()}
    assert {name: len(tasks) for name, tasks in read.items()} == {"train": 80, "dev": 10, "test": 10}
    assert {part.name: part.programs for part in parts} == {name: len(found) for name, found in programs.items()}
    assert sum(map(len, programs.values())) == 61
    everything = {task.text for tasks in read.values() for task in tasks}
    assert everything == {task.text for task in read_tasks(source)}


def test_tasks_keep_their_order(source: Path, tmp_path: Path) -> None:
    split_file(source, {"train": 0.5, "dev": 0.5}, seed=1, folder=tmp_path)
    order = {task.text: place for place, task in enumerate(read_tasks(source))}
    for name in ("train", "dev"):
        places = [order[task.text] for task in read_tasks(tmp_path / f"{name}.jsonl")]
        assert places == sorted(places)


def test_the_same_seed_divides_alike_and_another_otherwise(source: Path, tmp_path: Path) -> None:
    def dev(seed: int, folder: str) -> bytes:
        split_file(source, {"train": 0.9, "dev": 0.1}, seed, tmp_path / folder)
        return (tmp_path / folder / "dev.jsonl").read_bytes()

    assert dev(1, "one") == dev(1, "two")
    assert dev(1, "one") != dev(2, "three")


def test_the_order_of_the_file_does_not_matter() -> None:
    sizes = {f"{number:064x}": number % 3 + 1 for number in range(50)}
    backwards = dict(reversed(sizes.items()))
    shares = {"train": 0.7, "dev": 0.3}
    assert assign_programs(sizes, shares, 5) == assign_programs(backwards, shares, 5)


def test_every_program_is_as_likely_as_another_to_be_left_out() -> None:
    sizes = {f"{number:064x}": 1 for number in range(20)}
    chosen = Counter(
        program
        for seed in range(300)
        for program, part in assign_programs(sizes, {"train": 0.9, "dev": 0.1}, seed).items()
        if part == "dev"
    )
    assert len(chosen) == 20
    assert max(chosen.values()) < 60  # 30 are expected, with a deviation of 5


def test_the_manifest_tells_how_the_division_was_made(source: Path, tmp_path: Path) -> None:
    split_file(source, {"train": 0.9, "dev": 0.1}, seed=7, folder=tmp_path)
    manifest = json.loads((tmp_path / "split.json").read_text())
    assert manifest["seed"] == 7
    assert manifest["source"] == "all.jsonl"
    assert manifest["source_sha256"] == sha256_of(source)
    assert [part["tasks"] for part in manifest["parts"]] == [90, 10]
    for part in manifest["parts"]:
        assert part["sha256"] == sha256_of(tmp_path / part["file"])


def test_packed_files_make_packed_parts(source: Path, tmp_path: Path) -> None:
    write_tasks(tmp_path / "all.jsonl.gz", read_tasks(source))
    parts = split_file(tmp_path / "all.jsonl.gz", {"train": 0.9, "dev": 0.1}, 1, tmp_path)
    assert [part.file for part in parts] == ["train.jsonl.gz", "dev.jsonl.gz"]
    assert (tmp_path / "dev.jsonl.gz").read_bytes()[:2] == b"\x1f\x8b"


def test_a_part_left_empty_is_a_mistake(tmp_path: Path) -> None:
    write_tasks(tmp_path / "all.jsonl", [make_task(1), make_task(1, "again")])
    with pytest.raises(UserError, match=r"2 tasks of 1 programs leave nothing for dev=0.1"):
        split_file(tmp_path / "all.jsonl", {"train": 0.9, "dev": 0.1}, 1, tmp_path / "parts")
    assert not (tmp_path / "parts").exists()


def test_a_pipe_is_refused_since_it_would_be_read_twice(source: Path, tmp_path: Path) -> None:
    with piped(source.read_bytes()) as pipe, pytest.raises(UserError, match="is a pipe"):
        split_file(pipe, {"a": 0.5, "b": 0.5}, 1, tmp_path / "parts")
    assert not (tmp_path / "parts").exists()


def test_a_file_does_not_overwrite_itself(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    with pytest.raises(UserError, match="the file to divide itself"):
        split_file(source, {"all": 0.9, "dev": 0.1}, 1, tmp_path)
    assert source.read_bytes() == before
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (["train"], "needs a share"),
        (["train=most"], "needs a share"),
        (["=1"], "needs a name"),
        (["../train=1"], "needs a name"),
        (["a=0.5", "a=0.5"], "needs a name of its own"),
        (["a=0", "b=1"], "must be above 0"),
        (["a=nan", "b=1"], "must be above 0"),
        (["a=0.9", "b=0.2"], "add up to 1.1"),
    ],
)
def test_parts_written_wrong(written: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_parts(written)


def test_shares_may_miss_1_by_a_rounding() -> None:
    assert parse_parts(["a=0.7", "b=0.2", "c=0.1"]) == {"a": 0.7, "b": 0.2, "c": 0.1}


def test_a_hash_is_that_of_the_json_without_white_space() -> None:
    # printf '["reduce","a","0","+"]' | sha256sum
    expected = "f65e676d39acdffbc85ac5b6e5d858de"
    assert program_hash(parse("(reduce a 0 +)"))[:32] == expected


def test_excluded_programs_come_from_hashes_or_from_tasks(tmp_path: Path) -> None:
    tasks = [make_task(1), make_task(2), make_task(2, "again")]
    hashes = {program_hash(task.program) for task in tasks}
    write_tasks(tmp_path / "tasks.jsonl.gz", tasks)
    (tmp_path / "hashes").write_text("\n".join(sorted(hashes)).upper() + "\n\n")
    assert read_excluded(tmp_path / "tasks.jsonl.gz") == read_excluded(tmp_path / "hashes") == hashes
    (tmp_path / "hashes").write_text("0" * 64 + "\nabc\n")
    with pytest.raises(UserError, match=r"hashes:2: not 64 hex digits"):
        read_excluded(tmp_path / "hashes")
    (tmp_path / "neither").write_text("(reduce a 0 +)\n")
    with pytest.raises(UserError, match=r"neither:1: not JSON"):
        read_excluded(tmp_path / "neither")
