"""What a run costs at most, whatever the program: CPU seconds and memory, printing included."""

import sys
import time
import tracemalloc
from types import FrameType
from typing import Any

import pytest

from saps.lang.compiler.closures import Compiler
from saps.lang.compiler.fragments import fragment_of
from saps.lang.compiler.runtime import MISSING, FastMachine
from saps.lang.interpreter import Limits, compile_program, run
from saps.lang.machine import Machine
from saps.lang.plain import Evaluator, run_plainly
from saps.lang.printing import printed
from saps.lang.sizes import count_elements
from saps.lang.spelling import parse
from saps.lang.values import LimitReached
from tests.lang.cost import EVALUATORS, MOST_MIB, MOST_SECONDS, cost_of
from tests.lang.dear import DEAR, INPUTS, many_loops
from tests.lang.dearest import search


@pytest.mark.parametrize("evaluator", EVALUATORS)
@pytest.mark.parametrize("name", DEAR)
def test_dear_programs_end_within_200_mib(name: str, evaluator: str) -> None:
    cost = cost_of(DEAR[name], INPUTS, EVALUATORS[evaluator])
    assert "CRASH" not in cost.end
    assert cost.mib < MOST_MIB, cost
    assert cost.seconds < 10 * MOST_SECONDS, cost  # some took 26; a machine may have much else to do


@pytest.mark.hostile
@pytest.mark.parametrize("evaluator", EVALUATORS)
@pytest.mark.parametrize("name", DEAR)
def test_dear_programs_end_within_a_second(name: str, evaluator: str) -> None:
    costs = [cost_of(DEAR[name], INPUTS, EVALUATORS[evaluator]).seconds for _ in range(3)]
    assert min(costs) < MOST_SECONDS, costs


def test_a_program_with_many_loops_is_compiled_soon() -> None:
    tree = parse(many_loops())
    start = time.process_time()
    outcome = compile_program(tree).run({"a": [1, 2, 3]})
    assert time.process_time() - start < 4  # 0.07 on a machine with nothing else to do; a second before the cap
    assert repr(outcome) == repr(run_plainly(tree, {"a": [1, 2, 3]}))


@pytest.mark.parametrize("name", DEAR)
def test_dear_programs_end_alike(name: str) -> None:
    tree = parse(DEAR[name])
    assert repr(compile_program(tree).run(INPUTS)) == repr(run_plainly(tree, INPUTS))


def test_two_numbers_are_compared_in_few_calls() -> None:
    calls: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_name)

    machine = Machine(Limits())
    sys.setprofile(note)
    try:
        machine.same(1, 2)
    finally:
        sys.setprofile(None)
    assert sorted(calls) == ["count_elements", "count_elements", "make", "same", "same_value"]


def test_what_is_shared_counts_each_time() -> None:
    text, number = "ab" * 5, 2**640
    assert count_elements([text, text], 100, 5) == 3 + 20
    assert count_elements([number] * 9, 1000, 5) == 1 + 9 + 90
    assert count_elements([[text] * 9] * 9, 1000, 5) == 2 + 9 + 81 + 810
    assert count_elements({"a": [1, 2], "b": text}, 100, 5) == 2 + 4 + 2 + 2 + 10
    assert count_elements([1, 2.5, True, "", 2**63 - 1], 100, 5) == 6
    assert count_elements([*range(20), 2**640, -(2**63), text], 100, 5) == 1 + 23 + 10 + 1 + 10
    for elements, kind in [(154, "value"), (153, "limit")]:
        assert run(parse("(append a b)"), {"a": ["x" * 50] * 2, "b": "x" * 50}, Limits(elements=elements)).kind == kind


def test_sizes_are_added_up_before_anything_is_copied() -> None:
    wide = dict.fromkeys(range(10_000), 0)
    value = [wide] * 400_000
    tracemalloc.start()
    with pytest.raises(LimitReached, match="elements of a value"):
        count_elements(value, 500_000, 50)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 2**20


@pytest.mark.parametrize(
    ("code", "price"),
    [
        ("(== c d)", 50_000 // 16),
        ("(< c d)", 50_000 // 16),
        ("(str_max c d)", 50_000 // 16),
        ("(sort e)", 2 + 100_000 // 16),
        ("(dict-insert (dict-new int int) c 0)", 1 + 50_000 // 16),
        ("(dict-insert g f 0)", 3 + 2 * 16),
        ("(abs a)", 2**13 // 64),
        ("(range b (+ b 10))", 2**13 // 64 * 12 + 10),
        ("(== h h)", 2 * (2 + 2 + 3) + 4),
        ("(contains e 0)", 2 * (1 + 1 + 50_000)),
    ],
)
def test_what_looks_at_much_is_paid_for(code: str, price: int) -> None:
    inputs = {
        "a": -(2**8_191), "b": 2**8_191, "c": "z" * 50_000, "d": "z" * 50_001, "e": ["z" * 50_000] * 2,
        "f": 2**61 - 1, "g": {"x": 1, "y": 2}, "h": [[1, 2, 3], []],
    }  # fmt: skip
    for machine in (FastMachine(Limits(), inputs, 0), Evaluator(Limits())):
        left = machine.elements_left
        _evaluated(machine, code, inputs)
        assert left - machine.elements_left == price


def _evaluated(machine: Machine, code: str, inputs: dict[str, Any]) -> None:
    """Evaluates a program on a machine, whose budgets tell afterwards what it cost."""
    if isinstance(machine, Evaluator):
        machine.run(parse(code), inputs)
    else:
        closure = Compiler().program(fragment_of(parse(code)))
        assert closure is not None
        closure(machine, MISSING, MISSING, MISSING)


def test_powers_of_one_are_right_whatever_the_exponent() -> None:
    for base, exponent, value in [(1, 2**9_000, 1), (-1, 2**9_000, 1), (-1, 2**9_000 + 1, -1), (0, 5, 0), (-1, 3, -1)]:
        assert repr(run(parse("(pow a b)"), {"a": base, "b": exponent}).value) == repr(value)
    assert repr(run(parse("(pow true true)"), {}).value) == "1"


def test_the_clock_is_asked_while_values_are_compared() -> None:
    outcome = run(parse("(== a a)"), {"a": [0] * 60_000}, Limits(seconds=0))
    assert outcome.message == "seconds: more than 0"


def test_values_are_printed_as_json_up_to_a_length() -> None:
    assert printed({"a": [1, 2.5, True, "\u00e4"]}) == '{"a": [1, 2.5, true, "\\u00e4"]}'
    assert printed(list(range(10)), 10) == "[0, 1, 2,  ..."
    assert printed("z" * 100, 10) == '"zzzzzzzzz ...'
    deep: list[object] = []
    for _ in range(900):
        deep = [deep]
    assert len(printed(deep)) == 1_802


@pytest.mark.hostile
def test_a_search_for_the_dearest_program_finds_none_too_dear() -> None:
    dearest = search(seconds=45, seed=3)[0]
    assert dearest.cost.share < 1, dearest
