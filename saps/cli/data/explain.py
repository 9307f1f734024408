"""Shows which templates and wordings a task is made of; reads whole files as a parser that needs no learning."""

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from saps.cli.data.reading import add_skip_bad, add_templates, records_to_skip, report_skipped, template_files
from saps.errors import UserError, printable
from saps.generator import extended_library
from saps.generator.parser import Parse, ParsedText, ProgramParser, TextParser, missing_parts
from saps.generator.parser.notation import tree_lines
from saps.generator.templates import Library
from saps.lang.names import parse_declaration
from saps.lang.spelling import to_lisp, to_short
from saps.lang.trees import Tree
from saps.tasks.atomic import atomic_writer, check_outputs
from saps.tasks.files import read_task, read_tasks
from saps.tasks.task import Task
from saps.tasks.tokens import tokenize


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``saps data explain``."""
    parser.add_argument("task", nargs="?", metavar="FILE[:LINE]", help="a task: tasks.jsonl:17 is the one in line 17")
    parser.add_argument("--text", metavar="SENTENCE", help="a sentence instead of a task")
    parser.add_argument(
        "--arg", action="append", default=[], metavar="NAME:TYPE", help="an argument of the sentence; may be repeated"
    )
    parser.add_argument(
        "--predictions",
        type=Path,
        metavar="OUT",
        help="read all texts of FILE and write the best program of each, a line a task, for `saps evaluate`",
    )
    add_templates(parser)
    add_skip_bad(parser)


def run(args: argparse.Namespace) -> int:
    """Prints the derivations, or writes the predictions; 1 where a sentence or a program is not understood."""
    if (args.task is None) == (args.text is None):
        raise UserError("name a task as FILE:LINE or give a sentence by --text, one of the two")
    if args.arg and args.text is None:
        raise UserError("--arg goes with --text; a task in a file declares its own arguments")
    library = extended_library(*args.templates or ())
    if args.predictions is not None:
        return _predict(args, library)
    if args.text is not None:
        declared = {name: str(kind) for name, kind in map(parse_declaration, args.arg)}
        return _explain_text(args.text, declared or None, library)
    return _explain_task(_task(args.task), library)


def _task(place: str) -> Task:
    path, colon, line = place.rpartition(":")
    if not colon or not line.isdecimal():
        raise UserError(f"{place}: name the line of the task as well, such as {place}:1")
    return read_task(path, int(line))


def _explain_task(task: Task, library: Library) -> int:
    """The derivation of the program, and the parses of the text."""
    print(f"text: {printable(' '.join(task.text))}\nprogram: {to_lisp(task.program)}")
    parsed = TextParser(library).parse(task.text, task.args)
    derivations = ProgramParser(library).derivations(task.program, task.args, task.return_type)
    for number, derivation in enumerate(derivations, start=1):
        print("\n".join([f"derivation {number} of the program", *tree_lines(derivation, "  ")]))
    if not derivations:
        print("no templates compose to this program; what is missing:")
        for part in missing_parts(ProgramParser(library), task.program, task.args, task.return_type):
            print(f"  {to_lisp(part)}")
    print("\n".join(_parse_lines(parsed, task.program)))
    return 0 if derivations and any(found.program == task.program for found in parsed.parses) else 1


def _explain_text(text: str, args: Mapping[str, str] | None, library: Library) -> int:
    words = tokenize(text)
    if not words:
        raise UserError("--text holds no words; give a sentence")
    parsed = TextParser(library).parse(words, args)
    print(f"text: {' '.join(words)}")
    print("\n".join(_parse_lines(parsed, None)))
    return 0 if parsed.parses else 1


def _parse_lines(parsed: ParsedText, right: Tree | None) -> Iterator[str]:
    """The parses, best first, the right one marked; or how far the text was understood."""
    for number, found in enumerate(parsed.parses, start=1):
        yield from _one_parse(number, found, right)
    if parsed.exhausted:
        yield "the text takes too much work to read; readings may be missing"
    if parsed.parses:
        return
    if parsed.furthest < len(parsed.words):
        understood, rest = (
            " ".join(words) for words in (parsed.words[: parsed.furthest], parsed.words[parsed.furthest :])
        )
        yield f"the text is understood up to: {printable(understood) or '(nothing)'}"
        yield f"not understood from here on: {printable(rest)}"
    else:
        yield "all words are known lines, but together they use no argument once and only once, or the text breaks off"


def _one_parse(number: int, found: Parse, right: Tree | None) -> Iterator[str]:
    mark = "" if right is None else ", the program of the task" if found.program == right else ", another program"
    yield f"reading {number} of the text{mark}: {to_lisp(found.program)}"
    yield from tree_lines(found.derivation, "  ")


def _predict(args: argparse.Namespace, library: Library) -> int:
    if args.task is None:
        raise UserError("--predictions reads a file of tasks; name it")
    check_outputs([("predictions", args.predictions)], [Path(args.task), *template_files(args.templates)])
    skipped = records_to_skip(args.skip_bad)
    texts = [(task.text, task.args) for task in read_tasks(args.task, skipped)]  # all of it, before the long work
    report_skipped(skipped)
    parser, parsed = TextParser(library), 0
    with atomic_writer(args.predictions) as file:
        for text, declared in texts:
            program = parser.parse(text, declared).best()
            line = json.dumps(to_short(program)) if program is not None else ""
            file.write(line.encode("ascii") + b"\n")
            parsed += program is not None
    print(f"{args.predictions}: {parsed} of {len(texts)} texts read; judge them: saps evaluate --predictions")
    return 0
