"""Fewer rounds of Python's search for garbage in cycles, for as long as a search lasts.

A search keeps hundreds of thousands of small tuples, none of which is part of a cycle. By default the collector walks
through those that are new after every 700 of them, and through everything in the process again and again: a third of
the time of a search.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NEW_OBJECTS = 50_000  # between two rounds; a cycle waits that long for its end

_lock = threading.Lock()
_inside = 0  # how many are inside, in all threads
_before = gc.get_threshold()


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Inside, rounds are rare; when the last has left, they are as frequent as they were before the first came."""
    global _inside, _before
    with _lock:
        if not _inside:
            _before = gc.get_threshold()
            gc.set_threshold(max(_before[0], NEW_OBJECTS) if _before[0] else 0, *_before[1:])
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                gc.set_threshold(*_before)
