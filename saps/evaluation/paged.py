"""A page, or a comparison, on the way: what is judged is kept, so that no program runs again for its verdict."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from saps.evaluation.cases import cases_of
from saps.evaluation.charts import Curves
from saps.evaluation.judge import JudgedTask, Report, judged_tasks
from saps.evaluation.pairs import EachTask, each_task
from saps.evaluation.predictions import PredictedProgram
from saps.evaluation.report import Source
from saps.evaluation.report_page import PageContents, write_lines, write_page

if TYPE_CHECKING:
    from saps.evaluation.thoughts import Thought  # torch is slow to import


@dataclass(slots=True)
class Paged:
    """A page that will be written when all is judged, and what the predictions are compared with."""

    path: Path | None
    """None where there is a comparison alone."""
    others: Sequence[PredictedProgram] | None = None
    """What the predictions are compared with, one a task."""
    other: str = ""
    """Its name."""
    thoughts: "Sequence[Thought] | None" = None
    """Of the model, one a task."""
    curves: Sequence[Curves] = ()
    judged: list[JudgedTask] = field(default_factory=list)
    compared: list[JudgedTask] | None = None
    """The same tasks with the other predictions, once these are judged."""

    def keeping(self, judged: Iterable[JudgedTask]) -> Iterator[JudgedTask]:
        """The same judged tasks; they are kept for the page."""
        for one in judged:
            self.judged.append(one)
            yield one

    def judge_others(self, workers: int, shown: int) -> EachTask | None:
        """Judges what is compared with on the tasks that were kept, and tells what each came to; None without it.

        ``workers`` and ``shown`` are those of ``judge``.
        """
        if self.others is None:
            return None
        tasks = [one.task for one in self.judged]
        self.compared = list(judged_tasks(tasks, self.others, workers, shown))
        return each_task(one.judgement for one in self.compared)

    def write(self, path: Path, report: Report, source: Source, workers: int, shown: int) -> Path:
        """Writes the page and the lines of JSON beside it, whose place is told.

        Args:
            path: of the page.
            report: the figures of what was kept.
            source: what was judged on what.
            workers: processes to run programs in.
            shown: how many tests of each task, the first ones, did not judge.

        Raises:
            UserError: a place cannot be written.
        """
        cases, lines = cases_of(self.judged, workers, shown, self.thoughts, self.compared), path.with_suffix(".jsonl")
        write_page(PageContents(report, source, cases, self.other, self.curves), path)
        write_lines(cases, lines)
        return lines
