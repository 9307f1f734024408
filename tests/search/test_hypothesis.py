"""Hypotheses: growth in pre-order, and what they share."""

import sys

import pytest

from saps.lang.trees import Tree
from saps.search.constraints import Bounds, Constraints
from saps.search.hypothesis import Hypothesis
from tests.search.tables import LABELS, rules

NUMBER = {label: number for number, label in enumerate(LABELS)}


def grown(by: Constraints, *labels: tuple[str, int]) -> Hypothesis:
    hypothesis = by.start()
    for label in labels:
        hypothesis = by.extend(hypothesis, NUMBER[label])
    return hypothesis


def test_two_extensions_of_one_program_leave_it_as_it_was() -> None:
    by = rules(a="int[]", size=9)
    origin = grown(by, ("+", 2), ("0", 0))
    one, other = by.extend(origin, NUMBER["0", 0]), by.extend(origin, NUMBER["len", 1])
    assert one.to_tree() == Tree("+", (Tree("0"), Tree("0")))
    assert other.labels() == [("+", 2), ("0", 0), ("len", 1)]
    assert origin.size == 2
    assert one.complete
    assert not origin.complete
    assert not other.complete


def test_an_extension_does_not_copy_the_program() -> None:
    by = Constraints(LABELS, {}, Bounds(19_000, 19_000))
    hypothesis = by.start()
    for _ in range(5000):
        hypothesis = by.extend(hypothesis, NUMBER["+", 2])
    longer = by.extend(hypothesis, NUMBER["0", 0])
    assert longer.last is not None
    assert longer.last[1] is hypothesis.last
    assert hypothesis.holes is not None
    assert longer.holes is hypothesis.holes.below
    assert sys.getsizeof(longer) < 200


def test_misuse_is_refused() -> None:
    by = rules(a="int[]")
    with pytest.raises(ValueError, match="0/0 cannot come next"):
        by.extend(grown(by, ("0", 0)), NUMBER["0", 0])
    with pytest.raises(ValueError, match="a/0 cannot come next"):
        by.extend(by.start(), NUMBER["a", 0])
    with pytest.raises(ValueError, match="not complete"):
        grown(by, ("reduce", 3)).to_tree()
