"""When an answer is called sure, and what is said of one that is not."""

import pytest

from saps.lang.spelling import parse
from saps.synthesis.doubt import doubt_about, least_sure
from saps.synthesis.from_text import query_from_text
from saps.synthesis.notation import read_examples
from saps.synthesis.result import Attempt

KNOWN = "add up the list sum of an array numbers number given and find please a"
WORDS = frozenset(KNOWN.split())


def doubt(sentence: str, probability: float = 0.99, passes: bool = False, unused: tuple[str, ...] = ()) -> str:
    attempt = Attempt(parse("(reduce a 0 +)"), probability, "int", "", (), (), None, unused)
    return doubt_about(query_from_text(sentence), attempt, passes, WORDS, 0.9)


def test_a_probable_answer_is_sure_and_a_less_probable_one_that_passes() -> None:
    assert doubt("add up the list") == ""
    assert doubt("zzz qqq", 0.3, passes=True) == ""
    assert "0.42 %; one more example" in doubt("zzz qqq", 0.0042, passes=True)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("finde die summe der zahlen", "does not know most of this sentence"),
        ("qwrtz uiop", "does not know most"),
        ("given an array of numbers a and a number b", "not what is wanted"),
        ("please", "not what is wanted"),
    ],
)
def test_what_is_no_wish_is_told_from_a_hard_one(sentence: str, said: str) -> None:
    assert said in doubt(sentence)
    assert "probability of 30 %" in doubt("add up the list", 0.3)


def test_an_ignored_argument_and_failed_examples_are_said() -> None:
    assert doubt("add up the list", unused=("k",)) == "the program does not use k"
    query = query_from_text("add up the list", examples=read_examples(['{"a": [1]} -> 2']))
    attempt = Attempt(parse("(reduce a 0 +)"), 0.99, "int", "", (), (False,), None)
    assert "passes the examples" in doubt_about(query, attempt, False, WORDS, 0.9)


def test_the_threshold_is_the_least_from_which_on_enough_are_right() -> None:
    judged = [(0.99, True), (0.9, True), (0.8, False), (0.7, True), (0.6, False), (0.5, False)]
    assert least_sure(judged, 0.9) == 0.9
    assert least_sure(judged, 0.75) == 0.7
    assert least_sure([(0.9, False)], 0.9) > 1


def test_answers_of_the_same_probability_are_taken_together() -> None:
    judged = [(0.99, True), (0.9, True), (0.9, False), (0.9, False)]
    assert least_sure(judged, 0.9) == least_sure(judged[::-1], 0.9) == 0.99
    assert least_sure(judged, 0.5) == least_sure(judged[::-1], 0.5) == 0.9
    assert least_sure(judged[1:], 0.3) == 0.9
    assert least_sure(judged[1:], 0.9) > 1
