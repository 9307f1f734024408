"""Tree-beam search (Polosukhin and Skidanov, 2018): a queue of partial programs, the most probable is expanded first.

A partial program is expanded at its first empty node in pre-order, by every label that may stand there. Complete
programs leave the queue in the order of their probability, so with an unbounded queue their list is exact. Many tasks
advance together: a round of the network serves them all, and no task changes another's result.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic

import numpy as np

from saps.search.beam import Candidate, Rules
from saps.search.partial import Partial
from saps.search.queue import Queue
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


@dataclass(slots=True)
class TaskSearch(Generic[State]):
    """The search for one task: its queue, and what came out."""

    rules: Rules
    trial: Trial
    limits: SearchLimits
    queue: Queue[tuple[Partial, State]] = field(init=False)
    """An entry extends its origin, a partial program and its state, by a label."""
    expanding: list[tuple[float, Partial]] = field(default_factory=list)
    done: str = ""
    """Why the search is over; empty while it is not."""
    expanded: int = 0
    pushed: int = 0
    """Entries better than the worst of a full queue when their round began."""
    dropped: int = 0
    """Entries that the bound of the queue or the threshold has cost."""
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
            log_probability, (origin, state), label = self.queue.best()
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

    def push(self, log_probabilities: LogProbabilities, seen: Sequence[State]) -> None:
        """Puts all extensions of what was expanded on the queue; rows (K, V) of both are those of ``expanding``."""
        if self.expanding:
            allowed = np.stack([self.rules.allowed(partial) for _, partial in self.expanding])  # (K, V)
            so_far = np.array([log_probability for log_probability, _ in self.expanding])
            totals = so_far[:, None] + log_probabilities.astype(float)
            floor = max(self.limits.threshold, -sys.float_info.max, self.queue.floor)
            rows, labels = (allowed & (totals > floor)).nonzero()
            origins = np.empty(len(self.expanding), dtype=object)
            for row, ((_, partial), state) in enumerate(zip(self.expanding, seen, strict=True)):
                origins[row] = (partial, state)
            self.pushed += len(rows)
            self.dropped += int(allowed.sum()) - len(rows)
            self.dropped += self.queue.add(totals[rows, labels], origins[rows], labels)
        self.expanded += len(self.expanding)
        if self.expanded >= self.limits.expanded:
            self.done = "as many partial programs as allowed were expanded"
        elif self.trial.deadline.is_over:
            self.done = "the time is over"


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
    while batch:
        log_probabilities, seen = model.step([state for _, states in batch for state in states])
        row = 0
        for search, states in batch:
            rows = slice(row, row + len(states))
            search.push(log_probabilities[rows], seen[rows])
            row = rows.stop
        active = [(search, search.next_states(model)) for search, _ in batch if not search.done]
        batch = [(search, states) for search, states in active if states]
