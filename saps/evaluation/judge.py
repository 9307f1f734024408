"""Predictions judged against tasks: the one place that decides what a figure means."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

from saps import __version__
from saps.errors import UserError
from saps.evaluation.bleu import bleu
from saps.evaluation.execution import ExecutionJob, TestOutcome, Verdict, verdicts_of
from saps.evaluation.metrics import (
    Average,
    Figures,
    Judgement,
    Share,
    by_depth,
    by_nodes,
    by_template,
    figures,
    program_averages,
)
from saps.evaluation.pairs import EachTask, each_task
from saps.evaluation.predictions import PredictedProgram, Unparsed
from saps.lang.errors import ProgramError
from saps.lang.inference import check
from saps.lang.trees import Tree
from saps.lang.types import parse_type
from saps.tasks.hashes import program_hash
from saps.tasks.task import Task

CLEANING = f"a task is clean when its own program passes all its tests under the interpreter of saps {__version__}"
_NO_PROGRAM: TestOutcome = "no program"


class JudgedTask(NamedTuple):
    """A task, what was predicted for it, and what came of that."""

    task: Task
    prediction: PredictedProgram
    verdict: Verdict
    """On the prediction, by the judging tests."""
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one set of predictions."""

    overall: Figures
    per_program: Mapping[str, Average]
    by_depth: Mapping[str, Figures]
    by_nodes: Mapping[str, Figures]
    by_template: Mapping[str, Figures]
    outcomes: Mapping[str, int]
    """How the judged tests ended, in numbers of tests."""
    programs: int
    """Distinct programs among the tasks."""
    clean: Share
    """Clean tasks out of all."""
    tests: str
    """Which tests judged."""
    cleaning: str
    """What makes a task clean."""
    unparsed: tuple[Unparsed, ...]
    """The lines that hold no program."""
    each: EachTask
    """What each task came to."""


def judge(tasks: Iterable[Task], predictions: Iterable[PredictedProgram], workers: int = 0, shown: int = 0) -> Report:
    """Everything that is reported about predictions. Of a stream, only the few tasks under way are held.

    Args:
        tasks: what was asked.
        predictions: one a task: a program, None for none, or the ``Unparsed`` of a line that is no program.
        workers: processes to run programs in; 0 runs them in this one. The figures do not depend on it.
        shown: how many of a task's tests, the first ones, the system has seen (``SHOWN_TESTS`` for one that searches
            with examples); the others judge it.

    Raises:
        ValueError: the numbers of tasks and predictions differ, or ``shown`` is negative.
        UserError: a task has no test besides those shown.
    """
    return report_of(judged_tasks(tasks, predictions, workers, shown), shown)


def judged_tasks(
    tasks: Iterable[Task], predictions: Iterable[PredictedProgram], workers: int = 0, shown: int = 0
) -> Iterator[JudgedTask]:
    """Every task with what became of its prediction, one after another; arguments and errors are those of ``judge``."""
    if shown < 0:
        raise ValueError(f"{shown} shown tests cannot be")
    if isinstance(tasks, Sized) and isinstance(predictions, Sized) and len(tasks) != len(predictions):
        raise ValueError(f"{len(predictions)} predictions for {len(tasks)} tasks")
    if isinstance(tasks, Sequence):
        for number, task in enumerate(tasks, start=1):
            check_shown(number, task, shown)
    return (
        JudgedTask(task, prediction, verdict, _judgement(task, prediction, reference, verdict))
        for task, prediction, reference, verdict in _judged(tasks, predictions, workers, shown)
    )


def report_of(judged: Iterable[JudgedTask], shown: int = 0) -> Report:
    """The figures of judged tasks, whose first ``shown`` tests did not judge."""
    judgements, outcomes, unparsed = [], Counter[str](), []
    for _, prediction, verdict, judgement in judged:
        judgements.append(judgement)
        outcomes.update(verdict.outcomes)
        if isinstance(prediction, Unparsed):
            unparsed.append(prediction)
    return Report(
        overall=figures(judgements),
        per_program=program_averages(judgements),
        by_depth=by_depth(judgements),
        by_nodes=by_nodes(judgements),
        by_template=by_template(judgements),
        outcomes=outcomes,
        programs=len({judgement.program for judgement in judgements}),
        clean=Share(sum(judgement.clean for judgement in judgements), len(judgements)),
        tests=_which_tests(shown),
        cleaning=CLEANING,
        unparsed=tuple(unparsed),
        each=each_task(judgements),
    )


def is_well_typed(program: Tree, task: Task) -> bool:
    """Whether the program has the declared type of the task's result, given those of its arguments."""
    args = {name: parse_type(written) for name, written in task.args.items()}
    try:
        check(program, args, parse_type(task.return_type))
    except ProgramError:
        return False
    return True


def check_shown(number: int, task: Task, shown: int) -> None:
    """Checks that a task, the one of this number, has a test besides those that a system is shown.

    Raises:
        UserError: it has none.
    """
    if shown and len(task.tests) <= shown:
        raise UserError(
            f"task {number} has {len(task.tests)} tests, of which {shown} were shown to the system: "
            "none is left to judge it; leave the task out"
        )


def _which_tests(shown: int) -> str:
    if shown:
        return f"all tests but the first {shown} of each task, which the system was shown"
    return "all tests of each task"


def _judged(
    tasks: Iterable[Task], predictions: Iterable[PredictedProgram], workers: int, shown: int
) -> Iterator[tuple[Task, PredictedProgram, Verdict, Verdict]]:
    """Each task, its prediction, the verdict on its own program by all tests, and on its prediction by the judging."""
    under_way: deque[tuple[Task, PredictedProgram]] = deque()

    def jobs() -> Iterator[ExecutionJob]:
        for number, (task, prediction) in enumerate(zip(tasks, predictions, strict=True), start=1):
            check_shown(number, task, shown)
            under_way.append((task, prediction))
            yield ExecutionJob(task.program, task.tests)
            if _is_another(prediction, task):
                yield ExecutionJob(prediction, task.tests[shown:])

    verdicts = verdicts_of(jobs(), workers)
    for reference in verdicts:
        task, prediction = under_way.popleft()
        if _is_another(prediction, task):
            verdict = next(verdicts)
        elif isinstance(prediction, Tree):
            verdict = Verdict(reference.outcomes[shown:])
        else:
            verdict = Verdict((_NO_PROGRAM,) * len(task.tests[shown:]))
        yield task, prediction, reference, verdict


def _is_another(prediction: PredictedProgram, task: Task) -> TypeGuard[Tree]:
    """Whether it is a program, and not the task's own, which has been run already."""
    return isinstance(prediction, Tree) and prediction != task.program


def _judgement(task: Task, prediction: PredictedProgram, reference: Verdict, verdict: Verdict) -> Judgement:
    program = prediction if isinstance(prediction, Tree) else None
    return Judgement(
        program=bytes.fromhex(program_hash(task.program)),
        depth=task.program.depth(),
        nodes=task.program.size(),
        template=task.template,
        exact=program == task.program,
        well_typed=program is not None and is_well_typed(program, task),
        not_parsed=isinstance(prediction, Unparsed),
        no_prediction=prediction is None,
        clean=bool(reference.outcomes) and reference.passes_all,
        passed=verdict.passed,
        tests=len(verdict.outcomes),
        bleu=bleu(task.program, program),
    )
