"""A model's programs for the tasks of a file; of a task's tests it sees those that do not judge, no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from saps.errors import UserError
from saps.evaluation.curve import BEST, Searched, best_lists
from saps.evaluation.judge import check_shown
from saps.evaluation.predictions import PredictedProgram, Unparsed
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.synthesis.decoding import Decoding, Found, decode
from saps.synthesis.synthesizer import Synthesizer
from saps.tasks.atomic import atomic_writer
from saps.tasks.query import query_of
from saps.tasks.task import SHOWN_TESTS, Task


@dataclass(frozen=True, slots=True)
class DecodedTasks:
    """What a model made of the tasks, in their order."""

    found: Sequence[Found]
    decoding: Decoding
    shown: int
    """How many tests of each task the model was shown, the first ones."""

    @property
    def how(self) -> str:
        """How it was decoded, in words for the report."""
        decoding = self.decoding
        size = {"beam": f" of {decoding.candidates}", "search": f" of {decoding.budget} programs"}.get(decoding.way, "")
        return f"{decoding.way}{size}, {self.shown} examples" if self.shown else f"{decoding.way}{size}"

    def predictions(self) -> list[PredictedProgram]:
        """The programs as ``judge`` takes them."""
        return [one.program or Unparsed(number, one.problem) for number, one in enumerate(self.found, start=1)]

    def searched(self) -> list[Searched]:
        """What a search found, as ``curve_of`` takes it."""
        return [
            Searched(one.listed[0] if one.listed else one.program, one.program, one.visited, one.run)
            for one in self.found
        ]


def decode_tasks(
    synthesizer: Synthesizer, tasks: Sequence[Task], decoding: Decoding, examples: int | None = None
) -> DecodedTasks:
    """The model's program for each task.

    Args:
        synthesizer: the model.
        tasks: what is asked.
        decoding: how programs are looked for.
        examples: how many tests of each task are shown; by default what the model reads, and ``SHOWN_TESTS`` at least
            for a search.

    Raises:
        UserError: the model reads more examples than are shown, or a task has no test besides those.
    """
    reads = synthesizer.system.reading.shown
    shown = examples if examples is not None else max(reads, SHOWN_TESTS * (decoding.way == "search"))
    if shown < reads:
        raise UserError(f"{shown} examples shown: this model reads {reads}; show at least as many", "examples")
    for number, task in enumerate(tasks, start=1):  # before the long work
        check_shown(number, task, shown)
    return DecodedTasks(decode(synthesizer, [query_of(task, shown) for task in tasks], decoding), decoding, shown)


def best_lists_of(synthesizer: Synthesizer, tasks: Sequence[Task], longest: int) -> dict[str, float]:
    """How often the most probable programs hold the task's own, whatever they do on examples.

    A model that reads examples must have them, and a search would choose by them: its lists come from a beam.
    """
    longest, reads = min(longest, BEST[-1]), synthesizer.system.reading.shown
    decoding = Decoding("beam", candidates=longest) if reads else Decoding("search", budget=longest)
    listed = decode(synthesizer, [query_of(task, reads) for task in tasks], decoding)
    return best_lists(tasks, [one.listed for one in listed], longest)


def write_predictions(predictions: Sequence[PredictedProgram], path: Path) -> None:
    """Writes programs as a file that ``read_predictions`` reads: one a line, an empty line for none.

    Raises:
        UserError: the place cannot be written.
    """
    with atomic_writer(path) as file:
        lines = (to_lisp(program) if isinstance(program, Tree) else "" for program in predictions)
        file.writelines(line.encode() + b"\n" for line in lines)
