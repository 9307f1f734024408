"""What programs mean: values, errors, and edge cases of every primitive."""

from typing import Any

import pytest

from saps.lang.interpreter import run, same_value
from saps.lang.spelling import parse
from saps.lang.trees import Tree

INPUTS: dict[str, Any] = {
    "a": [3, 1, 2],
    "e": [],
    "n": 7,
    "m": -7,
    "w": -2,
    "three": 3,
    "s": "hello",
    "d": ["b", "a", "c"],
    "dash": "-",
    "line": "-a--b-",
    "half": 2.5,
    "deep": [[1, 2], [3]],
    "yes": True,
    "g": {"y": 1, "x": 2},
    "huge": 10**400,
    "limit": 1_002_001,
}

VALUES: list[tuple[str, Any]] = [
    ("1000000000", 1000000000),
    ('" "', " "),
    ("inf", float("inf")),
    ("(+ n 1)", 8),
    ("(+ true true)", 2),
    ("(- n 10)", -3),
    ("(* n m)", -49),
    ("(/ m 2)", -4),
    ("(/ n (sqrt (* 2 2)))", 3),
    ("(/ (sqrt 1) 2)", 0.5),
    ("(% m 2)", 1),
    ("(% 10 (- 0 three))", -2),
    ("(pow 2 10)", 1024),
    ("(pow 2 w)", 0.25),
    ("(pow 0 0)", 1),
    ("(sqrt 40)", 40**0.5),
    ("(floor (- 0 half))", -2),
    ("(floor half)", 2),
    ("(square m)", 49),
    ("(abs m)", 7),
    ("(min n m)", -7),
    ("(max n inf)", float("inf")),
    ("(str_min s dash)", "-"),
    ("(str_max s dash)", "hello"),
    ("(< 1 2)", True),
    ('(< "z" s)', False),
    ("(>= 2 2)", True),
    ("(<= 2 1)", False),
    ("(> half 2)", True),
    ("(== true 1)", True),
    ("(== deep (append (append (array-new int) (range 1 three)) (range three (+ three 1))))", True),
    ("(== a s)", False),
    ("(!= deep e)", True),
    ("(! yes)", False),
    ("(&& yes false)", False),
    ("(|| yes false)", True),
    ("(if yes n (head e))", 7),
    ("(if false (/ 1 0) 2)", 2),
    ("(invoke1 (partial0 1 (if yes + -)) 2)", 3),
    ("(deref a 2)", 2),
    ("(int-deref a 0)", 3),
    ("(head d)", "b"),
    ("(tail a)", [1, 2]),
    ("(tail e)", []),
    ("(slice a w 2)", [3, 1]),
    ("(slice a 0 (- 0 1))", [3, 1]),
    ("(slice a 1 1000000000)", [1, 2]),
    ("(slice a 2 1)", []),
    ("(slice a 0 (- 0 10))", []),
    ("(len deep)", 2),
    ("(strlen s)", 5),
    ("(append a n)", [3, 1, 2, 7]),
    ("(sort a)", [1, 2, 3]),
    ("(sort d)", ["a", "b", "c"]),
    ("(reverse a)", [2, 1, 3]),
    ("(range 1 three)", [1, 2]),
    ("(range (- 0 half) half)", [-2, -1, 0, 1, 2]),
    ("(range 2 1)", []),
    ("(len (range 0 (* 10 (* 10 10))))", 1000),
    ("(map a square)", [9, 1, 4]),
    ("(map e head)", []),
    ("(map a (partial0 10 -))", [7, 9, 8]),
    ("(map a (partial1 10 -))", [-7, -9, -8]),
    ("(map a (partial0 10 %))", [1, 0, 0]),
    ("(map a (combine (partial1 1 +) square))", [10, 2, 5]),
    ("(reduce a 0 (combine square +))", ((0 + 3) ** 2 + 1) ** 2 * ((0 + 3) ** 2 + 1) ** 2 + 4 * ((9 + 1) ** 2) + 4),
    ("(map deep (partial1 1 (partial2 2 slice)))", [[2], []]),
    ("(filter a (partial0 2 <=))", [3, 2]),
    ("(reduce a 0 +)", 6),
    ("(reduce a 0 -)", -6),
    ("(reduce e s str_concat)", "hello"),
    ("(invoke1 square n)", 49),
    ("(invoke1 (lambda1 (if (<= arg1 1) 1 (* (self (- arg1 1)) arg1))) 10)", 3628800),
    ("(map a (lambda1 (reduce a 0 (lambda2 (if (== arg1 arg2) arg1 (+ arg1 arg2))))))", [6, 6, 6]),
    ("(reduce a 10 (lambda2 (invoke1 (lambda1 (- arg1 arg2)) arg1)))", 4),
    ("(map a (lambda1 (reduce (range 0 arg1) arg1 (lambda2 (+ arg1 arg2)))))", [6, 1, 3]),
    ("(map deep (lambda1 (map arg1 (lambda1 (+ arg1 arg1)))))", [[2, 4], [6]]),
    ("(map a (invoke1 (lambda1 (lambda1 (* arg1 2))) 1))", [6, 2, 4]),
    ("(str_index 0 s)", "h"),
    ("(str_index (- 0 1) s)", "o"),
    ('(str_concat s " ")', "hello "),
    ("(str_split line dash)", ["a", "b"]),
    ("(is_prime 2)", True),
    ("(is_prime 1)", False),
    ("(is_prime m)", False),
    ("(is_prime limit)", False),
    ("(map (range 0 (* 2 10)) is_prime)", [number in (2, 3, 5, 7, 11, 13, 17, 19) for number in range(20)]),
    ("(is_sorted a)", False),
    ("(is_sorted (sort a))", True),
    ("(is_sorted e)", True),
    ("(digits (* 40 m))", [2, 8, 0]),
    ("(digits 0)", [0]),
    ("(digits (pow 2 (* 10 10)))", [int(digit) for digit in str(2**100)]),
    ("(contains a 2)", True),
    ("(contains a n)", False),
    ("(array-new int)", []),
    ("(dict-keys (dict-insert (dict-insert (dict-new int int) n 1) 1 n))", [1, 7]),
    ("(dict-keys g)", ["x", "y"]),
    ("(dict-insert g s 0)", {"y": 1, "x": 2, "hello": 0}),
]

