"""Answers: every candidate with its type and runs, and the choice."""

import json
import math
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.lang.interpreter import Limits
from saps.lang.spelling import from_short, parse, to_lisp
from saps.search.tree_beam import SearchLimits
from saps.synthesis.notation import Question, read_examples
from saps.synthesis.result import ask, shown
from saps.synthesis.synthesizer import Synthesizer
from tests.learned import COMBINE, DIVIDE, LARGEST, SUM_OF_EVEN


@pytest.fixture(scope="module")
def synthesizer(learned_model: Path) -> Synthesizer:
    return Synthesizer.load(learned_model)


def test_the_answer_has_a_type_passes_and_runs(synthesizer: Synthesizer) -> None:
    examples = read_examples(['{"a": [1, 2, 3, 4]} -> 6', '{"a": []} -> 0'])
    answer = ask(synthesizer, Question(SUM_OF_EVEN, None, examples, {"a": [5, 6]}))
    assert answer.guessed
    assert answer.question.arguments == {"a": "int[]"}
    assert answer.passes
    assert answer.chosen.type == "int"
    assert answer.chosen.passed == (True, True)
    assert answer.chosen.result is not None
    assert shown(answer.chosen.result) == "6"


def test_every_candidate_is_run_on_every_example(synthesizer: Synthesizer) -> None:
    answer = ask(
        synthesizer, Question(COMBINE, None, read_examples(['{"a": 2, "b": 2} -> 4', '{"a": 3, "b": 5} -> 15']))
    )
    by_program = {to_lisp(attempt.program): attempt.passed for attempt in answer.attempts}
    assert by_program["(+ a b)"] == (True, False)
    assert by_program["(* a b)"] == (True, True)
    assert to_lisp(answer.chosen.program) == "(* a b)"
    assert answer.tried == 2
    assert 0.2 < answer.chosen.probability < 0.45


def test_every_candidate_is_well_typed(synthesizer: Synthesizer) -> None:
    answer = ask(synthesizer, Question(LARGEST, None, read_examples(['{"a": ["x"]} -> 1']), candidates=20))
    assert {attempt.type for attempt in answer.attempts} == {"int"}  # as the example says


def test_a_search_tells_its_story(synthesizer: Synthesizer) -> None:
    examples = read_examples(['{"a": 2, "b": 2} -> 4', '{"a": 3, "b": 5} -> 15'])
    answer = ask(synthesizer, Question(COMBINE, None, examples, search=SearchLimits(visited=50)))
    assert to_lisp(answer.chosen.program) == "(* a b)"
    assert answer.passes
    story = answer.as_json()["story"]
    assert story["ended"] == "a program passes"
    assert [tried["verdict"] for tried in story["tried"]] == ["gives 8 on example 2", "passes"]
    assert math.prod(node["probability"] for node in story["nodes"]) == pytest.approx(
        answer.chosen.probability, rel=1e-4
    )
    assert story["counts"]["programs tried"] == 2
    assert ask(synthesizer, Question(COMBINE, None, examples)).story is None


def test_a_failing_run_keeps_its_message(synthesizer: Synthesizer) -> None:
    result = ask(synthesizer, Question(DIVIDE, None, (), {"a": 1, "b": 0})).chosen.result
    assert result is not None
    assert (result.kind, shown(result)) == ("runtime error", "division by zero")


def test_limits_bind_every_run(synthesizer: Synthesizer) -> None:
    question = Question(DIVIDE, None, read_examples(['{"a": 6, "b": 2} -> 3']), {"a": 6, "b": 2})
    assert ask(synthesizer, question).passes
    bound = ask(synthesizer, question, Limits(steps=1))
    assert not bound.passes
    assert {outcome.kind for outcome in (*bound.chosen.outcomes, bound.chosen.result) if outcome} == {"limit"}


def test_an_argument_that_the_model_has_no_label_for_is_refused_with_those_that_it_has(
    synthesizer: Synthesizer,
) -> None:
    with pytest.raises(UserError, match="never seen an argument named total; name it as one of a, b,"):
        ask(synthesizer, Question(DIVIDE, {"a": "int", "total": "int"}))
    assert ask(synthesizer, Question(DIVIDE, {"a": "int", "total": "int"}, allow_unknown=True)).attempts


def test_examples_are_checked_against_the_guess(synthesizer: Synthesizer) -> None:
    with pytest.raises(UserError, match="guessed from the sentence"):
        ask(synthesizer, Question(SUM_OF_EVEN, None, read_examples(['{"b": [1]} -> 0'])))


def test_as_json_is_plain_and_whole(synthesizer: Synthesizer) -> None:
    answer = ask(synthesizer, Question(SUM_OF_EVEN, None, read_examples(['{"a": [2]} -> 2']), {"a": [4, 5]}, 3))
    plain = json.loads(json.dumps(answer.as_json(), allow_nan=False))
    best = plain["candidates"][plain["chosen"]]
    assert len(plain["candidates"]) == 3
    assert parse(best["program"]) == from_short(best["tree"]) == answer.chosen.program
    assert best["examples"] == [{"passes": True, "kind": "value", "shown": "2"}]
    assert best["result"] == {"kind": "value", "shown": "4"}
    assert plain["examples"] == ['{"a": [2]} -> 2']
    assert plain["arguments"] == {"a": "int[]"}
