"""Best-first search, the *tree-beam* search of Neural Program Search (Polosukhin and Skidanov, 2018).

The most probable hypothesis is taken off a queue and expanded at its first hole, in pre-order, by every label that may
stand there; the longer hypotheses go on the queue. Complete programs leave it in the order of their probability, so
with an unbounded queue their list is exact. Many tasks are searched together: a round of the network serves them all,
and no task changes another's result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic

from saps.search.constraints import Constraints
from saps.search.dovetail import Dovetail
from saps.search.fast import Frontier, collected_rarely, push_extensions
from saps.search.hypothesis import Candidate
from saps.search.step import State, Step
from saps.search.trial import Trial


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """How far the search for one task goes."""

    visited: int = 100
    """MAX_VISITED: complete programs, those that are observationally equivalent on the examples counted once."""
    queue: int | None = 1_000
    """QUEUE_N: hypotheses on the queue; the least probable are dropped. None for no bound, and an exact list."""
    expanded: int = 10_000
    """Hypotheses that are expanded."""
    together: int = 4
    """Hypotheses of a task that the network sees at once; more make fuller batches and some needless work."""


@dataclass(slots=True)
class TaskSearch(Generic[State]):
    """The search for one task, and what came out."""

    constraints: Constraints
    trial: Trial
    limits: SearchLimits
    frontier: Frontier[State] = field(init=False)
    dovetail: Dovetail = field(init=False)
    ended: str = ""
    """Why the search is over, for people; empty while it is not."""
    expanded: int = 0
    cut: int = 0
    """Hypotheses that were left because a part of them fails on an example."""
    winner: Candidate | None = None
    """The program that passes all examples."""

    def __post_init__(self) -> None:
        self.frontier = Frontier(self.constraints, self.limits.queue)
        self.dovetail = Dovetail(self.trial)

    def rounds(self, model: Step[State], start: State) -> Iterator[list[State]]:
        """Yields the states of what the frontier expands, round by round; between rounds the extensions are pushed."""
        self.frontier.expanding, states = [self.constraints.start()], [start]
        while states:
            yield states
            self.expanded += len(states)
            if self.expanded >= self.limits.expanded:
                self.ended = "as many partial programs as allowed were expanded"
            elif self.trial.deadline.is_over:
                self.ended = "the time is over"
            states = [] if self.ended else self._next_states(model)
        if self.winner is None:
            self._end_with(self.dovetail.finish())

    def _next_states(self, model: Step[State]) -> list[State]:
        """Takes the best hypotheses off the queue: complete ones are visited, the states of the others come back.

        A complete one is visited only when nothing before it is to be expanded, so that none is visited too early.
        There is no state if the search is over.
        """
        states: list[State] = []
        self.frontier.expanding = []
        while self.frontier and len(states) < self.limits.together:
            hypothesis, state, label = self.frontier.best()
            if hypothesis.complete and states:
                break
            self.frontier.take_best()
            if hypothesis.complete:
                self._visit(hypothesis.to_candidate())
                if self.ended:
                    return []
            elif self.trial.fails(hypothesis):
                self.cut += 1
            else:
                self.frontier.expanding.append(hypothesis)
                states.append(model.advance(state, label))
        if not states:
            self.ended = "nothing is left to try"
        return states

    def _visit(self, candidate: Candidate) -> None:
        self._end_with(self.dovetail.visit(candidate))
        if self.winner is not None:
            return
        if self.trial.visited >= self.limits.visited:
            self.ended = "as many programs as allowed were tried"
        elif self.trial.deadline.is_over:
            self.ended = "the time is over"

    def _end_with(self, passing: Candidate | None) -> None:
        if passing is not None:
            self.winner, self.ended = passing, "a program passes"


def run_search(model: Step[State], searches: Sequence[TaskSearch[State]]) -> None:
    """Advances searches that were just started until all are over; what they found stands in them.

    Whatever interrupts it, a program that loops or Ctrl-C, leaves in them what was found until then.

    Raises:
        ValueError: the model starts another number of tasks.
    """
    starts = model.start()
    if len(starts) != len(searches):
        raise ValueError(f"the model starts {len(starts)} tasks, there are {len(searches)} searches")
    going = [(search, search.rounds(model, start)) for search, start in zip(searches, starts, strict=True)]
    with collected_rarely():
        while batch := [(search, rounds, states) for search, rounds in going if (states := next(rounds, None))]:
            log_probabilities, seen = model.step([state for _, _, states in batch for state in states])
            push_extensions([search.frontier for search, _, _ in batch], log_probabilities, seen)
            going = [(search, rounds) for search, rounds, _ in batch]
