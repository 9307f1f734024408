"""Why a program is as probable as it is, node by node; and what became of the programs that ran on examples."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from saps.lang.example import Example
from saps.lang.printing import printed
from saps.lang.trees import Tree
from saps.search.constraints import Constraints
from saps.search.step import State, Step
from saps.search.trial import Visit

_SHOWN = 60  # characters of a value


class ExplainedNode(NamedTuple):
    """A node of a program as the model saw it when the node was empty."""

    level: int  # the root's is 1
    label: str
    probability: float  # of its label, among all labels
    allowed: int  # how many labels could stand there
    rival: str  # the most probable other one of these; empty where there is none
    rival_probability: float


def explain_program(model: Step[State], rules: Constraints, program: Tree) -> list[ExplainedNode]:
    """The nodes of a program in pre-order, for the first sentence of the model.

    Raises:
        ValueError: the program does not follow the rules.
    """
    numbers = rules.numbers(program)
    if numbers is None:
        raise ValueError("the program does not follow the rules")
    state, hypothesis, explained = model.start()[0], rules.start(), []
    levels = [1]
    for number in numbers:
        log_probabilities, (seen,) = model.step([state])
        scores, allowed = log_probabilities[0], rules.allowed(hypothesis)
        others = np.where(allowed, scores, -np.inf)
        others[number] = -np.inf
        rival = int(others.argmax())
        has_rival = bool(np.isfinite(others[rival]))
        name, arity = rules.labels[number]
        level = levels.pop()
        explained.append(
            ExplainedNode(
                level,
                name,
                float(np.exp(scores[number])),
                int(allowed.sum()),
                rules.labels[rival][0] if has_rival else "",
                float(np.exp(others[rival])),
            )
        )
        levels += [level + 1] * arity
        hypothesis = rules.extend(hypothesis, number)
        if not hypothesis.complete:
            state = model.advance(seen, number)
    return explained


def verdict(visit: Visit, examples: Sequence[Example]) -> str:
    """What became of a program on the examples, in words; empty where there is none."""
    if visit.passes or not examples:
        return "passes" if visit.passes else ""
    if visit.equivalent is not None:
        return f"does on the examples what number {visit.equivalent + 1} does"
    for number, (outcome, example) in enumerate(zip(visit.outcomes, examples, strict=True), start=1):
        if outcome.is_cut_off and not visit.finished:
            return f"is not finished on example {number}: {outcome.message}"
        if outcome.kind != "value":
            return f"fails on example {number}: {outcome.message}"
        if not outcome.gives(example.output):
            return f"gives {_short(outcome.value)} on example {number}"
    raise AssertionError("a program that gives the wanted output on every example passes")


def _short(value: Any) -> str:
    text = printed(value, _SHOWN)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
