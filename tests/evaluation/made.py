"""Hand-made tasks whose figures are known."""

from saps.lang.example import Example
from saps.lang.spelling import parse
from saps.tasks.task import Task

LISTS = ([1, 2, 3], [4], [], [5, 5], [2, 7, 1, 8], [3, 3, 3], [9], [1], [6, 2], [4, 4])


def task(text: str, code: str, wanted: list[object], template: str) -> Task:
    """A task over one list ``a`` with ten tests."""
    tests = tuple(Example({"a": list(a)}, output) for a, output in zip(LISTS, wanted, strict=True))
    return Task(tuple(text.split()), parse(code), {"a": "int[]"}, "int", tests, template)


SUM = task("sum of a", "(reduce a 0 +)", [sum(a) for a in LISTS], "sum")
TOTAL = task("total of a", "(reduce a 0 +)", [sum(a) for a in LISTS], "sum")
LENGTH = task("length of a", "(len a)", [len(a) for a in LISTS], "len")
FIRST = task("head of a", "(head a)", [a[0] if a else 0 for a in LISTS], "")  # its own program fails the third test
TASKS = [SUM, TOTAL, LENGTH, FIRST]
