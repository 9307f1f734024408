"""`saps data`: look at a file of tasks, divide it, fetch the published ones, make new ones."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from saps.errors import UserError
from saps.tasks.fetch import copy_split, fetch_split
from saps.tasks.files import read_tasks, write_tasks
from saps.tasks.hashes import read_excluded
from saps.tasks.split import MANIFEST, parse_parts, split_file
from saps.tasks.splits import read_splits
from saps.tasks.statistics import Passed, Spread, Statistics, describe, describe_and_run
from saps.tasks.task import Task

_SHOWN_TEMPLATES = 40  # the published data has 31; a longer list is cut, and its length said


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the four commands below `saps data` and their flags."""
    commands = parser.add_subparsers(dest="data_command", metavar="COMMAND", required=True)
    _add_info(commands.add_parser("info", help="print the figures of a file of tasks"))
    _add_split(commands.add_parser("split", help="divide a file so that no program stands on both sides"))
    _add_fetch(commands.add_parser("fetch", help="download a published split"))
    _add_generate(commands.add_parser("generate", help="make new tasks"))


def run(args: argparse.Namespace) -> int:
    """Runs the chosen command; 0 when all went well."""
    commands = {"info": _info, "split": _split, "fetch": _fetch, "generate": _generate}
    return commands[args.data_command](args)


def _add_info(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="tasks, JSONL or JSONL.gz")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--no-run", action="store_true", help="do not run the programs on their tests")
    _add_skip_bad(parser)


def _info(args: argparse.Namespace) -> int:
    skipped: list[UserError] | None = [] if args.skip_bad else None
    tasks = _with_progress(read_tasks(args.file, skipped))
    statistics = describe(tasks) if args.no_run else describe_and_run(tasks)
    _report_skipped(skipped)
    if args.json:
        print(json.dumps(statistics.as_json(), indent=2, ensure_ascii=False))
    else:
        print("\n".join(_lines(statistics)))
    return 0


def _with_progress(tasks: Iterator[Task]) -> Iterator[Task]:
    """The tasks, with a count of them on stderr while they go by, if that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed} tasks"))
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        yield from progress.track(tasks, total=None)


def _report_skipped(skipped: list[UserError] | None) -> None:
    """Says on stderr how many records were left out, and why the first of them."""
    if skipped:
        print(f"left out {len(skipped)} bad records; the first: {skipped[0]}", file=sys.stderr)


def _lines(statistics: Statistics) -> Iterator[str]:
    """The figures, one a line, names to the left."""
    yield f"{'tasks':<20} {statistics.tasks}"
    yield f"{'distinct programs':<20} {statistics.programs}"
    yield f"{'distinct texts':<20} {statistics.texts}"
    yield f"{'texts per program':<20} {_show_spread(statistics.texts_per_program)}"
    yield f"{'nodes':<20} {_show_spread(statistics.nodes)}"
    yield f"{'depth':<20} {_show_spread(statistics.depth)}"
    yield f"{'text tokens':<20} {_show_spread(statistics.text_tokens)}"
    yield f"{'words':<20} {statistics.words}"
    yield f"{'program symbols':<20} {statistics.symbols}"
    yield f"{'arities':<20} {', '.join(map(str, statistics.arities)) or 'none'}"
    yield f"{'result types':<20} {', '.join(f'{name} {count}' for name, count in statistics.return_types.items())}"
    yield from _passed_lines(statistics.passed, statistics.tasks)
    yield "templates at the root"
    shown = list(statistics.templates.items())[:_SHOWN_TEMPLATES]
    widest = _share(statistics.tasks, statistics.tasks)
    for name, count in shown:
        yield f"  {_share(count, statistics.tasks):<{len(widest)}}  {name or '(unknown)'}"
    if len(shown) < len(statistics.templates):
        yield f"  and {len(statistics.templates) - len(shown)} more; --json prints all"


def _passed_lines(passed: Passed | None, tasks: int) -> Iterator[str]:
    if passed is None:
        yield f"{'pass their tests':<20} not run (--no-run)"
        return
    yield f"{'pass all tests':<20} {_share(passed.all, tasks)}"
    yield f"{'pass some tests':<20} {_share(passed.some, tasks)}"
    yield f"{'pass no test':<20} {_share(passed.none, tasks)}"


def _show_spread(spread: Spread) -> str:
    return f"mean {spread.mean:.1f}, median {spread.median}, 95 % {spread.percentile_95}, max {spread.max}"


def _share(count: int, total: int) -> str:
    return f"{count} of {total} ({100 * count / total:.1f} %)"


def _add_split(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="tasks, JSONL or JSONL.gz")
    parser.add_argument("--parts", nargs="+", required=True, metavar="NAME=SHARE", help="such as train=0.9 dev=0.1")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another division (default: 1)")
    parser.add_argument("--output-folder", type=Path, required=True, help="where the parts and the manifest go")
    _add_skip_bad(parser)


def _add_skip_bad(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--skip-bad", action="store_true", help="leave bad records out, and say how many")


def _split(args: argparse.Namespace) -> int:
    skipped: list[UserError] | None = [] if args.skip_bad else None
    parts = split_file(args.file, parse_parts(args.parts), args.seed, args.output_folder, skipped)
    _report_skipped(skipped)
    for part in parts:
        print(f"{args.output_folder / part.file}: {part.tasks} tasks of {part.programs} programs")
    print(f"{args.output_folder / MANIFEST}: the manifest")
    return 0


def _add_fetch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("split", choices=sorted(read_splits()), help="which split")
    parser.add_argument("--folder", type=Path, default=Path("data"), help="where it goes (default: data)")
    parser.add_argument("--from-file", type=Path, metavar="PATH", help="take it from a file that you have already")
    parser.add_argument("--mirror", action="append", default=[], metavar="URL", help="try this address first")


def _fetch(args: argparse.Namespace) -> int:
    split = read_splits()[args.split]
    if args.from_file is not None:
        path = copy_split(split, args.from_file, args.folder)
    else:
        path = fetch_split(split, args.folder, args.mirror, say=_say)
    print(f"{path}: {split.tasks} tasks, checksum right")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _add_generate(parser: argparse.ArgumentParser) -> None:
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


def _generate(args: argparse.Namespace) -> int:
    if args.count < 1:
        raise UserError(f"--count is {args.count}; it must be at least 1")
    excluded: set[str] = set().union(*(read_excluded(path) for path in args.exclude))
    count = write_tasks(args.output, _tasks(args, excluded))
    print(f"{args.output}: {count} tasks (seed {args.seed}, {len(excluded)} programs kept out)")
    return 0


def _tasks(args: argparse.Namespace, excluded: set[str]) -> Iterator[Task]:
    from saps.tasks.generator import extended_library, generate  # templates are read only where they are needed

    library = extended_library(*args.templates)
    return generate(args.count, args.seed, library=library, exclude=excluded, max_depth=args.max_depth)
