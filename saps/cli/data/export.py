"""Writes tasks for other toolkits: the words of each sentence, and the tokens of its program."""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from saps.cli.data.reading import add_skip_bad, records_to_skip, report_skipped
from saps.lang.spelling import to_lisp
from saps.lang.trees import Tree
from saps.tasks.atomic import atomic_writer, check_outputs
from saps.tasks.files import read_tasks
from saps.tasks.skipped import SkippedRecords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps data export``."""
    parser.add_argument("file", type=Path, help="tasks, JSONL or JSONL.gz")
    parser.add_argument(
        "--format", choices=("tsv", "lines"), default="tsv", help="one file with tabs, or OUTPUT.src and OUTPUT.tgt"
    )
    parser.add_argument("--output", type=Path, required=True, help="where they go")
    add_skip_bad(parser)


def run(args: argparse.Namespace) -> int:
    """Writes the files and says what is in them."""
    tsv = args.format == "tsv"
    paths = [args.output] if tsv else [args.output.with_name(f"{args.output.name}.{end}") for end in ("src", "tgt")]
    check_outputs([("output", path) for path in paths], [args.file])
    skipped, count = records_to_skip(args.skip_bad), 0
    with ExitStack() as stack:
        files = [stack.enter_context(atomic_writer(path)) for path in paths]
        for words, tokens in _lines(args.file, skipped):
            count += 1
            for file, line in zip(files, [f"{words}\t{tokens}"] if tsv else [words, tokens], strict=True):
                file.write(line.encode() + b"\n")
    report_skipped(skipped)
    print(f"{', '.join(map(str, paths))}: {count:,} tasks")
    return 0


def tokens_of(program: Tree) -> str:
    """A program as tokens with blanks between them, brackets included: ``( reduce a 0 + )``."""
    return to_lisp(program).replace("(", "( ").replace(")", " )")


def _lines(path: Path, skipped: SkippedRecords | None) -> Iterator[tuple[str, str]]:
    for task in read_tasks(path, skipped):
        yield " ".join(task.text), tokens_of(task.program)
