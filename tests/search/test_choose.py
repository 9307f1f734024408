"""The first candidate that passes the examples wins."""

import pytest

from saps.lang.spelling import parse
from saps.search.choose import choose
from saps.tasks.task import Test

SUM = [Test({"a": [1, 2, 3]}, 6), Test({"a": []}, 0)]
WRONG, FAILING, RIGHT = parse("(len a)"), parse("(head a)"), parse("(reduce a 0 +)")
ENDLESS = parse("(invoke1 (lambda1 (self arg1)) 0)")


def test_the_first_that_passes_wins() -> None:
    choice = choose([WRONG, FAILING, ENDLESS, RIGHT, parse("(reduce a 0 max)")], SUM)
    assert (choice.program, choice.rank, choice.passes, choice.tried) == (RIGHT, 3, True, 4)


def test_the_most_probable_stands_in_when_none_passes_and_it_says_so() -> None:
    choice = choose([WRONG, FAILING], SUM)
    assert (choice.program, choice.rank, choice.passes, choice.tried) == (WRONG, 0, False, 2)


def test_without_examples_nothing_is_run() -> None:
    assert choose([ENDLESS, RIGHT], []).tried == 0
    with pytest.raises(ValueError, match="no candidate"):
        choose([], SUM)
