"""The parts of a program, each distinct one once, with what the compiler needs to know about them."""

from typing import TypeAlias

from saps.lang.machine import CALLERS
from saps.lang.trees import Tree

ARG1, ARG2, SELF, MAIN = 1, 2, 4, 8
_READS = {"arg1": ARG1, "arg2": ARG2, "self": SELF, "main": MAIN}
BINDS = {"lambda1": ARG1 | SELF, "lambda2": ARG1 | ARG2 | SELF}
"""What each kind of lambda binds in its body."""
_LIGHT = frozenset(
    {"+", "-", "*", "/", "%", "sqrt", "floor", "square", "abs", "min", "max", "<", ">", "<=", ">=", "!", "&&", "||"}
    | {"if", "deref", "int-deref", "head", "len", "strlen", "str_index", "str_min", "str_max"}
    | {"lambda1", "lambda2", "partial0", "partial1", "partial2", "combine", "array-new", "dict-new"}
)
"""Primitives that cost no more than looking up what they gave before."""


class Part:
    """A sub-tree; equal sub-trees of a program are one part.

    Attributes:
        uses: how often a call stands in the program, not counting repetitions of what it stands in; 0 for an atom.
        reads: the variables that its value depends on, of ``ARG1``, ``ARG2``, ``SELF`` and ``MAIN``.
        size: the steps of evaluating it once, without those of functions that it calls.
        heavy: whether evaluating it costs more than looking up a value.
        quiet: whether it calls no function, so that evaluating it takes ``size`` steps and no more.
    """

    __slots__ = ("heavy", "label", "parts", "quiet", "reads", "size", "uses")

    def __init__(self, label: str, parts: "tuple[Part, ...]") -> None:
        self.label, self.parts = label, parts
        self.uses, self.size, self.reads, self.heavy, self.quiet = 0, 1, 0, False, True
        if not parts:
            self.reads = _READS.get(label, 0)
            return
        for part in parts:
            self.reads |= part.reads
        if label in BINDS:
            self.reads &= ~BINDS[label]
            return
        self.reads |= _READS.get(label, 0)
        self.heavy, self.quiet = label not in _LIGHT, label not in CALLERS and label not in _READS
        for part in parts:
            self.size += part.size
            self.heavy = self.heavy or part.heavy
            self.quiet = self.quiet and part.quiet


def is_membership(part: Part) -> bool:
    """Whether a part is ``(reduce (map values (partial0 wanted ==)) false ||)``: how the data asks for an element."""
    if part.label != "reduce" or [each.label for each in part.parts] != ["map", "false", "||"]:
        return False
    mapped = part.parts[0].parts
    if len(mapped) != 2 or mapped[1].label not in ("partial0", "partial1") or len(mapped[1].parts) != 2:
        return False
    return not any(each.parts for each in (*part.parts[1:], mapped[1].parts[1])) and mapped[1].parts[1].label == "=="


def part_of(tree: Tree) -> Part:
    """The parts of a tree that is no deeper than parsers allow; the one of its root."""
    return _build(tree, {})


_Key: TypeAlias = str | tuple[str, tuple[Part, ...]]  # the label alone for an atom


def _build(node: Tree, known: dict[_Key, Part]) -> Part:
    children = node.children
    if not children:
        atom = known.get(node.label)
        if atom is None:
            atom = known[node.label] = Part(node.label, ())
        return atom
    parts: tuple[Part, ...]
    if len(children) == 1:
        parts = (_build(children[0], known),)
    elif len(children) == 2:
        parts = (_build(children[0], known), _build(children[1], known))
    else:
        parts = tuple([_build(child, known) for child in children])
    key = (node.label, parts)
    part = known.get(key)
    if part is None:
        part = known[key] = Part(node.label, parts)
    else:
        for child in parts:
            child.uses -= 1
    part.uses += 1
    return part
