"""The first candidate that passes the examples wins; without examples, those that can be run come first."""

from collections.abc import Sequence

import pytest

from saps.lang.example import Example
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.lang.types import parse_type
from saps.search.choose import Choice, choose, sound_first
from saps.search.hypothesis import Candidate
from saps.search.trial import Trial
from saps.search.typical import typical_inputs

SUM = [Example({"a": [1, 2, 3]}, 6), Example({"a": []}, 0)]
WRONG, FAILING, RIGHT = parse("(len a)"), parse("(head a)"), parse("(reduce a 0 +)")
ENDLESS = parse("(invoke1 (lambda1 (self arg1)) 0)")


def chosen(programs: Sequence[Tree], examples: Sequence[Example]) -> Choice:
    return choose([Candidate(program, -float(rank)) for rank, program in enumerate(programs)], Trial(examples))


def test_the_first_that_passes_wins() -> None:
    choice = chosen([WRONG, FAILING, ENDLESS, RIGHT, parse("(reduce a 0 max)")], SUM)
    assert (choice.program, choice.rank, choice.passes, choice.tried) == (RIGHT, 3, True, 4)


def test_the_most_probable_stands_in_when_none_passes_and_it_says_so() -> None:
    choice = chosen([WRONG, FAILING], SUM)
    assert (choice.program, choice.rank, choice.passes, choice.tried) == (WRONG, 0, False, 2)


def test_without_examples_nothing_is_run() -> None:
    assert chosen([ENDLESS, RIGHT], []).tried == 0
    with pytest.raises(ValueError, match="no candidate"):
        chosen([], SUM)


def test_programs_that_cannot_be_run_on_typical_inputs_come_last() -> None:
    kinds = {"a": parse_type("int[]"), "b": parse_type("int")}
    programs = [parse("(/ b 0)"), ENDLESS, RIGHT, parse("(deref a 40)"), WRONG]
    found = sound_first([Candidate(program, -float(rank)) for rank, program in enumerate(programs)], kinds)
    assert [candidate.program for candidate in found[:2]] == [RIGHT, WRONG]
    assert {candidate.program for candidate in found} == set(programs)


def test_typical_inputs_have_the_declared_types() -> None:
    kinds = {name: parse_type(kind) for name, kind in {"a": "int[]", "b": "string", "c": "dict<string, int>"}.items()}
    for values in typical_inputs(kinds):
        assert all(isinstance(element, int) for element in values["a"])
        assert len(values["a"]) >= 2
        assert isinstance(values["b"], str)
        assert all(isinstance(key, str) and isinstance(item, int) for key, item in values["c"].items())
