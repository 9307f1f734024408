"""What is done with the programs that a search finds: they run on the examples in order, the first that passes wins.

A ``Trial`` belongs to one task and holds its examples and nothing else of it. Programs with the same results on all
examples are *observationally equivalent* (Albarghouthi et al., CAV 2013; Udupa et al., PLDI 2013): only the first of
them counts as visited.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from saps.lang.example import Example
from saps.lang.interpreter import Limits, Outcome, compile_program
from saps.lang.names import LAMBDA_PARAMETERS
from saps.lang.trees import Tree
from saps.search.hypothesis import Candidate, tree_from_labels
from saps.search.step import Label


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
    verdict: str  # in words; empty where there was no example
    passes: bool
    is_new: bool  # it is observationally equivalent to none before it
    outcomes: tuple[Outcome, ...] = ()  # of its runs on the examples


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
    _first_with: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)
    _fails: dict[tuple[Label, ...], bool] = field(default_factory=dict)
    """What ``fails`` has found out: the labels of a part, and whether it fails."""

    def visit(self, candidate: Candidate) -> bool:
        """Runs a complete program on the examples, and tells whether it passes all of them (of at least one)."""
        if not self.examples:
            self.visits.append(Visit(candidate, "", passes=False, is_new=True))
            self.visited += 1
            return False
        outcomes = self._run(candidate.program)
        key = tuple((outcome.kind, repr(outcome.value)) for outcome in outcomes)
        first = self._first_with.setdefault(key, len(self.visits))
        is_new = first == len(self.visits)
        wrong = self._mistake(outcomes)
        verdict = wrong if is_new or not wrong else f"does on the examples what number {first + 1} does"
        self.visits.append(Visit(candidate, verdict or "passes", not wrong, is_new, tuple(outcomes)))
        self.visited += is_new
        return not wrong

    def fails(self, labels: Sequence[Label]) -> bool:
        """Whether the part that the last label finished cannot be run on some example, wherever the rest may lead."""
        if not self.examples or labels[-1][1]:
            return False
        finished = _finished(labels)
        if finished is None or len(finished) < 2 or _is_function(finished[0]):
            return False
        known = tuple(finished)
        if known not in self._fails:
            part = tree_from_labels(finished)
            wrong = next((outcome.message for outcome in self._run(part) if outcome.kind != "value"), None)
            self._fails[known] = wrong is not None
            if wrong is not None:
                self.pruned[part] = wrong
        return self._fails[known]

    def _run(self, program: Tree) -> list[Outcome]:
        compiled, outcomes = compile_program(program), []
        for example in self.examples:
            left = self.deadline.left()
            limits = self.limits if left >= self.limits.seconds else replace(self.limits, seconds=left)
            outcomes.append(compiled.run(example.input, limits))
        return outcomes

    def _mistake(self, outcomes: Sequence[Outcome]) -> str:
        """What is wrong on the first example that does not pass; empty where all do."""
        for number, (outcome, example) in enumerate(zip(outcomes, self.examples, strict=True), start=1):
            if outcome.kind != "value":
                return f"fails on example {number}: {outcome.message}"
            if not outcome.gives(example.output):
                return f"gives {_short(outcome.value)} on example {number}"
        return ""


def _finished(labels: Sequence[Label]) -> Sequence[Label] | None:
    """The labels of the largest part that the last label finishes, if that part is run whenever the program is.

    None where it stands in a lambda or in a branch of ``if``, which may never be run. Outside of lambdas no variable of
    theirs is free in it.
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
    for place, _, children in waiting:
        name = labels[place][0]
        if name in LAMBDA_PARAMETERS or (name == "if" and children > 1):
            return None
    return labels[start:]


def _is_function(root: Label) -> bool:
    return root[0] in LAMBDA_PARAMETERS or root[0] in ("partial0", "partial1", "partial2", "combine")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
