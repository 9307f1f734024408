"""Tree-beam search (Polosukhin and Skidanov, 2018): a queue of partial programs, the most probable is expanded first.

A partial program is expanded at its first empty node in pre-order, by every label that may stand there. Complete
programs leave the queue in the order of their probability, so with an unbounded queue their list is exact. Many tasks
advance together: a round of the network serves them all, and no task changes another's result.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias

import numpy as np
import numpy.typing as npt

from saps.search.beam import Candidate, Rules
from saps.search.collection import collected_rarely
from saps.search.partial import Partial
from saps.search.queue import Queue
from saps.search.step import LogProbabilities, State, Step
from saps.search.trial import Trial

Totals: TypeAlias = npt.NDArray[np.float64]
Entries: TypeAlias = npt.NDArray[np.int64]

_LABELS = 1 << 20  # more than any vocabulary holds


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """How far the search for one task goes."""

    visited: int = 100
    """MAX_VISITED: complete programs, those with equal behaviour on the examples counted once."""
    queue: int | None = 1_000
    """QUEUE_N: partial programs that wait; the least probable are dropped. None for no bound, and an exact list."""
    expanded: int = 10_000
    """Partial programs that are expanded."""
    together: int = 4
    """Partial programs of a task that the network sees at once; more make fuller batches and some needless work."""


@dataclass(slots=True)
class TaskSearch(Generic[State]):
    """The search for one task: its queue, and what came out."""

    rules: Rules
    trial: Trial
    limits: SearchLimits
    queue: Queue = field(init=False)
    """Entry o * ``_LABELS`` + l extends origin o by label l."""
    origins: list[tuple[Partial, State]] = field(default_factory=list)
    """What was expanded: partial programs with their states."""
    expanding: list[tuple[float, Partial]] = field(default_factory=list)
    done: str = ""
    """Why the search is over; empty while it is not."""
    expanded: int = 0
    pushed: int = 0
    """Entries better than the worst of a full queue when their round began."""
    dropped: int = 0
    """Entries that the bound of the queue has cost."""
    cut: int = 0
    """Partial programs that were left because a part of them fails on an example."""
    winner: Candidate | None = None
    """The program that passes all examples."""

    def __post_init__(self) -> None:
        self.queue = Queue(self.limits.queue)

    def next_states(self, model: Step[State]) -> list[State]:
        """Takes the best entries off the queue: complete programs are tried, of the others the states come back.

        A complete program is tried only when nothing before it waits to be expanded, so that none is tried too early.
        """
        states: list[State] = []
        self.expanding = []
        while not self.done and len(states) < self.limits.together:
            if not self.queue:
                if not states:
                    self.done = "nothing is left to try"
                break
            log_probability, entry = self.queue.best()
            number, label = divmod(entry, _LABELS)
            origin, state = self.origins[number]
            partial = self.rules.extend(origin, label)
            if partial.complete and states:
                break
            self.queue.take_best()
            if partial.complete:
                self._try(Candidate(partial.to_tree(), log_probability))
            elif self.trial.examples and _may_end_a_part(partial) and self.trial.fails(partial.labels()):
                self.cut += 1
            else:
                self.expanding.append((log_probability, partial))
                states.append(model.advance(state, label))
        return states

    def _try(self, candidate: Candidate) -> None:
        if self.trial.visit(candidate):
            self.winner, self.done = candidate, "a program passes"
        elif self.trial.visited >= self.limits.visited:
            self.done = "as many programs as allowed were tried"
        elif self.trial.deadline.is_over:
            self.done = "the time is over"

    @property
    def floor(self) -> float:
        """The log-probability that an entry must exceed; always above that of the impossible."""
        return max(-sys.float_info.max, self.queue.floor)

    def push(self, totals: Totals, entries: Entries, allowed: int) -> None:
        """Puts those extensions of ``expanding`` on the queue that are above ``floor``; so many were ``allowed``."""
        self.pushed += len(entries)
        self.dropped += allowed - len(entries) + self.queue.add(totals, entries)
        self.expanded += len(self.expanding)
        if self.expanded >= self.limits.expanded:
            self.done = "as many partial programs as allowed were expanded"
        elif self.trial.deadline.is_over:
            self.done = "the time is over"


def _push(searches: Sequence[TaskSearch[State]], found: LogProbabilities, seen: Sequence[State]) -> None:
    """Gives searches the extensions of what they expanded; rows (K, V) and ``seen`` (K,) are those of all in turn."""
    expanded = [row for search in searches for row in search.expanding]
    counts = [len(search.expanding) for search in searches]
    ends = np.cumsum(counts, dtype=np.intp)
    starts = ends - counts
    number = np.arange(ends[-1]) + np.repeat([len(search.origins) for search in searches] - starts, counts)
    floors = np.repeat([search.floor for search in searches], counts)
    so_far = np.array([log_probability for log_probability, _ in expanded])
    masks = [search.rules.allowed(partial) for search in searches for _, partial in search.expanding]
    allowed = np.concatenate(masks).reshape(found.shape)  # several times as fast as np.stack for so many short rows
    totals = found.astype(float) + so_far[:, None]  # (K, V)
    row, label = (allowed & (totals > floors[:, None])).nonzero()
    better, entries = totals[row, label], number[row] * _LABELS + label
    bounds = [0, *row.searchsorted(ends).tolist()]
    possible = np.add.reduceat(allowed.sum(axis=1), starts).tolist()
    for place, search in enumerate(searches):
        part, rows = slice(*bounds[place : place + 2]), slice(starts[place], ends[place])
        search.origins += zip([partial for _, partial in expanded[rows]], seen[rows], strict=True)
        search.push(better[part], entries[part], possible[place])


def _may_end_a_part(partial: Partial) -> bool:
    """Only an atom finishes anything, and not where it is the first of several children."""
    if partial.last is None:
        return False
    (_, arity), before = partial.last
    return arity == 0 and before is not None and before[0][1] < 2


def start_search(rules: Sequence[Rules], trials: Sequence[Trial], limits: SearchLimits) -> list[TaskSearch[State]]:
    """The searches of some tasks before their first round."""
    return [TaskSearch(rule, trial, limits) for rule, trial in zip(rules, trials, strict=True)]


def run_search(model: Step[State], searches: Sequence[TaskSearch[State]]) -> None:
    """Advances searches that were just started until all are done; what they found stands in them.

    Whatever interrupts it, a program that loops or Ctrl-C, leaves in them what was found until then.

    Raises:
        ValueError: the model starts another number of tasks.
    """
    starts = model.start()
    if len(starts) != len(searches):
        raise ValueError(f"the model starts {len(starts)} tasks, there are {len(searches)} searches")
    for search in searches:
        search.expanding = [(0.0, search.rules.start())]
    batch = [(search, [state]) for search, state in zip(searches, starts, strict=True)]
    with collected_rarely():
        while batch:
            found, seen = model.step([state for _, states in batch for state in states])
            _push([search for search, _ in batch], found, seen)
            active = [(search, search.next_states(model)) for search, _ in batch if not search.done]
            batch = [(search, states) for search, states in active if states]
