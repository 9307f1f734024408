"""The syntax tree of a program: a label and its children, nothing else."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tree:
    """An immutable program or part of one.

    An atom is a tree without children; a call holds its head as ``label`` and its arguments as ``children``.
    Trees that parsers make are at most ``MAX_DEPTH`` deep, so recursion over them is safe.
    """

    label: str
    children: tuple["Tree", ...] = ()

    @property
    def arity(self) -> int:
        """How many children the node has."""
        return len(self.children)

    def preorder(self) -> Iterator["Tree"]:
        """Every node, a parent before its children, children from left to right."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def substitute(self, atoms: Mapping[str, "Tree"]) -> "Tree":
        """The tree with other trees in the place of some of its atoms."""
        if not self.children:
            return atoms.get(self.label, self)
        return Tree(self.label, tuple([child.substitute(atoms) for child in self.children]))

    def match(self, tree: "Tree", atoms: Collection[str]) -> dict[str, "Tree"] | None:
        """What stands in a tree for some atoms of this one, so that ``substitute`` gives the tree; None if nothing can.

        An atom that this tree has twice must stand for equal trees.
        """
        found: dict[str, Tree] = {}
        return found if self._match(tree, atoms, found) else None

    def _match(self, tree: "Tree", atoms: Collection[str], found: dict[str, "Tree"]) -> bool:
        if not self.children and self.label in atoms:
            return found.setdefault(self.label, tree) == tree
        if self.label != tree.label or len(self.children) != len(tree.children):
            return False
        return all(own._match(other, atoms, found) for own, other in zip(self.children, tree.children, strict=True))

    def size(self) -> int:
        """Number of nodes: leaves and calls."""
        return sum(1 for _ in self.preorder())

    def depth(self) -> int:
        """Number of levels; an atom has depth 1."""
        deepest, stack = 0, [(self, 1)]
        while stack:
            node, level = stack.pop()
            deepest = max(deepest, level)
            stack.extend((child, level + 1) for child in node.children)
        return deepest


def tree_from_labels(labels: Sequence[tuple[str, int]]) -> Tree:
    """The tree whose nodes in pre-order have these names and numbers of children; no depth is too much.

    Raises:
        ValueError: the labels are those of no tree, or of more than one.
    """
    finished: list[Tree] = []  # sub-trees, the leftmost on top
    for name, arity in reversed(labels):
        if arity > len(finished):
            raise ValueError(f"{name} has {arity} children but only {len(finished)} follow it")
        finished.append(Tree(name, tuple([finished.pop() for _ in range(arity)])))
    if len(finished) != 1:
        raise ValueError(f"the labels are those of {len(finished)} trees")
    return finished[0]
