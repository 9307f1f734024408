"""Compositions that a system never learned from: pairs of templates, depths, roots, parity, comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jsonargparse.typing import NonNegativeInt, PositiveInt

from saps.cli.settings import flag, read_settings
from saps.cli.study.training import check_rows, rows_of, train_and_tell
from saps.errors import UserError
from saps.resources import resource
from saps.restricted import Count
from saps.studies.made import check_folder

SPLITS = "experiments/studies/compositional.yaml"


@dataclass(frozen=True, slots=True)
class Composing:
    """What ``saps study compositional`` takes."""

    configs: tuple[Path, ...] = flag(metavar="CONFIG.yaml", positional=True, nargs="+")
    """One line for each file, named after it."""
    splits: Path | None = None
    """What is learned from and what judges, split by split; by default experiments/studies/compositional.yaml."""
    only: tuple[str, ...] = flag((), metavar="SPLIT")
    """A split of that file; may be repeated. All by default."""
    tasks: PositiveInt = flag(500, metavar="N")
    """Tasks of either side that judge."""
    seeds: Count = 1
    """How many seeds each training gets: 1, 2, ..."""
    budget: str = "96000tasks"
    """Of each training, as 'saps compare --budget'."""
    exclude: tuple[Path, ...] = flag((), nargs="+", metavar="FILE")
    """Make no task with a program of these files on either side."""
    set: tuple[str, ...] = flag((), metavar="NAME=VALUE")
    """A setting of 'saps train' for all trainings; may be repeated."""
    workers: NonNegativeInt = flag(2, metavar="N")
    """Processes that run programs; 0 runs them in this one."""
    table: bool = False
    """Train nothing; tell of what there is."""
    folder: Path = Path("runs/studies/compositional")
    """Where trainings, files of tasks, study.json, study.md and study.png go. The same command resumes."""


def parse_arguments(argv: Sequence[str]) -> Composing:
    """Reads the command line.

    Raises:
        UserError: it is wrong.
    """
    return read_settings("study compositional", __doc__, Composing, argv)


def run(args: Composing) -> int:
    """Makes the files, trains, judges and writes all."""
    check_folder(args.folder, "compositional")
    from saps.studies.findings import Axes  # torch is slow to import
    from saps.studies.splits import PLACES, read_splits, settings_of

    splits = {split.name: split for split in read_splits(args.splits or resource(SPLITS))}
    for name in args.only:
        if name not in splits:
            raise UserError(f"--only {name}: no such split; there are: {', '.join(splits)}")
    rows = rows_of(args.configs, args.seeds, args.budget, args.set)
    chosen = [split for name, split in splits.items() if not args.only or name in args.only]
    check_rows(rows)
    settings = settings_of(chosen, args.tasks, args.exclude, args.folder, args.table)
    excluded = [str(path) for path in args.exclude]
    about = {"study": "compositional", "tasks": args.tasks, "excluded": excluded}
    axes = Axes("Compositions", "whether their kind is learned from", names=PLACES)
    return train_and_tell(rows, settings, args.folder, args.workers, args.table, axes, about)
