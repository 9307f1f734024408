"""Programs as lines: what is written, that it is read back, and what is no program."""

import pytest
from hypothesis import given, settings

from saps.batches.linear import Linear, linear_form
from saps.batches.numbering import number_tree
from saps.generator import generate
from saps.lang.errors import ProgramError
from saps.lang.example import Example
from saps.lang.spelling import parse, to_lisp
from saps.lang.trees import Tree
from saps.resources import resource
from saps.tasks.query import DECLARED_TEXT, EXAMPLES, TEXT, Query
from saps.tasks.vocabulary import PAD, UNKNOWN, Vocabulary, label_of, vocabularies_of
from tests.batches.shapes import distinct, forests

FORMS = ("arities", "brackets")


def labels_of(*programs: Tree) -> Vocabulary:
    return Vocabulary([PAD, UNKNOWN, *sorted({label_of(node) for program in programs for node in program.preorder()})])


def written(linear: Linear, program: Tree, labels: Vocabulary) -> list[str]:
    return [linear.tokens[number] for number in linear.numbers(number_tree(program, labels))]


def test_the_two_forms_of_a_line() -> None:
    program = parse('(reduce (map a (partial0 " " str_concat)) "" +)')
    labels = labels_of(program)
    arities, brackets = (written(linear_form(form, labels), program, labels) for form in FORMS)
    assert arities == ["reduce/3", "map/2", "a/0", "partial0/2", '" "/0', "str_concat/0", '""/0', "+/0"]
    assert brackets == ["(", "reduce", "(", "map", "a", "(", "partial0", '" "', "str_concat", ")", ")", '""', "+", ")",
                        "<end>"]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=40)
@given(forest=forests)
def test_trees_of_all_shapes_are_read_back_and_over_exactly_at_their_end(form: str, forest: list[Tree]) -> None:
    trees, labels = distinct(forest)
    linear = linear_form(form, labels)  # type: ignore[arg-type]
    for tree in trees:
        line = linear.numbers(number_tree(tree, labels)).tolist()
        assert linear.program(line) == tree
        to_come = [1 + sum(linear.opened[line[:end]]) for end in range(len(line) + 1)]
        assert to_come[-1] == 0
        assert min(to_come[:-1]) > 0


def test_generated_programs_are_spelled_as_they_are_printed() -> None:
    tasks = list(generate(50, seed=5))
    labels = vocabularies_of(tasks).labels
    for form in FORMS:
        linear = linear_form(form, labels)  # type: ignore[arg-type]
        for task in tasks:
            words = linear.words(linear.numbers(number_tree(task.program, labels)).tolist())
            assert " ".join(words).replace("( ", "(").replace(" )", ")") == to_lisp(task.program)
            assert linear.program(linear.numbers(number_tree(task.program, labels)).tolist()) == task.program


@pytest.mark.parametrize(
    ("form", "line"),
    [
        ("arities", ["+/2", "a/0"]),
        ("arities", ["a/0", "a/0"]),
        ("arities", []),
        ("brackets", ["(", "+", "a", "a", "<end>"]),
        ("brackets", ["+", "a", ")", "<end>"]),
        ("brackets", ["(", "(", "+", "a", "a", ")", ")", "<end>"]),
        ("brackets", ["<end>"]),
    ],
)
def test_a_line_that_spells_no_program_is_refused_by_the_parser(form: str, line: list[str]) -> None:
    linear = linear_form(form, labels_of(parse("(+ a a)")))  # type: ignore[arg-type]
    with pytest.raises(ProgramError):
        linear.program([linear.tokens.index(token) for token in line])


PAGE = resource("grammar").parent / "docs" / "baselines.md"


@pytest.mark.skipif(not PAGE.exists(), reason="the pages are not part of the package")
def test_the_lines_and_readings_on_the_page_are_what_the_code_writes() -> None:
    page = PAGE.read_text(encoding="utf-8")
    program = parse("(reduce a 0 +)")
    labels = labels_of(program)
    for form in FORMS:
        line = " ".join(written(linear_form(form, labels), program, labels))  # type: ignore[arg-type]
        assert f"| `{form}` | `{line}`" in page
    tests = (Example({"a": [1, 2], "b": 3}, 6), Example({"a": [4], "b": 1}, 5))
    sentence = "given an array of numbers a and a number b , find ..."
    query = Query(tuple(sentence.split()), {"a": "int[]", "b": "int"}, tests)
    for name, reading in (("TEXT", TEXT), ("DECLARED_TEXT", DECLARED_TEXT), ("EXAMPLES", EXAMPLES)):
        assert f"| `{name}` | `{' '.join(reading.tokens(query))}" in page
