"""A program looked into, and the example on which programs disagree."""

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


@pytest.mark.parametrize("codes", [["(+ a b)"], ["(+ a b)", "(+ b a)"], []])
def test_programs_that_do_the_same_need_no_example(codes: list[str]) -> None:
    assert disagreement([parse(code) for code in codes], query_from_text(COMBINE), Limits()) is None


def test_a_program_that_fails_gives_no_output() -> None:
    programs = [parse("(/ a 0)"), parse("(+ a b)")]
    assert disagreement(programs, query_from_text(COMBINE), Limits()) is None
    assert to_lisp(programs[0]) == "(/ a 0)"
