"""Room for recursion whose depth is known to be bounded."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stack_room(frames: int) -> Iterator[None]:
    """Lets Python nest this many more calls than it would; the caller vouches that no more are needed."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + frames)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
