"""Requests that may hold anything, and the queue before the model."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from saps.errors import UserError
from saps.playground import service
from saps.playground.service import Busy, Service, read_question
from saps.synthesis.synthesizer import Synthesizer
from tests.learned import COMBINE, DIVIDE, SUM_OF_EVEN


@pytest.fixture(scope="module")
def small_service(learned_model: Path) -> Service:
    return Service.load(learned_model)


def test_a_request_becomes_a_question() -> None:
    question = read_question(
        {
            "text": "T",
            "arguments": ["a:int"],
            "examples": ['{"a": 1} -> 2'],
            "input": '{"a": 3}',
            "candidates": 4,
            "allow_unknown": True,
        }
    )
    query, settings, inputs = question
    assert (query.text, query.arguments, query.guessed, inputs) == (("t",), {"a": "int"}, False, {"a": 3})
    assert (settings.candidates, settings.allow_unknown, query.examples[0].output) == (4, True, 2)


def test_all_but_the_sentence_may_be_missing() -> None:
    query, settings, inputs = read_question({"text": "t", "input": "  "})
    assert (query.arguments, query.guessed, query.examples, inputs, settings.candidates) == ({}, True, (), None, 10)


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (None, "JSON object"),
        ([], "JSON object"),
        ({"txt": "t"}, "no field 'txt'"),
        ({"text": 1}, "text must be a string"),
        ({"arguments": "a:int"}, "arguments must be a list of strings"),
        ({"examples": [1]}, "examples must be a list of strings"),
        ({"input": {"a": 1}}, "input must be a string"),
        ({"candidates": "10"}, "candidates must be a number"),
        ({"candidates": True}, "candidates must be a number"),
        ({"candidates": 1.5}, "candidates must be a number"),
        ({"candidates": 0}, "from 1 to 20, found 0"),
        ({"candidates": 21}, "from 1 to 20, found 21"),
        ({"candidates": -(10**4000)}, "from 1 to 20"),
        ({"allow_unknown": 1}, "allow_unknown must be true or false"),
        ({"text": "a " * 600}, "1,200 characters; at most 1,000"),
        ({"examples": ["{} -> 1"] * 9}, "9 examples; at most 8"),
        ({"arguments": ["a:int"] * 11}, "11 arguments; at most 10"),
        ({"input": " " * 6000}, "6,000 characters"),
        ({"examples": ["x"]}, "example 1"),
    ],
)
def test_a_request_that_is_no_question_gets_one_line(request_: Any, complaint: str) -> None:
    with pytest.raises(UserError) as refused:
        read_question(request_)
    assert complaint in str(refused.value)
    assert len(str(refused.value)) < 200


def test_the_facts_are_those_of_the_model(small_service: Service) -> None:
    facts = small_service.model()
    assert facts["system"] == "SAPS"
    assert facts["parameters"] > 10_000
    assert facts["words"] == 33
    assert facts["notes"] == {"val_exact_match": 0.75}  # the loss is NaN, which JSON cannot hold
    assert SUM_OF_EVEN in [sample["text"] for sample in facts["samples"]]


def test_the_samples_that_are_offered_are_questions_with_answers_that_pass(small_service: Service) -> None:
    samples = small_service.model()["samples"]
    assert len(samples) == len(service.SAMPLES)
    for sample in samples:
        request = {"text": sample["text"], "examples": sample["examples"].split("\n"), "input": sample["input"]}
        answer = small_service.synthesize(request)
        assert answer["passes"]
        assert answer["candidates"][answer["chosen"]]["result"]["kind"] == "value"


def test_long_results_are_cut(small_service: Service) -> None:
    values = f'{{"a": {list(range(1000))}}}'
    answer = small_service.synthesize({"text": "given an array of numbers a , reverse a", "input": values})
    result = answer["candidates"][answer["chosen"]]["result"]["shown"]
    assert result.startswith("[999, 998")
    assert len(result) == service.MAX_SHOWN + len(" ...")


def test_runs_are_bound(small_service: Service) -> None:
    answer = small_service.synthesize({"text": DIVIDE, "input": f'{{"a": {10**2000}, "b": 1}}'})
    assert answer["candidates"][answer["chosen"]]["result"]["kind"] == "limit"


texts = st.one_of(
    st.text(max_size=30), st.lists(st.sampled_from([*COMBINE.split(), "[", '"', "9"]), max_size=15).map(" ".join)
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)
runs = st.dictionaries(st.sampled_from("ab"), values).map(json.dumps)
requests = st.fixed_dictionaries(
    {"text": st.one_of(st.just(COMBINE), texts)},
    optional={
        "arguments": st.lists(
            st.sampled_from(["a:int", "b:int[]", "a:any", "b:dict<string,any>", "a:", ":"]) | texts, max_size=3
        ),
        "examples": st.lists(st.one_of(st.tuples(runs, values.map(json.dumps)).map(" -> ".join), texts), max_size=2),
        "input": st.one_of(runs, texts),
        "candidates": st.integers(-1, 22),
        "allow_unknown": st.booleans(),
    },
)


@given(request_=st.one_of(requests, values))
@hypothesis_settings(deadline=None, max_examples=150)
def test_every_request_gets_an_answer_that_is_json_or_one_line(small_service: Service, request_: Any) -> None:
    answer = answer_or_mistake(small_service, request_)
    assert json.loads(json.dumps(answer, allow_nan=False))
    assert answer.get("candidates") or len(answer["error"].splitlines()) == 1


def answer_or_mistake(asked: Service, request_: Any) -> dict[str, Any]:
    try:
        return asked.synthesize(request_)
    except UserError as error:
        return {"error": str(error)}


def test_where_too_many_wait_the_next_is_turned_away(learned_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_WAITING", 1)
    narrow = Service.load(learned_model)
    started, release = threading.Event(), threading.Event()

    synthesize = Synthesizer.synthesize

    def held(*words: Any) -> Any:
        started.set()
        assert release.wait(20)
        return synthesize(*words)

    monkeypatch.setattr(Synthesizer, "synthesize", held)
    answers: list[Any] = []
    first = threading.Thread(target=lambda: answers.append(narrow.synthesize({"text": COMBINE})))
    first.start()
    assert started.wait(20)
    with pytest.raises(Busy, match="ask again"):
        narrow.synthesize({"text": COMBINE})
    release.set()
    first.join(20)
    assert answers[0]["candidates"]
    assert narrow.synthesize({"text": COMBINE})["candidates"]


def test_a_refused_question_frees_its_place(learned_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_WAITING", 1)
    narrow = Service.load(learned_model)
    for _ in range(3):
        with pytest.raises(UserError, match="xyzzy"):
            narrow.synthesize({"text": "xyzzy"})
    assert narrow.synthesize({"text": COMBINE})["candidates"]


def test_the_model_answers_one_question_at_a_time(small_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work: list[int] = []
    most: list[int] = []

    synthesize = Synthesizer.synthesize

    def counted(*words: Any) -> Any:
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.02)
        at_work.pop()
        return synthesize(*words)

    monkeypatch.setattr(Synthesizer, "synthesize", counted)
    threads = [threading.Thread(target=small_service.synthesize, args=({"text": COMBINE},)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == [1] * 5


def test_the_answer_can_be_looked_into(learned_model: Path) -> None:
    answer = Service.load(learned_model).synthesize({"text": COMBINE, "input": '{"a": 2, "b": 5}', "seconds": 3})
    view = answer["candidates"][0]["view"]
    assert [step["value"] for step in view["steps"]] == ["2", "5", "7"]
    assert len(view["attention"]) == len(view["probabilities"]) == 3
    asked = answer["second_example"]
    assert len(asked["outputs"]) > 1
    assert answer["seconds"] > 0


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [("seconds", 31, "from 1 to 30 seconds"), ("seconds", True, "whole number"), ("returns", "list", "list"),
     ("avoid_errors", 1, "true or false")],
)  # fmt: skip
def test_type_time_and_errors_are_checked(field: str, value: object, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        read_question({"text": COMBINE, field: value})


def test_the_result_has_the_type_that_is_asked_for(learned_model: Path) -> None:
    answer = Service.load(learned_model).synthesize({"text": COMBINE, "returns": "bool"})
    assert answer["candidates"][0]["type"] == "bool"
