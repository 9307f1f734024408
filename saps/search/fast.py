"""What makes best-first search fast; ``tests/search/plain_search.py`` gives the same results without any of it.

Each was timed on one core of a server's CPU, over 48 searches of the bench that go on together.
"""

import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeAlias

import numpy as np
import numpy.typing as npt

from saps.search.constraints import Constraints
from saps.search.hypothesis import Hypothesis
from saps.search.step import LogProbabilities, State

Totals: TypeAlias = npt.NDArray[np.float64]
Entries: TypeAlias = npt.NDArray[np.int64]

NEW_OBJECTS = 50_000  # between two rounds of the collector; a cycle waits that long for its end

_LABELS = 1 << 20  # more than any vocabulary holds
_IMPOSSIBLE = -float(np.finfo(np.float64).max)  # every log-probability but minus infinity is above it


class Queue(Generic[State]):
    """A priority queue of hypotheses with one more label, of which at most so many are kept.

    An entry is two numbers, its log-probability and ``origin * _LABELS + label``; most entries are never taken, so the
    longer hypothesis is made by whoever takes it. They stand in two sorted arrays, into which those of a round are
    merged: a heap of tuples takes several times as long.
    """

    def __init__(self, most: int | None) -> None:
        """Takes how many entries are kept; None for no bound."""
        self.origins: list[tuple[Hypothesis, State]] = []
        self._most = most
        self._count = 0
        self._totals: Totals = np.empty(0)
        """Ascending: the most probable entry is the last, of equal ones the oldest."""
        self._entries: Entries = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return self._count

    @property
    def floor(self) -> float:
        """The log-probability that an entry must exceed to be kept; always at least that of the impossible."""
        is_full = self._most is not None and self._count >= self._most
        return float(self._totals[self._count - self._most]) if is_full and self._most else _IMPOSSIBLE

    def best(self) -> tuple[float, Hypothesis, State, int]:
        """The log-probability, origin, state of the origin and new label of the most probable entry, which stays.

        Raises:
            IndexError: the queue is empty.
        """
        if not self._count:
            raise IndexError("the queue is empty")
        last = self._count - 1
        origin, label = divmod(self._entries.item(last), _LABELS)
        return self._totals.item(last), *self.origins[origin], label

    def take_best(self) -> None:
        """Removes the most probable entry of a queue that is not empty."""
        self._count -= 1

    def add(self, totals: Totals, entries: Entries) -> int:
        """Adds entries (N,), oldest first; tells how many entries, new or old, were dropped for that."""
        totals = np.concatenate([totals[::-1], self._totals[: self._count]])  # turned: of equal ones the oldest is last
        order = totals.argsort(kind="stable")
        dropped = 0 if self._most is None else max(0, len(totals) - self._most)
        if dropped:
            order = order[dropped:]
        self._totals = totals[order]
        self._entries = np.concatenate([entries[::-1], self._entries[: self._count]])[order]
        self._count = len(order)
        return dropped


def push_extensions(
    queues: Sequence[Queue[State]],
    constraints: Sequence[Constraints],
    expanded: Sequence[Sequence[Hypothesis]],
    log_probabilities: LogProbabilities,
    seen: Sequence[State],
) -> list[tuple[int, int]]:
    """Puts the allowed extensions of what each of some searches expanded on its queue, if they exceed its floor.

    The arrays of all searches are joined, since each search alone has few rows: one by one they take an eighth more
    time of the whole search.

    Args:
        queues: of S searches.
        constraints: theirs.
        expanded: what each expanded, at least one hypothesis, K in all.
        log_probabilities: (K, V), those of all searches in turn.
        seen: K states, likewise.

    Returns:
        For each search, how many extensions were put on the queue, and how many were dropped.
    """
    rows = [hypothesis for several in expanded for hypothesis in several]
    counts = [len(several) for several in expanded]
    ends = np.cumsum(counts, dtype=np.intp)
    starts = ends - counts
    origin = np.arange(ends[-1]) + np.repeat([len(queue.origins) for queue in queues] - starts, counts)
    floors = np.repeat([queue.floor for queue in queues], counts)
    masks = [
        own.allowed(hypothesis) for own, several in zip(constraints, expanded, strict=True) for hypothesis in several
    ]
    allowed = np.concatenate(masks).reshape(log_probabilities.shape)  # several times as fast as np.stack
    so_far = np.array([hypothesis.log_probability for hypothesis in rows])
    totals = log_probabilities.astype(float) + so_far[:, None]  # (K, V)
    row, label = (allowed & (totals > floors[:, None])).nonzero()
    better, entries = totals[row, label], origin[row] * _LABELS + label
    bounds = [0, *row.searchsorted(ends).tolist()]
    possible = np.add.reduceat(allowed.sum(axis=1), starts).tolist()
    found = []
    for place, queue in enumerate(queues):
        part, own = slice(*bounds[place : place + 2]), slice(starts[place], ends[place])
        queue.origins += zip(rows[own], seen[own], strict=True)
        pushed = part.stop - part.start
        found.append((pushed, possible[place] - pushed + queue.add(better[part], entries[part])))
    return found


_lock = threading.Lock()
_inside = 0  # how many are inside, in all threads
_before = gc.get_threshold()


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Fewer rounds of Python's search for garbage in cycles inside; afterwards they are as frequent as before.

    A search keeps hundreds of thousands of small tuples, none of which is part of a cycle. By default the collector
    walks through those that are new after every 700 of them, and through everything in the process again and again: a
    third of the time of a search.
    """
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