RUNTIME_ERRORS = [
    "(/ 1 0)",
    "(% 1 0)",
    "(pow 0 w)",
    "(pow w half)",
    "(sqrt m)",
    "(sqrt huge)",
    "(floor inf)",
    "(floor huge)",
    "(floor (- inf inf))",
    "(+ huge half)",
    "(head e)",
    "(deref a 3)",
    "(deref a (- 0 1))",
    "(deref a half)",
    "(deref a huge)",
    "(slice a 0 inf)",
    "(range 0 (+ 1 (* 10 (* 10 10))))",
    "(range 0 inf)",
    "(range inf 0)",
    "(range (- 0 inf) 0)",
    "(range (- inf inf) 0)",
    "(str_index 5 s)",
    "(str_index (strlen s) s)",
    "(str_index (- 0 (+ 1 (strlen s))) s)",
    '(str_split s "")',
    "(is_prime (+ limit 1))",
    "(is_prime inf)",
    "(digits half)",
    "(|| true (head (map e is_prime)))",
    "(self 1)",
    "self",
    "arg1",
    "(invoke1 (lambda1 arg2) 1)",
    "lambda1",
    "unknown",
    "(unknown 1)",
    "(1 1)",
    "(a 1)",
]

TYPE_ERRORS = [
    "(+ s s)",
    "(* s three)",
    "(* a three)",
    "(+ a a)",
    "(- e 1)",
    "(% s 1)",
    "(min s s)",
    "(str_max 1 2)",
    "(< a a)",
    "(< s 1)",
    "(== + -)",
    "(== (map a (partial1 +)) 1)",
    "(! 1)",
    "(&& 1 true)",
    "(|| true 0)",
    "(if 1 2 2)",
    "(deref s 0)",
    "(deref a s)",
    "(head s)",
    "(len s)",
    "(strlen a)",
    "(sort deep)",
    "(sort (append d 1))",
    "(reverse s)",
    "(map s square)",
    "(map a 1)",
    "(map a +)",
    "(filter a square)",
    "(reduce 1 0 +)",
    "(reduce a 0 square)",
    "(invoke1 1 1)",
    "(partial0 1 square)",
    "(partial2 1 +)",
    "(partial0 1 2)",
    "(combine 1 +)",
    "(str_index s 0)",
    "(str_concat s 1)",
    "(str_split s 1)",
    "(is_prime s)",
    "(is_sorted d)",
    "(digits s)",
    "(contains 1 1)",
    "(array-new 1)",
    "(dict-insert a 1 1)",
    "(dict-insert g a 1)",
    "(dict-keys a)",
    "(pow s 1)",
    "(invoke1 (lambda1 (self 1 2)) 1)",
    "+",
    "(lambda1 1)",
    "int",
    "(map a (lambda1 (partial0 arg1 +)))",
]


