"""Lists of programs that must stay out of a training set."""

import re
from collections.abc import Iterable
from pathlib import Path

from saps.errors import UserError
from saps.tasks.files import raw_lines, read_lines, read_tasks, refuse_pipe
from saps.tasks.hashes import program_hash
from saps.tasks.skipped import SkippedRecords

_HASH = re.compile(r"[0-9a-f]{64}")


def read_excluded(path: Path, skipped: SkippedRecords | None = None) -> set[str]:
    """The hashes of the programs that a file names: a list of hashes, one a line, or tasks (JSONL or JSONL.gz).

    With ``skipped`` bad lines are left out and counted there, as ``read_tasks`` does.

    Raises:
        UserError: the file cannot be read, is a pipe or empty, or a line is neither.
    """
    refuse_pipe(path)
    if not _is_list(path):
        return {program_hash(task.program) for task in read_tasks(path, skipped)}
    hashes: set[str] = set()
    for number, line in read_lines(path, skipped):
        written = line.strip().lower()
        if _HASH.fullmatch(written):
            hashes.add(written)
            continue
        error = UserError(f"{path}:{number}: not 64 hex digits, as the lines before it; mend or remove the line")
        if skipped is None:
            raise error
        skipped.add(error)
    return hashes


def _is_list(path: Path) -> bool:
    """Whether the first line is a hash."""
    _, first = next(raw_lines(path), (0, b""))
    return _HASH.fullmatch(first.decode("latin-1").strip().lower()) is not None


def read_all_excluded(paths: Iterable[Path], skipped: SkippedRecords | None = None) -> set[str]:
    """The hashes of the programs that several files name, each as ``read_excluded`` reads it.

    Raises:
        UserError: as ``read_excluded``.
    """
    return set().union(*(read_excluded(path, skipped) for path in paths))
