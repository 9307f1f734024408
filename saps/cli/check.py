"""Parse and type programs; print the type of each, and the program in other spellings."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from saps.cli.data.reading import add_skip_bad, records_to_skip, report_skipped
from saps.errors import UserError
from saps.lang import spelling
from saps.lang.errors import ProgramError
from saps.lang.inference import check, explain, infer_arguments
from saps.lang.names import parse_declaration
from saps.lang.primitives import PRIMITIVES
from saps.lang.spelling import MAX_CHARACTERS, to_comma, to_json, to_lisp
from saps.lang.trees import Tree
from saps.lang.types import Type, parse_type
from saps.lang.unknown import nearest
from saps.tasks.files import read_tasks

_SPELLINGS = {"lisp": to_lisp, "json": to_json, "comma": to_comma}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the program or file, the declared types and the spellings."""
    parser.add_argument(
        "program",
        metavar="PROGRAM_OR_FILE",
        help="a program, a file with one program a line, or a file of tasks (.jsonl, .jsonl.gz)",
    )
    parser.add_argument("--arg", action="append", default=[], metavar="NAME:TYPE", help="type of an argument: a:int[]")
    parser.add_argument("--result", metavar="TYPE", help="type that the program has to give")
    parser.add_argument(
        "--explain", action="store_true", help="print the tree with the type of each node, a line a node"
    )
    parser.add_argument(
        "--spelling", action="append", default=[], choices=_SPELLINGS, help="print the program so; may be repeated"
    )
    add_skip_bad(parser)


def run(args: argparse.Namespace) -> int:
    """Prints a line a program: its type, then the spellings asked for, with tabs between; the nodes if asked for."""
    declared = dict(parse_declaration(text) for text in args.arg)
    result = parse_type(args.result) if args.result is not None else None
    path = _file(args.program)
    if path is None:
        _print_program(args.program, declared, result, args)
        return 0
    if path.name.removesuffix(".gz").endswith(".jsonl"):
        return _check_tasks(path, args)
    wrong = 0
    for number, line in _lines(path):
        try:
            _print_program(line, declared, result, args)
        except ProgramError as error:
            print(f"{path}:{number}: {error}", file=sys.stderr)
            wrong += 1
    return 2 if wrong else 0


def _check_tasks(path: Path, args: argparse.Namespace) -> int:
    """Checks the program of every task of a file against the types that the task declares."""
    if args.arg or args.result or args.explain or args.spelling:
        raise UserError(
            f"{path}: tasks declare their own types; --arg, --result, --explain and --spelling go with programs"
        )
    count, wrong, skipped = 0, 0, records_to_skip(args.skip_bad)
    for count, task in enumerate(read_tasks(path, skipped), 1):
        try:
            check(
                task.program, {name: parse_type(kind) for name, kind in task.args.items()}, parse_type(task.return_type)
            )
        except ProgramError as error:
            print(f"{path}: task {count}: {error}", file=sys.stderr)
            wrong += 1
    report_skipped(skipped)
    print(f"{count - wrong} of {count} programs have the types that their tasks declare")
    return 2 if wrong else 0


def _print_program(code: str, declared: Mapping[str, Type], result: Type | None, args: argparse.Namespace) -> None:
    tree = spelling.parse(code)
    _refuse_lone_name(tree, declared)
    print("\t".join([typed_line(tree, declared, result), *(_SPELLINGS[name](tree) for name in args.spelling)]))
    if args.explain:
        print("\n".join(typed_tree(tree, declared, result)))


def _refuse_lone_name(tree: Tree, declared: Mapping[str, Type]) -> None:
    """A name that is the whole program is an argument by its type alone, and nearly always a misspelt primitive.

    Raises:
        ProgramError: it is not declared, and resembles a primitive.
    """
    name = tree.label
    if tree.children or name in declared or name in PRIMITIVES:
        return
    if meant := nearest(name, ()):
        raise ProgramError(
            f"{name!r} is neither a primitive nor a declared argument; write {' or '.join(meant)}, or --arg {name}:TYPE"
        )


def typed_line(tree: Tree, declared: Mapping[str, Type], result: Type | None = None) -> str:
    """The type of a program, with those of arguments that were not declared."""
    arguments, kind = infer_arguments(tree, declared, result)
    guessed = ", ".join(f"{name}: {kind}" for name, kind in arguments.items() if name not in declared)
    return f"{kind} where {guessed}" if guessed else str(kind)


def typed_tree(tree: Tree, declared: Mapping[str, Type], result: Type | None = None) -> list[str]:
    """A line a node: its label, two blanks further to the right than its parent's, and its type."""
    nodes = explain(tree, declared, result)
    labels = ["  " * (len(node.path) + 1) + node.label for node in nodes]
    width = max(map(len, labels))
    return [f"{label:<{width}}  {node.type}" for label, node in zip(labels, nodes, strict=True)]


def _file(text: str) -> Path | None:
    """The file that is meant, or None where the text is a program.

    Raises:
        UserError: it looks like a path, but no such file is there.
    """
    try:
        if Path(text).is_file():
            return Path(text)
    except (OSError, ValueError):  # too long for a path, or NUL bytes
        return None
    if ("/" in text[1:] or "." in text) and not set(text) & set('()[]", \t\n'):
        raise UserError(f"{text}: no such file; give a file with one program a line, or a program")
    return None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers, blank ones left out; of a line only what a program may be is held."""
    try:
        with path.open(encoding="utf-8", errors="surrogateescape") as file:
            number = 0
            while line := file.readline(MAX_CHARACTERS + 2):
                number += 1
                if line.strip():
                    yield number, line.rstrip("\n")
                while line and not line.endswith("\n"):
                    line = file.readline(MAX_CHARACTERS)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); give a readable file") from None