@pytest.mark.parametrize(("code", "value"), VALUES)
def test_values(code: str, value: Any) -> None:
    outcome = run(parse(code), INPUTS)
    assert (outcome.kind, outcome.message) == ("value", "")
    assert same_value(outcome.value, value), outcome.value


@pytest.mark.parametrize("code", RUNTIME_ERRORS)
def test_runtime_errors(code: str) -> None:
    outcome = run(parse(code), INPUTS)
    assert outcome.kind == "runtime error", outcome
    assert outcome.value is None
    assert outcome.message


@pytest.mark.parametrize("code", TYPE_ERRORS)
def test_type_errors(code: str) -> None:
    outcome = run(parse(code), INPUTS)
    assert outcome.kind == "type error", outcome


def test_booleans_stay_booleans() -> None:
    assert run(parse("(== 1 1)"), {}).value is True
    assert run(parse("(map a is_prime)"), {"a": [2]}).value == [True]


def test_main_is_the_program_with_its_arguments_in_order() -> None:
    program = parse("(if (<= n 0) total (main (- n 1) (+ total n)))")
    assert run(program, {"n": 4, "total": 0}).value == 10


def test_inputs_are_bound_by_name_and_never_changed() -> None:
    inputs = {"b": 1, "a": [2, 1]}
    assert run(parse("(append (sort a) b)"), inputs).value == [1, 2, 1]
    assert inputs == {"b": 1, "a": [2, 1]}


def test_a_primitive_comes_before_an_argument_of_its_name() -> None:
    assert run(parse("(reduce a 0 +)"), {"a": [1], "+": 3, "0": 5, "reduce": 1}).value == 1


def test_a_failing_operand_fails_before_later_ones() -> None:
    assert run(parse("(+ (/ 1 0) (head 1))"), {}).message == "division by zero"
    assert "head" in run(parse("(+ (head 1) (/ 1 0))"), {}).message


@pytest.mark.parametrize("value", [None, (1,), {1}, object(), [None], {"k": [object()]}, 1j, b"x"])
def test_inputs_that_are_no_data_are_type_errors(value: Any) -> None:
    assert run(Tree("1"), {"a": value}).kind == "type error"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (1, True, True),
        (1, 1.0, True),
        (0.1 + 0.2, 0.3, False),
        ([1, [True]], [True, [1]], True),
        ([1, 2], [1], False),
        ("1", 1, False),
        ([], {}, False),
        ({"a": [1]}, {"a": [True]}, True),
        ({"a": 1}, {"b": 1}, False),
        (None, None, False),
        (float("nan"), float("nan"), False),
        ("", [], False),
        (10**400, 1.5, False),
    ],
)
def test_same_value(a: Any, b: Any, same: bool) -> None:
    assert same_value(a, b) is same
    assert same_value(b, a) is same


def test_same_value_of_values_too_deep_for_recursion() -> None:
    a: list[Any] = []
    b: list[Any] = []
    for _ in range(100_000):
        a, b = [a], [b]
    assert same_value(a, b)
