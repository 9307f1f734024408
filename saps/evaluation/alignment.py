"""Which task each line of a file of predictions belongs to; where a line is missing or too many, the likely place."""

import itertools
from collections.abc import Sequence
from pathlib import Path

from saps.evaluation.judge import is_well_typed
from saps.evaluation.predictions import PredictedProgram, read_all_predictions, wrong_number
from saps.lang.names import free_names
from saps.lang.trees import Tree
from saps.tasks.task import Task


def predictions_for(
    tasks: Sequence[Task], path: Path, data: str, places: Sequence[int], left_out: int = 0
) -> list[PredictedProgram]:
    """One prediction a task, from a file as ``read_predictions`` reads it.

    Args:
        tasks: what was asked.
        path: the file of predictions.
        data: the name of the file of the tasks, for the error.
        places: the place of each task among all records of its file.
        left_out: how many bad records were left out; a file that has lines for these as well is read, too.

    Raises:
        UserError: the file cannot be read, or has another number of lines; one too many or few: where that may be.
    """
    return aligned(read_all_predictions(path), tasks, path, data, places, left_out)


def aligned(
    predictions: list[PredictedProgram],
    tasks: Sequence[Task],
    path: Path,
    data: str,
    places: Sequence[int],
    left_out: int = 0,
) -> list[PredictedProgram]:
    """As ``predictions_for``, of predictions that have been read."""
    if len(predictions) == len(tasks):
        return predictions
    if len(predictions) == len(tasks) + left_out:
        return [predictions[place] for place in places]
    raise wrong_number(path, len(predictions), len(tasks), data, _likely_mistake(predictions, tasks))


def _likely_mistake(predictions: Sequence[PredictedProgram], tasks: Sequence[Task]) -> str:
    """Where a line is missing or too many, if it is only one and the programs tell; else nothing."""
    if len(predictions) == len(tasks) + 1:
        first, last = _best_cut(_fits(predictions[:-1], tasks), _fits(predictions[1:], tasks))
        lines = f"line {first}" if first == last else f"one of the lines {first} to {last}"
        told = f"they fit best if {lines} is one too many"
        then = f", so that line {last + 1} belongs to task {last}" if last < len(predictions) else ""
    elif len(predictions) == len(tasks) - 1:
        first, last = _best_cut(_fits(predictions, tasks[:-1]), _fits(predictions, tasks[1:]))
        missing = f"task {first}" if first == last else f"one of the tasks {first} to {last}"
        told = f"they fit best if {missing} has none"
        then = f", so that line {last} belongs to task {last + 1}" if last < len(tasks) else ""
    else:
        return ""
    return "" if last - first >= min(len(predictions), len(tasks)) else told + then


def _best_cut(before: Sequence[int], after: Sequence[int]) -> tuple[int, int]:
    """The places, from 1 on, with the greatest sum of what stands ``before`` them and of what stands ``after``."""
    sums = itertools.accumulate(
        (ahead - behind for ahead, behind in zip(before, after, strict=True)), initial=sum(after)
    )
    totals = list(sums)
    best = max(totals)
    first = totals.index(best)
    last = first
    while last + 1 < len(totals) and totals[last + 1] == best:
        last += 1
    return first + 1, last + 1


def _fits(predictions: Sequence[PredictedProgram], tasks: Sequence[Task]) -> list[int]:
    """How well each prediction goes with the task beside it, from 0 to 3."""
    return [_fit(prediction, task) for prediction, task in zip(predictions, tasks, strict=True)]


def _fit(prediction: PredictedProgram, task: Task) -> int:
    if not isinstance(prediction, Tree):
        return 0
    if prediction == task.program:
        return 3
    return (set(free_names(prediction)) == set(task.args)) + is_well_typed(prediction, task)
