"""Downloads a published split or benchmark, or takes it from a file."""

import argparse
import sys
from pathlib import Path

from saps.tasks.benchmarks.published import read_benchmarks
from saps.tasks.fetch import copy_split, fetch_split
from saps.tasks.splits import read_splits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps data fetch``."""
    parser.add_argument("split", choices=sorted([*read_splits(), *read_benchmarks()]), help="which")
    parser.add_argument("--folder", type=Path, default=Path("data"), help="where it goes (default: data)")
    parser.add_argument("--from-file", type=Path, metavar="PATH", help="take it from a file that you have already")
    parser.add_argument("--mirror", action="append", default=[], metavar="URL", help="try this address first")


def run(args: argparse.Namespace) -> int:
    """Puts the split into the folder."""
    benchmark = read_benchmarks().get(args.split)
    split = benchmark.split if benchmark else read_splits()[args.split]
    if args.from_file is not None:
        path = copy_split(split, args.from_file, args.folder)
    else:
        path = fetch_split(split, args.folder, args.mirror, say=_say)
    print(f"{path}: {split.tasks} tasks, {split.proof} right")
    if benchmark:
        folder = "" if args.folder == Path("data") else f" --folder {args.folder}"
        print(f"{benchmark.source}; licence {benchmark.licence}")
        print(f"join it with programs: saps data join {args.split}{folder}")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
