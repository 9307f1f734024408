"""The figures of a file of tasks."""

from collections import Counter

from saps.lang.example import Example
from saps.lang.spelling import parse
from saps.tasks.statistics import Passed, SizeSummary, count_passed, describe, describe_and_run, summarise
from saps.tasks.task import Task


def make_task(text: str, program: str, *expected: int, template: str = "sum") -> Task:
    tests = tuple(Example({"a": [1, place]}, output) for place, output in enumerate(expected))
    return Task(tuple(text.split()), parse(program), {"a": "int[]"}, "int", tests, template)


TASKS = [
    make_task("sum of a", "(reduce a 0 +)", 1, 2),
    make_task("total of a", "(reduce a 0 +)", 1, 0),
    make_task("length", "(+ (len a) 1)", 0, 0, template="length"),
    make_task("head of a , head of a", "(head a)", 1, 1, template="head"),
]


def test_the_figures_of_a_few_tasks() -> None:
    figures = describe(TASKS)
    assert (figures.tasks, figures.programs, figures.texts) == (4, 3, 4)
    assert figures.texts_per_program == SizeSummary(4 / 3, 1, 2, 2)
    assert figures.nodes == SizeSummary(3.5, 4, 4, 4)
    assert figures.depth == SizeSummary(2.25, 2, 3, 3)
    assert figures.text_tokens == SizeSummary(3.5, 3, 7, 7)
    assert figures.words == len({"sum", "of", "a", "total", "length", "head", ","})
    assert figures.symbols == len({"reduce", "a", "0", "+", "len", "1", "head"})
    assert figures.arities == (1, 2, 3)
    assert figures.return_types == {"int": 4}
    assert list(figures.templates.items()) == [("sum", 2), ("length", 1), ("head", 1)]
    assert figures.passed is None


def test_programs_are_run_on_their_own_tests() -> None:
    assert [count_passed(task) for task in TASKS] == [2, 1, 0, 2]
    assert describe_and_run(TASKS).passed == Passed(all=2, some=1, none=1)


def test_a_program_that_fails_passes_nothing() -> None:
    broken = make_task("quotient", "(/ 1 0)", 1, 1)
    assert count_passed(broken) == 0


def test_percentiles_are_sizes_that_occur() -> None:
    assert summarise(Counter(range(1, 101))) == SizeSummary(50.5, 50, 95, 100)
    assert summarise(Counter([7])) == SizeSummary(7, 7, 7, 7)
    assert summarise(Counter([1, 9])) == SizeSummary(5, 1, 9, 9)
