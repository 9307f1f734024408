"""The queue of a tree-beam search: the best entries in order, added many at a time."""

import numpy as np
import numpy.typing as npt


class Queue:
    """Entries of a log-probability and a number that says what it belongs to, of which at most so many are kept.

    They stand in two sorted arrays, since adding them one by one costs several times as much as the merge of a round.
    """

    def __init__(self, most: int | None) -> None:
        """Takes how many entries are kept; None for no bound."""
        self._most = most
        self._count = 0
        self._totals: npt.NDArray[np.float64] = np.empty(0)
        """Ascending: the most probable entry is the last, of equal ones the oldest."""
        self._entries: npt.NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return self._count

    @property
    def floor(self) -> float:
        """The log-probability that an entry must exceed to be kept; minus infinity while there is room."""
        is_full = self._most is not None and self._count >= self._most
        return float(self._totals[self._count - self._most]) if is_full and self._most else -np.inf

    def best(self) -> tuple[float, int]:
        """The most probable entry, which stays.

        Raises:
            IndexError: the queue is empty.
        """
        if not self._count:
            raise IndexError("the queue is empty")
        last = self._count - 1
        return self._totals.item(last), self._entries.item(last)

    def take_best(self) -> None:
        """Removes the most probable entry of a queue that is not empty."""
        self._count -= 1

    def add(self, totals: npt.NDArray[np.float64], entries: npt.NDArray[np.int64]) -> int:
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
