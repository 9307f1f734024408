"""Jobs that are killed, gone on with, fail, or belong to something else."""

import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from saps.comparison.estimate import what_it_takes
from saps.comparison.jobs import Job, SearchConditions
from saps.comparison.results import read_row
from saps.comparison.running import as_process, run_job
from saps.errors import UserError
from saps.training.budget import parse_budget
from tests.comparison.made import Commands, make_jobs


def test_a_job_trains_and_then_judges(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "one")
    commands = Commands()
    assert run_job(job, commands)
    assert commands.asked == [job.train, job.evaluate]


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    jobs, commands = make_jobs(tmp_path, "one", "two"), Commands()
    assert all(run_job(job, commands) for _ in range(2) for job in jobs)
    assert len(commands.asked) == 4


def test_a_killed_training_is_resumed(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "one")
    with pytest.raises(KeyboardInterrupt):
        run_job(job, Commands(killed=0))
    again = Commands()
    assert run_job(job, again)
    assert again.asked == [("train", "--resume", str(job.run)), job.evaluate]


def test_a_training_that_was_not_judged_is_only_judged(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "one")
    assert run_job(job, Commands())
    job.report.unlink()
    again = Commands()
    assert run_job(job, again)
    assert again.asked == [job.evaluate]


def test_a_judgement_of_other_weights_is_made_again(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "one", search=SearchConditions(100))
    assert run_job(job, Commands())
    (job.run / "model" / "model.safetensors").write_bytes(b"weights after more steps")
    assert read_row(tmp_path, "one", [1]).problems == ((1, "not judged since its weights are what they are"),)
    again = Commands()
    assert run_job(job, again)
    assert again.asked == [job.evaluate, job.search]
    assert not read_row(tmp_path, "one", [1]).problems


def test_a_training_that_was_stopped_is_not_judged(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "one")

    def stopped(words: Sequence[str], log: Path, lock: int) -> int:
        assert words[0] == "train"
        (job.run / "model").mkdir(parents=True)
        (job.run / "model" / "model.safetensors").write_bytes(b"half-trained")
        log.write_text("saps: stopped after step 110 (SIGTERM)")
        return 143

    assert not run_job(job, stopped)
    assert read_row(tmp_path, "one", [1]).problems == ((1, "exit code 143: saps: stopped after step 110 (SIGTERM)"),)


def test_search_may_be_asked_for_later_and_left_out_again(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "one")
    (searched,) = make_jobs(tmp_path, "one", search=SearchConditions(100))
    commands = Commands()
    assert run_job(job, commands)
    assert run_job(searched, commands)
    assert run_job(searched, commands)
    assert run_job(job, commands)
    assert commands.asked == [job.train, job.evaluate, searched.search]
    assert searched.search[-5:-1] == ("--budget", "100", "--best-lists", "--curve")


def test_a_search_of_another_budget_is_left_alone(tmp_path: Path) -> None:
    run_job(make_jobs(tmp_path, "one", search=SearchConditions(100))[0], Commands())
    run_job(make_jobs(tmp_path, "one")[0], Commands())
    with pytest.raises(UserError, match=r"--budget 100 .*, and now it is .*--budget 50 .*--first 20'"):
        run_job(make_jobs(tmp_path, "one", search=SearchConditions(50, tasks=20))[0], Commands())


def test_a_search_that_failed_is_forgotten_where_none_is_asked_for(tmp_path: Path) -> None:
    (job,) = make_jobs(tmp_path, "one")
    (searched,) = make_jobs(tmp_path, "one", search=SearchConditions(100))
    commands = Commands()
    assert run_job(job, commands)

    def fail(words: Sequence[str], log: Path, lock: int) -> int:
        log.write_text("saps: error: no room")
        return 2

    assert not run_job(searched, fail)
    assert read_row(tmp_path, "one", [1]).problems == ((1, "exit code 2: saps: error: no room"),)
    assert run_job(job, commands)
    assert not read_row(tmp_path, "one", [1]).problems


def test_a_failure_is_told_and_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (job,) = make_jobs(tmp_path, "one")
    assert not run_job(job, Commands(failing=["one"]))
    assert "one seed 1: failed (exit code 2: saps: error: too large for this machine)" in capsys.readouterr().out
    assert run_job(job, Commands())
    assert not (job.folder / "failed.json").exists()


