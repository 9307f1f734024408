"""Partial programs: trees with empty nodes, grown in pre-order, that share everything they have in common."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from saps.lang.trees import Tree
from saps.search.grammar import Frame
from saps.search.step import Label


class Waiting(NamedTuple):
    """A stack of frames of empty nodes; the first empty node in pre-order is the first of the frame on top."""

    frame: Frame
    levels: int  # that a tree at its first node may have
    reserved: int  # nodes that finish everything below, at least
    below: "Waiting | None"


_Labels: TypeAlias = "tuple[Label, _Labels] | None"  # the last label given, and those before it


class Partial(NamedTuple):
    """A program of which the first ``size`` nodes in pre-order are known and the others wait.

    Immutable; ``Constraints.extend`` makes a new one in time O(arity), whatever the size, and shares the rest.
    """

    size: int
    waiting: Waiting | None
    last: _Labels = None

    @property
    def complete(self) -> bool:
        """No node is empty."""
        return self.waiting is None

    def labels(self) -> list[Label]:
        """The labels given so far, in pre-order."""
        found, rest = [], self.last
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
            raise ValueError("the program is not complete: some of its nodes are empty")
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
        waiting.append(Tree(name, tuple([waiting.pop() for _ in range(arity)])))
    if len(waiting) != 1:
        raise ValueError(f"the labels are those of {len(waiting)} trees")
    return waiting[0]
