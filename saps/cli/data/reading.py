"""What the commands share: progress, bad records that are left out, templates of your own."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from saps.tasks.skipped import SkippedRecords
from saps.tasks.task import Task


def add_skip_bad(parser: argparse._ActionsContainer) -> None:
    """Adds the flag ``--skip-bad``."""
    parser.add_argument("--skip-bad", action="store_true", help="leave bad records out, and say how many")


def add_templates(parser: argparse._ActionsContainer) -> None:
    """Adds the flag ``--templates``; None where it is not given."""
    parser.add_argument(
        "--templates",
        nargs="+",
        action="extend",
        metavar="FOLDER",
        help="folders of templates of your own, beside those of saps",
    )


def template_files(folders: Iterable[str] | None) -> list[Path]:
    """The files in folders of templates of your own."""
    return [path for folder in folders or () for path in Path(folder).glob("*.yaml")]


def records_to_skip(skip_bad: bool) -> SkippedRecords | None:
    """Where a reading counts bad records; None without ``--skip-bad``, so that the first of them is an error."""
    return SkippedRecords() if skip_bad else None


def report_skipped(skipped: SkippedRecords | None) -> None:
    """Says on stderr how many records were left out, and why the first of them."""
    if skipped and skipped.count:
        print(skipped, file=sys.stderr)


def with_progress(tasks: Iterator[Task]) -> Iterator[Task]:
    """The tasks, with a count of them on stderr while they go by, if that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} tasks"))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        yield from progress.track(tasks, total=None)
