"""The parts of a program, each distinct one once, with what the compiler needs to know about them."""

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
        uses: how often it stands in the program, not counting repetitions of what it stands in.
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


def part_of(tree: Tree) -> Part:
    """The parts of a tree that is no deeper than parsers allow; the one of its root."""
    known: dict[tuple[str, tuple[Part, ...]], Part] = {}

    def build(node: Tree) -> Part:
        parts = tuple([build(child) for child in node.children]) if node.children else ()
        key = (node.label, parts)
        part = known.get(key)
        if part is None:
            part = known[key] = Part(node.label, parts)
        else:
            for child in parts:
                child.uses -= 1
        part.uses += 1
        return part

    return build(tree)
