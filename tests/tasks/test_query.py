"""What a system may see of a task, and the three ways of reading it."""

import pytest

from saps.errors import UserError
from saps.generator import generate
from saps.lang.example import Example
from saps.lang.spelling import parse
from saps.tasks.query import CUT, DECLARED_TEXT, EXAMPLES, MOST_TOKENS, TEXT, Query, query_of, value_tokens
from saps.tasks.task import SHOWN_TESTS, Task
from saps.tasks.vocabulary import vocabularies_of

TASK = Task(
    ("add", "a", "and", "b"), parse("(+ a b)"), {"b": "int", "a": "int"}, "int",
    tuple(Example({"a": n, "b": 100 + n}, 100 + 2 * n) for n in range(10)),
)  # fmt: skip


def test_what_is_asked_holds_neither_the_program_nor_a_test_that_judges() -> None:
    query = query_of(TASK, SHOWN_TESTS)
    assert query == Query(TASK.text, TASK.args, TASK.tests[:3], TASK.return_type)
    assert not hasattr(query, "program")
    assert query_of(TASK, TEXT.shown).examples == ()


def test_a_sentence_is_read_alone_or_after_its_declarations() -> None:
    query = query_of(TASK, 0)
    assert " ".join(TEXT.tokens(query)) == "add a and b"
    assert " ".join(DECLARED_TEXT.tokens(query)) == "b int a int ; add a and b"


def test_examples_are_read_without_the_sentence_and_no_more_than_are_shown() -> None:
    read = EXAMPLES.tokens(Query(("word",), TASK.args, TASK.tests))
    assert " ".join(read[:13]) == "b = ` 1 0 0 ` a = 0 -> ` 1"
    assert read.count("->") == SHOWN_TESTS
    assert "word" not in read


def test_without_examples_there_is_nothing_to_read() -> None:
    with pytest.raises(UserError, match=r"give at least one$"):
        EXAMPLES.tokens(query_of(TASK, 0))


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        (7, "7"),
        (-42, "- 42"),
        (1234, "` 1 2 3 4 `"),
        (True, "true"),
        ("ab", '" a b "'),
        (["a", "b c"], '[ " a " " b   c " ]'),
        ([[1], []], "[ [ 1 ] [ ] ]"),
        ({"k": 2}, '{ " k " 2 }'),
        (2.5, "2 . 5"),
    ],
)
def test_values_as_tokens(value: object, tokens: str) -> None:
    assert " ".join(value_tokens(value)) == tokens


def test_a_value_without_end_is_cut_off() -> None:
    for value in (list(range(1000)), 10**5000, -(10**160), "a" * 500):
        found = value_tokens(value)
        assert len(found) == MOST_TOKENS
        assert found[-1] == CUT
    assert value_tokens(10**5000)[:4] == ["`", "1", "0", "0"]
    assert value_tokens([1] * 40) == ["[", *["1"] * 40, "]"]


def test_the_alphabet_of_a_reading_is_known_from_the_start_and_holds_all_that_generated_tasks_need() -> None:
    tasks = list(generate(100, seed=3))
    for reading in (DECLARED_TEXT, EXAMPLES):
        few, many = vocabularies_of(tasks[:1], reading=reading).words, vocabularies_of(tasks, reading=reading).words
        assert set(reading.alphabet) <= set(few)
        assert all(token in many for task in tasks for token in reading.tokens(query_of(task, reading.shown)))
    assert "given" not in vocabularies_of(tasks, reading=EXAMPLES).words
    assert list(vocabularies_of(tasks).words) == list(vocabularies_of(tasks, reading=TEXT).words)
