"""Files of tasks: what comes in goes out, and every damage is named with its place."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from saps.errors import UserError
from saps.lang.example import Example
from saps.lang.spelling import parse
from saps.tasks import files
from saps.tasks.excluded import read_all_excluded
from saps.tasks.files import read_placed_tasks, read_tasks, write_tasks
from saps.tasks.hashes import program_hash
from saps.tasks.records import record_of
from saps.tasks.skipped import SkippedRecords
from saps.tasks.task import Task
from tests.tasks.piped import piped

SUM = Task(
    text=("find", "the", "sum", "of", "a", "and", "b"),
    program=parse("(+ (reduce a 0 +) b)"),
    args={"b": "int", "a": "int[]"},
    return_type="int",
    tests=(Example({"b": 1, "a": [1, 2]}, 4), Example({"b": 0, "a": []}, 0)),
    template="sum",
)
BLANK = Task(
    text=("größte", "string"),
    program=parse('(str_split a " ")'),
    args={"a": "string"},
    return_type="string[]",
    tests=(Example({"a": "b \U0001f600 \u2028"}, ["b", "\U0001f600", "\u2028"]),),
)


def write_lines(path: Path, *records: Any) -> Path:
    lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def error_of(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        list(read_tasks(path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["tasks.jsonl", "tasks.jsonl.gz"])
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a folder" / name
    assert write_tasks(path, [SUM, BLANK]) == 2
    assert list(read_tasks(path)) == [SUM, BLANK]
    assert list(path.parent.iterdir()) == [path]
    assert list(next(read_tasks(path)).args) == ["b", "a"]


def test_the_same_tasks_are_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tasks(tmp_path / "one.jsonl.gz", [SUM, BLANK])
    monkeypatch.setattr("time.time", lambda: 1e9)
    write_tasks(tmp_path / "two.jsonl.gz", [SUM, BLANK])
    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()


def test_an_unfinished_file_leaves_the_old_one(tmp_path: Path) -> None:
    def breaking() -> Iterator[Task]:
        yield SUM
        raise RuntimeError("stop")

    path = tmp_path / "tasks.jsonl"
    write_tasks(path, [BLANK])
    with pytest.raises(RuntimeError, match="stop"):
        write_tasks(path, breaking())
    assert list(read_tasks(path)) == [BLANK]
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "tasks.jsonl", tmp_path):
        with pytest.raises(UserError, match="cannot be written"):
            write_tasks(path, [SUM])


def test_reading_is_a_stream(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "tasks.jsonl", record_of(SUM), "broken")
    assert next(read_tasks(path)) == SUM


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    line = json.dumps(record_of(SUM)).encode()
    path.write_bytes(b"\xef\xbb\xbf" + line + b"\r\n\r\n" + line)
    assert list(read_tasks(path)) == [SUM, SUM]


def test_packed_files_are_known_by_their_content(tmp_path: Path) -> None:
    write_tasks(tmp_path / "tasks.jsonl.gz", [SUM])
    misnamed = (tmp_path / "tasks.jsonl.gz").rename(tmp_path / "tasks.jsonl")
    assert list(read_tasks(misnamed)) == [SUM]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_pipe_is_read_as_a_file(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    write_tasks(tmp_path / "tasks.jsonl", [SUM, BLANK])
    with piped(pack((tmp_path / "tasks.jsonl").read_bytes())) as pipe:
        assert list(read_tasks(pipe)) == [SUM, BLANK]


def test_a_pipe_is_refused_by_what_reads_twice() -> None:
    with piped(b"f" * 64 + b"\n") as pipe, pytest.raises(UserError, match=r"is a pipe.*write it into a file"):
        read_all_excluded([pipe])


def test_places_without_tasks(tmp_path: Path) -> None:
    assert "no such file" in error_of(tmp_path / "nowhere.jsonl")
    assert "a folder" in error_of(tmp_path)
    (tmp_path / "empty").write_bytes(b"")
    assert "empty" in error_of(tmp_path / "empty")
    (tmp_path / "packed").write_bytes(gzip.compress(b""))
    assert "empty" in error_of(tmp_path / "packed")
    (tmp_path / "blank").write_bytes(b"\n \n")
    assert "none of its records" in error_of(tmp_path / "blank")


@pytest.mark.parametrize("damage", [lambda packed: packed[:-20], lambda packed: packed[:40] + b"\0\0\0" + packed[43:]])
def test_a_damaged_packed_file(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl.gz"
    path.write_bytes(damage(gzip.compress(json.dumps(record_of(SUM)).encode() + b"\n")))
    assert "breaks off or is damaged" in error_of(path)


def test_text_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    path.write_bytes(json.dumps(record_of(SUM)).encode() + b'\n{"text": ["gr\xf6\xdfte"]}\n')
    assert f"{path}:2: not UTF-8" in error_of(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": [', "not JSON"),
        ("[" * 100_000, "nested too deep"),
        ('{"text": ' + "[" * 100_000, "nested too deep"),
        ('{"text": NaN}', "NaN"),
        ('{"text": 1e999}', "1e999, which is no JSON number"),
        ("9" * 10_000, "not a task"),
        ('"a sentence"', "a record is a JSON object, found 'a sentence'"),
        ("{}", 'lacks "text"'),
    ],
)
def test_a_line_that_is_no_record(line: str, message: str, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "tasks.jsonl", record_of(SUM), line)
    error = error_of(path)
    assert error.startswith(f"{path}:2: ")
    assert message in error


def test_bad_records_can_be_left_out(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "tasks.jsonl", "{", record_of(SUM), "{}", record_of(BLANK))
    skipped = SkippedRecords()
    assert list(read_tasks(path, skipped)) == [SUM, BLANK]
    assert [str(error).split(": ")[0] for error in skipped.examples] == [f"{path}:1", f"{path}:3"]
    assert [place for place, _ in read_placed_tasks(path, SkippedRecords())] == [1, 3]


def test_bad_records_are_counted_and_a_few_kept(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "tasks.jsonl", *["{"] * 1000, record_of(SUM))
    skipped = SkippedRecords()
    assert list(read_tasks(path, skipped)) == [SUM]
    assert skipped.count == 1000
    assert len(skipped.examples) == 3
    assert str(skipped).startswith(f"left out 1000 bad records; the first: {path}:1: not JSON")


def test_lines_that_are_no_text_or_too_long_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LINE", 1000)
    line = json.dumps(record_of(SUM)).encode()
    path = tmp_path / "tasks.jsonl"
    path.write_bytes(b"\n".join([line, b"\xff", b"x" * 3500, line, b"y" * 1001]))
    skipped = SkippedRecords()
    assert list(read_tasks(path, skipped)) == [SUM, SUM]
    assert [str(error).split(": ")[0] for error in skipped.examples] == [f"{path}:{number}" for number in (2, 3, 5)]
    path.write_bytes(line + b"\n" + b"x" * 3500)
    assert f"{path}:2: a line of more than 1,000 bytes" in error_of(path)


def test_a_list_of_hashes_and_tasks_to_keep_out_may_have_bad_lines(tmp_path: Path) -> None:
    skipped, digest = SkippedRecords(), program_hash(SUM.program)
    hashes = write_lines(tmp_path / "hashes", digest, "no hash", "0" * 64)
    tasks = write_lines(tmp_path / "tasks.jsonl", "{", record_of(SUM))
    assert read_all_excluded([hashes, tasks], skipped) == {digest, "0" * 64}
    assert skipped.count == 2
    with pytest.raises(UserError, match="hashes:2: not 64 hex digits"):
        read_all_excluded([hashes])


def test_a_file_of_bad_records_only_is_refused(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "tasks.jsonl", "{", "{}")
    with pytest.raises(UserError, match=r"none of its records is a task; the first: .*:1: not JSON"):
        list(read_tasks(path, SkippedRecords()))
