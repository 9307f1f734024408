"""The sub-trees of a program, each distinct one once, with what the compiler needs to know about them."""

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


class Fragment:
    """A sub-tree of a program; equal ones are one fragment.

    Attributes:
        uses: how often a call stands in the program, not counting repetitions of what it stands in; 0 for an atom.
        reads: the variables that its value depends on, of ``ARG1``, ``ARG2``, ``SELF`` and ``MAIN``.
        size: the steps of evaluating it once, without those of functions that it calls.
        heavy: whether evaluating it costs more than looking up a value.
        quiet: whether it calls no function, so that evaluating it takes ``size`` steps and no more.
    """

    __slots__ = ("heavy", "label", "operands", "quiet", "reads", "size", "uses")

    def __init__(self, label: str, operands: "tuple[Fragment, ...]") -> None:
        self.label, self.operands = label, operands
        self.uses, self.size, self.reads, self.heavy, self.quiet = 0, 1, 0, False, True
        if not operands:
            self.reads = _READS.get(label, 0)
            return
        for fragment in operands:
            self.reads |= fragment.reads
        if label in BINDS:
            self.reads &= ~BINDS[label]
            return
        self.reads |= _READS.get(label, 0)
        self.heavy, self.quiet = label not in _LIGHT, label not in CALLERS and label not in _READS
        for fragment in operands:
            self.size += fragment.size
            self.heavy = self.heavy or fragment.heavy
            self.quiet = self.quiet and fragment.quiet


def is_membership(fragment: Fragment) -> bool:
    """Whether it is ``(reduce (map values (partial0 wanted ==)) false ||)``: how the data asks for an element."""
    if fragment.label != "reduce" or [each.label for each in fragment.operands] != ["map", "false", "||"]:
        return False
    mapped = fragment.operands[0].operands
    if len(mapped) != 2 or mapped[1].label not in ("partial0", "partial1") or len(mapped[1].operands) != 2:
        return False
    function = mapped[1].operands[1]
    return function.label == "==" and not any(each.operands for each in (*fragment.operands[1:], function))


def fragment_of(tree: Tree) -> Fragment:
    """The fragments of a tree that is no deeper than parsers allow; the one of its root."""
    return _build(tree, {})


_Key: TypeAlias = str | tuple[str, tuple[Fragment, ...]]  # the label alone for an atom


def _build(node: Tree, known: dict[_Key, Fragment]) -> Fragment:
    children = node.children
    if not children:
        atom = known.get(node.label)
        if atom is None:
            atom = known[node.label] = Fragment(node.label, ())
        return atom
    operands: tuple[Fragment, ...]
    if len(children) == 1:
        operands = (_build(children[0], known),)
    elif len(children) == 2:
        operands = (_build(children[0], known), _build(children[1], known))
    else:
        operands = tuple([_build(child, known) for child in children])
    key = (node.label, operands)
    fragment = known.get(key)
    if fragment is None:
        fragment = known[key] = Fragment(node.label, operands)
    else:
        for child in operands:
            child.uses -= 1
    fragment.uses += 1
    return fragment
