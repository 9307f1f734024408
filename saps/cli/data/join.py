"""Joins a fetched benchmark with our own programs into tasks that every command reads."""

import argparse
from pathlib import Path

from saps.errors import UserError
from saps.tasks.atomic import check_outputs
from saps.tasks.benchmarks.joining import Joined, chosen, join
from saps.tasks.benchmarks.problems import read_problems
from saps.tasks.benchmarks.published import read_benchmarks
from saps.tasks.files import write_tasks


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps data join``."""
    parser.add_argument("benchmark", choices=sorted(read_benchmarks()), help="which")
    parser.add_argument("--folder", type=Path, default=Path("data"), help="where it was fetched to (default: data)")
    parser.add_argument("--from-file", type=Path, metavar="PATH", help="the benchmark's file, if it is elsewhere")
    parser.add_argument(
        "--revised", type=Path, metavar="PATH", help="a file like it whose tasks replace those of the same id"
    )
    parser.add_argument(
        "--ids", choices=("all", "odd", "even"), default="all", help="odd ids to look at, even ones to judge by"
    )
    parser.add_argument(
        "--min-tests", type=int, default=1, metavar="N", help="leave tasks with fewer tests out (default: 1)"
    )
    parser.add_argument("--output", type=Path, metavar="PATH", help="the tasks (default: FOLDER/NAME.tasks.jsonl)")


def run(args: argparse.Namespace) -> int:
    """Writes the tasks, and says what was left out."""
    benchmark = read_benchmarks()[args.benchmark]
    source = args.from_file or args.folder / benchmark.split.file
    if args.from_file is None and not source.exists():
        raise UserError(f"{source}: not there; get it with 'saps data fetch {args.benchmark}'", "from_file")
    suffix = "" if args.ids == "all" else f"-{args.ids}"
    output = args.output or args.folder / f"{args.benchmark}{suffix}.tasks.jsonl"
    check_outputs([("output", output)], [source, args.revised])
    problems = read_problems(source, benchmark.layout)
    if args.revised is not None:
        problems |= read_problems(args.revised, benchmark.layout)
    joined = join(chosen(benchmark.own_programs(), args.ids), problems, benchmark.short_name, args.min_tests)
    if not joined.tasks:
        raise UserError(f"{source}: no task of it could be joined ({_left_out(joined)}); is it {benchmark.split.file}?")
    write_tasks(output, joined.tasks)
    tests = sum(len(task.tests) for task in joined.tasks)
    print(f"{output}: {len(joined.tasks)} tasks with {tests} tests; left out: {_left_out(joined)}")
    return 0


def _left_out(joined: Joined) -> str:
    counts = (
        (joined.tests_left_out, "tests that AlgoLisp cannot hold"),
        (joined.without_tests, "tasks with too few other tests"),
        (joined.without_text, "tasks without a sentence"),
        (joined.absent, "tasks that the file lacks"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing"
