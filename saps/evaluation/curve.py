"""Accuracy of a search against the programs that it was allowed to visit, and how good its best lists are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from saps.errors import UserError
from saps.evaluation.execution import ExecutionJob, execute
from saps.lang.trees import Tree
from saps.tasks.atomic import atomic_writer, write_plot
from saps.tasks.task import Task

BEST = (1, 10, 100)  # lengths of the best lists


class Searched(NamedTuple):
    """What a search found for one task."""

    first: Tree | None  # the most probable program: the answer while none has passed
    answer: Tree | None  # the answer in the end
    visited: int  # programs of different behaviour visited when the answer passed the examples; 0: it did not
    run: int  # programs run for that


@dataclass(frozen=True, slots=True)
class Curve:
    """The points of the plot."""

    tasks: int
    """Tasks with tests that judge."""
    visited: tuple[float, ...]
    """Share of tasks solved if at most 1, 2, ... programs of different behaviour are visited."""
    run: tuple[float, ...]
    """The same, every program that is run counted, as in the literature."""

    def as_json(self, best_lists: dict[str, float] | None) -> dict[str, Any]:
        """Plain values; position k of a list stands for k + 1 programs."""
        return {"tasks": self.tasks, "visited": self.visited, "run": self.run, "best_lists": best_lists}


def curve_of(tasks: Sequence[Task], found: Sequence[Searched], budget: int, workers: int, shown: int) -> Curve:
    """The curve up to a budget; the first ``shown`` tests of a task were seen by the search and do not judge."""
    judged = [(task, one) for task, one in zip(tasks, found, strict=True) if task.tests[shown:]]
    jobs = [
        ExecutionJob(program, task.tests[shown:])
        for task, one in judged
        for program in (one.first, one.answer)
        if program is not None
    ]
    verdicts = iter(execute(jobs, workers))
    right = [
        tuple(program is not None and next(verdicts).passes_all for program in (one.first, one.answer))
        for _, one in judged
    ]
    needed = [(one.visited, one.run) for _, one in judged]
    by_visited, by_run = (_shares([counts[which] for counts in needed], right, budget) for which in (0, 1))
    return Curve(len(judged), by_visited, by_run)


def _shares(needed: Sequence[int], right: Sequence[tuple[bool, ...]], budget: int) -> tuple[float, ...]:
    """The answer is the first program until as many are visited as were needed."""
    points = []
    for most in range(1, budget + 1):
        solved = sum(
            answer if 0 < count <= most else first for count, (first, answer) in zip(needed, right, strict=True)
        )
        points.append(solved / len(right) if right else 0.0)
    return tuple(points)


def best_lists(tasks: Sequence[Task], listed: Sequence[Sequence[Tree]], longest: int) -> dict[str, float]:
    """For lists of 1, 10, 100 programs, the share of tasks whose own program is in the list, up to ``longest``."""
    places = [
        programs.index(task.program) if task.program in programs else longest
        for task, programs in zip(tasks, listed, strict=True)
    ]
    lengths = [length for length in BEST if length <= longest]
    return {str(length): sum(place < length for place in places) / max(1, len(places)) for length in lengths}


def write_curve(content: dict[str, Any], path: Path) -> None:
    """Writes the curve as JSON.

    Raises:
        UserError: the place cannot be written.
    """
    with atomic_writer(path) as file:
        file.write(json.dumps(content, indent=1).encode("ascii") + b"\n")


def plot_curve(curve: Curve, title: str, path: Path) -> None:
    """Draws the curve as an image.

    Raises:
        UserError: matplotlib is not installed, or the image cannot be written.
    """
    draw({"programs of different behaviour": curve.visited, "all programs run": curve.run}, title, path)


def draw(lines: Mapping[str, Sequence[float]], title: str, path: Path) -> None:
    """Draws shares of tasks solved by 1, 2, ... programs as an image, its kind told by the ending of the name.

    Raises:
        UserError: matplotlib is not installed, or the image cannot be written.
    """
    try:
        from matplotlib.figure import Figure  # slow to import, and only plots need it
    except ImportError:
        raise UserError("plots are drawn with matplotlib, which is not installed: pip install matplotlib") from None
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot()
    for number, (label, shares) in enumerate(lines.items()):
        style = ("-", "--", ":")[number // 10 % 3]  # there are ten colours
        axes.plot(range(1, len(shares) + 1), [100 * share for share in shares], label=label, linestyle=style)
    axes.set(xscale="log", xlabel="programs visited", ylabel="execution accuracy, %", title=title)
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", fontsize="small")
    try:
        write_plot(figure, path, path.suffix.removeprefix(".") or "png")
    except ValueError as error:
        raise UserError(f"{path}: cannot be written ({error}); name a file such as curve.png", "plot") from None
