"""How many programs of a file the plain templates compose to: ``python -m tests.generator.plain.coverage FILE``.

The file has one JSON object a line with ``program`` (Lisp spelling), ``args`` and ``return_type``; what has no program
is left out. Numbers written in another way count as the same: (+ 1 2) is 3 wherever it stands.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from saps.generator.parser.program_parser import ProgramParser
from saps.generator.plain.reading import plain_library
from saps.lang.spelling import parse, to_lisp
from saps.lang.trees import Tree

_FOLDED: Mapping[str, Callable[..., int]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "square": lambda x: x * x,
}


def folded(tree: Tree) -> Tree:
    """The tree with its constant sums, differences, products, quotients and squares as single numbers."""
    children = tuple(map(folded, tree.children))
    values = [_number(child) for child in children]
    known = [value for value in values if value is not None]
    if children and len(known) == len(children):
        if tree.label == "/" and known[1]:
            return Tree(str(known[0] // known[1]))
        if tree.label in _FOLDED:
            return Tree(str(_FOLDED[tree.label](*known)))
    return Tree(tree.label, children)


def composed(records: Iterable[Mapping[str, object]]) -> tuple[list[str], list[str]]:
    """The programs that some composition of plain templates yields, and those that none does."""
    library = plain_library()
    templates = tuple(replace(template, program=folded(template.program)) for template in library.templates)
    parser = ProgramParser(replace(library, templates=templates))
    found: tuple[list[str], list[str]] = ([], [])
    for record in records:
        program = folded(parse(str(record["program"])))
        numbers = {node.label: "int" for node in program.preorder() if _number(node) is not None}
        args = {**numbers, **record["args"]}  # type: ignore[dict-item]
        found[not parser.derivable(program, args, str(record["return_type"]))].append(to_lisp(program))
    return found


def _number(tree: Tree) -> int | None:
    return int(tree.label) if not tree.children and tree.label.lstrip("-").isdecimal() else None


def main() -> None:
    """Prints the share, and each program that is missing."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    records = [record for record in map(json.loads, lines) if "program" in record]
    found, missing = composed(records)
    print(f"{len(found)} of {len(records)} programs are compositions of plain templates")
    print(*missing, sep="\n")


if __name__ == "__main__":
    main()
