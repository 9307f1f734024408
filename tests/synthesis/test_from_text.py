"""From a sentence to a query: what is guessed, and values held to the types of the arguments."""

import pytest

from saps.errors import UserError
from saps.synthesis.from_text import inputs_for, query_from_text
from saps.synthesis.notation import read_examples
from saps.tasks.query import Query
from tests.learned import COMBINE, REVERSE, SUM_OF_EVEN

ARRAY = {"a": "int[]"}


@pytest.mark.parametrize("text", ["", "   \n", ".", "\ud800"])
def test_an_empty_sentence_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="empty"):
        query_from_text(text)


def test_what_is_not_given_is_guessed() -> None:
    query = query_from_text(COMBINE, examples=read_examples(['{"a": 2, "b": 2} -> 4']))
    assert (query.text, query.arguments, query.guessed) == (tuple(COMBINE.split()), {"a": "int", "b": "int"}, True)
    assert query.result == "int"


def test_what_is_given_is_no_guess() -> None:
    assert query_from_text(REVERSE, ARRAY, (), "int[]") == Query(tuple(REVERSE.split()), ARRAY, (), "int[]", "declared")


def test_values_are_read_by_the_types_of_the_arguments() -> None:
    query = query_from_text("find it", {"d": "dict<int, int>"}, read_examples(['{"d": {"1": 2}} -> 2']))
    assert query.examples[0].input == {"d": {1: 2}}
    assert inputs_for(query, {"d": {"3": 4}}) == {"d": {3: 4}}


def test_other_names_than_those_of_the_arguments_are_refused_with_declarations_that_fit() -> None:
    with pytest.raises(UserError) as refused:
        query_from_text("find it", ARRAY, read_examples(['{"a": [], "k": true, "s": ["x"]} -> 6']))
    assert str(refused.value) == (
        "example 1: values for a, k, s, but the arguments (declared) are a:int[]; "
        "declare the arguments, as in a:int[] k:bool s:string[]"
    )


def test_a_value_of_another_type_is_refused_and_a_guess_is_called_a_guess() -> None:
    with pytest.raises(UserError) as refused:
        query_from_text(SUM_OF_EVEN, examples=read_examples(['{"a": ["x"]} -> 6']))
    message = str(refused.value)
    assert "a is int[] (guessed from the sentence)" in message
    assert "found 'x'" in message
    assert "a:string[]" in message


def test_names_are_checked_against_the_guess() -> None:
    with pytest.raises(UserError, match="guessed from the sentence"):
        query_from_text(SUM_OF_EVEN, examples=read_examples(['{"b": [1]} -> 0']))


def test_the_input_is_held_to_the_same_types() -> None:
    with pytest.raises(UserError, match=r"^the input: a is int"):
        inputs_for(query_from_text("find it", {"a": "int"}), {"a": True})


@pytest.mark.parametrize(
    ("sentence", "example", "arguments", "origin"),
    [
        ("add up the list", '{"nums": [1]} -> 1', {"nums": "int[]"}, "examples"),
        ("is b one of the elements of a", '{"a": [1], "b": 2} -> false', {"a": "int[]", "b": "int"}, "examples"),
        ("the sum of the numbers in a", '{"a": [1, 2]} -> 3', {"a": "int[]"}, "examples"),
        ("the longest of the strings a", '{"a": ["x"]} -> "x"', {"a": "string[]"}, "examples"),
        ("join them", '{"xs": [], "s": "x"} -> "x"', {"xs": "int[]", "s": "string"}, "examples"),
        ("the biggest of given numbers a and b", '{"a": 1, "b": 2} -> 2', {"a": "int", "b": "int"}, "sentence"),
    ],
)
def test_names_and_types_come_from_the_examples_where_the_sentence_names_no_others(
    sentence: str, example: str, arguments: dict[str, str], origin: str
) -> None:
    query = query_from_text(sentence, examples=read_examples([example]))
    assert (dict(query.arguments), query.origin) == (arguments, origin)


def test_an_input_without_examples_tells_the_arguments_too() -> None:
    query = query_from_text("add up the list", inputs={"lst": [1, 2]})
    assert (dict(query.arguments), query.origin) == ({"lst": "int[]"}, "examples")


@pytest.mark.parametrize(
    ("sentence", "arguments"),
    [
        ("Reverse the list", {"a": "int[]"}),
        ("how long is the string?", {"a": "string"}),
        ("the number of words in a sentence", {}),
        ("is the number prime", {"a": "int"}),
    ],
)
def test_a_sentence_that_declares_nothing_is_asked_what_it_speaks_of(sentence: str, arguments: dict[str, str]) -> None:
    assert query_from_text(sentence).arguments == arguments
