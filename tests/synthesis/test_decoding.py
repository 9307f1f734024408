"""Many questions decoded in every way: in order, alone as in company, and blind to the tests that judge."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from saps.evaluation.judge import is_well_typed
from saps.generator import generate
from saps.lang.example import Example
from saps.lang.spelling import to_lisp
from saps.search.constraints import MAX_DEPTH, MAX_SIZE
from saps.search.step import LogProbabilities, Step
from saps.synthesis.decoding import Decoding, Found, decode
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.query import Query, query_of
from saps.tasks.task import SHOWN_TESTS, Task
from saps.tasks.vocabulary import vocabularies_of
from tests.learned import COMBINE, REVERSE
from tests.models.made import small, varied

WAYS = [Decoding("greedy"), Decoding("constrained"), Decoding("beam", candidates=4), Decoding("search", budget=5)]
ways = pytest.mark.parametrize("decoding", WAYS, ids=lambda decoding: decoding.way)


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    return list(generate(12, seed=4))


@pytest.fixture(scope="module")
def wild(tasks: list[Task]) -> Synthesizer:
    """An untrained system."""
    return Synthesizer(varied(small(vocabularies_of(tasks), seed=3, max_nodes=40), seed=5, leaves=1.0))


@ways
def test_answers_come_in_order_and_do_not_depend_on_company(
    tasks: list[Task], wild: Synthesizer, decoding: Decoding
) -> None:
    queries = [query_of(task, SHOWN_TESTS) for task in tasks]
    together = decode(wild, queries, decoding)
    assert decode(wild, queries[::-1], decoding) == together[::-1]
    assert decode(wild, queries[3:5], decoding) == together[3:5]
    assert len({one.program for one in together}) > 3


@pytest.mark.parametrize("decoding", WAYS[1:], ids=lambda decoding: decoding.way)
def test_all_but_plain_greedy_programs_are_well_typed(tasks: list[Task], wild: Synthesizer, decoding: Decoding) -> None:
    for task, one in zip(tasks, decode(wild, [query_of(task, 3) for task in tasks], decoding), strict=True):
        assert one.program is not None
        assert is_well_typed(one.program, task)


class Drawing:
    """A stepper with Gumbel noise on its log-probabilities: the best label is then one drawn by its probability."""

    def __init__(self, stepper: Step[Any], noise: np.random.Generator) -> None:
        self.start, self.advance, self.stepper, self.noise = stepper.start, stepper.advance, stepper, noise

    def step(self, states: Sequence[Any]) -> tuple[LogProbabilities, Sequence[Any]]:
        log_probabilities, seen = self.stepper.step(states)
        return log_probabilities + self.noise.gumbel(size=log_probabilities.shape), seen


def well_typed_decodes(synthesizer: Synthesizer, tasks: list[Task], rounds: int) -> int:
    """Draws a program for each task again and again; how many, all of them well-typed and within the limits."""
    count, noise, make = 0, np.random.default_rng(0), synthesizer.system.stepper
    queries = [query_of(task, 0) for task in tasks]
    for _ in range(rounds):
        with mock.patch.object(synthesizer.system, "stepper", lambda texts: Drawing(make(texts), noise)):
            drawn = synthesizer.candidates(queries, 1)
        for task, (candidate,) in zip(tasks, drawn, strict=True):
            assert is_well_typed(candidate.program, task), to_lisp(candidate.program)
            assert candidate.program.size() <= MAX_SIZE
            assert candidate.program.depth() <= MAX_DEPTH
            count += 1
    return count


def test_an_untrained_network_draws_well_typed_programs(tasks: list[Task], wild: Synthesizer) -> None:
    assert well_typed_decodes(wild, tasks, rounds=2) == 24


@pytest.mark.slow
def test_ten_thousand_draws_of_untrained_networks_are_well_typed() -> None:
    tasks = list(generate(250, seed=9))
    drawn = 0
    for seed in range(4):
        system = small(vocabularies_of(tasks), seed=seed)
        drawn += well_typed_decodes(Synthesizer(varied(system, seed=seed, leaves=2.5)), tasks, rounds=10)
    assert drawn == 10_000


def test_the_tests_that_judge_cannot_be_reached(tasks: list[Task], wild: Synthesizer) -> None:
    class Alarm:
        """A value that tells when it is looked at."""

        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(f"a hidden test was looked at: {name}")

    def guarded(task: Task) -> Query:
        hidden: Any = Alarm()
        return query_of(dataclasses.replace(task, tests=(*task.tests[:SHOWN_TESTS], hidden)), SHOWN_TESTS)

    assert decode(wild, [guarded(task) for task in tasks], WAYS[3]) == decode(
        wild, [query_of(task, SHOWN_TESTS) for task in tasks], WAYS[3]
    )
    assert {field.name for field in dataclasses.fields(Query)} == {
        "text",
        "arguments",
        "examples",
        "result",
        "origin",
        "certainty",
    }
    assert all(len(guarded(task).examples) == SHOWN_TESTS for task in tasks)


def combined(*outputs: int) -> Query:
    tests = tuple(Example({"a": 3 + k, "b": 5}, output) for k, output in enumerate(outputs))
    return Query(tuple(COMBINE.split()), {"a": "int", "b": "int"}, tests, "int")


def test_examples_choose_in_a_beam_and_in_a_search(learned_model: Path) -> None:
    synthesizer = Synthesizer.load(learned_model)
    for decoding in WAYS[2:]:
        found = decode(synthesizer, [combined(8, 9), combined(15, 20), combined(8, 77)], decoding)
        assert [to_lisp(one.program) for one in found if one.program] == ["(+ a b)", "(* a b)", "(+ a b)"]
        assert [(one.visited, one.run) for one in found] == [(1, 1), (2, 2), (0, 0)]
        assert [to_lisp(program) for program in found[1].listed[:2]] == ["(+ a b)", "(* a b)"]


@pytest.mark.parametrize("decoding", WAYS[1:], ids=lambda decoding: decoding.way)
def test_a_type_that_the_model_cannot_write_is_a_problem_and_not_the_end(
    learned_model: Path, decoding: Decoding
) -> None:
    odd = Query(tuple(REVERSE.split()), {}, (), "dict<int, int>")
    heard: list[int] = []
    found = decode(Synthesizer.load(learned_model), [odd, combined(8)], decoding, heard.append)
    assert found[0] == Found(
        None, "no program of type dict<int, int> is possible with the labels and arguments that there are"
    )
    assert found[1].program is not None
    assert heard == [2]
    assert decode(Synthesizer.load(learned_model), [odd], decoding) == found[:1]  # nothing else is decoded with it
