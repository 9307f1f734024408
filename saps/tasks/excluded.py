"""Lists of programs that must stay out of a training set."""

import re
from collections.abc import Iterable
from pathlib import Path

from saps.errors import UserError
from saps.tasks.files import read_lines, read_tasks
from saps.tasks.hashes import program_hash

_HASH = re.compile(r"[0-9a-f]{64}")


def read_excluded(path: Path) -> set[str]:
    """The hashes of the programs that a file names: a list of hashes, one a line, or tasks (JSONL or JSONL.gz).

    Raises:
        UserError: the file cannot be read, is empty, or a line is neither.
    """
    hashes: set[str] = set()
    for number, line in read_lines(path):
        if not _HASH.fullmatch(line.strip().lower()):
            if hashes:
                raise UserError(f"{path}:{number}: not 64 hex digits, as the lines before it; mend or remove the line")
            return {program_hash(task.program) for task in read_tasks(path)}
        hashes.add(line.strip().lower())
    return hashes


def read_all_excluded(paths: Iterable[Path]) -> set[str]:
    """The hashes of the programs that several files name, each as ``read_excluded`` reads it.

    Raises:
        UserError: as ``read_excluded``.
    """
    return set().union(*(read_excluded(path) for path in paths))
