"""Input modes: what values arguments take."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from saps.errors import UserError
from saps.generator.inputs import DRAW, Modes
from saps.generator.mode_settings import parse_setting

PLAIN = {
    "number": "1..30",
    "length": "5..15",
    "item": "1..30",
    "letters": "abc",
    "letter_count": "2..5",
    "order": "any",
    "sign": "positive",
}


def modes(**others: dict[str, str]) -> Modes:
    texts = {"plain": PLAIN, **others}
    return Modes({name: {key: parse_setting(key, text) for key, text in mode.items()} for name, mode in texts.items()})


def draws(type_name: str, path: tuple[str, ...] = (), **others: dict[str, str]) -> list[Any]:
    rng, ranges = Random(1), modes(**others).ranges(path)
    return [DRAW[type_name](ranges, rng) for _ in range(2000)]


def test_numbers_take_all_values_of_their_range() -> None:
    assert set(draws("int")) == set(range(1, 31))


def test_zero_never_comes_up() -> None:
    assert set(draws("int", ("signed",), signed={"number": "-3..3"})) == {-3, -2, -1, 1, 2, 3}


def test_both_signs_reach_as_far_below_zero_as_above_but_for_items_of_lists() -> None:
    tiny = modes(tiny={"number": "1..3", "item": "1..8"})
    assert tiny.signed_ranges(("tiny",)).number == (-3, -2, -1, 1, 2, 3)
    assert tiny.signed_ranges(("tiny",)).item[0] == -8
    assert tiny.signed_ranges(()).item[0] == -20
    assert tiny.ranges(("tiny",)).number == (1, 2, 3)


def test_lists_and_strings_keep_to_their_sizes_and_contents() -> None:
    assert {len(values) for values in draws("int[]")} == set(range(5, 16))
    assert {value for values in draws("int[]") for value in values} == set(range(1, 31))
    assert {len(text) for text in draws("string")} == {2, 3, 4, 5}
    assert {letter for texts in draws("string[]") for text in texts for letter in text} == set("abc")


@pytest.mark.parametrize(("order", "arrange"), [("sorted", sorted), ("mirrored", lambda values: values[::-1])])
def test_half_of_the_lists_have_the_order_asked_for(order: str, arrange: Callable[[list[int]], list[int]]) -> None:
    lists = draws("int[]", ("special",), special={"order": order, "item": "1..1000"})
    assert 0.45 < sum(arrange(values) == values for values in lists) / len(lists) < 0.55


def test_the_innermost_mode_wins_and_leaves_the_rest_as_it_is() -> None:
    both = modes(outer={"number": "1..5", "length": "2..3"}, inner={"number": "7..8"}).ranges(("outer", "inner"))
    assert tuple(both.number) == (7, 8)
    assert tuple(both.length) == (2, 3)
    assert both.letters == "abc"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("number", "30", "written like 1..30|from a smaller"),
        ("number", "9..1", "from a smaller"),
        ("length", "-2..5", "sizes are positive"),
        ("number", "a..b", "written like 1..30"),
        ("order", "random", "one of any, sorted, mirrored"),
        ("sign", "minus", "one of positive, both"),
        ("letters", "", "empty"),
        ("speed", "1..2", "no setting of an input mode"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(name: str, text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_setting(name, text)


def test_the_starting_mode_must_be_complete() -> None:
    with pytest.raises(UserError, match="lacks order"):
        Modes({"plain": {key: parse_setting(key, text) for key, text in PLAIN.items() if key != "order"}})
