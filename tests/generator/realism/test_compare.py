"""Generated tasks beside real ones: what is counted, covered, derived and missing."""

import json
from pathlib import Path

import pytest

from saps.errors import UserError
from saps.generator import generate, shipped_library
from saps.generator.realism import compare, read_untested
from saps.lang.spelling import parse
from saps.tasks.files import read_tasks, write_tasks
from saps.tasks.task import Task


def task_of(text: str, program: str, template: str = "", **args: str) -> Task:
    """A task without tests; its arguments are a list ``a`` if not given."""
    return Task(tuple(text.split()), parse(program), args or {"a": "int[]"}, "int", (), template)


SUM = task_of("given an array of numbers a , find the sum of a", "(reduce a 0 +)", "sum")
LENGTH = task_of("consider an array of numbers , what is the length of the given array", "(len a)", "count")
FIRST = task_of("given an array of numbers a , let b be the head of a , find b", "(head (sort a))", "first")


def test_sizes_and_shares_are_those_of_the_tasks() -> None:
    profile = compare([SUM], [SUM, SUM, LENGTH, FIRST], library=None).real
    assert (profile.tasks, profile.programs, profile.texts) == (4, 3, 3)
    assert (profile.nodes.mean, profile.nodes.max) == (3.25, 4)
    assert (profile.depth.median, profile.depth.max) == (2, 3)
    assert profile.text_tokens.max == 17
    assert profile.roots == {"sum": 0.5, "count": 0.25, "first": 0.25}
    assert profile.openings == {"given": 0.75, "consider": 0.25}
    assert profile.dropped == 0.25
    assert profile.statements == 0.25


@pytest.mark.parametrize(
    ("rest", "said_first"),
    [
        ("only keep first half of a , find a", True),
        ("increment each element of a by 1 , find a", True),
        ("on how many positions is a bigger", False),
        ("your task is to find a", False),
    ],
)
def test_what_is_said_before_the_question_is_told_from_a_question(rest: str, said_first: bool) -> None:
    task = task_of(f"given an array of numbers a , {rest}", "(len a)")
    assert compare([task], [task], library=None).real.statements == said_first


def test_coverage_counts_kinds_and_occurrences_and_names_what_is_missing() -> None:
    real = [SUM, LENGTH, LENGTH, FIRST]
    coverage = compare([SUM], real, library=None).coverage
    words = coverage["words"]
    distinct = {word for task in real for word in task.text}
    assert words.kinds == len(distinct)
    assert words.kinds_covered == len(set(SUM.text))
    assert words.occurrences == sum(len(task.text) for task in real)
    assert {entry.what for entry in words.missing} == distinct - set(SUM.text)
    assert [entry.count for entry in words.missing] == sorted((entry.count for entry in words.missing), reverse=True)
    given = next(entry for entry in words.missing if entry.what == "length")
    assert (given.count, given.example) == (2, " ".join(LENGTH.text))


def test_productions_sub_trees_and_programs_are_compared_as_trees() -> None:
    coverage = compare([SUM, task_of("x", "(reverse (sort a))")], [SUM, FIRST], library=None).coverage
    assert [entry.what for entry in coverage["productions"].missing] == ["(head sort)"]
    assert [entry.what for entry in coverage["sub-trees"].missing] == ["(head (sort a))"]
    assert [entry.what for entry in coverage["programs"].missing] == ["(head (sort a))"]
    assert coverage["sub-trees"].kinds == 6  # (reduce a 0 +), a, 0, +, (head (sort a)), (sort a)
    assert coverage["sub-trees"].occurrences == 7


def test_a_file_covers_itself() -> None:
    tasks = [task_of(" ".join(t.text), "(len a)") for t in generate(30, seed=2)]
    coverage = compare(tasks, tasks, library=None).coverage
    assert all(part.kinds == part.kinds_covered and not part.missing for part in coverage.values())
    assert all(part.occurrences == part.occurrences_covered for part in coverage.values())


def test_lists_are_cut_off() -> None:
    assert len(compare([SUM], [LENGTH, FIRST], library=None, most=2).coverage["trigrams"].missing) == 2


def test_what_the_templates_derive_is_counted_and_what_they_lack_is_named() -> None:
    right = task_of("given an array of numbers a , find the sum of a", "(reduce a 0 +)")
    unknown_words = task_of("given an array of numbers a , find the grand total of a", "(reduce a 0 +)")
    other_program = task_of("given an array of numbers a , find the sum of a", "(reduce a 1 +)", "sum")
    derived = compare([right], [right, right, unknown_words, other_program], shipped_library()).derivability
    assert derived is not None
    assert (derived.tasks, derived.programs, derived.texts, derived.best) == (4, 3, 2, 2)
    assert [(entry.what, entry.count) for entry in derived.missing_parts] == [("(reduce int[] 1 +)", 1)]
    assert [entry.what for entry in derived.unread] == [", find the <> grand total"]
    assert [entry.what for entry in derived.misread] == ["sum read as (reduce a 0 +)"]


def test_tasks_are_read_without_their_tests(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl.gz"
    write_tasks(path, generate(20, seed=4))
    untested = list(read_untested(path))
    for found, task in zip(untested, read_tasks(path), strict=True):
        assert (found.text, found.program, found.args) == (task.text, task.program, task.args)
        assert (found.return_type, found.template) == (task.return_type, task.template)
    plain = tmp_path / "untested.jsonl"
    record = {"text": ["sum", "a"], "short_tree": ["len", "a"], "args": {"a": "int[]"}, "return_type": "int"}
    plain.write_text(json.dumps(record | {"tests": "whatever"}))
    assert [found.template for found in read_untested(plain)] == [""]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("[1]", "one task a line"),
        ("{broken", "not JSON"),
        ('{"text": [1], "args": {}, "return_type": "int", "short_tree": "a"}', '"text"'),
        ('{"text": ["a"], "args": {"a": 1}, "return_type": "int", "short_tree": "a"}', '"args"'),
        ('{"text": ["a"], "args": {}, "return_type": "int"}', '"short_tree"'),
        ('{"text": ["a"], "args": {}, "return_type": "int", "short_tree": [[]]}', "a call is a list"),
    ],
)
def test_a_line_that_is_no_task_is_named(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(UserError, match=problem) as error:
        list(read_untested(path))
    assert str(error.value).startswith(f"{path}:1: ")


def test_nothing_cannot_be_compared() -> None:
    with pytest.raises(UserError, match="nothing to compare"):
        compare([], [SUM], library=None)
