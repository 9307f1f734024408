"""Room for recursion whose depth is known to be bounded."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

MOST_FRAMES = 1_000_000  # whatever limits a caller sets; Python frames of this many calls take some 200 MB

_lock = Lock()
_rooms: list[int] = []
_before = 0


@contextmanager
def stack_room(frames: int) -> Iterator[None]:
    """Lets Python nest this many more calls than it would; the caller vouches that no more are needed.

    Python has one limit for all threads, so it is raised by what all of them asked for, and put back by the last.
    """
    global _before
    frames = min(frames, MOST_FRAMES)
    with _lock:
        if not _rooms:
            _before = sys.getrecursionlimit()
        _rooms.append(frames)
        sys.setrecursionlimit(_before + sum(_rooms))
    try:
        yield
    finally:
        with _lock:
            _rooms.remove(frames)
            sys.setrecursionlimit(_before + sum(_rooms))
