"""No program costs more than its budget, and the outcome says which limit ended it."""

import sys
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from saps.lang.interpreter import Limits, Outcome, compile_program, run
from saps.lang.plain import run_plainly
from saps.lang.spelling import MAX_DEPTH, parse
from saps.lang.trees import Tree

COUNT_DOWN = "(invoke1 (lambda1 (if (== arg1 0) 0 (self (- arg1 1)))) n)"
MANY = "(range 0 1000)".replace("1000", "(* 10 (* 10 10))")
DOUBLED = "(reduce (range 0 40) 0 (lambda2 (append (append (array-new int) arg1) arg1)))"
MILLION = f"(map {MANY} (lambda1 (reduce {MANY} 0 +)))"

MAD: list[tuple[str, str]] = [
    ("(invoke1 (lambda1 (self arg1)) 0)", "active lambdas"),
    ("(reduce (range 0 40) (range 0 2) (lambda2 (reduce arg1 arg1 append)))", "elements made"),
    ('(reduce (range 0 40) "z" (lambda2 (str_concat arg1 arg1)))', "string length"),
    ("(pow 10 (pow 10 (pow 10 10)))", "bits of an integer"),
    ("(pow 10 1000000000)", "bits of an integer"),
    ("(reduce (range 0 40) 10 (lambda2 (* arg1 arg1)))", "bits of an integer"),
    ("(reduce (range 0 40) 10 (combine square max))", "bits of an integer"),
    (f"(reduce {MANY} 1 (lambda2 (* arg1 (+ arg2 1000000000))))", "bits of an integer"),
    (MILLION, "steps"),
    (f"(map {MANY} (lambda1 {MANY}))", "elements made"),
    ("(invoke1 (lambda1 (if (<= arg1 1) 1 (+ (self (- arg1 1)) (self (- arg1 2))))) 40)", "steps"),
    (f"(reduce {MANY} square (lambda2 (combine square arg1)))", ""),
    (f"(invoke1 (reduce {MANY} abs (lambda2 (combine abs arg1))) 1)", "active calls"),
    (DOUBLED, "elements of a value"),
    (f"(invoke1 (lambda1 (== arg1 arg1)) {DOUBLED})", "elements of a value"),
    (f"(reduce {MANY} a (lambda2 (append a arg1)))", "nested lists"),
    (f"(filter {MANY} (lambda1 (is_sorted {MANY})))", "elements made"),
    (f"(map {MANY} (lambda1 (contains {MANY} 0)))", "elements made"),
    ("main", ""),
    ("(main a)", "active lambdas"),
]


FACTORIAL = "(invoke1 (lambda1 (if (<= arg1 1) 1 (* (self (- arg1 1)) arg1))) arg2)"
NOTORIOUS = {
    "a lambda that calls itself for ever": ("(invoke1 (lambda1 (self arg1)) 0)", "active lambdas"),
    "a doubling list": ("(reduce (range 0 40) (range 0 2) (lambda2 (reduce arg1 arg1 append)))", "elements made"),
    "a list doubling inside": (DOUBLED, "elements of a value"),
    "a tower of pow": ("(pow 10 (pow 10 (pow 10 10)))", "bits of an integer"),
    "a product of factorials": (f"(reduce (range 1 (* 10 10)) 1 (lambda2 (* arg1 {FACTORIAL})))", "bits of an integer"),
    "Fibonacci of 40": ("(invoke1 (lambda1 (if (<= arg1 1) 1 (+ (self (- arg1 1)) (self (- arg1 2))))) 40)", "steps"),
}
MILLISECONDS = 50


@pytest.mark.parametrize("name", NOTORIOUS)
def test_notorious_programs_end_within_50_ms_and_64_mib(name: str) -> None:
    code, limit = NOTORIOUS[name]
    program = compile_program(parse(code))
    assert program.run({}).message.startswith(f"{limit}: more than")
    assert min(_milliseconds(lambda: program.run({})) for _ in range(8)) < MILLISECONDS
    assert _peak(lambda: program.run({})) < 64 * 2**20


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return (time.process_time() - start) * 1e3


