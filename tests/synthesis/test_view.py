"""A program looked into, and the example on which programs disagree."""

import json
from pathlib import Path

import pytest

from saps.cli import main
from saps.lang.interpreter import Limits, run
from saps.lang.spelling import parse, to_lisp
from saps.synthesis.disagreement import disagreement
from saps.synthesis.from_text import query_from_text
from saps.synthesis.notation import write_value
from saps.synthesis.synthesizer import Synthesizer
from saps.synthesis.view import views_of
from tests.learned import COMBINE, SUM_OF_EVEN


def test_a_view_has_the_words_the_attention_and_the_run(learned_model: Path) -> None:
    synthesizer, query = Synthesizer.load(learned_model), query_from_text(COMBINE)
    programs = [attempt.program for attempt in synthesizer.synthesize(query).attempts[:2]]
    first, second = (one.as_json() for one in views_of(synthesizer, query, programs, {"a": 2, "b": 5}))
    assert first["words"] == COMBINE.split()
    assert [len(first["attention"]), len(first["attention"][0])] == [3, len(first["words"])]
    assert [step["value"] for step in second["steps"]] == ["2", "5", "10"]
    assert views_of(synthesizer, query, programs, None)[0].as_json()["steps"] is None


def test_the_terminal_draws_the_tree_with_what_was_read_and_the_run(
    learned_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--example", '{"a": [1, 4]} -> 4', "--explain", "--model", str(learned_model)]
    assert main(["synthesize", SUM_OF_EVEN, *words]) == 0
    printed = capsys.readouterr().out
    assert "           ├─ filter " in printed
    assert "│     └─ == " in printed
    assert " %\n" in printed.partition("tree  ")[2]
    assert "(% arg1 2) -> 1   with arg1 = 1" in printed
    assert "-> 4\n" in printed


def test_the_input_found_has_the_outputs_that_it_says() -> None:
    programs = [parse(code) for code in ("(+ a b)", "(* a b)", "(+ b a)")]
    query = query_from_text(COMBINE)
    found = disagreement(programs, query, Limits())
    assert found is not None
    inputs, outputs = found
    assert list(outputs.values()) == [[0, 2], [1]]
    for output, places in outputs.items():
        assert {write_value(run(programs[place], inputs).value) for place in places} == {output}
    assert disagreement(programs, query, Limits()) == found


def test_long_outputs_that_begin_alike_are_told_apart_and_are_whole() -> None:
    codes = ["(range 0 (* 10 10))", "(range 0 (+ (* 10 10) 1))"]
    found = disagreement([parse(code) for code in codes], query_from_text(COMBINE), Limits())
    assert found is not None
    assert [json.loads(output) for output in found[1]] == [[*range(100)], [*range(101)]]
    assert list(found[1].values()) == [[0], [1]]


def test_an_output_too_long_for_an_example_is_not_asked_about() -> None:
    programs = [parse(code) for code in ("(range 0 (* 10 10))", "(map (range 0 (* 10 10)) (lambda1 (* arg1 arg1)))")]
    query = query_from_text(COMBINE)
    found = disagreement(programs, query, Limits())
    assert found is not None
    longest = max(len(f"{write_value(found[0])} -> {output}") for output in found[1])
    assert disagreement(programs, query, Limits(), longest) == found
    assert disagreement(programs, query, Limits(), longest - 1) is None


def test_values_that_pass_the_same_example_are_one() -> None:
    codes = ["(== a a)", "(+ 0 1)"]
    assert disagreement([parse(code) for code in codes], query_from_text(COMBINE), Limits()) is None


@pytest.mark.parametrize("codes", [["(+ a b)"], ["(+ a b)", "(+ b a)"], []])
def test_programs_that_do_the_same_need_no_example(codes: list[str]) -> None:
    assert disagreement([parse(code) for code in codes], query_from_text(COMBINE), Limits()) is None


@pytest.mark.parametrize("code", ["(/ a 0)", "(- inf inf)"])
def test_a_program_that_fails_or_gives_nan_gives_no_output(code: str) -> None:
    programs = [parse(code), parse("(+ a b)")]
    assert disagreement(programs, query_from_text(COMBINE), Limits()) is None
    assert to_lisp(programs[0]) == code
