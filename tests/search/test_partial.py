"""Partial programs: growth in pre-order, sharing, what they know of themselves."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saps.lang.trees import Tree
from saps.lang.types import parse_type
from saps.search.partial import Partial, Scope

trees = st.recursive(
    st.sampled_from("ab01").map(Tree),
    lambda children: st.builds(Tree, st.sampled_from("fgh"), st.lists(children, min_size=1, max_size=3).map(tuple)),
    max_leaves=25,
)


@settings(deadline=None, max_examples=60)
@given(trees)
def test_a_tree_grown_label_by_label_comes_back(tree: Tree) -> None:
    partial = Partial.empty()
    for number, node in enumerate(tree.preorder()):
        assert partial.size == number
        assert partial.minimum_size <= tree.size()
        partial = partial.extend((node.label, node.arity))
    assert partial.complete
    assert partial.open == 0
    assert partial.to_tree() == tree
    assert partial.labels() == [(node.label, node.arity) for node in tree.preorder()]


def test_two_extensions_of_one_program_leave_it_as_it_was() -> None:
    origin = Partial.empty().extend(("+", 2)).extend(("a", 0))
    one, other = origin.extend(("0", 0)), origin.extend(("len", 1))
    assert one.to_tree() == Tree("+", (Tree("a"), Tree("0")))
    assert other.labels() == [("+", 2), ("a", 0), ("len", 1)]
    assert (origin.size, origin.open, other.open) == (2, 1, 1)
    assert other.hole.depth == 3


def test_an_extension_does_not_copy_the_program() -> None:
    partial = Partial.empty()
    for _ in range(5000):
        partial = partial.extend(("+", 2))
    longer = partial.extend(("a", 0))
    assert longer._labels is not None
    assert longer._labels[1] is partial._labels
    assert partial._holes is not None
    assert longer._holes is partial._holes[1]
    assert sys.getsizeof(longer) < 200


def test_scopes_follow_the_lambdas_around_a_hole() -> None:
    inside = Partial.empty().extend(("lambda2", 1)).extend(("map", 2)).extend(("arg1", 0)).extend(("lambda1", 1))
    assert inside.hole.scope == Scope(parameters=1, second=True)
    after = Partial.empty().extend(("+", 2)).extend(("lambda1", 1)).extend(("arg1", 0))
    assert after.hole.scope == Scope()


def test_types_travel_to_the_children() -> None:
    ints, number = parse_type("int[]"), parse_type("int")
    partial = Partial.empty(number)
    assert partial.hole.expected == number
    partial = partial.extend(("reduce", 3), (ints, number, None))
    assert partial.hole.expected == ints
    assert partial.extend(("a", 0)).hole.expected == number


def test_misuse_is_refused() -> None:
    done = Partial.empty().extend(("a", 0))
    with pytest.raises(ValueError, match="complete"):
        done.extend(("a", 0))
    with pytest.raises(ValueError, match="3 nodes of the program are empty"):
        Partial.empty().extend(("reduce", 3)).to_tree()
    with pytest.raises(ValueError, match="2 children but 1"):
        Partial.empty().extend(("+", 2), (None,))
