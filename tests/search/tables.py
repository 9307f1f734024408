"""A model that is a table, and what brute force finds with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from saps.lang.types import parse_type
from saps.search.constraints import Bounds, Constraints
from saps.search.hypothesis import Candidate, Hypothesis
from saps.search.step import Label

LABELS: tuple[Label, ...] = (
    ("a", 0),
    ("0", 0),
    ("+", 2),
    ("+", 0),
    ("reduce", 3),
    ("len", 1),
    ("lambda1", 1),
    ("arg1", 0),
)


def rules(result: str = "int", size: int = 5, depth: int = 4, **arguments: str) -> Constraints:
    """Rules for programs over ``LABELS``."""
    kinds = {name: parse_type(written) for name, written in arguments.items()}
    return Constraints(LABELS, kinds, Bounds(size, depth), parse_type(result))


SMALL = rules(a="any", size=7)
"""173 programs."""


@dataclass
class TableModel:
    """The log-probabilities of a label depend on the two labels given last and on nothing else.

    ``calls`` counts the hypotheses of each call of ``step``.
    """

    tables: Sequence[np.ndarray]
    """One (V + 1, V + 1, V) a sentence; number V stands for the time before the first label."""
    calls: list[int] = field(default_factory=list)

    def start(self) -> list[tuple[int, int, int]]:
        before = len(LABELS)
        return [(sentence, before, before) for sentence in range(len(self.tables))]

    def step(self, states: Sequence[tuple[int, int, int]]) -> tuple[np.ndarray, Sequence[tuple[int, int, int]]]:
        self.calls.append(len(states))
        return np.stack([self.tables[sentence][first, second] for sentence, first, second in states]), states

    def advance(self, state: tuple[int, int, int], label: int) -> tuple[int, int, int]:
        sentence, _, second = state
        return sentence, second, label


def random_table(seed: int) -> np.ndarray:
    """Log-probabilities (V + 1, V + 1, V), each row summing to one as probabilities."""
    count = len(LABELS)
    logits = 2 * np.random.default_rng(seed).normal(size=(count + 1, count + 1, count))
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def every_program(model: TableModel, rules: Constraints, sentence: int = 0) -> list[Candidate]:
    """All complete programs that the rules allow, most probable first, by plain recursion."""
    found: list[Candidate] = []

    def grow(hypothesis: Hypothesis, state: tuple[int, int, int], so_far: float) -> None:
        if hypothesis.complete:
            found.append(Candidate(hypothesis.to_tree(), so_far))
            return
        scores = model.step([state])[0][0]
        for label in np.flatnonzero(rules.allowed(hypothesis)):
            grow(rules.extend(hypothesis, int(label)), model.advance(state, int(label)), so_far + float(scores[label]))

    grow(rules.start(), model.start()[sentence], 0.0)
    return sorted(found, key=lambda candidate: -candidate.log_probability)
