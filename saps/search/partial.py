"""Partial programs: trees with empty nodes, grown in pre-order, that share everything they have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from saps.lang.trees import Tree
from saps.lang.types import Type
from saps.search.step import Label

LAMBDAS = {"lambda1": 1, "lambda2": 2}  # the heads that bind arguments, and how many


@dataclass(frozen=True, slots=True)
class Scope:
    """What the lambdas around a node bind: parameters of the innermost one, and whether ``arg2`` is in sight."""

    parameters: int = 0
    """0 outside of every lambda; ``self`` is a function of so many arguments."""
    second: bool = False
    """An enclosing ``lambda2``, not necessarily the innermost lambda, binds ``arg2``."""

    def inside(self, head: str) -> "Scope":
        """The scope of the children of a node with this head."""
        parameters = LAMBDAS.get(head)
        return self if parameters is None else Scope(parameters, self.second or parameters > 1)


@dataclass(frozen=True, slots=True)
class Hole:
    """An empty node: its level (the root's is 1), what is in scope there, and the type it has to have if known."""

    depth: int
    scope: Scope
    expected: Type | None = None


_Holes: TypeAlias = "tuple[Hole, _Holes] | None"  # the first empty node, and those after it
_Labels: TypeAlias = "tuple[Label, _Labels] | None"  # the last label given, and those before it


@dataclass(frozen=True, slots=True)
class Partial:
    """A program of which the first ``size`` nodes in pre-order are known and ``open`` empty nodes wait.

    Immutable: ``extend`` makes a new one in time O(arity), whatever the size, and shares the rest with its origin.
    """

    size: int
    open: int
    _holes: _Holes
    _labels: _Labels

    @classmethod
    def empty(cls, expected: Type | None = None) -> "Partial":
        """A single empty node, of the given type."""
        return cls(0, 1, (Hole(1, Scope(), expected), None), None)

    @property
    def complete(self) -> bool:
        """No node is empty."""
        return self._holes is None

    @property
    def hole(self) -> Hole:
        """The first empty node, which the next label fills.

        Raises:
            ValueError: the program is complete.
        """
        if self._holes is None:
            raise ValueError("the program is complete: no node is empty")
        return self._holes[0]

    @property
    def minimum_size(self) -> int:
        """Nodes of the smallest program that this one can become: every empty node an atom."""
        return self.size + self.open

    def extend(self, label: Label, expected: Sequence[Type | None] = ()) -> "Partial":
        """The program with its first empty node labelled.

        Args:
            label: name and arity of the node.
            expected: types of its children where known; either none at all or one a child.

        Raises:
            ValueError: the program is complete, or the number of types is not the arity.
        """
        name, arity = label
        if expected and len(expected) != arity:
            raise ValueError(f"{name} has {arity} children but {len(expected)} expected types were given")
        hole = self.hole
        assert self._holes is not None  # hole raises otherwise
        holes, scope = self._holes[1], hole.scope.inside(name)
        for child in reversed(expected or (None,) * arity):
            holes = (Hole(hole.depth + 1, scope, child), holes)
        return Partial(self.size + 1, self.open - 1 + arity, holes, (label, self._labels))

    def labels(self) -> list[Label]:
        """The labels given so far, in pre-order."""
        found, rest = [], self._labels
        while rest is not None:
            label, rest = rest
            found.append(label)
        return found[::-1]

    def to_tree(self) -> Tree:
        """The program as a tree.

        Raises:
            ValueError: some node is empty.
        """
        if not self.complete:
            raise ValueError(f"{self.open} nodes of the program are empty")
        return tree_from_labels(self.labels())


def tree_from_labels(labels: Sequence[Label]) -> Tree:
    """The tree whose nodes in pre-order have these labels; no depth is too much.

    Raises:
        ValueError: the labels are those of no tree, or of more than one.
    """
    waiting: list[Tree] = []  # finished sub-trees, the leftmost on top
    for name, arity in reversed(labels):
        if arity > len(waiting):
            raise ValueError(f"{name} has {arity} children but only {len(waiting)} follow it")
        waiting.append(Tree(name, tuple(waiting.pop() for _ in range(arity))))
    if len(waiting) != 1:
        raise ValueError(f"the labels are those of {len(waiting)} trees")
    return waiting[0]
