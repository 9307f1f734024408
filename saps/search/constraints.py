"""What may fill an empty node: arity, types, scope, size and depth, read off the tables of ``saps.search.grammar``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from saps.lang.errors import ProgramError
from saps.lang.primitives import PRIMITIVES
from saps.lang.trees import Tree
from saps.lang.types import ANY, Type
from saps.search.grammar import MOST_FRAMES, NEVER, Frame, Needs, grammar_of
from saps.search.holes import Hole, Scope, argument
from saps.search.partial import Partial, Waiting
from saps.search.step import Label, Mask

MAX_SIZE = 200  # nodes; the largest program of the AlgoLisp data has 177
MAX_DEPTH = 24  # levels; the deepest has 19


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a program may grow."""

    size: int = MAX_SIZE
    depth: int = MAX_DEPTH


class _Offer(NamedTuple):
    """What may come next where there is room enough."""

    needs: Needs  # (V,)
    possible: Mask  # (V,) what is not ``NEVER``
    most: int  # the largest of the other needs: with so much room everything possible is allowed


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
        self.grammar = grammar_of(self.labels, kinds)
        self._numbers = {label: number for number, label in enumerate(self.labels)}
        self._symbol_of = [self._symbol(label, arguments, kinds) for label in self.labels]
        self._symbols = np.array(self._symbol_of)
        self._offered: dict[tuple[Frame, int], _Offer] = {}
        self._root = self.grammar.frame([Hole(argument(result, 0).type, Scope())])
        self._start = Partial(0, Waiting(self._root, self.bounds.depth, 0, None))
        if self._root.cost(self.bounds.depth) > self.bounds.size:
            raise ProgramError(f"no program of type {result} is possible with the labels and arguments that there are")

    def _symbol(self, label: Label, arguments: Mapping[str, Type], kinds: Sequence[Type]) -> int:
        """The number of a label's symbol in the grammar; primitives win over arguments of their name."""
        name, arity = label
        if name in arguments and name not in PRIMITIVES and arity == 0:
            return len(self.labels) + kinds.index(arguments[name])
        return self._numbers[label]

    def start(self) -> Partial:
        """The empty program."""
        return self._start

    def needs(self, partial: Partial) -> Needs:
        """For each label (V,) the fewest nodes that finish the frame on top if it comes next; ``NEVER`` if it may not.

        The array is shared: do not write to it.

        Raises:
            ValueError: the program is complete.
        """
        return self._offer(partial).needs

    def _offer(self, partial: Partial) -> "_Offer":
        waiting = partial.waiting
        if waiting is None:
            raise ValueError("the program is complete: no node is empty")
        key = (waiting.frame, min(waiting.levels, waiting.frame.highest))
        found = self._offered.get(key)
        if found is None:
            if len(self._offered) >= MOST_FRAMES:
                self._offered.clear()
            needs = waiting.frame.needs(waiting.levels)[self._symbols]
            possible = needs < NEVER
            found = self._offered[key] = _Offer(needs, possible, int(needs.max(where=possible, initial=0)))
        return found

    def room(self, partial: Partial) -> int:
        """How many nodes the frame on top may take."""
        reserved = partial.waiting.reserved if partial.waiting else 0
        return min(self.bounds.size - partial.size - reserved, NEVER - 1)

    def allowed(self, partial: Partial) -> Mask:
        """Which labels (V,) may fill the first empty node; at least one may. Shared: do not write to it.

        Raises:
            ValueError: the program is complete.
        """
        offer, room = self._offer(partial), self.room(partial)
        return offer.possible if room >= offer.most else offer.needs <= room

    def extend(self, partial: Partial, label: int) -> Partial:
        """The program with its first empty node filled by the label of this number.

        Raises:
            ValueError: the program is complete, or the label does not fit.
        """
        waiting = partial.waiting
        following = None if waiting is None else waiting.frame.next(self._symbol_of[label])
        if waiting is None or following is None:
            raise ValueError(f"{'/'.join(map(str, self.labels[label]))} cannot come next")
        stack, levels = waiting.below, waiting.levels
        for frame, below in reversed(following):
            reserved = 0 if stack is None else stack.reserved + stack.frame.cost(stack.levels)
            stack = Waiting(frame, levels - below, reserved, stack)
        return Partial(partial.size + 1, stack, (self.labels[label], partial.last))

    def numbers(self, program: Tree) -> list[int] | None:
        """The labels of a program in pre-order, by number; None where it does not follow the rules."""
        partial, found = self._start, []
        for node in program.preorder():
            label = self._numbers.get((node.label, len(node.children)))
            if label is None or partial.complete or self.needs(partial)[label] > self.room(partial):
                return None
            found.append(label)
            partial = self.extend(partial, label)
        return found if partial.complete else None
