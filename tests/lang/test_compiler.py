"""Compiled programs end as the plain evaluator's do: values, errors and limits alike, on programs of every sort."""

import random
import resource
import sys
import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import saps.lang.machine
from saps.lang.compiler import compile_program
from saps.lang.errors import ProgramError
from saps.lang.interpreter import run
from saps.lang.machine import Limits
from saps.lang.outcomes import Outcome
from saps.lang.plain import run_plainly
from saps.lang.spelling import parse, to_lisp
from saps.lang.trees import Tree
from tests.lang.programs import Maker

MOST_SECONDS = 2.0  # of one program, on a machine that has much else to do
MOST_BYTES = 128 * 2**20  # that all the programs may add to what the process has


def compare(tree: Tree, inputs: dict[str, Any], limits: Limits) -> Outcome:
    """The outcome of a program, which is the same for both and came soon."""
    start = time.process_time()
    fast = compile_program(tree).run(inputs, limits)
    seconds = time.process_time() - start
    plain = run_plainly(tree, inputs, limits)
    shown = f"{to_lisp(tree)}\n{inputs}\n{limits}"
    assert repr(fast) == repr(plain), shown  # by repr: nan is nan, 1 is not True
    assert fast.steps == plain.steps or fast.kind != "value", shown
    assert seconds < MOST_SECONDS, shown
    return fast


def try_programs(seed: int, count: int) -> Counter[str]:
    """Makes and compares programs; how they ended, the texts that are no programs among them."""
    maker, ends = Maker(random.Random(seed)), Counter[str]()
    for _ in range(count):
        tree = maker.program()
        if maker.rng.random() < 0.1:
            read, message = _read(maker.text_of(tree))
            assert "\n" not in message
            if read is None:
                ends["no program"] += 1
                continue
            tree = read
        outcome = compare(tree, maker.inputs(), maker.limits())
        ends[outcome.message.split(":")[0] if outcome.kind == "limit" else outcome.kind] += 1
    return ends


def _read(text: str) -> tuple[Tree | None, str]:
    """The program that a text is, or what is wrong with it."""
    try:
        return parse(text), ""
    except ProgramError as error:
        return None, str(error)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_random_programs_end_alike(seed: int) -> None:
    ends = try_programs(seed, 500)
    assert min(ends["value"], ends["type error"], ends["runtime error"]) > 20, ends


def test_it_does_not_matter_how_often_the_clock_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saps.lang.machine, "_STRETCH", 7)
    assert try_programs(7, 3_000)["value"] > 300


@pytest.mark.slow
def test_a_million_random_programs_end_alike(capsys: pytest.CaptureFixture[str]) -> None:
    ends, start, before = Counter[str](), time.process_time(), _peak_bytes()
    for seed in range(1_000):
        ends += try_programs(10**6 + seed, 1_000)
    with capsys.disabled():
        minutes, grown = (time.process_time() - start) / 60, (_peak_bytes() - before) / 2**20
        print(f"\n{ends.total():,} programs in {minutes:.0f} CPU minutes, {grown:.0f} MiB more: {dict(ends)}")
    assert ends.total() == 10**6
    assert _peak_bytes() - before < MOST_BYTES


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


SHARED = "(+ (reduce (map a square) 0 +) (reduce (map a square) 0 +))"
NESTED = "(reduce a 0 (lambda2 (+ arg1 (reduce (map b (partial0 arg2 *)) 0 +))))"
HOISTED = "(map a (lambda1 (+ arg1 (reduce (filter b (lambda1 (> arg1 1))) 0 +))))"
SUM = "(reduce (map a square) 0 +)"
BOUND = f"(invoke1 (lambda1 (if (<= arg1 1) {SUM} (+ (self (- arg1 1)) {SUM}))) n)"


@pytest.mark.parametrize("code", [SHARED, NESTED, HOISTED, BOUND])
@pytest.mark.parametrize("name", ["steps", "elements", "calls", "lambdas"])
def test_every_value_of_a_limit_is_met_at_the_same_place(code: str, name: str) -> None:
    tree, inputs = parse(code), {"a": [3, 1, 2], "b": [5, 0, 7, 1], "n": 4}
    kinds = set()
    for most in range(400 if name in ("steps", "elements") else 20):
        kinds.add(compare(tree, inputs, Limits(**{name: most})).kind)
    assert kinds == {"limit", "value"} or (name == "lambdas" and code == SHARED)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("(map a (lambda1 (/ 1 0)))", []),
        ("(reduce a 10 (lambda2 (head nothing)))", 10),
        ("(if true 1 (+ nothing (/ 1 0)))", 1),
        ("(filter a (lambda1 (if true false nothing)))", []),
        ("(map b (lambda1 (if (> arg1 2) (head (reverse a)) arg1)))", [1, 2]),
        ("(map b (lambda1 (if (> arg1 2) (reduce nothing 0 +) arg1)))", [1, 2]),
    ],
)
def test_what_is_not_evaluated_does_not_fail(code: str, value: Any) -> None:
    assert compare(parse(code), {"a": [], "b": [1, 2]}, Limits()).value == value


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("(map a (lambda1 (+ (/ 1 0) (head 1))))", "division by zero"),
        ("(map a (lambda1 (+ (head 1) (/ 1 0))))", "head needs a list"),
        ("(reduce a (/ 1 0) (lambda2 nothing))", "division by zero"),
        ("(filter a (partial0 (/ 1 0) nothing))", "division by zero"),
        ("(map nothing (partial0 (/ 1 0) +))", "the name nothing"),
        ("(map a (lambda1 (deref arg1 nothing)))", "the name nothing"),
        ("(|| true 1)", "|| needs a truth value"),
        ("(map a (lambda1 (|| (== arg1 1) arg1)))", "|| needs a truth value"),
        ("(map a (lambda1 (if arg1 1 2)))", "if needs a truth value"),
        ("(filter a (lambda1 arg1))", "filter needs a truth value"),
        ("(map a (lambda1 (< arg1 true)))", ""),
    ],
)
def test_errors_appear_in_the_order_of_evaluation(code: str, part: str) -> None:
    assert part in compare(parse(code), {"a": [1, 2]}, Limits()).message


def test_a_part_is_computed_once_for_all_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = []
    real = saps.lang.machine.IMPLEMENTATIONS["sort"]
    monkeypatch.setitem(
        saps.lang.machine.IMPLEMENTATIONS, "sort", lambda *operands: counted.append(1) or real(*operands)
    )
    tree = parse("(map a (lambda1 (+ (head (sort a)) (reduce b 0 (lambda2 (+ (len (sort a)) (len (sort b))))))))")
    assert compile_program(tree).run({"a": [2, 3, 1], "b": [1, 2]}).kind == "value"
    assert len(counted) == 2


def test_a_compiled_program_keeps_nothing_between_runs() -> None:
    program = compile_program(parse("(map a (lambda1 (reduce (sort b) arg1 +)))"))
    values = [program.run({"a": a, "b": b}).value for a, b in (([1], [1, 2]), ([5], [3]), ([1], [1, 2]))]
    assert values == [[4], [8], [4]]
    assert program.run({"a": [1]}).kind == "runtime error"


def test_the_clock_ends_what_the_other_limits_do_not() -> None:
    boundless = Limits(steps=10**12, seconds=0.05)
    fibonacci = parse("(invoke1 (lambda1 (if (<= arg1 1) 1 (+ (self (- arg1 1)) (self (- arg1 2))))) 40)")
    for outcome in (run(fibonacci, {}, boundless), run_plainly(fibonacci, {}, boundless)):
        assert outcome.message == "seconds: more than 0.05"
