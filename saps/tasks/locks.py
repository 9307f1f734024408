"""Files that one process at a time may hold; the lock of a killed process is free at once."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any


def open_locked(path: Path, mode: str, busy: Callable[[IO[Any]], None]) -> IO[Any]:
    """The file that stands at a path, locked until it is closed, though its last holder may have moved or removed it.

    Args:
        path: of the file, which is made where there is none.
        mode: that opens it for writing.
        busy: called with the open file where another process holds it; raises, or ends with ``wait_for``.

    Raises:
        OSError: it cannot be opened.
    """
    while True:
        file = path.open(mode)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                busy(file)
            if stands_at(file, path):
                return file
        except BaseException:
            file.close()
            raise
        file.close()


def stands_at(file: IO[Any], path: Path) -> bool:
    """Whether a path leads to an open file; it no longer does if the file was moved or removed since."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def wait_for(file: IO[Any]) -> None:
    """Locks an open file once nobody else holds it."""
    fcntl.flock(file, fcntl.LOCK_EX)


def is_locked(path: Path) -> bool:
    """Whether a process holds a file that is there."""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
