"""Results: every candidate with its type and runs, and the choice."""

import json
import math
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.lang.interpreter import Limits
from saps.lang.spelling import from_short, parse, to_lisp
from saps.search.tree_beam import SearchLimits
from saps.synthesis.from_text import inputs_for, query_from_text
from saps.synthesis.notation import read_examples
from saps.synthesis.result import shown
from saps.synthesis.settings import SynthesisSettings
from saps.synthesis.synthesizer import Synthesizer
from tests.learned import COMBINE, DIVIDE, LARGEST, SUM_OF_EVEN


@pytest.fixture(scope="module")
def synthesizer(learned_model: Path) -> Synthesizer:
    return Synthesizer.load(learned_model)


def test_the_answer_has_a_type_passes_and_runs(synthesizer: Synthesizer) -> None:
    examples = read_examples(['{"a": [1, 2, 3, 4]} -> 6', '{"a": []} -> 0'])
    result = synthesizer.synthesize(query_from_text(SUM_OF_EVEN, examples=examples), inputs={"a": [5, 6]})
    assert result.query.guessed
    assert result.query.arguments == {"a": "int[]"}
    assert result.passes
    assert result.chosen.type == "int"
    assert result.chosen.passed == (True, True)
    assert result.chosen.result is not None
    assert shown(result.chosen.result) == "6"


def test_every_candidate_is_run_on_every_example(synthesizer: Synthesizer) -> None:
    examples = read_examples(['{"a": 2, "b": 2} -> 4', '{"a": 3, "b": 5} -> 15'])
    result = synthesizer.synthesize(query_from_text(COMBINE, examples=examples))
    by_program = {to_lisp(attempt.program): attempt.passed for attempt in result.attempts}
    assert by_program["(+ a b)"] == (True, False)
    assert by_program["(* a b)"] == (True, True)
    assert to_lisp(result.chosen.program) == "(* a b)"
    assert result.tried == 2
    assert 0.2 < result.chosen.probability < 0.45


def test_every_candidate_is_well_typed(synthesizer: Synthesizer) -> None:
    query = query_from_text(LARGEST, examples=read_examples(['{"a": ["x"]} -> 1']))
    result = synthesizer.synthesize(query, SynthesisSettings(candidates=20))
    assert {attempt.type for attempt in result.attempts} == {"int"}  # as the example says


def test_a_search_explains_itself(synthesizer: Synthesizer) -> None:
    examples = read_examples(['{"a": 2, "b": 2} -> 4', '{"a": 3, "b": 5} -> 15'])
    query = query_from_text(COMBINE, examples=examples)
    result = synthesizer.synthesize(query, SynthesisSettings(search=SearchLimits(visited=50)))
    assert to_lisp(result.chosen.program) == "(* a b)"
    assert result.passes
    story = result.as_json()["story"]
    assert story["ended"] == "a program passes"
    assert [tried["verdict"] for tried in story["tried"]] == ["gives 8 on example 2", "passes"]
    assert math.prod(node["probability"] for node in story["nodes"]) == pytest.approx(
        result.chosen.probability, rel=1e-4
    )
    assert story["counts"]["programs tried"] == 2
    assert synthesizer.synthesize(query).explanation is None
    assert synthesizer.synthesize(query, SynthesisSettings(explain=True)).explanation is not None


def test_a_failing_run_keeps_its_message(synthesizer: Synthesizer) -> None:
    outcome = synthesizer.synthesize(query_from_text(DIVIDE), inputs={"a": 1, "b": 0}).chosen.result
    assert outcome is not None
    assert (outcome.kind, shown(outcome)) == ("runtime error", "division by zero")


def test_limits_bind_every_run(synthesizer: Synthesizer) -> None:
    query = query_from_text(DIVIDE, examples=read_examples(['{"a": 6, "b": 2} -> 3']))
    assert synthesizer.synthesize(query).passes
    bound = synthesizer.synthesize(query, SynthesisSettings(limits=Limits(steps=1)), {"a": 6, "b": 2})
    assert not bound.passes
    assert {outcome.kind for outcome in (*bound.chosen.outcomes, bound.chosen.result) if outcome} == {"limit"}


def test_an_argument_that_the_model_has_no_label_for_is_refused_with_those_that_it_has(
    synthesizer: Synthesizer,
) -> None:
    query = query_from_text(DIVIDE, {"a": "int", "total": "int"})
    with pytest.raises(UserError, match="never seen an argument named total; name it as one of a, b,"):
        synthesizer.synthesize(query)
    assert synthesizer.synthesize(query, SynthesisSettings(allow_unknown=True)).attempts


def test_as_json_is_plain_and_whole(synthesizer: Synthesizer) -> None:
    query = query_from_text(SUM_OF_EVEN, examples=read_examples(['{"a": [2]} -> 2']))
    result = synthesizer.synthesize(query, SynthesisSettings(candidates=3), inputs_for(query, {"a": [4, 5]}))
    plain = json.loads(json.dumps(result.as_json(), allow_nan=False))
    best = plain["candidates"][plain["chosen"]]
    assert len(plain["candidates"]) == 3
    assert parse(best["program"]) == from_short(best["tree"]) == result.chosen.program
    assert best["examples"] == [{"passes": True, "kind": "value", "shown": "2"}]
    assert best["result"] == {"kind": "value", "shown": "4"}
    assert plain["examples"] == ['{"a": [2]} -> 2']
    assert plain["arguments"] == {"a": "int[]"}
