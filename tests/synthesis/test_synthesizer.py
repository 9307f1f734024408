"""The road from a sentence to a program: words, arguments, candidates, choice."""

import gc
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from saps.errors import UserError
from saps.evaluation.judge import is_well_typed
from saps.generator import generate
from saps.lang.example import Example
from saps.lang.interpreter import Limits, compile_program
from saps.lang.spelling import parse, to_lisp
from saps.search import trial
from saps.search.tree_beam import SearchLimits
from saps.synthesis.from_text import query_from_text
from saps.synthesis.guesses import guess_arguments, guess_result, refuse_unknown
from saps.synthesis.result import Result
from saps.synthesis.settings import SynthesisSettings
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.files import read_tasks
from saps.tasks.query import Query, query_of
from saps.tasks.tokens import tokenize
from saps.tasks.vocabulary import Vocabulary, vocabularies_of
from tests.in_time import in_time
from tests.learned import BIGGER, COMBINE, KNOWN, REVERSE, SUM_OF_EVEN
from tests.models.made import small, varied
from tests.search.test_trial import ENDLESS


@pytest.fixture(scope="module")
def synthesizer(learned_model: Path) -> Synthesizer:
    return Synthesizer.load(learned_model)


@pytest.mark.parametrize(
    ("sentence", "arguments"),
    [
        ("given an array of numbers a , find the sum of a", {"a": "int[]"}),
        ("Given a list of integers a, what is the largest of them?", {"a": "int[]"}),
        ("you are given an array of strings b , find the longest string in b", {"b": "string[]"}),
        ("given a number a and an array of numbers b , find b [ a ]", {"a": "int", "b": "int[]"}),
        ("consider numbers a , b and c , what is a + b + c", {"a": "int", "b": "int", "c": "int"}),
        ("given arrays of numbers a and b , append b to a", {"a": "int[]", "b": "int[]"}),
        ("given a string a , reverse a", {"a": "string"}),
        ("consider a string b and a number a , find the letter of b at a", {"b": "string", "a": "int"}),
        ("given an array of numbers , reverse the given array", {"a": "int[]"}),
        ("given a number b and a string , find the length of the given string", {"b": "int", "a": "string"}),
        ("consider an array of numbers and a number , let b be the given number", {"a": "int[]", "c": "int"}),
        ("given a number c and an array of numbers , find the c - th element", {"c": "int", "a": "int[]"}),
        ("what is forty two", {}),
        ("Given an array, find the median.", {"a": "int[]"}),
        ("sum the even elements of a list of numbers b", {"b": "int[]"}),
        ("Given two numbers a and b, add them.", {"a": "int", "b": "int"}),
        ("find the maximum of numbers a , b , and c", {"a": "int", "b": "int", "c": "int"}),
        ("Reverse the string a", {"a": "string"}),
        ("For a list of integers a and an integer k, count those above k", {"a": "int[]", "k": "int"}),
        ("Given a list of words, find the longest one that is no number", {"a": "string[]"}),
        ("given an integer array b , find the sum", {"b": "int[]"}),
        ("join a string b and a string c by a word", {"b": "string", "c": "string"}),
        ("find a number in the array b", {"b": "int[]"}),
    ],
)
def test_arguments_are_guessed_from_the_sentence(sentence: str, arguments: Mapping[str, str]) -> None:
    assert guess_arguments(tokenize(sentence)) == arguments


def test_a_sentence_that_uses_up_all_letters_does_no_harm() -> None:
    letters = " ".join("bcdefghijklmnopqrstuvwxyz")
    assert guess_arguments(f"given an array of numbers and a string , find {letters}".split()) == {"a": "int[]"}


def test_the_guess_is_right_on_generated_tasks() -> None:
    tasks = list(generate(300, seed=11))
    assert sum(guess_arguments(task.text) == dict(task.args) for task in tasks) >= 0.99 * len(tasks)


@pytest.mark.skipif("SAPS_ALGOLISP" not in os.environ, reason="SAPS_ALGOLISP names no folder with the published data")
def test_the_guess_is_right_on_the_published_tasks() -> None:
    tasks = list(read_tasks(Path(os.environ["SAPS_ALGOLISP"]) / "metaset3.dev.jsonl.gz"))
    assert sum(guess_arguments(task.text) == dict(task.args) for task in tasks) >= 0.999 * len(tasks)


