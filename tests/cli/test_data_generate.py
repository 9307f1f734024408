"""`saps data generate` as a user types it: switches, parts, manifests, processes."""

import gzip
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from saps.cli import main
from saps.tasks.files import read_tasks
from saps.tasks.hashes import program_hash


def generate(*words: object) -> int:
    return main(["data", "generate", *(str(word) for word in words)])


def error_of(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    assert generate(*words) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_flags_win_over_the_file_of_switches(tmp_path: Path) -> None:
    (tmp_path / "kind.yaml").write_text("tests: 2\nonly: [median, reverse]\ntypos: 0.3\n")
    output = tmp_path / "tasks.jsonl"
    assert generate("--count", 30, "--output", output, "--switches", tmp_path / "kind.yaml", "--typos", 0) == 0
    tasks = list(read_tasks(output))
    assert {task.template for task in tasks} == {"basic_median", "basic_reverse_int_array"}
    assert {len(task.tests) for task in tasks} == {2}
    assert {task.clean_text for task in tasks} == {()}


def test_all_switches_have_a_flag(tmp_path: Path) -> None:
    output = tmp_path / "tasks.jsonl"
    words = ["--count", 12, "--output", output, "--max-depth", 2, "--instances", "1=1", "2=3", "--roots", "even"]
    words += ["--root-share", "basic_median=0.5", "--without", "filter_prime", "--paraphrases", 2, "--names", "words"]
    words += ["--no-tests", "--drop-words", 0.1, "--synonyms", 0.1, "--shuffle-declarations", 0.5]
    assert generate(*words, "--hold-out", "reverse inside median", "--seed", 5) == 0
    tasks = list(read_tasks(output))
    assert len(tasks) == 12
    assert all(task.clean_text and not task.tests for task in tasks)
    assert all(len(name) > 1 for task in tasks for name in task.args)


def test_processes_change_nothing(tmp_path: Path) -> None:
    alone, helped = tmp_path / "alone.jsonl.gz", tmp_path / "helped.jsonl.gz"
    assert generate("--count", 150, "--output", alone, "--tests", 1) == 0
    assert generate("--count", 150, "--output", helped, "--tests", 1, "--workers", 2) == 0
    assert alone.read_bytes() == helped.read_bytes()


def test_parts_and_the_same_again_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert generate("--count", 30, "--output", "out.jsonl", "--seed", 2) == 0
    words = ["--parts", "train=60", "dev=10", "--exclude", "out.jsonl", "--tests", 1]
    assert generate(*words, "--output-folder", "first") == 0
    assert "first/train.jsonl.gz: 60 tasks" in capsys.readouterr().out
    banned = {program_hash(task.program) for task in read_tasks("out.jsonl")}
    assert not banned & {program_hash(task.program) for task in read_tasks("first/train.jsonl.gz")}

    assert generate("--manifest", "first/manifest.json", "--output-folder", "second") == 0
    assert gzip.decompress(Path("second/dev.jsonl.gz").read_bytes()) == gzip.decompress(
        Path("first/dev.jsonl.gz").read_bytes()
    )
    Path("out.jsonl").rename("moved.jsonl")
    assert "out.jsonl: no such file" in error_of(capsys, "--manifest", "first/manifest.json", "--output-folder", "b")
    moved = ["--output-folder", "third", "--exclude", "moved.jsonl"]
    assert generate("--manifest", "first/manifest.json", *moved) == 0


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "--count and --output are needed"),
        (["--count", 3], "--count and --output are needed"),
        (["--count", 0, "--output", "a.jsonl"], "--count 0: give a number above 0"),
        (["--count", 3, "--output", "a.jsonl", "--workers", 0], "--workers 0: give a number above 0"),
        (["--count", 3, "--output", "a.jsonl", "--output-folder", "f"], "--output-folder goes with --parts"),
        (["--parts", "train=5"], "--parts needs --output-folder"),
        (["--parts", "train=5", "--output-folder", "f", "--count", 3], "neither --count nor --output"),
        (["--parts", "train", "--output-folder", "f"], "write train=100000 dev=5000"),
        (["--manifest", "m.json"], "--output-folder is missing"),
        (["--manifest", "m.json", "--output-folder", "f", "--seed", 3], "--seed is fixed by it"),
        (["--manifest", "m.json", "--output-folder", "f", "--typos", 0.1], "--typos is fixed by it"),
        (["--manifest", "m.json", "--output-folder", "f"], "m.json: cannot be read"),
        (["--count", 3, "--output", "a.jsonl", "--instances", "two"], "--instances: 'two' is not of the form 2=0.5"),
        (["--count", 3, "--output", "a.jsonl", "--max-depth", 0], "max_depth is 0"),
        (["--count", 3, "--output", "a.jsonl", "--hold-out", "prime"], "is not of the form"),
        (["--count", 3, "--output", "a.jsonl", "--only", "filter_prim"], "perhaps filter_prime"),
        (["--count", 3, "--output", "a.jsonl", "--templates", "none"], "none: no folder with *.yaml"),
        (["--count", 3, "--output", "a.jsonl", "--switches", "none.yaml"], "none.yaml: cannot be read"),
        (["--count", 3, "--output", "a.jsonl", "--tests", 1, "--no-tests"], "not allowed with"),
    ],
)
def test_mistakes(
    words: list[object],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert complaint in error_of(capsys, *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.hostile
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for the children of a process")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_stays_behind(ending: signal.Signals, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "saps.cli", "data", "generate", "--workers", "2", "--count", "1000000"]
    with subprocess.Popen([*words, "--output", tmp_path / "tasks.jsonl"], stderr=subprocess.DEVNULL) as process:
        workers = wait_for(lambda: len(found := processes_below(process.pid)) >= 3 and found)  # and what counts them
        wait_for(lambda: any(path.stat().st_size for path in tmp_path.iterdir()))
        process.send_signal(ending)
        process.wait(30)
        wait_for(lambda: not any(is_alive(worker) for worker in workers))
    assert ending is signal.SIGKILL or list(tmp_path.iterdir()) == []


def wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + 30
    while not (result := condition()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return result


def processes_below(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(") ")[2][0] != "Z"
