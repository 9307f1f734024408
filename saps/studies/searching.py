"""What examples, constraints and programs visited are each worth to a search, beside the greedy answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from saps.errors import UserError
from saps.evaluation.decoded import decode_tasks
from saps.evaluation.judge import judge
from saps.evaluation.pairs import COMPARED, EachTask
from saps.evaluation.predictions import PredictedProgram, Unparsed
from saps.lang.trees import Tree
from saps.studies.findings import Finding
from saps.synthesis.decoding import Decoding, Way
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.task import Task

GREEDY: Mapping[str, Way] = {"greedy": "greedy", "greedy, well-typed": "constrained"}
POINTS = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)


def measure(
    systems: Mapping[str, Sequence[Synthesizer]],
    tasks: Sequence[Task],
    examples: Sequence[int],
    budget: int,
    workers: int,
    tell: Callable[[str], None],
) -> list[Finding]:
    """A panel for each system, with a line for each number of examples.

    All lines are judged by the same tests: those that come after the most examples that any of them is shown.

    Args:
        systems: by name, each with its seeds.
        tasks: what is asked.
        examples: how many tests of a task a search is shown, one number for each line.
        budget: programs of different behaviour that a search may visit.
        workers: processes that run programs.
        tell: called with each step, in words.

    Raises:
        UserError: a task has too few tests.
    """
    judging = max(examples)
    _check_tests(tasks, judging)
    points = [*(point for point in POINTS if point < budget), budget]
    findings = []
    for name, seeds in systems.items():
        for line, way in GREEDY.items():
            tell(f"{name}: {line}")
            each = tuple(_answered(seed, tasks, way, workers, judging) for seed in seeds)
            findings.append(Finding(name, line, 1, each))
        for shown in examples:
            line = f"search, {shown} example{'s' * (shown != 1)}"
            tell(f"{name}: {line}")
            curves = [_searched(seed, tasks, shown, points, workers, judging) for seed in seeds]
            findings += [
                Finding(name, line, point, tuple(curve[at] for curve in curves)) for at, point in enumerate(points)
            ]
    return findings


def _check_tests(tasks: Sequence[Task], shown: int) -> None:
    for place, task in enumerate(tasks, 1):
        if len(task.tests) <= shown:
            raise UserError(
                f"task {place} has {len(task.tests)} tests, and a search is shown {shown}: none is left to judge it; "
                f"show fewer, or leave the task out",
                "examples",
            )


def _answered(synthesizer: Synthesizer, tasks: Sequence[Task], way: Way, workers: int, judging: int) -> EachTask:
    decoded = decode_tasks(synthesizer, tasks, Decoding(way))
    return judge(tasks, decoded.predictions(), workers, judging).each


def _searched(
    synthesizer: Synthesizer, tasks: Sequence[Task], shown: int, points: Sequence[int], workers: int, judging: int
) -> list[EachTask]:
    """What each task comes to if at most so many programs are visited, for each of the points.

    The answer is the most probable program until one has passed the examples.
    """
    found = decode_tasks(synthesizer, tasks, Decoding("search", budget=points[-1]), shown).searched()
    first = judge(tasks, _programs(one.first for one in found), workers, judging).each
    answer = judge(tasks, _programs(one.answer for one in found), workers, judging).each
    return [_chosen(first, answer, [0 < one.visited <= point for one in found]) for point in points]


def _programs(found: Iterable[Tree | None]) -> list[PredictedProgram]:
    return [one or Unparsed(number, "none was found") for number, one in enumerate(found, start=1)]


def _chosen(first: EachTask, answer: EachTask, has_passed: Sequence[bool]) -> EachTask:
    """The marks of the answer where a program has passed, else of the first one."""
    marks = {
        metric: "".join(
            later if passed else before
            for before, later, passed in zip(first.right[metric], answer.right[metric], has_passed, strict=True)
        )
        for metric in COMPARED
    }
    return first._replace(right=marks)
