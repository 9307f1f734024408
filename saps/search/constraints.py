"""What may fill an empty node: arity, scope, size and depth, read off tables made once a vocabulary."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from saps.lang.primitives import PRIMITIVES
from saps.lang.types import Type
from saps.search.partial import LAMBDAS, Partial, Scope
from saps.search.step import Label, Mask

MAX_SIZE = 200  # nodes; the largest program of the AlgoLisp data has 177
MAX_DEPTH = 24  # levels; the deepest has 19

SCOPES = (Scope(), Scope(1, False), Scope(1, True), Scope(2, True))  # all that nesting of lambdas can give


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a program may grow."""

    size: int = MAX_SIZE
    depth: int = MAX_DEPTH


class Constraints:
    """The rules for the programs of one task: V labels, the names of its arguments, and bounds.

    A call has the full arity of its primitive. A name alone is a constant, an argument in scope, or a function as a
    value (a lambda is none without its body). ``arg1`` and ``self`` stand only inside lambdas, ``arg2`` only inside a
    ``lambda2``, and ``self`` takes as many arguments as the innermost lambda; ``main`` is never offered. Every program
    that follows the rules can be completed within the bounds. The rules are the same for all tasks with the same names
    of arguments, so make them once for each set of names.
    """

    def __init__(
        self,
        labels: Sequence[Label],
        arguments: Collection[str],
        bounds: Bounds | None = None,
        result: Type | None = None,
    ) -> None:
        """Makes the masks.

        Args:
            labels: name and arity of the V labels, in the order of the model's output.
            arguments: names of the task's arguments.
            bounds: on size and depth.
            result: type of the program where known; the root carries it.

        Raises:
            ValueError: no atom may stand at the root, so that no program could be completed.
        """
        self.labels = tuple(labels)
        self.bounds = bounds or Bounds()
        self._result = result
        self._most = max((arity for _, arity in self.labels), default=0)
        arity = np.array([arity for _, arity in self.labels])
        self._masks = {
            scope: [_mask(self.labels, scope, arguments) & (arity <= room) for room in range(self._most + 1)]
            for scope in SCOPES
        }
        if min(self.bounds.size, self.bounds.depth) < 1 or not self._masks[Scope()][0].any():
            raise ValueError("no program is possible: neither a constant nor an argument of the task is a label")

    def start(self) -> Partial:
        """The empty program."""
        return Partial.empty(self._result)

    def allowed(self, partial: Partial) -> Mask:
        """Which labels (V,) may fill the first empty node; at least one may. The array is shared: do not write to it.

        Raises:
            ValueError: the program is complete.
        """
        hole = partial.hole
        room = self.bounds.size - partial.minimum_size if hole.depth < self.bounds.depth else 0
        return self._masks[hole.scope][min(max(room, 0), self._most)]

    def extend(self, partial: Partial, label: int) -> Partial:
        """The program with its first empty node filled by the label of this number."""
        return partial.extend(self.labels[label])


def _mask(labels: Iterable[Label], scope: Scope, arguments: Collection[str]) -> Mask:
    return np.array([_fits(name, arity, scope, arguments) for name, arity in labels], dtype=bool)


def _fits(name: str, arity: int, scope: Scope, arguments: Collection[str]) -> bool:
    """Whether a node of this name and arity has a meaning in a scope; primitives win over arguments of their name."""
    if name == "self":
        return scope.parameters > 0 and arity in (0, scope.parameters)
    primitive = PRIMITIVES.get(name)
    if primitive is not None:
        return arity == primitive.arity or (arity == 0 and name not in LAMBDAS)
    if name == "arg1":
        return arity == 0 and scope.parameters > 0
    if name == "arg2":
        return arity == 0 and scope.second
    return arity == 0 and name in arguments
