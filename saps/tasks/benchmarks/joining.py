"""A benchmark's sentences and tests joined with our own programs into ordinary tasks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from saps.errors import UserError, check_range
from saps.lang.example import Example
from saps.tasks.benchmarks.asserts import Call, read_asserts
from saps.tasks.benchmarks.problems import Problem
from saps.tasks.benchmarks.published import OwnProgram
from saps.tasks.task import Task
from saps.tasks.tokens import tokenize
from saps.tasks.values import typed_reader

Ids = Literal["all", "odd", "even"]
_MAX_TEXT = 20_000  # characters; the longest sentence of the benchmarks has a twentieth of that


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of joining, and what did not."""

    tasks: tuple[Task, ...]
    absent: int
    """Our programs whose task the file does not have."""
    without_text: int
    """Tasks without a sentence, or with one that is no sentence for its length."""
    without_tests: int
    """Tasks of whose tests AlgoLisp can hold none, or fewer than are wanted."""
    tests_left_out: int
    """Tests that AlgoLisp cannot hold, of all tasks that have a sentence."""


def chosen(programs: Iterable[OwnProgram], ids: Ids) -> list[OwnProgram]:
    """The programs of all tasks, or of those with an odd or an even id."""
    kept = {"all": (0, 1), "odd": (1,), "even": (0,)}[ids]
    return [one for one in programs if one.id % 2 in kept]


def join(programs: Sequence[OwnProgram], problems: Mapping[int, Problem], name: str, least: int = 1) -> Joined:
    """Puts programs and problems together by id, in the order of the programs.

    The tests are those of the benchmark, with our names of the arguments; one that is more than a call on plain values
    of the declared types is left out. The id stands where the name of a template does, such as ``mbpp/12``.

    Args:
        programs: ours.
        problems: the benchmark's, by id.
        name: what stands before the id.
        least: how many tests a task must have.

    Raises:
        UserError: ``least`` is below 1.
    """
    check_range("min_tests", least, 1)
    tasks: list[Task] = []
    absent = without_text = without_tests = left_out = 0
    for own in programs:
        problem = problems.get(own.id)
        if problem is None:
            absent += 1
            continue
        text = tokenize(problem.text) if len(problem.text) <= _MAX_TEXT else ()
        if not text:
            without_text += 1
            continue
        tests, refused = _tests(own, problem)
        left_out += refused
        if len(tests) < least:
            without_tests += 1
            continue
        tasks.append(Task(text, own.program, own.args, own.return_type, tests, f"{name}/{own.id}"))
    return Joined(tuple(tasks), absent, without_text, without_tests, left_out)


def _tests(own: OwnProgram, problem: Problem) -> tuple[tuple[Example, ...], int]:
    """The tests of a problem that fit our program's types, and how many others it has."""
    tests: list[Example] = []
    left_out = 0
    for source in problem.tests:
        calls, refused = read_asserts(source, problem.function)
        left_out += refused
        for call in calls:
            try:
                tests.append(_example(own, call))
            except UserError:
                left_out += 1
    return tuple(tests), left_out


def _example(own: OwnProgram, call: Call) -> Example:
    if len(call.inputs) != len(own.args):
        raise UserError(f"{len(call.inputs)} inputs for {len(own.args)} arguments")
    values = {
        name: typed_reader(written)(value) for (name, written), value in zip(own.args.items(), call.inputs, strict=True)
    }
    return Example(values, typed_reader(own.return_type)(call.output))
