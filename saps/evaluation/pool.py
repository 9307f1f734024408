"""Worker processes that survive the death of one: a stream of small jobs, results in order.

Each worker may be limited in memory; one that would take more ends itself, as nothing is certain then.

A worker gets a chunk of jobs at a time and answers after each, so that when it dies the job it was at is known: that
one is tried once more, in a chunk of its own, since whoever kills a process from outside does not ask what it is at. If
its worker dies again, it is reported as ``Died``. The others of its chunk go to the next worker.

pebble's pool survives dead workers as well. Where it knows which job was to blame, with one job a message, it took a
quarter more of the processor's time than this one for the programs of 6,000 published tasks.
"""

import itertools
import multiprocessing
import os
import resource
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Generic, TypeVar

from saps.errors import UserError

Job = TypeVar("Job")
Result = TypeVar("Result")

OUT_OF_MEMORY = 99  # what a worker exits with that has reached its limit of memory
KILLED_AT_START = 10  # workers that may be killed from outside before their first job
AHEAD = 64  # chunks that may be under way before the first of their results is taken
CHUNK = 16  # jobs; large enough to hide the way there and back, small enough to keep the workers equally busy


@dataclass(frozen=True, slots=True)
class Died:
    """Stands in the place of a result where the worker process died over the job."""

    exit_code: int | None
    """As the operating system gives it: minus the signal's number, or what the process exited with.

    ``OUT_OF_MEMORY`` where the job wanted more memory than a worker may have.
    """


@dataclass(frozen=True, slots=True)
class _Failure:
    """An exception of the function, on its way to the parent."""

    report: str


class _Ready:
    """The first word of a worker: it has found the function."""


