"""Arguments, examples and inputs as people type them, and the one line that a mistake gets."""

import math

import pytest

from saps.errors import UserError
from saps.synthesis.notation import (
    read_arguments,
    read_examples,
    read_input,
    write_example,
    write_value,
)


def test_an_example_is_inputs_an_arrow_and_the_wanted_output() -> None:
    (example,) = read_examples([' {"a": [1, 2], "b": "x -> y"}->  [true, "->"] '])
    assert example.input == {"a": [1, 2], "b": "x -> y"}
    assert example.output == [True, "->"]
    assert read_examples([write_example(example)]) == (example,)


def test_large_numbers_keep_every_digit() -> None:
    assert read_input(f'{{"a": {10**60 + 1}}}') == {"a": 10**60 + 1}
    assert write_value(10**60 + 1) == str(10**60 + 1)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"a": 1} 6', 'no "->" after the inputs'),
        ('{"a": 1}', 'no "->" after the inputs'),
        ('{"a": 1} ->', "a value is missing"),
        ("", "a value is missing"),
        ('{"a": 1,} -> 6', "not JSON at column 9"),
        ("{'a': 1} -> 6", "not JSON at column 2"),
        ('{"a": 1} -> six', "not JSON at column 13"),
        ('{"a": 1} -> 6 7', "7 stands after its end"),
        ("[1, 2] -> 3", "[1, 2] gives no argument a value by name"),
        ('{"a": 1} -> null', "null is no value"),
        ("[" * 100_000 + " -> 1", "nested too deep"),
        ('{"a": ' + "9" * 5000 + "} -> 1", "a number too long"),
    ],
)
def test_a_broken_example_is_named_by_its_number(text: str, complaint: str) -> None:
    with pytest.raises(UserError) as refused:
        read_examples(['{"a": 1} -> 1', text])
    message = str(refused.value)
    assert message.startswith("example 2: ")
    assert complaint in message
    assert 'write {"a": [1, 2]} -> 3' in message
    assert "\n" not in message
    assert len(message) < 200


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("[5]", "by name"), ('{"a": 1} x', "after its end"), ("{", "not JSON"), ('{"a": NaN}', "NaN is no value")],
)
def test_a_broken_input_is_named(text: str, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as refused:
        read_input(text)
    assert str(refused.value).startswith("the input: ")


def test_infinity_is_a_number_of_the_language() -> None:
    assert read_input('{"a": [Infinity, -Infinity]}') == {"a": [math.inf, -math.inf]}


def test_declarations_are_names_and_types() -> None:
    assert read_arguments(["a:int[]", "d: dict<string, int>"]) == {"a": "int[]", "d": "dict<string, int>"}
    assert read_arguments([]) is None


@pytest.mark.parametrize(
    ("declarations", "complaint"),
    [
        (["a"], "a:int"),
        (["a:whole"], "whole"),
        (["a:int", "a:int[]"], "declared twice"),
        (["f:(int) -> int"], "the argument f: JSON holds no value of type"),
        (["arg1:int"], "arg1"),
        (["a b:int"], "a b"),
    ],
)
def test_a_broken_declaration_is_refused(declarations: list[str], complaint: str) -> None:
    with pytest.raises(UserError) as refused:
        read_arguments(declarations)
    assert complaint in str(refused.value)


def test_values_can_be_printed_everywhere() -> None:
    assert write_value(["é", "\ud800", float("inf")]).encode("utf-8") == '["é", "\\ud800", Infinity]'.encode()


def test_a_complaint_stays_on_one_line_whatever_the_input_holds() -> None:
    with pytest.raises(UserError) as refused:
        read_input("00\r0")
    assert len(str(refused.value).splitlines()) == 1
