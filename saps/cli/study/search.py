"""What examples, constraints and programs visited are each worth to a search, beside the greedy answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jsonargparse.typing import NonNegativeInt, PositiveInt

from saps.cli.settings import Budget, flag, read_settings
from saps.cli.study.models import load_lines, models_as_json, read_first
from saps.studies.made import check_folder

EXAMPLES = (1, 3, 5)


@dataclass(frozen=True, slots=True)
class Searching:
    """What ``saps study search`` takes."""

    data: Path
    """The tasks (JSONL or JSONL.gz)."""
    model: tuple[str, ...] = flag(metavar="[NAME=]RUN")
    """A run folder or an exported model; may be repeated. Those of one NAME are seeds of one panel."""
    examples: tuple[NonNegativeInt, ...] = flag((), nargs="+", metavar="N")
    """Tests of a task that a search is shown, a line for each number, by default 1 3 5; those after the most of them
    judge all lines."""
    budget: Budget = flag(300, metavar="N")
    """Programs of different behaviour that a search may visit."""
    system: tuple[str, ...] = flag((), metavar="MODULE.CLASS")
    """A system that is not part of saps and that a model may be; its code is run. May be repeated."""
    first: PositiveInt | None = flag(None, metavar="N")
    """The first N of the tasks alone."""
    skip_bad: bool = False
    """Leave bad records of the data out, and say how many."""
    workers: NonNegativeInt = flag(2, metavar="N")
    """Processes that run programs; 0 runs them in this one."""
    folder: Path = Path("runs/studies/search")
    """Where study.json, study.md and study.png go."""


def parse_arguments(argv: Sequence[str]) -> Searching:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    return read_settings("study search", __doc__, Searching, argv)


def run(args: Searching) -> int:
    """Measures, prints the table and writes all."""
    check_folder(args.folder, "search")
    tasks = read_first(args.data, args.first, args.skip_bad)
    systems = load_lines(args.model, args.system)

    from saps.studies.findings import EXECUTION, Axes, write_study  # torch is slow to import
    from saps.studies.searching import measure

    findings = measure(
        systems,
        tasks,
        sorted(set(args.examples or EXAMPLES)),
        args.budget,
        args.workers,
        lambda told: print(told, flush=True),
    )
    about = {
        "study": "search",
        "data": args.data.name,
        "tasks": len(tasks),
        "budget": args.budget,
        "models": models_as_json(args.model),
    }
    axes = Axes("Search", "programs of different behaviour visited", EXECUTION, is_log=True)
    print(f"\n{write_study(args.folder, axes, findings, about)}\nwritten: {args.folder}")
    return 0
