"""Prints the figures of a file of tasks."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from saps.cli.data.reading import add_skip_bad, records_to_skip, report_skipped, with_progress
from saps.errors import printable
from saps.tasks.files import read_tasks
from saps.tasks.statistics import Passed, SizeSummary, Statistics, describe, describe_and_run

_SHOWN_TEMPLATES = 40  # the published data has 31; a longer list is cut, and its length said


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps data info``."""
    parser.add_argument("file", type=Path, help="tasks, JSONL or JSONL.gz")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--no-run", action="store_true", help="do not run the programs on their tests")
    add_skip_bad(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the figures."""
    skipped = records_to_skip(args.skip_bad)
    tasks = with_progress(read_tasks(args.file, skipped))
    statistics = describe(tasks) if args.no_run else describe_and_run(tasks)
    report_skipped(skipped)
    if args.json:
        print(json.dumps(statistics.as_json(), indent=2, ensure_ascii=False))
    else:
        print("\n".join(_lines(statistics)))
    return 0


def _lines(statistics: Statistics) -> Iterator[str]:
    """The figures, one a line, names to the left."""
    yield f"{'tasks':<20} {statistics.tasks}"
    yield f"{'distinct programs':<20} {statistics.programs}"
    yield f"{'distinct texts':<20} {statistics.texts}"
    yield f"{'texts per program':<20} {_show_sizes(statistics.texts_per_program)}"
    yield f"{'nodes':<20} {_show_sizes(statistics.nodes)}"
    yield f"{'depth':<20} {_show_sizes(statistics.depth)}"
    yield f"{'text tokens':<20} {_show_sizes(statistics.text_tokens)}"
    yield f"{'words':<20} {statistics.words}"
    yield f"{'program symbols':<20} {statistics.symbols}"
    yield f"{'arities':<20} {', '.join(map(str, statistics.arities)) or 'none'}"
    yield f"{'result types':<20} {', '.join(f'{name} {count}' for name, count in statistics.return_types.items())}"
    yield from _passed_lines(statistics.passed, statistics.tasks)
    yield "templates at the root"
    shown = list(statistics.templates.items())[:_SHOWN_TEMPLATES]
    widest = _share(statistics.tasks, statistics.tasks)
    for name, count in shown:
        yield f"  {_share(count, statistics.tasks):<{len(widest)}}  {printable(name) or '(unknown)'}"
    if len(shown) < len(statistics.templates):
        yield f"  and {len(statistics.templates) - len(shown)} more; --json prints all"


def _passed_lines(passed: Passed | None, tasks: int) -> Iterator[str]:
    if passed is None:
        yield f"{'pass their tests':<20} no program was run"
        return
    yield f"{'pass all tests':<20} {_share(passed.all, tasks)}"
    yield f"{'pass some tests':<20} {_share(passed.some, tasks)}"
    yield f"{'pass no test':<20} {_share(passed.none, tasks)}"


def _show_sizes(sizes: SizeSummary) -> str:
    return f"mean {sizes.mean:.1f}, median {sizes.median}, 95 % {sizes.percentile_95}, max {sizes.max}"


def _share(count: int, total: int) -> str:
    return f"{count} of {total} ({100 * count / total:.1f} %)"
