"""Tasks composed of tasks: they read well, their programs keep their types, and every draw can be repeated."""

import os
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.generator import generate
from saps.lang.inference import check
from saps.lang.spelling import parse
from saps.lang.trees import Tree
from saps.lang.types import parse_type
from saps.tasks.augment import MAX_NODES, MAX_WORDS, Substitution, declare, read_sentence
from saps.tasks.files import read_tasks
from saps.tasks.task import Task


def task(text: str, code: str, result: str, **args: str) -> Task:
    return Task(tuple(text.split()), parse(code), args, result, ())


def nothing(_: Tree) -> bool:
    """Excludes no program."""
    return False


SUM = task(
    "given an array of numbers a and a number b , what is the sum of elements in a bigger than b",
    "(reduce (filter a (partial1 b >)) 0 +)", "int", a="int[]", b="int",
)  # fmt: skip
SQUARE = task("you are given a number a , compute the square of a", "(square a)", "int", a="int")
PREFIX = task(
    "consider arrays of numbers a and b , find the length of the longest prefix of a that is a prefix of b",
    "(+ (len a) (len b))", "int", a="int[]", b="int[]",
)  # fmt: skip
REVERSE = task("given an array of numbers , find the given array in reverse", "(reverse a)", "int[]", a="int[]")
STRINGS = task("given an array of strings , find the given array in reverse", "(reverse a)", "string[]", a="string[]")


def compositions(tasks: Sequence[Task], index: int, draws: int = 40) -> set[tuple[str, Tree, tuple[object, ...]]]:
    """Text, program and arguments of all that substitution makes of one of the tasks."""
    made = [Substitution(tasks, 1.0, 1, nothing)(index, draw) for draw in range(draws)]
    return {(" ".join(each.text), each.program, tuple(each.args.items())) for each in made}


@pytest.mark.parametrize(
    ("host", "guest", "text", "code", "args"),
    [
        (
            SQUARE, SUM,
            "you are given an array of numbers a and a number b , compute the square of the sum of elements in a "
            "bigger than b",
            "(square (reduce (filter a (partial1 b >)) 0 +))", {"a": "int[]", "b": "int"},
        ),
        (
            SUM, SQUARE,
            "given an array of numbers a and a number b , what is the sum of elements in a bigger than the square of b",
            "(reduce (filter a (partial1 (square b) >)) 0 +)", {"a": "int[]", "b": "int"},
        ),
        (
            SQUARE, PREFIX,
            "you are given arrays of numbers a and b , compute the square of the length of the longest prefix of a "
            "that is a prefix of b",
            "(square (+ (len a) (len b)))", {"a": "int[]", "b": "int[]"},
        ),
    ],
)  # fmt: skip
def test_a_phrase_takes_the_place_of_an_argument(
    host: Task, guest: Task, text: str, code: str, args: dict[str, str]
) -> None:
    assert (text, parse(code), tuple(args.items())) in compositions([host, guest], 0)


def test_an_unnamed_argument_is_called_by_its_noun() -> None:
    phrase = read_sentence(REVERSE)
    assert phrase is not None
    assert (phrase.opening, phrase.body) == ("given", "find a in reverse")


@pytest.mark.parametrize(
    "text",
    [
        "find the sum of a",  # no opening
        "given arrays of numbers , find the given array",  # two arrays, and which one is meant is not said
    ],
)
def test_words_of_another_pattern_are_left_alone(text: str) -> None:
    other = task(text, "(reverse a)", "int[]", a="int[]", b="int[]")
    assert read_sentence(other) is None
    assert Substitution([other, REVERSE], 1.0, 1, nothing)(0, 0) is other


def test_equal_programs_of_different_types_are_not_mistaken_for_each_other() -> None:
    host = task("given an array of strings a , find the number of a", "(len a)", "int", a="string[]")
    for _, _, args in compositions([STRINGS, REVERSE, host], 2):
        assert args == (("a", "string[]"),)


