"""Many tasks as lines of files: made by several processes, the same lines in the same order as by one."""

import hashlib
import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from saps.errors import UserError
from saps.generator.tasks import Stream
from saps.generator.uniqueness import SAME_TEXTS, SeenTexts, text_key
from saps.tasks.checksums import sha256_of
from saps.tasks.files import line_writer, task_line
from saps.tasks.hashes import program_hash

CHUNK = 64  # numbers of the stream that a process is given at a time
AHEAD = 3  # chunks that each process has been given before their turn
PATIENCE = 50  # times as many tasks as a part should need for its next one, after which it is given up


class TaskLine(NamedTuple):
    """A task on its way to a file."""

    key: bytes
    """of its clean text"""
    program: str
    """hash of its program"""
    written: bytes


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """A file of tasks."""

    name: str
    file: str
    tasks: int
    sha256: str
    """Of the file; empty where the lines went into a pipe or device."""
    unpacked_sha256: str
    """Of its lines; another version of zlib packs the same lines into other bytes."""


def lines(stream: Stream, workers: int) -> Generator[TaskLine, None, None]:
    """The tasks of a stream from number 0 on, without end; close it to end the processes.

    Raises:
        UserError: the stream ends because the switches leave nothing, or a process died.
    """
    if workers <= 1:
        for index in itertools.count():
            yield from _made(stream, index)
    starts = itertools.count(step=CHUNK)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_begin, initargs=(stream,)) as pool:
        waiting = deque(pool.submit(_chunk, next(starts)) for _ in range(AHEAD * workers))
        try:
            while True:
                chunk = waiting.popleft().result()
                waiting.append(pool.submit(_chunk, next(starts)))
                yield from chunk
        except BrokenProcessPool:
            raise UserError("a process died, perhaps for lack of memory; use fewer", "workers") from None
        finally:
            for future in waiting:
                future.cancel()


def _made(stream: Stream, index: int) -> list[TaskLine]:
    return [
        TaskLine(text_key(task.clean_text or task.text), program_hash(task.program), task_line(task))
        for task in stream.tasks(index)
    ]


_stream: Stream | None = None  # of a worker process


def _begin(stream: Stream) -> None:
    """What a worker process is told once; Ctrl-C is for its parent, without which it ends, however that was ended."""
    global _stream
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _stream = stream


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _chunk(start: int) -> list[TaskLine]:
    assert _stream is not None
    return [line for index in range(start, start + CHUNK) for line in _made(_stream, index)]


def write_parts(
    sources: Sequence[tuple[Stream, Mapping[str, int]]], files: Mapping[str, Path], workers: int = 1
) -> list[WrittenPart]:
    """Fills files with the tasks of streams, until each part of a stream has as many as the counts say.

    A program belongs to one part of its stream by the hash of (seed, program) and the shares of the counts, whatever
    came before it; a task whose part is full is dropped, and so is one whose text has been written. The files appear
    when all of them are full, or none does.

    Raises:
        UserError: the templates have too few texts or programs, or a file cannot be written.
    """
    seen, sums = SeenTexts(), {part: hashlib.sha256() for part in files}
    counts = {part: count for _, counts in sources for part, count in counts.items()}
    with ExitStack() as stack:
        writers = {part: stack.enter_context(line_writer(files[part])) for part in counts}
        for stream, wanted in sources:
            with closing(lines(stream, workers)) as made:
                for part, line in _placed(made, Division(wanted, stream.seed), wanted, seen):
                    writers[part](line)
                    sums[part].update(line)
    return [
        WrittenPart(name, files[name].name, count, _sha256_of(files[name]), sums[name].hexdigest())
        for name, count in counts.items()
    ]


def _sha256_of(path: Path) -> str:
    """Of a file; nothing of a pipe, which cannot be read again."""
    return sha256_of(path) if path.is_file() else ""


def _placed(
    made: Iterable[TaskLine], division: "Division", counts: Mapping[str, int], seen: SeenTexts
) -> Iterator[tuple[str, bytes]]:
    """The new lines, each with its part, until all parts are full."""
    missing, dropped = dict(counts), 0
    for line in made:
        part = division.part_of(line.program)
        if part in missing and seen.add(line.key):
            dropped = 0
            yield part, line.written
            missing[part] -= 1
            missing = {name: count for name, count in missing.items() if count}
            if not missing:
                return
            continue
        dropped += 1
        rarest = min(missing, key=lambda name: division.shares[name])
        if dropped > SAME_TEXTS + PATIENCE / division.shares[rarest]:
            where = f" for the part {rarest}" if len(counts) > 1 else ""
            raise UserError(
                f"the templates give no more than about {counts[rarest] - missing[rarest]} different texts{where}; "
                "ask for fewer tasks, or let programs be deeper"
            )


class Division:
    """Which part a program belongs to."""

    def __init__(self, counts: Mapping[str, int], seed: int) -> None:
        total = sum(counts.values())
        self.seed = seed
        self.shares = {part: count / total for part, count in counts.items()}
        self._ends = list(zip(itertools.accumulate(self.shares.values()), counts, strict=True))

    def part_of(self, program: str) -> str:
        """The part of a program's hash: a function of seed, hash and shares alone."""
        if len(self._ends) == 1:
            return self._ends[0][1]
        digest = hashlib.sha256(f"{self.seed}:{program}".encode()).digest()
        place = int.from_bytes(digest[:7], "big") / 2**56
        return next((part for end, part in self._ends if place < end), self._ends[-1][1])
