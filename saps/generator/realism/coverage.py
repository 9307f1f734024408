"""How much of what stands in one file of tasks also stands in another."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, TypeVar

from saps.lang.trees import Tree

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is not covered, how often it occurs, and a sentence in which it does."""

    what: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much is covered: of the distinct things, and of all their occurrences."""

    kinds: int
    kinds_covered: int
    occurrences: int
    occurrences_covered: int
    missing: tuple[Missing, ...]
    """what is not covered, most frequent first"""


class Inventory(Generic[K]):
    """The things that occur in the real tasks, and which of them were seen elsewhere."""

    def __init__(self) -> None:
        self._counts: Counter[K] = Counter()
        self._examples: dict[K, Sequence[str]] = {}
        self.unseen: set[K] = set()

    def add(self, things: Iterable[K], text: Sequence[str]) -> None:
        """Counts what occurs in a real task with this text."""
        for thing in things:
            self._counts[thing] += 1
            if thing not in self._examples:
                self._examples[thing] = text
                self.unseen.add(thing)

    def see(self, things: Iterable[K]) -> None:
        """Notes what occurs in a generated task."""
        self.unseen.difference_update(things)

    def coverage(self, show: Callable[[K], str], most: int) -> Coverage:
        """What was seen, with at most so many of the missing things."""
        unseen = sorted(
            ((self._counts[thing], show(thing), thing) for thing in self.unseen), key=lambda x: (-x[0], x[1])
        )
        total = self._counts.total()
        return Coverage(
            kinds=len(self._counts),
            kinds_covered=len(self._counts) - len(unseen),
            occurrences=total,
            occurrences_covered=total - sum(count for count, _, _ in unseen),
            missing=tuple(Missing(name, count, " ".join(self._examples[x])) for count, name, x in unseen[:most]),
        )


def bigrams(text: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Words that follow each other."""
    return pairwise(text)


def trigrams(text: Sequence[str]) -> Iterable[tuple[str, str, str]]:
    """Three words that follow each other."""
    return zip(text, text[1:], text[2:], strict=False)


Production = tuple[str, tuple[str, ...]]
"""A label with the labels of its children."""


class SubTrees:
    """Numbers for the sub-trees of the real programs; equal ones have the same number."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, tuple[int, ...]], int] = {}
        self._trees: list[Tree] = []

    def add(self, program: Tree) -> list[int]:
        """The numbers of all sub-trees of a program; new ones get the next number."""
        found: list[int] = []
        self._add(program, found)
        return found

    def tree(self, number: int) -> Tree:
        """The sub-tree of a number."""
        return self._trees[number]

    def walk(self, program: Tree) -> "Walk":
        """What there is to know of a program in one go over its nodes; unknown sub-trees have no number."""
        walk = Walk([], [])
        self._walk(program, walk)
        return walk

    def _add(self, tree: Tree, found: list[int]) -> int:
        key = (tree.label, tuple(self._add(child, found) for child in tree.children))
        number = self._numbers.setdefault(key, len(self._numbers))
        if number == len(self._trees):
            self._trees.append(tree)
        found.append(number)
        return number

    def _walk(self, tree: Tree, walk: "Walk") -> int:
        """The number of a tree (-1 where unknown), whose nodes are added to the walk."""
        numbers = tuple([self._walk(child, walk) for child in tree.children])
        if tree.children:
            walk.productions.append((tree.label, tuple([child.label for child in tree.children])))
        number = self._numbers.get((tree.label, numbers), -1)
        walk.numbers.append(number)
        return number


@dataclass(frozen=True, slots=True)
class Walk:
    """The productions of a program, and the numbers of its sub-trees, one for each node."""

    productions: list[Production]
    numbers: list[int]
