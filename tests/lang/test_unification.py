"""Unification of types."""

import pytest

from saps.lang.types import Type, parse_type
from saps.lang.unification import Unifier, resolved


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("(T, int) -> T", "(string, U) -> V", "(string, int) -> string"),
        ("T[]", "int[]", "int[]"),
        ("O", "D", "O"),
        ("T", "O", "O"),
        ("any", "int[]", "any"),
        ("dict<O, T>", "dict<string, int[]>", "dict<string, int[]>"),
    ],
)
def test_types_become_the_same(a: str, b: str, same: str) -> None:
    unifier = Unifier()
    assert unifier.unify(parse_type(a), parse_type(b))
    assert str(unifier.resolved(parse_type(a))) == same
    assert resolved(parse_type(a), unifier.bindings) == unifier.resolved(parse_type(a))


@pytest.mark.parametrize(
    ("a", "b"),
    [("int", "string"), ("T", "T[]"), ("O", "int[]"), ("D", "(int) -> int"), ("(T) -> T", "(int) -> string")],
)
def test_a_failure_leaves_nothing_behind(a: str, b: str) -> None:
    unifier = Unifier()
    assert not unifier.unify(parse_type(a), parse_type(b))
    assert not unifier.bindings


def test_a_part_of_data_is_data() -> None:
    unifier = Unifier()
    assert unifier.unify(Type("D"), parse_type("T[]"))
    assert not unifier.unify(Type("T"), parse_type("(int) -> int"))
