"""Running a job so that it can be killed at any moment, gone on with, and not be run twice at once."""

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from saps.comparison.jobs import Job
from saps.comparison.records import IDENTITY, read_record
from saps.errors import UserError
from saps.models.folder import weights_hash
from saps.models.registry import environment_for_others
from saps.tasks.atomic import dump_json, make_folder
from saps.tasks.checksums import sha256_of
from saps.tasks.locks import is_locked, open_locked, wait_for
from saps.tasks.logs import last_line_of
from saps.training.run_folder import CONFIG, SUMMARY

JOB, FAILURE, LOCK = "job.json", "failed.json", "lock"
_PATIENCE = 20  # seconds that a command gets to end when it is told to
_LOOK_EVERY = 1.0  # seconds


class Execute(Protocol):
    """Runs the words of a ``saps`` command, what it says going to the end of a log, and gives its exit code."""

    def __call__(self, words: Sequence[str], log: Path, lock: int) -> int:
        """``lock`` is the open file that says that the job is being run."""


def run_job(job: Job, execute: Execute) -> bool:
    """Trains and judges what is left to do of a job, and of the one it starts from; whether it is done then.

    Raises:
        UserError: its folder belongs to another command, or to other files.
    """
    needed = needed_by(job)
    if needed is not None and not run_job(needed, execute):
        _record_failure(job, f"{needed.row}, which it starts from, has failed")
        return False
    with _locked(job) as lock:
        _claim(job)
        (job.folder / FAILURE).unlink(missing_ok=True)
        if is_done(job):
            print(f"{job.row} seed {job.seed}: done before", flush=True)
            return True
        if not is_trained(job) and not _step(job, training_words(job), lock, execute):
            return False
        for words, result in ((job.evaluate, job.report), (job.search, job.curve)):
            if words and not is_current(result, job.run) and not _step(job, words, lock, execute):
                return False
        return True


def is_done(job: Job) -> bool:
    """Whether it is trained and judged, with search too where that is asked."""
    wanted = [job.report] * bool(job.evaluate) + [job.curve] * bool(job.search)
    return is_trained(job) and all(is_current(path, job.run) for path in wanted)


def is_trained(job: Job) -> bool:
    """Whether its training has come to its end."""
    return (job.run / SUMMARY).exists()


def needed_by(job: Job) -> Job | None:
    """What must be done before the job; what is trained already has started from it, and needs nothing more of it."""
    return None if is_trained(job) else job.needs


def is_running(job: Job) -> bool:
    """Whether another process is at it."""
    path = job.folder / LOCK
    return path.exists() and is_locked(path)


def is_current(judgement: Path, run: Path) -> bool:
    """Whether a report or curve is there and tells of the weights that the run has now."""
    if not judgement.exists():
        return False
    try:
        return bool(json.loads(judgement.read_text(encoding="utf-8"))["weights"] == weights_hash(run))
    except (ValueError, KeyError, TypeError):
        return False  # damaged, or of a version that did not say


def training_words(job: Job) -> tuple[str, ...]:
    """The command that trains the job, or goes on with its training."""
    return ("train", "--resume", str(job.run)) if (job.run / CONFIG).exists() else job.train


def _step(job: Job, words: Sequence[str], lock: int, execute: Execute) -> bool:
    """Runs one command of a job and writes down its failure."""
    print(f"{job.row} seed {job.seed}: saps {shlex.join(words)}", flush=True)
    code = execute(words, job.log, lock)
    if code:
        _record_failure(job, f"exit code {code}: {last_line_of(job.log)}")
    return code == 0


def _record_failure(job: Job, problem: str) -> None:
    dump_json(job.folder / FAILURE, {"problem": problem})
    print(f"{job.row} seed {job.seed}: failed ({problem}); all it said: {job.log}", flush=True)


def _claim(job: Job) -> None:
    """Writes down what the job is, or compares with what an earlier comparison has written there.

    Raises:
        UserError: its folder belongs to another command, or to other files.
    """
    known, identity = check_folder(job)
    if known != identity:
        dump_json(job.folder / JOB, identity)


def check_folder(job: Job) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What an earlier comparison has written about the job, None where it has not begun, and what is to stand there.

    Raises:
        UserError: its folder belongs to another command, or to other files.
    """
    identity = _identity(job)
    path = job.folder / JOB
    if not path.exists():
        return None, identity
    known = read_record(path, IDENTITY)
    written = {"search": [], **known}
    if not (identity["search"] and written["search"]):  # search may be asked for later
        either = {"search": identity["search"] or written["search"]}
        written, identity = written | either, identity | either
    if written != identity:
        raise UserError(f"{job.folder}: was made {_difference(written, identity)}; remove it, or name another --folder")
    return known, identity


def _difference(written: dict[str, Any], identity: dict[str, Any]) -> str:
    """What an earlier comparison had otherwise."""
    for command in ("train", "evaluate", "search"):
        if written[command] != identity[command]:
            return f"by 'saps {shlex.join(written[command])}', and now it is 'saps {shlex.join(identity[command])}'"
    changed = [name for name, digest in identity["files"].items() if written["files"].get(name) != digest]
    return f"when {', '.join(changed) or 'its files'} had another content"


def _identity(job: Job) -> dict[str, Any]:
    """All that the figures of a job depend on, besides the code."""
    return {
        "row": job.row,
        "seed": job.seed,
        "budget": job.budget,
        "train": list(job.train),
        "evaluate": list(job.evaluate),
        "search": list(job.search),
        "is_chosen_on_test": job.is_chosen_on_test,
        # a file that is not there is what the training will complain of
        "files": {str(path): sha256_of(path) if path.is_file() else None for path in job.reads},
    }


@contextmanager
def _locked(job: Job) -> Iterator[int]:
    """Holds the folder of a job, waiting where another process has it; gives the open lock file.

    The commands that run for the job keep the file open as well, so that the lock outlives a killed comparison for as
    long as its command still writes.
    """
    make_folder(job.folder)

    def busy(file: IO[str]) -> None:
        print(f"{job.row} seed {job.seed}: another process is at it; waiting", flush=True)
        wait_for(file)

    with open_locked(job.folder / LOCK, "w", busy) as file:
        yield file.fileno()


def as_process(words: Sequence[str], log: Path, lock: int, is_enough: Callable[[], bool] | None = None) -> int:
    """Runs a command in a process of its own, which ends when this one is told to end; an ``Execute``.

    A training that a signal stops gets the time to write its checkpoint; then this process ends as well.

    Args:
        words: of the command.
        log: to whose end goes what it says.
        lock: an open file that the process keeps open.
        is_enough: asked every second; once it says so, the process is told to stop.
    """
    command = [sys.executable, "-m", "saps.cli", *words]
    with log.open("ab") as file:
        file.write(f"$ saps {shlex.join(words)}\n".encode())
        file.flush()
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, pass_fds=(lock,), env=environment_for_others()
        )
        try:
            with _passing_on(process) as told:
                code = process.wait() if is_enough is None else _wait_while_needed(process, is_enough)
        except BaseException:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    if told:
        raise SystemExit(128 + told[0])
    return code


def _wait_while_needed(process: "subprocess.Popen[bytes]", is_enough: Callable[[], bool]) -> int:
    """Waits for a process to end, by itself or because it was enough."""
    while True:
        try:
            return process.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if is_enough():
                process.terminate()
                return process.wait()


@contextmanager
def _passing_on(process: "subprocess.Popen[bytes]") -> Iterator[list[int]]:
    """Passes signals on to a process, and gives their numbers."""
    told: list[int] = []

    def pass_on(number: int, frame: object) -> None:
        told.append(number)
        process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