def test_unknown_words_are_refused_all_at_once_each_with_the_nearest_known_ones() -> None:
    vocabulary = Vocabulary(("<pad>", "<unk>", "array", "reverse", "given"))
    with pytest.raises(UserError) as refused:
        refuse_unknown(("given", "aray", "xyzzy", "revers", "aray"), vocabulary)
    message = str(refused.value)
    assert "'aray' (perhaps 'array'), 'xyzzy', 'revers' (perhaps 'reverse')" in message
    assert message.count("aray") == 1
    assert message.endswith("say it in other words, or allow unknown words")
    assert refused.value.setting == "allow_unknown"


def test_padding_is_no_word_and_no_hint() -> None:
    with pytest.raises(UserError) as refused:
        refuse_unknown(("pad",), Vocabulary(("<pad>", "<unk>", "array")))
    assert "perhaps" not in str(refused.value)


def test_a_sentence_of_known_words_passes() -> None:
    refuse_unknown(("array",), Vocabulary(("<pad>", "<unk>", "array")))


def test_learned_sentences_get_their_programs(synthesizer: Synthesizer) -> None:
    for text, code in KNOWN[:5]:
        result = synthesizer.synthesize(query_from_text(text))
        assert to_lisp(result.program) == code
        assert not result.passes
        assert result.tried == 0


def test_case_and_spacing_do_not_matter(synthesizer: Synthesizer) -> None:
    result = synthesizer.synthesize(query_from_text("Given an array of numbers a,\n  reverse   a."))
    assert result.query.text == tuple(REVERSE.split())
    assert to_lisp(result.program) == "(reverse a)"


def test_candidates_are_distinct_and_the_most_probable_stands_first(synthesizer: Synthesizer) -> None:
    found = synthesizer.synthesize(query_from_text(SUM_OF_EVEN), SynthesisSettings(candidates=7)).attempts
    probabilities = [attempt.probability for attempt in found]
    assert len(found) == len({attempt.program for attempt in found}) == 7
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) <= 1 + 1e-5


def test_examples_choose_among_the_candidates(synthesizer: Synthesizer) -> None:
    assert to_lisp(synthesizer.synthesize(query_from_text(COMBINE)).program) == "(+ a b)"
    product = synthesizer.synthesize(query_from_text(COMBINE, examples=[Example({"a": 3, "b": 5}, 15)]))
    assert to_lisp(product.program) == "(* a b)"
    assert product.passes
    assert product.rank == 1
    assert product.tried == 2


def test_where_no_candidate_passes_the_most_probable_is_the_choice(synthesizer: Synthesizer) -> None:
    query = query_from_text(COMBINE, examples=[Example({"a": 3, "b": 5}, 1234)])
    result = synthesizer.synthesize(query, SynthesisSettings(candidates=4))
    assert to_lisp(result.program) == "(+ a b)"
    assert not result.passes
    assert result.tried == 4


def test_limits_bind_the_runs_on_examples(synthesizer: Synthesizer) -> None:
    query = query_from_text(REVERSE, examples=[Example({"a": [1, 2, 3]}, [3, 2, 1])])
    assert synthesizer.synthesize(query).passes
    assert not synthesizer.synthesize(query, SynthesisSettings(limits=Limits(steps=1))).passes


def test_only_arguments_of_the_task_are_used(synthesizer: Synthesizer) -> None:
    query = query_from_text(BIGGER, {"a": "int[]"})
    found = synthesizer.synthesize(query, SynthesisSettings(candidates=20)).attempts
    names = {node.label for candidate in found for node in candidate.program.preorder() if not node.children}
    assert "a" in names
    assert "b" not in names


def test_unknown_words_may_be_allowed(synthesizer: Synthesizer) -> None:
    query = query_from_text("given an array of numbers a , shuffle a")
    with pytest.raises(UserError, match="shuffle"):
        synthesizer.synthesize(query)
    assert synthesizer.synthesize(query, SynthesisSettings(allow_unknown=True)).attempts


