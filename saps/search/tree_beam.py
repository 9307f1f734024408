"""Tree-beam search (Polosukhin and Skidanov, 2018): a queue of partial programs, the most probable is expanded first.

A partial program is expanded at its first empty node in pre-order, by every label that may stand there. Complete
programs leave the queue in the order of their probability, so with an unbounded queue their list is exact. Many tasks
advance together: a round of the network serves them all, and no task changes another's result.
"""

import sys
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic

import numpy as np

from saps.search.beam import Candidate, Rules
from saps.search.partial import Partial
from saps.search.step import LogProbabilities, State, Step
from saps.search.trial import Trial


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """How far the search for one task goes."""

    visited: int = 100
    """MAX_VISITED: complete programs, those with equal behaviour on the examples counted once."""
    queue: int | None = 1_000
    """QUEUE_N: partial programs that wait; the least probable are dropped. None for no bound, and an exact list."""
    threshold: float = -np.inf
    """THRESHOLD: the log-probability below which nothing is looked at."""
    expanded: int = 10_000
    """Partial programs that are expanded."""
    together: int = 4
    """Partial programs of a task that the network sees at once; more make fuller batches and some needless work."""


_Entry = tuple[float, int, Partial, State, int]
"""Log-probability, minus a serial number, and what the entry extends: a program, its state, by which label."""


@dataclass(slots=True)
class TaskSearch(Generic[State]):
    """The search for one task: its queue, and what came out."""

    rules: Rules
    trial: Trial
    limits: SearchLimits
    queue: list[_Entry[State]] = field(default_factory=list)
    """Ascending: the most probable entry is the last, of equal ones the oldest."""
    expanding: list[tuple[float, Partial]] = field(default_factory=list)
    done: str = ""
    """Why the search is over; empty while it is not."""
    expanded: int = 0
    pushed: int = 0
    dropped: int = 0
    """Entries that the bound of the queue or the threshold has cost."""
    cut: int = 0
    """Partial programs that were left because a part of them fails on an example."""
    winner: Candidate | None = None
    """The program that passes all examples."""

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
            log_probability, serial, origin, state, label = self.queue.pop()
            partial = self.rules.extend(origin, label)
            if partial.complete:
                if states:
                    self.queue.append((log_probability, serial, origin, state, label))
                    break
                self._try(Candidate(partial.to_tree(), log_probability))
            elif self.trial.examples and _ends_a_part(partial) and self.trial.fails(partial.labels()):
                self.cut += 1
            else:
                self.expanding.append((log_probability, partial))
                states.append(model.advance(state, label))
        return states

    def _floor(self) -> float:
        """The log-probability that an entry must exceed to be kept."""
        is_full = self.limits.queue is not None and len(self.queue) >= self.limits.queue
        return max(self.limits.threshold, -sys.float_info.max, self.queue[0][0] if is_full else -np.inf)

    def _try(self, candidate: Candidate) -> None:
        if self.trial.visit(candidate):
            self.winner, self.done = candidate, "a program passes"
        elif self.trial.visited >= self.limits.visited:
            self.done = "as many programs as allowed were tried"
        elif self.trial.deadline.is_over:
            self.done = "the time is over"

    def push(self, log_probabilities: LogProbabilities, seen: Sequence[State]) -> None:
        """Puts all extensions of what was expanded on the queue; rows (K, V) of both are those of ``expanding``."""
        for (so_far, partial), scores, state in zip(self.expanding, log_probabilities, seen, strict=True):
            allowed = self.rules.allowed(partial)
            totals = np.where(allowed, so_far + scores.astype(float), -np.inf)  # (V,)
            kept = np.flatnonzero(totals > self._floor())
            for label, total in zip(kept.tolist(), totals[kept].tolist(), strict=True):
                insort(self.queue, (total, -self.pushed, partial, state, label))  # serial numbers settle all ties
                self.pushed += 1
            self.dropped += int(allowed.sum()) - len(kept)
            if self.limits.queue is not None and len(self.queue) > self.limits.queue:
                self.dropped += len(self.queue) - self.limits.queue
                del self.queue[: -self.limits.queue]
        self.expanded += len(self.expanding)
        if self.expanded >= self.limits.expanded:
            self.done = "as many partial programs as allowed were expanded"
        elif self.trial.deadline.is_over:
            self.done = "the time is over"


def _ends_a_part(partial: Partial) -> bool:
    """Only an atom finishes anything."""
    return partial.last is not None and partial.last[0][1] == 0


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
    while batch:
        log_probabilities, seen = model.step([state for _, states in batch for state in states])
        row = 0
        for search, states in batch:
            rows = slice(row, row + len(states))
            search.push(log_probabilities[rows], seen[rows])
            row = rows.stop
        active = [(search, search.next_states(model)) for search, _ in batch if not search.done]
        batch = [(search, states) for search, states in active if states]
