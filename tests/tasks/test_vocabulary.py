"""Vocabularies: what is counted, how it is numbered, and what a damaged file says."""

from pathlib import Path

import pytest

from saps.errors import UserError
from saps.lang.trees import Tree
from saps.tasks.task import Task
from saps.tasks.vocabulary import (
    PAD,
    UNKNOWN,
    Vocabulary,
    label_of,
    load_vocabulary,
    save_vocabulary,
    split_label,
    vocabularies_of,
)


def task(text: str, program: Tree) -> Task:
    return Task(tuple(text.split()), program, {"a": "int"}, "int", ())


def words_of(text: str, minimum: int = 1) -> Vocabulary:
    return vocabularies_of([task(text, Tree("a"))], minimum).words


def test_words_stand_most_frequent_first_after_the_two_special_ones() -> None:
    vocabulary = words_of("c a b a b b")
    assert list(vocabulary) == [PAD, UNKNOWN, "b", "a", "c"]
    assert [vocabulary.index(symbol) for symbol in ("b", "c", "never seen")] == [2, 4, 1]
    assert len(vocabulary) == 5
    assert "a" in vocabulary
    assert "never seen" not in vocabulary


def test_equally_frequent_words_stand_in_alphabetical_order() -> None:
    assert list(words_of("b c a")) == list(words_of("c a b")) == [PAD, UNKNOWN, "a", "b", "c"]


def test_rare_words_are_left_out_but_no_label_is() -> None:
    program = Tree("+", (Tree("a"), Tree("a")))
    vocabularies = vocabularies_of([task("a a b", program)], minimum=2)
    assert list(vocabularies.words) == [PAD, UNKNOWN, "a"]
    assert list(vocabularies.labels) == [PAD, UNKNOWN, "a/0", "+/2"]


def test_a_symbol_stands_once() -> None:
    with pytest.raises(UserError, match="'a' twice"):
        Vocabulary([PAD, UNKNOWN, "a", "a"])


@pytest.mark.parametrize(
    ("node", "label"),
    [
        (Tree("a"), "a/0"),
        (Tree("+", (Tree("1"), Tree("2"))), "+/2"),
        (Tree("/", (Tree("a"), Tree("2"))), "//2"),
        (Tree("/"), "//0"),
        (Tree('" "'), '" "/0'),
    ],
)
def test_a_label_names_the_node_and_its_arity(node: Tree, label: str) -> None:
    assert label_of(node) == label
    assert split_label(label) == (node.label, node.arity)


def test_the_special_labels_have_no_children() -> None:
    assert [split_label(label) for label in (PAD, UNKNOWN)] == [(PAD, 0), (UNKNOWN, 0)]


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    vocabulary = Vocabulary([PAD, UNKNOWN, '" "/0', "//2", "größer", "\\"])
    save_vocabulary(vocabulary, tmp_path / "words.json")
    assert list(load_vocabulary(tmp_path / "words.json")) == list(vocabulary)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "missing; copy the whole model folder"),
        ("[", "not a JSON list"),
        ('{"a": 1}', "not a JSON list of symbols"),
        ('["<pad>", 1]', "not a JSON list of symbols"),
        ('["a", "b"]', "begins with"),
        ('["<pad>", "<unk>", "a", "a"]', "twice"),
    ],
)
def test_a_damaged_file_is_named(content: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "words.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=message):
        load_vocabulary(path)
