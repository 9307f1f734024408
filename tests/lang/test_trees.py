"""Patterns: atoms of a tree replaced by trees, and found again; trees made of their labels."""

import pytest

from saps.lang.spelling import parse
from saps.lang.trees import Tree, tree_from_labels

ATOMS = {"list", "x"}


@pytest.mark.parametrize(
    ("pattern", "program"),
    [
        ("(reduce list 0 +)", "(reduce (map a square) 0 +)"),
        ("(+ x x)", "(+ (* a 2) (* a 2))"),
        ("x", "(len a)"),
    ],
)
def test_a_match_is_what_substitution_puts_there(pattern: str, program: str) -> None:
    found = parse(pattern).match(parse(program), ATOMS)
    assert found
    assert parse(pattern).substitute(found) == parse(program)


@pytest.mark.parametrize(
    ("pattern", "program"),
    [
        ("(reduce list 0 +)", "(reduce a 1 +)"),
        ("(+ x x)", "(+ a b)"),
        ("(len list)", "(head list)"),
        ("(len list)", "len"),
    ],
)
def test_a_pattern_that_does_not_match(pattern: str, program: str) -> None:
    assert parse(pattern).match(parse(program), ATOMS) is None


def test_a_pattern_without_such_atoms_matches_itself_alone() -> None:
    assert Tree("a").match(Tree("a"), ()) == {}
    assert Tree("a").match(Tree("b"), ()) is None


def test_labels_become_the_tree_they_are_of() -> None:
    tree = Tree("+", (Tree("len", (Tree("a"),)), Tree("0")))
    labels = [(node.label, node.arity) for node in tree.preorder()]
    assert tree_from_labels(labels) == tree
    with pytest.raises(ValueError, match="only 1 follow"):
        tree_from_labels(labels[:3])
    with pytest.raises(ValueError, match="2 trees"):
        tree_from_labels([*labels, ("0", 0)])
