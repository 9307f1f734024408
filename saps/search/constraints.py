"""What may fill a hole: arity, types, scope, size and depth, read off the tables of ``saps.search.grammar``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saps.lang.errors import ProgramError
from saps.lang.primitives import PRIMITIVES
from saps.lang.trees import Tree
from saps.lang.types import ANY, Type
from saps.search.grammar import NEVER, Needs, grammar_of
from saps.search.holes import Hole, argument
from saps.search.hypothesis import HoleStack, Hypothesis
from saps.search.step import MAX_DEPTH, MAX_SIZE, Label, Mask


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a program may grow."""

    size: int = MAX_SIZE
    depth: int = MAX_DEPTH


class Constraints:
    """The rules for the programs of one task: V labels, the types of its arguments and of its result, and bounds.

    Every label keeps the program well-typed by ``saps.lang.inference.check``: a call has the full arity of its
    primitive and operands that fit, an argument stands where its type fits, ``arg1`` and ``self`` stand only inside
    lambdas, ``arg2`` only inside a ``lambda2``, and ``main`` is never offered. Where a type is not known yet, data is
    offered and no function. Every program that follows the rules can be completed within the bounds. The rules are the
    same for all tasks with the same arguments and result, so make them once for each.
    """

    def __init__(
        self,
        labels: Sequence[Label],
        arguments: Mapping[str, Type],
        bounds: Bounds | None = None,
        result: Type = ANY,
    ) -> None:
        """Takes what is known of the task.

        Args:
            labels: name and arity of the V labels, in the order of the model's output.
            arguments: name -> type of the task's arguments; ``any`` fits everywhere.
            bounds: on size and depth.
            result: type of the program; ``any`` for any data.

        Raises:
            ProgramError: no program of this type is possible with these labels and arguments.
        """
        self.labels, self.bounds = tuple(labels), bounds or Bounds()
        named = {name for name, arity in self.labels if arity == 0 and name not in PRIMITIVES}
        kinds = tuple(sorted({kind for name, kind in arguments.items() if name in named}, key=str))
        self.grammar = grammar_of(self.labels, kinds, tuple(PRIMITIVES.get(name) for name, _ in self.labels))
        self._numbers = {label: number for number, label in enumerate(self.labels)}
        self._symbol_of = [self._symbol(label, arguments, kinds) for label in self.labels]
        self._symbols = np.array(self._symbol_of)
        self._root = self.grammar.group([Hole(argument(result, 0).type)])
        self._start = Hypothesis(0, HoleStack(self._root, self.bounds.depth, 0, None))
        if self._root.cost(self.bounds.depth) > self.bounds.size:
            raise ProgramError(f"no program of type {result} is possible with the labels and arguments that there are")

    def _symbol(self, label: Label, arguments: Mapping[str, Type], kinds: Sequence[Type]) -> int:
        """The number of a label's symbol in the grammar; primitives win over arguments of their name."""
        name, arity = label
        if name in arguments and name not in PRIMITIVES and arity == 0:
            return len(self.labels) + kinds.index(arguments[name])
        return self._numbers[label]

    def start(self) -> Hypothesis:
        """The empty program."""
        return self._start

    def needs(self, hypothesis: Hypothesis) -> Needs:
        """For each label (V,) the fewest nodes that fill the group on top if it comes next; ``NEVER`` if it may not.

        Raises:
            ValueError: the program is complete.
        """
        holes = hypothesis.holes
        if holes is None:
            raise ValueError("the program is complete: it has no hole")
        return holes.group.needs(holes.levels).take(self._symbols)

    def room(self, hypothesis: Hypothesis) -> int:
        """How many nodes the group on top may take."""
        reserved = hypothesis.holes.reserved if hypothesis.holes else 0
        return min(self.bounds.size - hypothesis.size - reserved, NEVER - 1)

    def allowed(self, hypothesis: Hypothesis) -> Mask:
        """Which labels (V,) may fill the first hole; at least one may.

        Raises:
            ValueError: the program is complete.
        """
        return self.needs(hypothesis) <= self.room(hypothesis)

    def extend(self, hypothesis: Hypothesis, label: int, log_probability: float = 0.0) -> Hypothesis:
        """The program with its first hole filled by the label of this number, and its log-probability then.

        Raises:
            ValueError: the program is complete, or the label does not fit.
        """
        holes = hypothesis.holes
        following = None if holes is None else holes.group.next(self._symbol_of[label])
        if holes is None or following is None:
            raise ValueError(f"{'/'.join(map(str, self.labels[label]))} cannot come next")
        stack, levels = holes.below, holes.levels
        for group, below in reversed(following):
            reserved = 0 if stack is None else stack.reserved + stack.group.cost(stack.levels)
            stack = HoleStack(group, levels - below, reserved, stack)
        return Hypothesis(hypothesis.size + 1, stack, (self.labels[label], hypothesis.last), log_probability)

    def numbers(self, program: Tree) -> list[int] | None:
        """The labels of a program in pre-order, by number; None where it does not follow the rules."""
        hypothesis, found = self._start, []
        for node in program.preorder():
            label = self._numbers.get((node.label, len(node.children)))
            if label is None or hypothesis.complete or self.needs(hypothesis)[label] > self.room(hypothesis):
                return None
            found.append(label)
            hypothesis = self.extend(hypothesis, label)
        return found if hypothesis.complete else None
