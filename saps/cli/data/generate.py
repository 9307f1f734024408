"""Makes new tasks."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from saps.errors import UserError
from saps.tasks.files import write_tasks
from saps.tasks.hashes import read_excluded
from saps.tasks.task import Task

HELP = "make new tasks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps data generate``."""
    parser.add_argument("--count", type=int, required=True, help="how many tasks")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same tasks (default: 1)")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="a .jsonl or .jsonl.gz file")
    parser.add_argument(
        "--exclude",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="make no task with a program of these files (tasks, or hashes of programs)",
    )
    parser.add_argument("--max-depth", type=int, default=3, help="how deep templates stand in each other (default: 3)")
    parser.add_argument(
        "--templates",
        type=Path,
        nargs="+",
        default=[],
        metavar="FOLDER",
        help="folders of templates of your own, beside those that come with saps",
    )


def run(args: argparse.Namespace) -> int:
    """Writes the tasks and says how many."""
    if args.count < 1:
        raise UserError(f"--count is {args.count}; it must be at least 1")
    excluded: set[str] = set().union(*(read_excluded(path) for path in args.exclude))
    count = write_tasks(args.output, _tasks(args, excluded))
    print(f"{args.output}: {count} tasks (seed {args.seed}, {len(excluded)} programs kept out)")
    return 0


def _tasks(args: argparse.Namespace, excluded: set[str]) -> Iterator[Task]:
    from saps.tasks.generator import Switches, generate  # templates are read only where they are needed

    switches = Switches(templates=[str(folder) for folder in args.templates], max_depth=args.max_depth)
    return generate(args.count, args.seed, switches=switches, exclude=excluded)