@dataclass(slots=True)
class _Worker(Generic[Job, Result]):
    """A process, the pipe to it, and the numbers of the jobs it has not answered yet."""

    process: SpawnProcess
    pipe: Connection
    waiting: deque[int] = field(default_factory=deque)
    ready: bool = False

    def give(self, numbers: Sequence[int], jobs: Mapping[int, Job]) -> None:
        self.waiting.extend(numbers)
        self.pipe.send([jobs[number] for number in numbers])

    def stop(self) -> None:
        """Ends the process, whatever it is at, and frees what it held."""
        self.process.terminate()
        self.process.join(timeout=5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()
        self.pipe.close()


def run_jobs(
    function: Callable[[Job], Result], jobs: Iterable[Job], workers: int, most_bytes: int | None = None
) -> list[Result | Died]:
    """The results of ``stream_jobs`` as a list."""
    return list(stream_jobs(function, jobs, workers, most_bytes))


def stream_jobs(
    function: Callable[[Job], Result], jobs: Iterable[Job], workers: int, most_bytes: int | None = None
) -> Iterator[Result | Died]:
    """``function(job)`` for every job, in their order, the same for any number of workers.

    Args:
        function: importable by name from a fresh process; what it raises is a mistake of ours and ends all.
        jobs: anything that can be pickled; no more of them are taken ahead of their results than keep workers busy.
        workers: number of processes; 0 does the work in this one, which then dies with a job that kills.
        most_bytes: of memory that a worker may take on top of what it starts with, on Linux; None for no limit.

    Raises:
        UserError: worker after worker is killed before its first job.
        RuntimeError: the function raised in a worker; holds the worker's traceback.
        ValueError: the number of workers is negative.
    """
    if workers < 0:
        raise ValueError(f"{workers} workers cannot be; 0 works in this process")
    if workers == 0:
        return map(function, jobs)
    return _Pool(function, jobs, workers, most_bytes).run()


class _Pool(Generic[Job, Result]):
    """One run over a stream of jobs."""

    def __init__(
        self, function: Callable[[Job], Result], jobs: Iterable[Job], workers: int, most_bytes: int | None
    ) -> None:
        self.function, self.most_bytes, self.count = function, most_bytes, workers
        self.size = max(1, min(CHUNK, len(jobs) // workers)) if isinstance(jobs, Sized) else CHUNK
        self.total = f" of {len(jobs)}" if isinstance(jobs, Sized) else ""
        self.source, self.taken, self.done = iter(jobs), 0, 0
        self.jobs: dict[int, Job] = {}  # those taken whose results are not
        self.results: dict[int, Result | Died] = {}
        self.again: deque[range] = deque()  # what dead workers have not answered
        self.tried: set[int] = set()  # jobs over which a worker has died once
        self.killed_at_start = 0
        self.workers: list[_Worker[Job, Result]] = []

    def run(self) -> Iterator[Result | Died]:
        try:
            while True:
                self._feed()
                while self.done in self.results:
                    del self.jobs[self.done]
                    yield self.results.pop(self.done)
                    self.done += 1
                    self._feed()
                if self.done == self.taken:
                    return
                ready = wait([worker.pipe for worker in self.workers if worker.waiting])
                for worker in [worker for worker in self.workers if worker.pipe in ready]:
                    self._collect(worker)
        finally:
            for worker in self.workers:
                worker.stop()

    def _feed(self) -> None:
        """Gives each idle worker a chunk; starts one that is missing where there is one more chunk."""
        for worker in self.workers:
            if not worker.waiting and (numbers := self._next_chunk()):
                with suppress(BrokenPipeError):  # a worker that died meanwhile is found out by _collect
                    worker.give(numbers, self.jobs)
        while len(self.workers) < self.count and (numbers := self._next_chunk()):
            worker = _start(self.function, self.most_bytes)
            self.workers.append(worker)
            with suppress(BrokenPipeError):
                worker.give(numbers, self.jobs)

    def _next_chunk(self) -> range:
        """Numbers of the jobs that are to be given next; empty where there are none, or too many under way."""
        if self.again:
            return self.again.popleft()
        if self.taken - self.done >= AHEAD * self.size:
            return range(0)
        first = self.taken
        for job in itertools.islice(self.source, self.size):
            self.jobs[self.taken] = job
            self.taken += 1
        return range(first, self.taken)

    def _collect(self, worker: "_Worker[Job, Result]") -> None:
        """Takes one answer, or the news that there will be none."""
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):  # ended between two answers, or within one
            self._bury(worker)
            return
        if isinstance(answer, _Ready):
            worker.ready = True
            return
        if isinstance(answer, _Failure):
            raise RuntimeError(f"job {worker.waiting[0] + 1}{self.total} failed in its worker\n{answer.report}")
        self.results[worker.waiting.popleft()] = answer

    def _bury(self, worker: "_Worker[Job, Result]") -> None:
        """Puts back the jobs that the dead worker has not answered; a second death over one is its result."""
        worker.process.join()
        exit_code = worker.process.exitcode
        if worker.ready:
            at = worker.waiting.popleft()
            if at in self.tried:
                self.results[at] = Died(exit_code)
            else:
                self.tried.add(at)
                self.again.append(range(at, at + 1))
        else:
            self._check_start(exit_code)
        if worker.waiting:
            self.again.appendleft(range(worker.waiting[0], worker.waiting[-1] + 1))
        self.workers.remove(worker)
        worker.stop()

    def _check_start(self, exit_code: int | None) -> None:
        """What a worker's end before its first job means: a few may be killed by others, all else is a mistake."""
        if exit_code is None or exit_code >= 0:
            raise RuntimeError(
                "a worker process ended before its first job; a script that starts workers keeps what it does "
                'under `if __name__ == "__main__":`, and 0 workers need no process'
            )
        self.killed_at_start += 1
        if self.killed_at_start >= KILLED_AT_START:
            raise UserError(
                f"{KILLED_AT_START} workers were killed before their first job, the last by signal {-exit_code}; "
                "see whether the machine is out of memory, or use 0 workers, which need no process"
            )


def _start(function: Callable[[Job], Result], most_bytes: int | None) -> "_Worker[Job, Result]":
    """A fresh process; spawned and not forked, so that it inherits no threads and no half-held locks."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(function, theirs, most_bytes), daemon=True)
    process.start()
    theirs.close()  # the only other end is the worker's, so its death ends the pipe
    return _Worker(process, ours)


def _work(function: Callable[[Job], Result], pipe: Connection, most_bytes: int | None) -> None:
    """The life of a worker: chunks in, one answer a job out, until the pipe closes."""
    if most_bytes is not None:
        _limit_memory(most_bytes)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends the workers
    try:
        pipe.send(_Ready())
        while True:
            for job in pipe.recv():
                pipe.send(_answer(function, job))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent is gone


def _answer(function: Callable[[Job], Result], job: Job) -> Result | _Failure:
    try:
        return function(job)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception:
        return _Failure(traceback.format_exc())


def _limit_memory(most_bytes: int) -> None:
    """Lets this process take so much more memory than it has; beyond it, Python raises MemoryError.

    The limit is on addresses, which Linux keeps; other systems know no such limit, and there is none.
    """
    try:
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = taken + most_bytes
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
