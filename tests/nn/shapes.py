"""Trees of all shapes in which every node has a label of its own, so that a label says which node it is."""

import random
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from hypothesis import strategies as st

from saps.lang.trees import Tree
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary, label_of

shapes = st.recursive(
    st.just(Tree("")),
    lambda inner: st.lists(inner, min_size=1, max_size=4).map(lambda c: Tree("", tuple(c))),
    max_leaves=12,
)
forests = st.lists(shapes, min_size=1, max_size=5)


def random_forest(seed: int, trees: int, nodes: int) -> list[Tree]:
    """Shapes of 1 to ``nodes`` nodes, from chains to flat ones; the first has ``nodes``."""
    rng = random.Random(seed)
    sizes = [nodes, *(rng.randint(1, nodes) for _ in range(trees - 1))]
    return [_random_shape(rng, size, rng.randint(1, 4)) for size in sizes]


def _random_shape(rng: random.Random, nodes: int, most: int) -> Tree:
    if nodes == 1:
        return Tree("")
    cuts = sorted(rng.sample(range(1, nodes - 1), min(rng.randint(1, most), nodes - 1) - 1)) if nodes > 2 else []
    sizes = [end - start for start, end in zip([0, *cuts], [*cuts, nodes - 1], strict=True)]
    return Tree("", tuple(_random_shape(rng, size, most) for size in sizes))


def distinct(forest: Sequence[Tree]) -> tuple[list[Tree], Vocabulary]:
    """The same shapes with labels n0, n1, ... over all trees, and their vocabulary."""
    numbers = count()

    def named(tree: Tree) -> Tree:
        return Tree(f"n{next(numbers)}", tuple(named(child) for child in tree.children))

    trees = [named(tree) for tree in forest]
    return trees, Vocabulary([PAD, UNKNOWN, *(label_of(node) for tree in trees for node in tree.preorder())])


class Place(NamedTuple):
    """Where a node stands, by the numbers of labels; -1 where there is nothing."""

    tree: int
    label: int
    parent: int
    sibling: int
    step: int


def places(trees: Sequence[Tree], labels: Vocabulary) -> Iterator[Place]:
    """Every node of the trees, told straight from the definition of a step."""

    def walk(tree: int, node: Tree, parent: int, sibling: int, step: int) -> Iterator[Place]:
        own = labels.index(label_of(node))
        yield Place(tree, own, parent, sibling, step)
        before = -1
        for position, child in enumerate(node.children):
            yield from walk(tree, child, own, before, step + 1 + position)
            before = labels.index(label_of(child))

    for number, tree in enumerate(trees):
        yield from walk(number, tree, -1, -1, 0)