def _peak(action: Callable[[], object]) -> int:
    """The most bytes that an action held at a time."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("evaluate", [run, run_plainly])
@pytest.mark.parametrize(("code", "limit"), MAD)
def test_mad_programs_end_soon(code: str, limit: str, evaluate: Callable[..., Outcome]) -> None:
    start = time.process_time()
    outcome = evaluate(parse(code), {"a": []})
    assert time.process_time() - start < 3
    if limit:
        assert outcome.kind == "limit", outcome
        assert outcome.message.startswith(f"{limit}: more than") or outcome.message.startswith(f"{limit}: deeper")


@pytest.mark.parametrize("code", [code for code, limit in MAD if limit != "steps"])
def test_mad_programs_take_little_memory(code: str) -> None:
    tree = parse(code)
    assert _peak(lambda: run(tree, {"a": []})) < 64 * 2**20


def test_110_lambdas_may_be_active() -> None:
    assert run(parse(COUNT_DOWN), {"n": 109}).kind == "value"
    assert run(parse(COUNT_DOWN), {"n": 110}).kind == "limit"


def test_the_deepest_tree_under_the_most_lambdas_needs_no_more_stack_than_there_is() -> None:
    levels = (MAX_DEPTH - 6) // 2
    body = "(+ 0 " * levels + "(self arg1)" + ")" * levels
    chain = "(invoke1 (lambda1 " * levels + "(self arg1)" + ") 1)" * levels
    for code in (f"(invoke1 (lambda1 {body}) 1)", chain):
        before = sys.getrecursionlimit()
        outcome = run(parse(code), {})
        assert outcome.message == "active lambdas: more than 110"
        assert sys.getrecursionlimit() == before


@pytest.mark.parametrize(
    ("code", "inputs", "limits"),
    [
        ("(reduce a 0 +)", {"a": [1] * 9}, Limits(steps=13)),
        ("(map a abs)", {"a": [1] * 9}, Limits(list_length=9)),
        ("(str_concat a a)", {"a": "abcd"}, Limits(string_length=8)),
        ("(reverse (sort a))", {"a": [1] * 9}, Limits(elements=18)),
        ("(pow 2 a)", {"a": 100}, Limits(bits=101)),
        (COUNT_DOWN, {"n": 19}, Limits(lambdas=20)),
        ("(append b a)", {"a": [[[]]], "b": []}, Limits(nesting=4)),
    ],
)
def test_a_limit_is_exact(code: str, inputs: dict[str, Any], limits: Limits) -> None:
    tree = parse(code)
    name = next(name for name in Limits.__slots__ if getattr(limits, name) != getattr(Limits(), name))
    assert run(tree, inputs, limits).kind == "value"
    less = Limits(**{name: getattr(limits, name) - 1})
    assert run(tree, inputs, less).kind == "limit"


def test_trees_made_by_hand_cannot_overflow() -> None:
    deep = Tree("1")
    for _ in range(100_000):
        deep = Tree("abs", (deep,))
    assert run(deep, {}).message.startswith("size of the program: ")
    doubled = Tree("1")
    for _ in range(100):
        doubled = Tree("+", (doubled, doubled))
    assert run(doubled, {}).kind == "limit"


def test_deep_and_endless_inputs_are_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (endless, deep):
        assert run(Tree("a"), {"a": value}).kind == "limit"


def test_threads_do_not_take_the_stack_from_each_other() -> None:
    levels = MAX_DEPTH - 10
    program = parse("(invoke1 (lambda1 " + "(+ 0 " * levels + "(self arg1)" + ")" * levels + ") 1)")
    before = sys.getrecursionlimit()
    with ThreadPoolExecutor(4) as pool:
        messages = set(pool.map(lambda _: run(program, {}).message, range(12)))
    assert messages == {"active lambdas: more than 110"}
    assert sys.getrecursionlimit() == before


def test_limits_beyond_what_python_can_do_still_end_a_run() -> None:
    boundless = Limits(lambdas=10**12, bits=10**6, steps=10_000)
    assert run(parse("(invoke1 (lambda1 (self arg1)) 0)"), {}, boundless).message == "active calls: more than 1,000"
    assert run(parse("(digits (pow 10 a))"), {"a": 5_000}, boundless).kind == "runtime error"
