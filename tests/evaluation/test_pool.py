"""Worker processes: order, deaths, failures, Ctrl-C."""

import itertools
import multiprocessing
import operator
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from saps.errors import UserError
from saps.evaluation import pool
from saps.evaluation.pool import AHEAD, CHUNK, OUT_OF_MEMORY, Died, run_jobs, stream_jobs
from tests.evaluation.dangerous import die_once, double, fail, hoard

ROOT = Path(__file__).parents[2]
SLEEPERS = """
from saps.evaluation.pool import run_jobs
from tests.evaluation.dangerous import sleep
if __name__ == "__main__":
    print("begun", flush=True)
    run_jobs(sleep, [60.0] * 8, workers=2)
"""


def test_results_stand_in_order_for_any_number_of_workers() -> None:
    jobs = [job for job in range(200) if job != 13]
    truth = [2 * job for job in jobs]
    assert run_jobs(double, jobs, workers=0) == truth
    assert run_jobs(double, jobs, workers=1) == truth
    assert run_jobs(double, jobs, workers=3) == truth
    assert run_jobs(double, [], workers=2) == []


def test_a_death_costs_its_own_job_only() -> None:
    jobs = [1, 2, 13, 3, -1, -1, 4, *range(20, 60), 13]
    results = run_jobs(double, jobs, workers=2)
    by_signal, by_exit = Died(-signal.SIGKILL), Died(3)
    deaths = {13: by_signal, -1: by_exit}
    assert results == [deaths.get(job, 2 * job) for job in jobs]
    assert not multiprocessing.active_children()


def test_a_job_whose_worker_is_killed_once_is_not_to_blame(tmp_path: Path) -> None:
    jobs = [str(tmp_path / name) for name in "abc"]
    assert run_jobs(die_once, jobs, workers=1) == jobs


def test_workers_killed_before_their_first_job_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    start, count = pool._start, 2

    def killed(*arguments: Any) -> Any:
        nonlocal count
        worker = start(*arguments)
        if count > 0:
            worker.process.kill()
        count -= 1
        return worker

    monkeypatch.setattr(pool, "_start", killed)
    assert run_jobs(double, [1, 2, 3], workers=1) == [2, 4, 6]
    count = 2
    monkeypatch.setattr(pool, "KILLED_AT_START", 2)
    with pytest.raises(UserError, match="2 workers were killed before their first job, the last by signal 9"):
        run_jobs(double, [1, 2, 3], workers=1)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux limits the memory of a process")
def test_a_job_that_wants_too_much_memory_costs_itself_only() -> None:
    jobs = [1, 2**20, 2**36, 5, 2**27, *range(40)]
    results = run_jobs(hoard, jobs, workers=2, most_bytes=2**26)
    too_much = Died(OUT_OF_MEMORY)
    assert results == [1, 2**20, too_much, 5, too_much, *range(40)]
    assert run_jobs(hoard, [2**27], workers=1) == [2**27]


def test_an_exception_of_the_function_is_ours_and_ends_the_run() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)job 1 of 4 failed.*is ours to mend"):
        run_jobs(fail, [1, 2, 3, 4], workers=1)
    assert not multiprocessing.active_children()
    with pytest.raises(ValueError, match="-1 workers"):
        run_jobs(fail, [1], workers=-1)


def test_a_function_that_workers_cannot_import_is_said_at_once() -> None:
    script = "from saps.evaluation.pool import run_jobs\ndef f(x): return x\nrun_jobs(f, [1, 2], 1)\n"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert "ended before its first job" in done.stderr.splitlines()[-1]


def test_ctrl_c_leaves_no_process_behind(tmp_path: Path) -> None:
    script = tmp_path / "sleepers.py"
    script.write_text(SLEEPERS)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=environment, start_new_session=True,
    )  # fmt: skip
    assert parent.stdout is not None
    assert parent.stdout.readline() == "begun\n"
    time.sleep(1.5)
    os.killpg(parent.pid, signal.SIGINT)  # what a terminal does
    assert parent.wait(timeout=20) != 0
    deadline = time.monotonic() + 10
    while _alive(parent.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(parent.pid)


def _alive(group: int) -> bool:
    """Whether the process group has a member left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("workers", [0, 2])
def test_jobs_are_taken_as_they_are_needed(workers: int) -> None:
    taken = itertools.count()
    results = stream_jobs(operator.neg, taken, workers)
    assert list(itertools.islice(results, 3000)) == [-number for number in range(3000)]
    assert next(taken) <= 3000 + (AHEAD + 1) * CHUNK