def test_what_a_row_starts_from_is_done_first(tmp_path: Path) -> None:
    first, second = make_jobs(tmp_path, "one", "two")
    second = Job(**{**vars(second), "needs": first})
    commands = Commands()
    assert run_job(second, commands)
    assert commands.asked == [first.train, first.evaluate, second.train, second.evaluate]


def test_a_row_that_is_trained_asks_for_nothing_that_it_started_from(tmp_path: Path) -> None:
    first, second = make_jobs(tmp_path, "one", "two")
    second = Job(**{**vars(second), "needs": first})
    assert run_job(second, Commands())
    shutil.rmtree(first.folder)
    commands = Commands()
    assert run_job(second, commands)
    assert commands.asked == []
    second.report.unlink()
    assert what_it_takes([second], parse_budget("10m", "--budget"), "10m") == (
        "0 trainings of 10m to do, 1 only to judge, 0 done before, one after another"
    )
    assert run_job(second, commands)
    assert commands.asked == [second.evaluate]
    assert not first.folder.exists()


def test_a_row_fails_with_what_it_starts_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = make_jobs(tmp_path, "one", "two")
    commands = Commands(failing=["one"])
    assert not run_job(Job(**{**vars(second), "needs": first}), commands)
    assert commands.asked == [first.train]
    assert "two seed 1: failed (one, which it starts from, has failed)" in capsys.readouterr().out


def test_a_folder_of_another_command_is_left_alone(tmp_path: Path) -> None:
    run_job(make_jobs(tmp_path, "one")[0], Commands())
    commands = Commands()
    with pytest.raises(UserError, match=r"one/seed-1: was made by 'saps train .*600s.*, and now it is .*300s"):
        run_job(make_jobs(tmp_path, "one", budget="5m")[0], commands)
    assert not commands.asked


def test_a_folder_of_other_data_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.jsonl").write_text("old")
    (job,) = make_jobs(Path("runs"), "one")
    run_job(job, Commands())
    Path("train.jsonl").write_text("new")
    with pytest.raises(UserError, match=r"runs/one/seed-1: was made when train.jsonl had another content; remove it"):
        run_job(job, Commands())


def _hold(job: Job, ready: Path) -> None:
    def wait(words: object, log: Path, lock: int) -> int:
        ready.touch()
        time.sleep(0.3)
        return Commands()(words, log, lock)  # type: ignore[arg-type]

    run_job(job, wait)


def test_a_job_is_not_run_twice_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (job,) = make_jobs(tmp_path, "one")
    other = multiprocessing.get_context("fork").Process(target=_hold, args=(job, tmp_path / "ready"))
    other.start()
    while not (tmp_path / "ready").exists():
        time.sleep(0.005)
    commands = Commands()
    assert run_job(job, commands)
    other.join()
    assert not commands.asked
    assert "one seed 1: another process is at it; waiting\none seed 1: done before" in capsys.readouterr().out


def test_a_command_runs_in_a_process_whose_words_are_kept(tmp_path: Path) -> None:
    log, lock = tmp_path / "log.txt", os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    assert as_process(["run", "(+ 1 2)"], log, lock) == 0
    assert as_process(["nothing"], log, lock) == 2
    said = log.read_text().splitlines()
    assert said[:3] == ["$ saps run '(+ 1 2)'", "3", "$ saps nothing"]
    assert said[3].startswith("saps: error: there is no command 'nothing'")


def test_a_command_ends_with_the_one_that_waits_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = tmp_path / "python"
    sleeper.write_text(f"#!/bin/sh\necho $$ > {tmp_path / 'pid'}\nexec sleep 60\n")
    sleeper.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(sleeper))
    monkeypatch.setattr("subprocess.Popen.wait", _interrupted_once(tmp_path / "pid"))
    with (tmp_path / "lock").open("w") as lock, pytest.raises(KeyboardInterrupt):
        as_process(["train"], tmp_path / "log.txt", lock.fileno())
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def _interrupted_once(pid: Path):  # type: ignore[no-untyped-def]
    from subprocess import Popen

    wait, calls = Popen.wait, []

    def interrupted(process: Popen[bytes], timeout: float | None = None) -> int:
        calls.append(timeout)
        if len(calls) > 1:
            return wait(process, timeout)
        while not pid.exists() or not pid.read_text():
            time.sleep(0.005)
        raise KeyboardInterrupt

    return interrupted
