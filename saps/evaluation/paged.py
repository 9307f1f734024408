"""A page on the way: what is judged is kept as it comes, so that no program runs again for its verdict."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from saps.evaluation.cases import cases_of
from saps.evaluation.charts import Curves
from saps.evaluation.judge import JudgedTask, Report, judged_tasks
from saps.evaluation.predictions import PredictedProgram
from saps.evaluation.report import Source
from saps.evaluation.report_page import PageContents, write_lines, write_page

if TYPE_CHECKING:
    from saps.evaluation.thoughts import Thought  # torch is slow to import


@dataclass(slots=True)
class Paged:
    """A page that will be written when all is judged."""

    path: Path
    others: Sequence[PredictedProgram] | None = None
    """What the predictions are compared with, one a task."""
    other: str = ""
    """Its name."""
    thoughts: "Sequence[Thought] | None" = None
    """Of the model, one a task."""
    curves: Sequence[Curves] = ()
    judged: list[JudgedTask] = field(default_factory=list)

    @property
    def lines(self) -> Path:
        """Where the tasks go as lines of JSON."""
        return self.path.with_suffix(".jsonl")

    def keeping(self, judged: Iterable[JudgedTask]) -> Iterator[JudgedTask]:
        """The same judged tasks; they are kept for the page."""
        for one in judged:
            self.judged.append(one)
            yield one

    def write(self, report: Report, source: Source, workers: int, shown: int) -> None:
        """Writes the page and the lines beside it.

        Args:
            report: the figures of what was kept.
            source: what was judged on what.
            workers: processes to run programs in.
            shown: how many tests of each task, the first ones, did not judge.

        Raises:
            UserError: a place cannot be written.
        """
        others = None
        if self.others is not None:
            others = list(judged_tasks([one.task for one in self.judged], self.others, workers, shown))
        cases = cases_of(self.judged, workers, shown, self.thoughts, others)
        write_page(PageContents(report, source, cases, self.other, self.curves), self.path)
        write_lines(cases, self.lines)
