"""Arguments by place: what becomes of texts and programs, and the way back."""

import pytest

from saps.errors import UserError
from saps.lang.spelling import parse
from saps.tasks.canonical import (
    CANONICAL,
    CANONICAL_ALPHABET,
    canonical_names,
    canonical_program,
    canonical_text,
    in_order,
    renamed,
    spelled_names,
)


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("the sum of nums", ["nums"], "the sum of <a>"),
        ("b and c", ["c", "b"], "<b> and <a>"),
        ("a number a", ["a"], "a=<a> number a=<a>"),
        ("a number n", ["n"], "a number <a>"),
        ("the number of digits in number", ["number"], "the number =<a> of digits in number =<a>"),
        ("the kth largest of lst", ["lst", "k"], "the <b> th largest of <a>"),
        ("the kth largest of lst", ["lst", "n"], "the kth largest of <a>"),
        ("the sum of mylist", ["myList"], "the sum of <a>"),
        ("the list", ["xs"], "the list"),
    ],
)
def test_names_in_a_text_become_marks(text: str, arguments: list[str], expected: str) -> None:
    marked = canonical_text(text.split(), arguments)
    assert " ".join(marked) == expected
    assert {token for token in marked if "<" in token} <= {*CANONICAL_ALPHABET}


def test_a_program_goes_there_and_back() -> None:
    program = parse("(filter nums (partial1 k >))")
    args = {"nums": "int[]", "k": "int"}
    canonical = canonical_program(program, ("x",), args)
    assert canonical == parse("(filter a (partial1 b >))")
    assert renamed(canonical, spelled_names(args)) == program


def test_names_that_are_canonical_names_of_others_are_not_mixed_up() -> None:
    program = parse("(- b a)")
    canonical = canonical_program(program, ("x",), {"b": "int", "a": "int"})
    assert canonical == parse("(- a b)")
    assert renamed(canonical, spelled_names({"b": "int", "a": "int"})) == program


def test_a_name_beyond_the_arguments_is_nobodys() -> None:
    stray = renamed(parse("(+ a c)"), spelled_names({"c": "int"}))
    assert stray == parse("(+ c undeclared-c)")


@pytest.mark.parametrize(
    ("text", "arguments", "order"),
    [
        ("given arrays of numbers a and d and numbers b and c , find", "a:int[] d:int[] b:int c:int", "a d b c"),
        ("given arrays of numbers a and d and numbers b and c , find", "a:int[] c:int b:int d:int[]", "a d b c"),
        ("given an array of numbers and numbers b and c , find", "c:int b:int a:int[]", "a b c"),
        ("given a number b , a string and a number c , find", "a:string c:int b:int", "b a c"),
        ("add up the list", "nums:int[] k:int", "nums k"),
    ],
)
def test_the_order_is_that_of_the_sentence(text: str, arguments: str, order: str) -> None:
    declared = dict(argument.split(":") for argument in arguments.split())
    assert in_order(text.split(), declared) == tuple(order.split())


def test_too_many_arguments_are_refused() -> None:
    with pytest.raises(UserError, match="13 arguments; this model reads at most 12"):
        canonical_names([f"x{number}" for number in range(len(CANONICAL) + 1)])
