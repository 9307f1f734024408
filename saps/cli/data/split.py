"""Divides a file of tasks so that no program stands on both sides."""

import argparse
from pathlib import Path

from saps.cli.data.reading import add_skip_bad, records_to_skip, report_skipped
from saps.tasks.split import MANIFEST, parse_parts, split_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps data split``."""
    parser.add_argument("file", type=Path, help="tasks, JSONL or JSONL.gz")
    parser.add_argument(
        "--parts", nargs="+", action="extend", required=True, metavar="NAME=SHARE", help="such as train=0.9 dev=0.1"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, another division (default: 1)")
    parser.add_argument("--output-folder", type=Path, required=True, help="where the parts and the manifest go")
    add_skip_bad(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the parts and says what is in them."""
    skipped = records_to_skip(args.skip_bad)
    parts = split_file(args.file, parse_parts(args.parts), args.seed, args.output_folder, skipped)
    report_skipped(skipped)
    for part in parts:
        print(f"{args.output_folder / part.file}: {part.tasks} tasks of {part.programs} programs")
    print(f"{args.output_folder / MANIFEST}: the manifest")
    return 0
