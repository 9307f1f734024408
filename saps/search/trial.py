"""What is done with the programs that a search finds: they run on the examples in order, the first that passes wins.

A ``Trial`` belongs to one task and holds its examples and nothing else of it. Programs with the same results on all
examples are *observationally equivalent* (Albarghouthi et al., CAV 2013; Udupa et al., PLDI 2013): only the first of
them counts as visited.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from saps.lang.example import Example
from saps.lang.interpreter import Limits, Outcome, compile_program
from saps.lang.names import LAMBDA_PARAMETERS
from saps.lang.primitives import PRIMITIVES
from saps.lang.trees import Tree, tree_from_labels
from saps.search.hypothesis import Candidate, Hypothesis
from saps.search.keys import key_of
from saps.search.step import Label

_FUNCTIONS = (*LAMBDA_PARAMETERS, "partial0", "partial1", "partial2", "combine")  # whose calls give functions


class Deadline:
    """A moment on the clock, or none."""

    def __init__(self, seconds: float | None = None) -> None:
        """Takes the seconds from now on; None for no end."""
        self._end = float("inf") if seconds is None else time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left; 0 when it is over."""
        return max(0.0, self._end - time.monotonic())

    @property
    def is_over(self) -> bool:
        """No time is left."""
        return self._end < float("inf") and time.monotonic() >= self._end


class Visit(NamedTuple):
    """A complete program that was found, and what became of it."""

    candidate: Candidate
    passes: bool = False
    outcomes: tuple[Outcome, ...] = ()  # of its runs on the examples
    equivalent: int | None = None  # place of an earlier one that is observationally equivalent
    finished: bool = True  # False where more steps may make it pass

    @property
    def is_new(self) -> bool:
        """It is observationally equivalent to none before it."""
        return self.equivalent is None


@dataclass(slots=True)
class Trial:
    """The examples of a task, and what was tried on them."""

    examples: Sequence[Example] = ()
    limits: Limits = field(default_factory=Limits)
    deadline: Deadline = field(default_factory=Deadline)
    visits: list[Visit] = field(default_factory=list)
    visited: int = 0
    """How many programs there were, those that are observationally equivalent counted once."""
    pruned: dict[Tree, str] = field(default_factory=dict)
    """Parts that fail on an example, and how: nothing that holds them there is looked at."""
    _first_with: dict[tuple[tuple[str, str | bytes], ...], int] = field(default_factory=dict)
    _fails: dict[tuple[Label, ...], bool] = field(default_factory=dict)
    """What ``fails`` has found out: the labels of a part, and whether it fails."""

    def visit(self, candidate: Candidate) -> bool:
        """Runs a complete program on the examples, and tells whether it passes all of them (of at least one)."""
        return self.record(candidate, tuple(self.run(candidate.program, self.limits.steps)))

    def record(self, candidate: Candidate, outcomes: tuple[Outcome, ...]) -> bool:
        """Adds a program that was run on all examples, and tells whether it passes them (of at least one)."""
        visit = Visit(candidate)
        if self.examples:
            key = tuple((outcome.kind, key_of(outcome)) for outcome in outcomes)
            first = self._first_with.setdefault(key, len(self.visits))
            passes = self.count_passed(outcomes) == len(self.examples)
            visit = Visit(candidate, passes, outcomes, first if first < len(self.visits) else None)
        self.count(visit)
        return visit.passes

    def count(self, visit: Visit) -> None:
        """Adds a program to those visited."""
        self.visits.append(visit)
        self.visited += visit.is_new

    def count_passed(self, outcomes: Sequence[Outcome]) -> int:
        """How many of the first outcomes, one after the other, are those that their examples want."""
        pairs = zip(outcomes, self.examples, strict=False)
        return next((at for at, (one, wanted) in enumerate(pairs) if not one.gives(wanted.output)), len(outcomes))

    def run(self, program: Tree, steps: int, start: int = 0) -> Iterator[Outcome]:
        """Runs a program on the examples from one on, with so many steps on each."""
        compiled = compile_program(program)
        return (compiled.run(example.input, self._limits(steps)) for example in self.examples[start:])

    def fails(self, hypothesis: Hypothesis) -> bool:
        """Whether the part that the last label finished cannot be run on some example, wherever the rest may lead."""
        part = tuple(_finished(hypothesis.labels())) if self.examples else ()
        if len(part) < 2:
            return False
        if part not in self._fails:
            tree = tree_from_labels(part)
            wrong = None if _gives_function(tree) else self._failure(tree)
            self._fails[part] = wrong is not None
            if wrong is not None:
                self.pruned[tree] = wrong
        return self._fails[part]

    def _failure(self, part: Tree) -> str | None:
        """How a part fails on the first example on which it does; it is run on none after that."""
        outcomes = self.run(part, self.limits.steps)
        return next((outcome.message for outcome in outcomes if outcome.kind != "value"), None)

    def _limits(self, steps: int) -> Limits:
        """Those of the next run, which has no more time than the search."""
        left = self.deadline.left()
        if left >= self.limits.seconds and steps == self.limits.steps:
            return self.limits
        return replace(self.limits, steps=steps, seconds=min(left, self.limits.seconds))


def _gives_function(part: Tree) -> bool:
    """Whether the value of a part is a function, which is right where it stands and no result of a program."""
    if part.label == "if":
        return any(map(_gives_function, part.children[1:]))
    return part.label in _FUNCTIONS or (not part.children and part.label in PRIMITIVES)


def _finished(labels: Sequence[Label]) -> Sequence[Label]:
    """The labels of the largest part that the last label finishes, if that part is run whenever the program is.

    Empty where it finishes none, or one in a lambda or in a branch of ``if``, which may never be run. Outside of
    lambdas no variable of theirs is free in a part.
    """
    waiting: list[list[int]] = []  # of each node that lacks children: its place, its arity, and how many it has
    start = 0
    for place, (_, arity) in enumerate(labels):
        start = place
        if arity:
            waiting.append([place, arity, 0])
            continue
        while waiting:
            waiting[-1][2] += 1
            if waiting[-1][2] < waiting[-1][1]:
                break
            start = waiting.pop()[0]
    for depth, (place, _, children) in enumerate(waiting, 1):
        name = labels[place][0]
        part_of = children - (depth == len(waiting))  # the innermost has counted the part itself
        if name in LAMBDA_PARAMETERS or (name == "if" and part_of > 0):
            return ()
    return labels[start:]
