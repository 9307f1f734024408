"""A program run step by step: the value of every node, in the order in which they are known.

The plain evaluator with a record, within the same limits; ``saps.lang.compiler``, the fast one, knows nothing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from saps.lang.machine import Limits, check_data
from saps.lang.outcomes import ENDINGS, Outcome, outcome_of
from saps.lang.plain import MISSING, Evaluator, Scope
from saps.lang.printing import printed
from saps.lang.spelling import checked_depth
from saps.lang.stack import stack_room
from saps.lang.trees import Tree, tree_from_labels
from saps.lang.values import SCALARS

MOST_STEPS = 500
"""Steps that are recorded; the run goes on without a record after them."""
MOST_CHARACTERS = 80
"""Of a value in a record."""
_FRAMES = 8  # Python frames that a level of the tree or a call takes, at most


class TracedStep(NamedTuple):
    """A node whose value became known."""

    node: int
    """Its number in pre-order, from 0 on."""
    value: str
    """As JSON, cut where it is long; what went wrong where ``fails``."""
    fails: bool
    variables: Mapping[str, str]
    """What ``arg1`` and ``arg2`` stand for there."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A run, step by step."""

    steps: tuple[TracedStep, ...]
    left_out: int
    """How many steps came after the recorded ones."""
    outcome: Outcome


def trace(tree: Tree, inputs: Mapping[str, Any], limits: Limits = Limits()) -> Trace:  # noqa: B008  (frozen)
    """Runs a program on inputs and records what its nodes give; never raises, as ``run``.

    Atoms that mean the same everywhere, such as constants, are steps as well.
    """
    program = tree_from_labels([(node.label, node.arity) for node in tree.preorder()])  # no node stands in two places
    tracer = _Tracer(limits, {id(node): number for number, node in enumerate(program.preorder())})
    try:
        for value in inputs.values():
            check_data(value, limits)
        with stack_room(_FRAMES * ((limits.lambdas + 2) * (checked_depth(program) + 2) + limits.calls)):
            value = tracer.run(program, inputs)
        check_data(value, limits)
        outcome = Outcome("value", value, steps=tracer.steps_taken())
    except ENDINGS as ending:
        outcome = outcome_of(ending, tracer.steps_taken())
    return Trace(tuple(tracer.steps), tracer.left_out, outcome)


class _Tracer(Evaluator):
    """One run with its record."""

    __slots__ = ("failed", "left_out", "numbers", "steps")

    def __init__(self, limits: Limits, numbers: Mapping[int, int]) -> None:
        super().__init__(limits)
        self.numbers, self.steps = numbers, list[TracedStep]()
        self.left_out, self.failed = 0, False

    def evaluate(self, node: Tree, scope: Scope) -> Any:
        try:
            value = super().evaluate(node, scope)
        except ENDINGS as ending:
            if not self.failed:  # the innermost node is the one that fails
                self.failed = True
                self._record(node, outcome_of(ending).message, True, scope)
            raise
        self._record(node, value, False, scope)
        return value

    def _record(self, node: Tree, value: Any, fails: bool, scope: Scope) -> None:
        if len(self.steps) >= MOST_STEPS and not fails:
            self.left_out += 1
            return
        variables = {
            name: _shown(one) for name, one in zip(("arg1", "arg2"), scope[:2], strict=True) if one is not MISSING
        }
        shown = value if fails else _shown(value)
        self.steps.append(TracedStep(self.numbers[id(node)], shown, fails, variables))


def _shown(value: Any) -> str:
    return printed(value, MOST_CHARACTERS) if type(value) in SCALARS or type(value) in (list, dict) else "a function"
