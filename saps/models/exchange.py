"""Putting one folder in the place of another without a moment in which there is none."""

import ctypes
import os
from pathlib import Path

_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux


def take_place(fresh: Path, folder: Path, aside: Path) -> None:
    """Moves ``fresh`` to ``folder``; what has been there is at ``fresh`` or ``aside`` afterwards, or was not there.

    Linux exchanges the two in one step. Where the system or the file system cannot, there are two steps.

    Raises:
        OSError: it cannot be moved.
    """
    if not folder.exists():
        os.replace(fresh, folder)
    elif not _exchanged(fresh, folder):
        os.replace(folder, aside)
        os.replace(fresh, folder)


def _exchanged(one: Path, other: Path) -> bool:
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return rename is not None and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0
