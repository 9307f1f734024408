"""Outlines: what a body or loop looks like, apart from the values in it. Source is written once for each outline.

An outline is a list of tokens, a head before its operands:

- ``(`` and a primitive, ``(if``, ``(,in`` for a test of membership;
- ``(,self`` for a ``lambda1`` that calls itself, ``(,1``, ``(,2``, ... for other calls of the innermost lambda;
- ``x``, ``y`` and ``me`` for arg1, arg2 and the innermost lambda;
- ``f0``, ``f1``, ... for values that partials fix, ``n0``, ``n1``, ... for inputs;
- a whole number, ``True`` or ``False``;
- ``given`` for the next value and ``closure`` for the next closure of those that are handed over.

No other text of a program gets into it.
"""

from typing import Any, NamedTuple, Protocol

from saps.lang.compiler.fragments import ARG1, ARG2, SELF, Fragment, is_membership
from saps.lang.compiler.runtime import Closure
from saps.lang.machine import ARITY, ATOMS, CALLERS

_DEEPEST = 12  # levels of an expression, each of a few brackets; Python's parser takes 200 brackets
_LARGEST = 60  # nodes of an expression
_VARIABLES = {"arg1": ("x", ARG1), "arg2": ("y", ARG2), "self": ("me", SELF)}


class Scope(NamedTuple):
    """The lambda variables in scope, and those of them that the innermost lambda binds."""

    available: int = 0
    innermost: int = 0

    def inside(self, binds: int) -> "Scope":
        """The scope of the body of a lambda that binds these."""
        return Scope(self.available | binds, binds)


class FragmentCompiler(Protocol):
    """What makes closures of the fragments that are not written out."""

    def closure(self, fragment: Fragment, scope: Scope) -> Closure:
        """The closure of a fragment."""

    def keeps(self, fragment: Fragment, scope: Scope) -> bool:
        """Whether the fragment keeps its value."""


class Outline:
    """The outline of one function.

    Attributes:
        tokens: what it looks like.
        given: the values and closures handed over, in the order of the tokens that stand for them.
        inputs: the inputs that it reads; ``n0`` is the first one.
        scope: that of the fragments to be added.
    """

    def __init__(self, compiler: FragmentCompiler, scope: Scope) -> None:
        self.tokens: list[str] = []
        self.given: list[Any] = []
        self.inputs: list[str] = []
        self.scope = scope
        self._compiler, self._nodes = compiler, 0

    def add(self, fragment: Fragment, depth: int = 0) -> None:
        """Adds the expression of a fragment."""
        label, operands = fragment.label, fragment.operands
        self._nodes += 1
        if not operands:
            self._add_atom(label)
            return
        if depth > _DEEPEST or self._nodes > _LARGEST or self._compiler.keeps(fragment, self.scope):
            head = None
        elif label == "if":
            head = "(if" if len(operands) == 3 else None
        elif label == "self":
            head = self._self_call(len(operands))
        else:
            head = f"({label}" if label not in CALLERS and ARITY.get(label) == len(operands) else None
            if label == "reduce" and is_membership(fragment):
                head, operands = "(,in", (operands[0].operands[0], operands[0].operands[1].operands[0])
        if head is None:
            self.add_closure(fragment)
            return
        self.tokens.append(head)
        for operand in operands:
            self.add(operand, depth + 1)

    def add_closure(self, fragment: Fragment) -> None:
        """Adds a fragment as a closure."""
        self.tokens.append("closure")
        self.given.append(self._compiler.closure(fragment, self.scope))

    def _self_call(self, count: int) -> str | None:
        if not self.scope.innermost:
            return None
        return "(,self" if count == 1 and not self.scope.innermost & ARG2 else f"(,{count}"

    def _add_atom(self, label: str) -> None:
        variable = _VARIABLES.get(label)
        if variable and variable[1] & self.scope.available:
            self.tokens.append(variable[0])
        elif label in ATOMS:
            value = ATOMS[label]
            if type(value) is int or type(value) is bool:
                self.tokens.append(repr(value))
            else:
                self.tokens.append("given")
                self.given.append(value)
        else:
            if label not in self.inputs:
                self.inputs.append(label)
            self.tokens.append(f"n{self.inputs.index(label)}")
