"""Files of tasks: JSON lines, plain or packed with gzip, read as a stream and written whole or not at all."""

import json
import math
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import IO, Any, NoReturn

from saps.errors import UserError
from saps.tasks.atomic import atomic_writer
from saps.tasks.missing import how_to_get
from saps.tasks.records import record_of, task_from_record
from saps.tasks.skipped import SkippedRecords, leave_out
from saps.tasks.task import Task

_GZIP_MAGIC = b"\x1f\x8b"
_COMPRESSION = 6  # zlib's usual level: a third of the time of level 9 for 2 % more bytes
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_LINE = 1 << 24  # bytes; the longest line of the published splits has a few thousand


def read_tasks(path: Path | str, skipped: SkippedRecords | None = None) -> Iterator[Task]:
    """The tasks of a file, one at a time, each checked (``records.task_from_record`` says what for).

    With ``skipped`` a bad record is left out and counted there, as long as some record of the file is good; without it
    the first bad record ends the reading.

    Raises:
        UserError: ``file:line: what is wrong; what to do``; or the file is missing, a folder, empty or broken off.
    """
    return (task for _, task in read_placed_tasks(path, skipped))


def read_placed_tasks(path: Path | str, skipped: SkippedRecords | None = None) -> Iterator[tuple[int, Task]]:
    """As ``read_tasks``, each task with its place among all records of the file, good or bad, from 0 on."""
    path, good = Path(path), 0
    for place, (number, line) in enumerate(raw_lines(path)):
        try:
            task = task_from_record(parse_record(_decoded(line)))
        except UserError as error:
            leave_out(error, path, number, skipped)
            continue
        good += 1
        yield place, task
    if not good:
        first = f"; the first: {skipped.examples[0]}" if skipped and skipped.count else ""
        raise UserError(f"{path}: none of its records is a task{first}")


def read_task(path: Path | str, line: int) -> Task:
    """The task in one line of a file, lines counted from 1 on; the lines before it are not looked at.

    Raises:
        UserError: as ``read_tasks``; or the file has no task there.
    """
    for number, text in read_lines(Path(path)):
        if number == line:
            try:
                return task_from_record(parse_record(text))
            except UserError as error:
                raise UserError(f"{path}:{number}: {error}") from None
        if number > line:
            break
    raise UserError(f"{path}:{line}: no task in this line; lines count from 1 on")


def write_tasks(path: Path | str, tasks: Iterable[Task]) -> int:
    """Writes tasks as JSON lines (packed where the name ends with ``.gz``) and returns how many.

    The file appears when the last task is written; an error on the way leaves what was there before.
    """
    count = 0
    with task_writer(Path(path)) as write:
        for task in tasks:
            write(task)
            count += 1
    return count


@contextmanager
def task_writer(path: Path) -> Iterator[Callable[[Task], object]]:
    """A function that adds a task to a new file, as ``write_tasks`` makes it; for filling several files at once."""
    with line_writer(path) as write:
        yield lambda task: write(task_line(task))


@contextmanager
def line_writer(path: Path) -> Iterator[Callable[[bytes], object]]:
    """A function that adds a line, as ``task_line`` makes it, to a new file; packed if its name ends with ``.gz``."""
    with atomic_writer(path) as file:
        if path.suffix != ".gz":
            yield file.write
            return
        # no name and no time inside: the same tasks are the same bytes
        with GzipFile("", "wb", _COMPRESSION, file, mtime=0) as packed:
            yield packed.write


def task_line(task: Task) -> bytes:
    """The line of a task in a file, with its end."""
    return json.dumps(record_of(task), ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"


def read_lines(path: Path, skipped: SkippedRecords | None = None) -> Iterator[tuple[int, str]]:
    """The lines of a text file, plain or packed, that are not blank, each with its number from 1 on.

    With ``skipped`` a line that is too long or not UTF-8 is left out and counted there.

    Raises:
        UserError: the file is missing, a folder, empty, packed and broken; or a line is too long, or not UTF-8.
    """
    for number, line in raw_lines(path):
        try:
            text = _decoded(line)
        except UserError as error:
            leave_out(error, path, number, skipped)
            continue
        yield number, text


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """As ``read_lines``, before they are decoded; of a line that is too long one byte more than is allowed."""
    number = 0
    try:
        with _open(path) as file:
            while line := file.readline(MAX_LINE + 1):
                number += 1
                if number == 1:
                    line = line.removeprefix(_BYTE_ORDER_MARK)
                if not line.isspace():
                    yield number, line
                while len(line) > MAX_LINE and not line.endswith(b"\n"):
                    line = file.readline(MAX_LINE + 1)
    except (EOFError, BadGzipFile, zlib.error):
        raise UserError(f"{path}: the gzip file breaks off or is damaged after line {number}; get it again") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error}); check the path") from None
    if number == 0:
        raise UserError(f"{path}: the file is empty; get or make it again")


def _decoded(line: bytes) -> str:
    """The text of a line.

    Raises:
        UserError: it is too long, or not UTF-8, without the place.
    """
    if len(line) > MAX_LINE:
        raise UserError(f"a line of more than {MAX_LINE:,} bytes; is this a file of tasks, one a line?")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"not UTF-8 text (byte {error.start + 1}); save the file as UTF-8") from None


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes] | GzipFile]:
    """The file for reading bytes, unpacked where its content says gzip."""
    if path.is_dir():
        raise UserError(f"{path}: a folder, not a file of tasks; name a .jsonl or .jsonl.gz file in it")
    if not path.exists():
        raise UserError(f"{path}: no such file; {how_to_get(path)}")
    with path.open("rb") as file:
        head = file.peek(len(_GZIP_MAGIC))[: len(_GZIP_MAGIC)]  # a pipe cannot be read from its beginning again
        if not head or not _GZIP_MAGIC.startswith(head):
            yield file
            return
        with GzipFile(fileobj=file, mode="rb") as unpacked:
            yield unpacked


def is_pipe(path: Path) -> bool:
    """Whether it is a pipe or the like, such as ``/dev/stdin`` or the shell's ``<(zcat FILE)``: it is read but once."""
    return path.exists() and not path.is_file() and not path.is_dir()


def refuse_pipe(path: Path) -> None:
    """Refuses what can be read but once, for those who read twice.

    Raises:
        UserError: it is a pipe.
    """
    if is_pipe(path):
        raise UserError(f"{path}: is a pipe, and this is read twice; write it into a file and name that")


def parse_record(line: str) -> Any:
    """The JSON value of a line, whatever it is.

    Raises:
        UserError: it is none, without the place.
    """
    try:
        return json.loads(line, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise UserError("nested too deep to be a task; mend or remove the line") from None
    except json.JSONDecodeError as error:
        raise UserError(f"not JSON ({error.msg}, column {error.pos + 1}); mend or remove the line") from None
    except ValueError as error:  # a number with more digits than Python reads
        raise UserError(f"not a task ({error}); mend or remove the line") from None


def _finite(written: str) -> float:
    number = float(written)
    return number if math.isfinite(number) else _refuse_constant(written)


def _refuse_constant(name: str) -> NoReturn:
    raise UserError(f"holds {name}, which is no JSON number; mend or remove the line")
