"""Accuracy against the number of different tasks that a system learns from, all trainings equally long."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jsonargparse.typing import NonNegativeInt, PositiveInt

from saps.cli.settings import flag, read_settings
from saps.cli.study.training import check_rows, rows_of, train_and_tell
from saps.errors import UserError
from saps.generator.switch_files import read_switches
from saps.generator.switches import Switches
from saps.restricted import Count
from saps.studies.made import check_folder, told
from saps.training.budget import parse_budget

SIZES = (1_000, 3_000, 10_000, 30_000)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What ``saps study data`` takes."""

    configs: tuple[Path, ...] = flag(metavar="CONFIG.yaml", positional=True, nargs="+")
    """One line for each file, named after it; its own tasks to learn from play no part."""
    test: tuple[Path, ...] = flag(nargs="+", metavar="FILE")
    """Tasks that judge, a panel for each file: generated ones, real ones. Their programs, and those that the rows are
    validated on or exclude, are kept out of training."""
    sizes: tuple[PositiveInt, ...] = flag((), nargs="+", metavar="N")
    """Numbers of different tasks to learn from, each below --budget, by default 1000 3000 10000 30000; beside them
    stands a training on fresh ones."""
    seeds: Count = 1
    """How many seeds each training gets: 1, 2, ..."""
    budget: str = "96000tasks"
    """Tasks that each training goes through, whatever the number of different ones: 96000tasks, or 96000."""
    exclude: tuple[Path, ...] = flag((), nargs="+", metavar="FILE")
    """Make no task with a program of these files either."""
    switches: Path | None = flag(None, metavar="FILE")
    """A YAML file of the generator's switches for all tasks; by default one to three templates a program."""
    set: tuple[str, ...] = flag((), metavar="NAME=VALUE")
    """A setting of 'saps train' for all trainings; may be repeated."""
    workers: NonNegativeInt = flag(2, metavar="N")
    """Processes that run programs; 0 runs them in this one."""
    table: bool = False
    """Train nothing; tell of what there is."""
    folder: Path = Path("runs/studies/data")
    """Where trainings, files of tasks, study.json, study.md and study.png go. The same command resumes."""


def parse_arguments(argv: Sequence[str]) -> Amounts:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    return read_settings("study data", __doc__, Amounts, argv)


def tasks_of(budget: str) -> int:
    """The tasks of ``96000tasks`` or ``96000``.

    Raises:
        UserError: it is an amount of something else, or none.
    """
    written = budget.strip()
    found = parse_budget(f"{written}tasks" if written.isdecimal() else written, "--budget")
    if found.unit != "tasks":
        raise UserError(f"--budget {written}: here all trainings see equally many tasks; write 96000tasks")
    return int(found.amount)


def run(args: Amounts) -> int:
    """Makes the files, trains, judges and writes all."""
    check_folder(args.folder, "data")
    from saps.studies.amounts import FRESH, settings_of  # torch is slow to import
    from saps.studies.findings import Axes

    if len({path.name for path in args.test}) < len(args.test):
        raise UserError("two of the files have one name; a panel is named after its file, so rename one", "test")
    sizes, budget = sorted(set(args.sizes or SIZES)), tasks_of(args.budget)
    if sizes[-1] >= budget:
        raise UserError(f"{sizes[-1]}: a training sees {budget} tasks (--budget); take fewer or raise it", "sizes")
    rows = rows_of(args.configs, args.seeds, f"{budget}tasks", args.set)
    equal = Switches(instances={1: 1, 2: 1, 3: 1}, tests=0)
    switches = equal if args.switches is None else replace(read_switches(args.switches), tests=0)  # as fresh ones are
    excluded = list(dict.fromkeys([*args.exclude, *check_rows(rows, switches.tests)]))
    fresh_at = float(max(budget, 3 * sizes[-1]))  # far enough from the largest file for both names
    settings = settings_of(sizes, fresh_at, args.test, excluded, switches, args.folder, args.table)
    about = {"study": "data", "sizes": sizes, "switches": told(switches), "excluded": [str(path) for path in excluded]}
    axes = Axes("Tasks to learn from", "different tasks", is_log=True, names={fresh_at: FRESH})
    return train_and_tell(rows, settings, args.folder, args.workers, args.table, axes, about)
