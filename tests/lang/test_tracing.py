"""Programs run step by step: the same end as a run, and the value of every node."""

import pytest

from saps.generator import generate
from saps.lang.interpreter import Limits, run
from saps.lang.spelling import parse, to_lisp
from saps.lang.tracing import MOST_STEPS, trace


def told(code: str, inputs: dict[str, object]) -> list[tuple[str, str]]:
    program = parse(code)
    nodes = [to_lisp(node) for node in program.preorder()]
    return [(nodes[step.node], step.value) for step in trace(program, inputs).steps]


def test_each_node_is_told_with_its_value_once_it_is_known() -> None:
    assert told("(+ (len a) 1)", {"a": [4, 5]}) == [
        ("a", "[4, 5]"),
        ("(len a)", "2"),
        ("1", "1"),
        ("(+ (len a) 1)", "3"),
    ]


def test_a_lambda_is_told_for_each_call_with_its_variables() -> None:
    steps = trace(parse("(map a (lambda1 (* arg1 2)))"), {"a": [4, 5]}).steps
    assert [(dict(step.variables), step.value) for step in steps if step.node == 3] == [
        ({"arg1": "4"}, "8"),
        ({"arg1": "5"}, "10"),
    ]
    assert [step.value for step in steps if step.node == 2] == ["a function"]


def test_the_same_subtree_in_two_places_is_two_nodes() -> None:
    part = parse("(len a)")
    steps = trace(type(part)("+", (part, part)), {"a": [1]}).steps
    assert [step.node for step in steps] == [2, 1, 4, 3, 0]


def test_the_innermost_node_is_the_one_that_fails() -> None:
    failing = [step for step in trace(parse("(+ 1 (/ a 0))"), {"a": 1}).steps if step.fails]
    assert [(step.node, step.value) for step in failing] == [(2, "division by zero")]


def test_it_ends_as_a_run_does() -> None:
    for task in generate(40, seed=2):
        for test in task.tests[:2]:
            found = trace(task.program, test.input)
            assert found.outcome == run(task.program, test.input)
            if found.outcome.kind == "value" and not found.left_out:
                assert found.steps[-1].node == 0


@pytest.mark.parametrize("limits", [Limits(steps=300), Limits(elements=50), Limits(calls=3)])
def test_the_limits_are_those_of_a_run(limits: Limits) -> None:
    program, inputs = parse("(map (range 0 n) (lambda1 (* arg1 arg1)))"), {"n": 200}
    assert trace(program, inputs, limits).outcome == run(program, inputs, limits)


def test_a_long_run_is_recorded_up_to_a_bound() -> None:
    found = trace(parse("(reduce (map (range 0 n) (lambda1 (* arg1 arg1))) 0 +)"), {"n": 900})
    assert len(found.steps) == MOST_STEPS
    assert found.left_out > 2_000
    assert found.outcome.kind == "value"
