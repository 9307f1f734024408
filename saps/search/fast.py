"""What makes best-first search fast; ``tests/search/plain_search.py`` gives the same results without any of it.

Each was timed on one core of a server's CPU, over 48 searches of the bench that go on together.
"""

import gc
import threading
from collections.abc import Iterable, Iterator, Sequence
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


class Frontier(Generic[State]):
    """What a search may expand: a priority queue of hypotheses, of which at most so many are kept.

    An entry is two numbers, its log-probability and ``origin * _LABELS + label``: what it extends, and by which label.
    The longer hypothesis is made when it is looked at, since most never are. The entries stand in two sorted arrays,
    into which those of a round are merged: a heap of tuples takes several times as long.
    """

    def __init__(self, constraints: Constraints, most: int | None) -> None:
        """Takes what is allowed, and how many entries are kept; None for no bound."""
        self.constraints = constraints
        self.expanding: list[Hypothesis] = []
        """Those that the network looks at, and whose extensions come next."""
        self.pushed = 0
        """Extensions that were better than the worst of a full queue when their round began."""
        self.dropped = 0
        """Extensions that the bound has cost."""
        self.origins: list[tuple[Hypothesis, State]] = []
        """What was expanded, with the states that ``advance`` takes."""
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

    def best(self) -> tuple[Hypothesis, State, int]:
        """The most probable hypothesis, which stays, the state before its last label, and that label."""
        last = self._count - 1
        number, label = divmod(self._entries.item(last), _LABELS)
        origin, state = self.origins[number]
        return self.constraints.extend(origin, label, self._totals.item(last)), state, label

    def take_best(self) -> None:
        """Removes the most probable hypothesis."""
        self._count -= 1

    def add(self, totals: Totals, entries: Entries, origins: Iterable[tuple[Hypothesis, State]]) -> None:
        """Adds entries (N,), oldest first, and what they extend."""
        self.pushed += len(entries)
        self.origins += origins
        totals = np.concatenate([totals[::-1], self._totals[: self._count]])  # turned: of equal ones the oldest is last
        order = totals.argsort(kind="stable")
        if self._most is not None and len(totals) > self._most:
            self.dropped += len(totals) - self._most
            order = order[len(totals) - self._most :]
        self._totals = totals[order]
        self._entries = np.concatenate([entries[::-1], self._entries[: self._count]])[order]
        self._count = len(order)


def push_extensions(
    frontiers: Sequence[Frontier[State]], log_probabilities: LogProbabilities, seen: Sequence[State]
) -> None:
    """Puts the allowed extensions of what each of some searches expands on its queue, if they exceed its floor.

    The arrays of all searches are joined, since each alone has few rows: one by one they take a tenth more of the time
    of the whole search.

    Args:
        frontiers: of the searches, which expand at least one hypothesis each, K in all.
        log_probabilities: (K, V), those of all searches in turn.
        seen: K states, likewise.
    """
    rows = [(frontier.constraints, hypothesis) for frontier in frontiers for hypothesis in frontier.expanding]
    counts = [len(frontier.expanding) for frontier in frontiers]
    ends = np.cumsum(counts, dtype=np.intp)
    starts = ends - counts
    origin = np.arange(len(rows)) + np.repeat([len(frontier.origins) for frontier in frontiers] - starts, counts)
    floors = np.repeat([frontier.floor for frontier in frontiers], counts)
    so_far = np.array([hypothesis.log_probability for _, hypothesis in rows])
    masks = [constraints.allowed(hypothesis) for constraints, hypothesis in rows]
    allowed = np.concatenate(masks).reshape(log_probabilities.shape)  # several times as fast as np.stack
    totals = log_probabilities.astype(float) + so_far[:, None]  # (K, V)
    row, label = (allowed & (totals > floors[:, None])).nonzero()
    better, entries = totals[row, label], origin[row] * _LABELS + label
    bounds = [0, *row.searchsorted(ends).tolist()]
    possible = np.add.reduceat(allowed.sum(axis=1), starts).tolist()
    for place, frontier in enumerate(frontiers):
        part, own = slice(bounds[place], bounds[place + 1]), slice(starts[place], ends[place])
        frontier.dropped += possible[place] - (part.stop - part.start)
        frontier.add(better[part], entries[part], zip(frontier.expanding, seen[own], strict=True))


_lock = threading.Lock()
_inside = 0  # how many are inside, in all threads
_before = gc.get_threshold()


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Fewer rounds of Python's search for garbage in cycles inside; afterwards they are as frequent as before.

    A search keeps hundreds of thousands of small tuples, none of which is part of a cycle. By default the collector
    walks through the new ones after every 700, and through everything again and again, which takes a quarter more time.
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
