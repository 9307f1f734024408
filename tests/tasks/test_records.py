"""A record is checked before anything relies on it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saps.errors import UserError
from saps.tasks.records import record_of, task_from_record
from saps.tasks.values import value_reader

GOOD: dict[str, Any] = {
    "text": ["sum", "of", "a"],
    "short_tree": ["reduce", "a", "0", "+"],
    "args": {"a": "int[]"},
    "return_type": "int",
    "tests": [{"input": {"a": [1, 2]}, "output": 3}],
    "nodes": ["sum"],
    "funcs": [],
    "tags": [],
}


def error_of(record: Any) -> str:
    with pytest.raises(UserError) as caught:
        task_from_record(record)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_good_record_goes_through_a_task_unchanged() -> None:
    assert record_of(task_from_record(GOOD)) == GOOD


def test_the_template_may_be_unknown() -> None:
    assert task_from_record({key: GOOD[key] for key in GOOD if key not in ("nodes", "funcs", "tags")}).template == ""


def test_a_task_to_learn_from_may_have_no_tests() -> None:
    assert task_from_record(GOOD | {"tests": []}).tests == ()


def test_the_clean_text_is_written_only_where_there_is_one() -> None:
    assert "clean_text" not in record_of(task_from_record(GOOD))
    disturbed = GOOD | {"clean_text": ["find", "it"]}
    assert task_from_record(disturbed).clean_text == ("find", "it")
    assert record_of(task_from_record(disturbed)) == disturbed


@pytest.mark.parametrize("text", [[], [""], ['a quoted "clause , never cut"', "of", "a"], [" ", "\n", "\x1b[31m"]])
def test_tokens_are_strings_as_they_stand(text: list[str]) -> None:
    task = task_from_record(GOOD | {"text": text})
    assert task.text == tuple(text)
    assert record_of(task) == GOOD | {"text": text}


def test_a_program_may_call_itself_with_all_of_its_arguments() -> None:
    record = GOOD | {"short_tree": ["if", ["==", "a", ["tail", "a"]], "0", ["main", ["tail", "a"]]]}
    assert record_of(task_from_record(record)) == record
    assert "'main' takes 1 arguments, as declared, found 2" in error_of(GOOD | {"short_tree": ["main", "a", "a"]})


def test_a_boolean_is_a_kind_of_integer() -> None:
    tests = [{"input": {"a": [True, 2]}, "output": True}]
    assert record_of(task_from_record(GOOD | {"tests": tests}))["tests"] == tests
    assert task_from_record(GOOD | {"tests": tests}).tests[0].output is True


def test_integers_are_as_long_as_they_are() -> None:
    tests = [{"input": {"a": [2**63, -(2**64)]}, "output": 10**160}]
    assert record_of(task_from_record(GOOD | {"tests": tests}))["tests"] == tests


@pytest.mark.parametrize("key", ["text", "short_tree", "args", "return_type", "tests"])
def test_every_key_is_needed(key: str) -> None:
    assert f'lacks "{key}"' in error_of({name: value for name, value in GOOD.items() if name != key})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": "sum of a"}, '"text" must be a list'),
        ({"text": ["sum", 3]}, "token 2"),
        ({"text": ["\ud800"]}, "surrogate"),
        ({"args": [["a", "int[]"]]}, '"args" must be an object'),
        ({"args": {"a": "integer"}}, 'argument "a": '),
        ({"args": {"a": 3}}, 'argument "a": a type is a string'),
        ({"args": {"a": "(int) -> int"}}, "JSON holds no value of type (int) -> int"),
        ({"args": {"len": "int[]"}}, "'len' means something else"),
        ({"args": {"arg1": "int[]"}}, "'arg1' means something else"),
        ({"args": {"a b": "int[]"}}, "'a b' is no atom"),
        ({"return_type": "T..."}, "return_type: "),
        ({"short_tree": []}, '"short_tree": '),
        ({"short_tree": ["len", 3]}, '"short_tree": '),
        ({"short_tree": ["len", "b"]}, "'b' is neither a primitive nor an argument (arguments: a)"),
        ({"short_tree": ["length", "a"]}, "'length' is no primitive"),
        ({"short_tree": ["reduce", "a", "+"]}, "'reduce' takes 3 arguments, found 2"),
        ({"short_tree": ["a", "0"]}, "'a' is no primitive"),
        ({"tests": {"input": {}}}, '"tests" must be a list'),
        ({"tests": [[1, 2]]}, "test 1 must be"),
        ({"tests": [{"input": {"a": [1]}}]}, "test 1 must be"),
        ({"tests": [*GOOD["tests"], {"input": {}, "output": 0}]}, 'test 2 gives values to none, but "args" declares a'),
        ({"tests": [{"input": {"a": [1], "b": 2}, "output": 0}]}, "test 1 gives values to a, b"),
        ({"tests": [{"input": {"a": [1, "2"]}, "output": 0}]}, "test 1: expected a value of type int, found '2'"),
        ({"tests": [{"input": {"a": [1]}, "output": [1]}]}, "test 1: expected a value of type int, found [1]"),
        ({"tests": [{"input": {"a": [1]}, "output": 1.5}]}, "type int, found 1.5"),
        ({"nodes": "sum"}, '"nodes" must be a list'),
        ({"clean_text": "sum of a"}, '"clean_text" must be a list'),
        ({"clean_text": ["sum", 3]}, 'token 2 of "clean_text"'),
        ({"nodes": ["\ud800"]}, '"nodes" must be a list'),
    ],
)
def test_what_is_wrong_is_said(change: dict[str, Any], message: str) -> None:
    assert message in error_of({**GOOD, **change})


def test_a_deep_program_is_an_error_and_no_crash() -> None:
    tree: Any = "a"
    for _ in range(10_000):
        tree = ["reverse", tree]
    assert "short_tree" in error_of({**GOOD, "short_tree": tree})


def test_self_takes_as_many_arguments_as_its_lambda() -> None:
    program = ["invoke1", ["lambda1", ["reduce", "a", "0", ["lambda2", ["self", "arg1", "arg2"]]]], "0"]
    assert task_from_record({**GOOD, "short_tree": program}).program.size() == 10


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("int", 10**160),
        ("int[]", []),
        ("int[][]", [[1], []]),
        ("bool", True),
        ("string[]", ["", " "]),
        ("any", None),
        ("dict<string,int[]>", {"a": [1]}),
        ("dict<int,dict<string,int>>", {"-1": {"b": 2}}),
    ],
)
def test_values_of_every_declarable_type(written: str, value: Any) -> None:
    read = value_reader(written)(value)
    assert json.loads(json.dumps(read)) == value


def test_keys_of_a_dictionary_of_numbers_are_numbers() -> None:
    assert value_reader("dict<int,int>")({"1": 2}) == {1: 2}
    with pytest.raises(UserError, match="type int, found 'x'"):
        value_reader("dict<int,int>")({"x": 2})


@pytest.mark.parametrize(
    ("written", "value"),
    [("int", "1"), ("int", 1.0), ("bool", 1), ("string", 1), ("int[]", "ab"), ("int[][]", [1]), ("int", None)],
)
def test_values_of_another_type(written: str, value: Any) -> None:
    with pytest.raises(UserError, match="expected a value of type"):
        value_reader(written)(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["int[]", "a"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "input", "output"]), inner),
    max_leaves=12,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(list(GOOD)), JSON, max_size=3))
def test_no_record_does_worse_than_an_error(change: dict[str, Any]) -> None:
    try:
        task = task_from_record({**GOOD, **change})
    except UserError:
        return
    assert task_from_record(record_of(task)) == task