def test_declarations_are_grouped_by_type() -> None:
    args = {"a": "int[]", "b": "int", "c": "int[]", "d": "string", "e": "int[]"}
    assert declare(args) == "arrays of numbers a , c and e , a number b and a string d"
    assert declare({"a": "string[]"}) == "an array of strings a"


@pytest.fixture(scope="module")
def generated() -> list[Task]:
    return list(generate(800, seed=1))


def assert_well_made(made: Task) -> None:
    """Types fit, declarations and arguments agree, every argument in use is spoken of, and the size is kept."""
    check(made.program, {name: parse_type(kind) for name, kind in made.args.items()}, parse_type(made.return_type))
    text = " ".join(made.text)
    opening = re.match(r"(consider|you are given|given) ", text)
    assert opening
    declared, _, body = text[opening.end() :].partition(f"{declare(made.args)} , ")
    assert declared == ""
    for name in {node.label for node in made.program.preorder()} & set(made.args):
        assert re.search(rf"(?<!\S){name}(?!\S)", body), (name, text)
    assert len(made.text) <= MAX_WORDS
    assert made.program.size() <= MAX_NODES
    assert read_sentence(made) is not None


def all_made(tasks: Sequence[Task], draws: int = 2) -> list[Task]:
    """What substitution makes of the tasks, leaving out those it leaves alone."""
    substitution = Substitution(tasks, 1.0, 7, nothing)
    made = [(tasks[k], substitution(k, draw)) for k in range(len(tasks)) for draw in range(draws)]
    return [new for old, new in made if new is not old]


def test_compositions_of_generated_tasks_are_well_made(generated: list[Task]) -> None:
    made = all_made(generated)
    assert len(made) > len(generated)  # of twice as many draws
    for each in made:
        assert_well_made(each)
    assert len({each.program for each in made} - {each.program for each in generated}) > len(made) // 2


def test_a_draw_is_a_function_of_seed_draw_and_index(generated: list[Task]) -> None:
    first, again, other = (Substitution(generated, 0.5, seed, nothing) for seed in (1, 1, 2))
    indices = range(100)
    assert [again(k, 3) for k in reversed(indices)][::-1] == [first(k, 3) for k in indices]
    assert [other(k, 3) for k in indices] != [first(k, 3) for k in indices]
    assert [first(k, 4) for k in indices] != [first(k, 3) for k in indices]


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.3, 0.15, 0.35), (1.0, 0.6, 1.0)])
def test_the_share_of_changed_tasks_is_kept(generated: list[Task], share: float, least: float, most: float) -> None:
    substitution = Substitution(generated, share, 1, nothing)
    changed = sum(substitution(k, 0) is not generated[k] for k in range(len(generated)))
    assert least <= changed / len(generated) <= most


def test_an_excluded_program_is_never_made(generated: list[Task]) -> None:
    def is_long(program: Tree) -> bool:
        return program.size() > 15

    substitution = Substitution(generated, 1.0, 1, is_long)
    made = [substitution(k, 0) for k in range(len(generated))]
    new = [after for before, after in zip(generated, made, strict=True) if after is not before]
    assert len(new) > 50
    assert not any(is_long(each.program) for each in new)


FOLDER = os.environ.get("SAPS_ALGOLISP")


@pytest.mark.skipif(FOLDER is None, reason="SAPS_ALGOLISP names no folder with metaset3.dev.jsonl.gz")
def test_compositions_of_published_tasks_are_well_made() -> None:
    def is_typed(each: Task) -> bool:
        try:
            check(each.program, {n: parse_type(k) for n, k in each.args.items()}, parse_type(each.return_type))
        except UserError:
            return False
        return True

    published = islice(read_tasks(Path(FOLDER or "") / "metaset3.dev.jsonl.gz"), 0, None, 5)
    made = all_made([each for each in published if is_typed(each)], draws=1)
    assert len(made) > 1000
    for each in made:
        assert_well_made(each)
