"""A primitive of one's own: one row and one function, and every part of the language knows it."""

import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest

from saps.lang.errors import ProgramError, TypeMistake
from saps.lang.extension import primitive, remove_primitive
from saps.lang.inference import infer
from saps.lang.interpreter import run
from saps.lang.machine import Machine
from saps.lang.names import free_names
from saps.lang.plain import run_plainly
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import parse, to_lisp
from saps.lang.trees import Tree
from saps.lang.types import INT, parse_type
from saps.resources import resource
from saps.search.constraints import Constraints
from saps.tasks.vocabulary import label_of

INTS = {"a": parse_type("int[]"), "b": parse_type("int")}


@pytest.fixture(scope="module")
def blocks() -> list[str]:
    """The Python of the page, with a name that stays free when the package gets a ``gcd``."""
    path = resource("grammar").parent / "docs" / "add-a-primitive.md"
    if not path.exists():
        pytest.skip("the docs lie in a checkout only")
    found = re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    return [re.sub(r'(?<=[" ])gcd(?=[")])', "own-gcd", block) for block in found]


@pytest.fixture
def gcd(blocks: list[str]) -> Iterator[None]:
    exec(blocks[0], {})
    yield
    if "own-gcd" in PRIMITIVES:
        remove_primitive("own-gcd")


def test_the_page_does_what_it_says(gcd: None, blocks: list[str]) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(blocks[1], {})
    assert printed.getvalue().split() == ["int", "6"]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("(own-gcd 10 b)", 2),
        ("(map a (partial1 b own-gcd))", [4, 3, 6]),
        ("(reduce a 0 own-gcd)", 1),
        ("(map a (lambda1 (+ (own-gcd arg1 b) 1)))", [5, 4, 7]),
        ("(reduce a b (lambda2 (own-gcd arg2 arg1)))", 1),
        ("(map a (combine square (partial0 b own-gcd)))", [16, 9, 36]),
        ("(reduce a 0 (if true own-gcd +))", 1),
    ],
)
def test_it_runs_wherever_primitives_stand(gcd: None, code: str, value: Any) -> None:
    tree, inputs = parse(code), {"a": [4, 9, 18], "b": 12}
    assert run(tree, inputs).value == value
    assert run_plainly(tree, inputs) == run(tree, inputs)


def test_all_of_the_language_knows_it(gcd: None) -> None:
    tree = parse("(own-gcd (head a) b)")
    assert to_lisp(tree) == "(own-gcd (head a) b)"
    assert free_names(tree) == ("a", "b")
    assert str(infer(Tree("own-gcd"), {})) == "(int, int) -> int"
    assert label_of(tree) == "own-gcd/2"
    rules = Constraints([("own-gcd", 2), ("b", 0)], {"b": INT})
    assert rules.allowed(rules.start()).tolist() == [True, True]
    assert run(parse("(own-gcd 1)"), {}).message == "own-gcd takes 2 operands, found 1"
    assert run(parse("(own-gcd a 1)"), {"a": [1]}).message == "own-gcd needs a number, found a list"
    with pytest.raises(TypeMistake, match=r"root > own-gcd\[0\]: expected int, found int\[\]"):
        infer(parse("(own-gcd a b)"), INTS)


def test_it_is_gone_when_it_is_removed(gcd: None) -> None:
    remove_primitive("own-gcd")
    assert "own-gcd" not in PRIMITIVES
    assert run(parse("(own-gcd 1 2)"), {}).kind == "runtime error"
    primitive("own-gcd", "(int) -> int", "something else")(lambda machine, value: value)
    assert run(parse("(map a own-gcd)"), {"a": [1]}).value == [1]


def test_one_that_calls_functions_may_do_so_within_the_limits() -> None:
    def twice(machine: Machine, function: Any, value: Any) -> Any:
        return machine.call(function, (machine.call(function, (value,)),))

    primitive("twice", "((T) -> T, T) -> T", "function applied two times")(twice)
    try:
        for code in (
            "(twice square 10)",
            "(map a (lambda1 (twice (partial0 arg1 *) 2)))",
            "(map a (partial0 abs twice))",
        ):
            tree = parse(code)
            assert run(tree, {"a": [3, 4]}).kind == "value"
            assert run_plainly(tree, {"a": [3, 4]}) == run(tree, {"a": [3, 4]})
        assert run(parse("(invoke1 (lambda1 (twice self arg1)) 1)"), {}).message == "active lambdas: more than 110"
    finally:
        remove_primitive("twice")


@pytest.mark.parametrize(
    ("name", "signature"),
    [("map", "(int) -> int"), ("self", "(int) -> int"), ("a b", "(int) -> int"), ("x", "int"), ("x", "(int")],
)
def test_what_cannot_be_a_primitive_is_refused(name: str, signature: str) -> None:
    with pytest.raises(ProgramError):
        primitive(name, signature, "nothing")
    assert "x" not in PRIMITIVES