def test_width_one_is_greedy_decoding_where_the_greedy_program_obeys_the_rules() -> None:
    tasks = list(generate(60, seed=4))
    vocabularies = vocabularies_of(tasks)
    synthesizer = Synthesizer(varied(small(vocabularies, seed=3, max_nodes=60), seed=5, leaves=1.0))
    queries = [query_of(task, 0) for task in tasks]
    greedy = [answer.program for answer in synthesizer.greedy(queries)]
    found = synthesizer.candidates(queries, 1)
    obedient = 0
    for task, program, candidates in zip(tasks, greedy, found, strict=True):
        if program is not None and synthesizer.rules(query_of(task, 0)).numbers(program) is not None:
            obedient += 1
            assert [candidate.program for candidate in candidates] == [program]
    assert obedient >= 5, f"only {obedient} greedy programs obey the rules: the test shows nothing"


def test_texts_searched_together_get_what_each_gets_alone(synthesizer: Synthesizer) -> None:
    texts = [tuple(REVERSE.split()), tuple(SUM_OF_EVEN.split()), tuple(COMBINE.split())]
    queries = [Query(text, guess_arguments(text)) for text in texts]
    together = synthesizer.candidates(queries, 3)
    for query, found in zip(queries, together, strict=True):
        (alone,) = synthesizer.candidates([query], 3)
        assert [candidate.program for candidate in found] == [candidate.program for candidate in alone]
    assert together[0][0].program == parse("(reverse a)")


def test_the_type_of_a_result_is_told_by_examples() -> None:
    assert guess_result([3, 4]) == "int"
    assert guess_result([True]) == "bool"
    assert guess_result([[], ["x"]]) == "string[]"
    assert guess_result([[[1]], [[2, 3]]]) == "int[][]"
    assert guess_result([[]]) == guess_result([]) == guess_result([1, True]) == guess_result([2.5]) == "any"


def test_constrained_decoding_is_greedy_decoding_under_the_rules() -> None:
    tasks = list(generate(16, seed=4))
    vocabularies = vocabularies_of(tasks)
    synthesizer = Synthesizer(varied(small(vocabularies, seed=3, max_nodes=60), seed=5, leaves=1.0))
    queries = [query_of(task, 0) for task in tasks]
    found = [answer.program for answer in synthesizer.constrained(queries)]
    assert found == [candidates[0].program for candidates in synthesizer.candidates(queries, 1)]
    assert all(program is not None and is_well_typed(program, task) for program, task in zip(found, tasks, strict=True))
    assert found != [answer.program for answer in synthesizer.greedy(queries)]
    again = [answer.program for answer in synthesizer.constrained(queries[::-1])]
    assert again[::-1] == found


def test_a_search_returns_in_time_whatever_its_programs_do(synthesizer: Synthesizer, monkeypatch: Any) -> None:
    wide = Limits(steps=10**9, elements=10**9)
    query = query_from_text(COMBINE, examples=[Example({"a": 3, "b": 5}, 123456)])
    synthesizer.synthesize(query, SynthesisSettings(search=SearchLimits(visited=3)))  # fills the tables
    monkeypatch.setattr(trial, "compile_program", lambda program: compile_program(ENDLESS))
    settings = SynthesisSettings(limits=wide, search=SearchLimits(visited=10**6), seconds=0.4)
    result = in_time(0.4 + 0.1, lambda: synthesizer.synthesize(query, settings))
    assert result.explanation is not None
    assert result.explanation.ended == "the time is over"
    assert to_lisp(result.program) == "(+ a b)"


def test_ctrl_c_ends_a_search_with_the_best_so_far(synthesizer: Synthesizer, monkeypatch: Any) -> None:
    settings = SynthesisSettings(search=SearchLimits(visited=10**6, expanded=10**6))
    query = query_from_text(COMBINE, examples=[Example({"a": 3, "b": 5}, 123456)])
    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def interrupted() -> Result:
        gc.disable()  # hypothesis has the collector call it, and Ctrl-C would be lost in there
        threading.Timer(0.5, signal.pthread_kill, (main_thread, signal.SIGINT)).start()
        try:
            return synthesizer.synthesize(query, settings)
        finally:
            gc.enable()

    result = in_time(0.5 + 0.1, interrupted)
    assert result.explanation is not None
    assert result.explanation.ended == "interrupted"
    assert to_lisp(result.program) == "(+ a b)"
