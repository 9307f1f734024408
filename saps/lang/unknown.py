"""Atoms that mean nothing: what the language has in their place, and what was perhaps meant."""

import math
import re
from collections.abc import Callable, Collection

from saps.errors import UserError
from saps.lang.errors import quoted
from saps.lang.names import RESERVED, free_names
from saps.lang.primitives import PRIMITIVES
from saps.lang.trees import Tree

_NUMBER = re.compile(r"[+-]?(\d|\.\d)[\d.]*(e[+-]?\d+)?", re.IGNORECASE)
_ELSEWHERE = {
    "plus": "+", "add": "+", "sum": "+", "minus": "-", "subtract": "-", "sub": "-", "times": "*", "multiply": "*",
    "mul": "*", "divide": "/", "div": "/", "mod": "%", "modulo": "%", "rem": "%", "and": "&&", "or": "||", "not": "!",
    "eq": "==", "equal": "==", "=": "==", "lt": "<", "gt": ">", "fold": "reduce", "foldl": "reduce", "length": "len",
    "size": "len", "concat": "str_concat", "split": "str_split", "nth": "deref", "get": "deref", "first": "head",
    "rest": "tail", "sorted": "sort", "compose": "combine", "lambda": "lambda1", "apply": "invoke1", "**": "pow",
}  # fmt: skip
"""Names that other languages have for primitives."""
_SHORTEST = 3  # characters of a name that others are compared with; shorter ones resemble too many


def is_literal(label: str) -> bool:
    """Whether an atom is written like a number or a string, so that it can be meant for no argument."""
    return label[0] == '"' or _NUMBER.fullmatch(label) is not None


def wanted_instead(label: str, given: Collection[str]) -> tuple[str, str]:
    """What could stand in the place of an atom that is no primitive and not given, and what the atom is, in words."""
    if is_literal(label):
        kind, there_are = _literals(label)
        return f"one of the {kind}s {there_are}, or an argument", f"the {kind} {label}"
    meant = nearest(label, given)
    names = f"a primitive or one of the arguments ({', '.join(given)})"
    return f"{names}, perhaps {' or '.join(meant)}" if meant else names, f"the unknown name {label}"


def nearest(label: str, given: Collection[str]) -> list[str]:
    """The primitives and given names that an unknown name resembles, at most three."""
    from difflib import get_close_matches  # takes a moment to import

    found = [name for name in (_ELSEWHERE.get(label.lower(), ""),) if name in PRIMITIVES]
    if len(label) >= _SHORTEST:
        known = [name for name in (*given, *PRIMITIVES) if name[0] != '"']
        found += [name for name in get_close_matches(label, known, n=3) if name not in found]
    return found[:3]


def check_names(tree: Tree, given: Collection[str], unset: Callable[[str], str]) -> None:
    """Makes sure that every name of a program means something.

    Mistakes that no input mends are told before an input that is missing.

    Args:
        tree: the program.
        given: the names that have a value.
        unset: what to tell a user of a name without a value that resembles nothing.

    Raises:
        UserError: a name has no value, or a head is no function.
    """
    without_value = [label for label in free_names(tree) if label not in given]
    for label in without_value:
        if wrong := _without_meaning(label, given):
            raise UserError(wrong)
    for node in tree.preorder():
        if node.children and not {node.label}.intersection((*RESERVED, *PRIMITIVES, *given)):
            meant = nearest(node.label, ())
            functions = ", ".join([name for name, row in PRIMITIVES.items() if row.arity])
            hint = f"write {' or '.join(meant)}" if meant else f"there are {functions}"
            raise UserError(f"{quoted(node.label)} is no function of the language; {hint}")
    for label in without_value:
        raise UserError(unset(label))


def _without_meaning(label: str, given: Collection[str]) -> str:
    """The sentence on a name without a value that is a literal or resembles something, else nothing."""
    if is_literal(label):
        kind, there_are = _literals(label)
        return f"the language has no {kind} {label}; write one of {there_are}, make it of those, or give it as an input"
    meant = " or ".join(nearest(label, given))
    return f"{quoted(label)} is neither a primitive nor an input; write {meant}, or give it a value" if meant else ""


def _literals(label: str) -> tuple[str, str]:
    """The kind of a literal, and the literals of this kind that the language has, with the nearest."""
    kind = "string" if label[0] == '"' else "number"
    basic = {"string": "string", "number": "int"}[kind]
    there_are = [name for name, row in PRIMITIVES.items() if not row.arity and str(row.result) == basic]
    near = f" (nearest: {' and '.join(_nearest_numbers(label, there_are))})" if kind == "number" else ""
    return kind, f"{', '.join(there_are)}{near}"


def _nearest_numbers(label: str, numbers: list[str]) -> list[str]:
    """The numbers just below and above one."""
    try:
        value = float(label)
    except ValueError:  # such as 1.2.3
        return numbers[:2]
    below = [name for name in numbers if float(name) <= value]
    above = [name for name in numbers if value < float(name) < math.inf]
    return [*sorted(below, key=float)[-1:], *sorted(above, key=float)[:1]]
