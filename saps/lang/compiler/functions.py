"""Functions that are known before a program runs: lambdas, primitives, and partials and compositions of them.

All have in common

- ``arity``, the number of parameters;
- ``cost``, the steps of a call and of the calls that it makes, unless the body of a lambda makes more;
- ``calls``, how many calls are active at a time within a call, itself included;
- ``fixed``, the fragments whose values partials fix, in the order in which they are evaluated.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from saps.lang.compiler.fragments import BINDS, SELF, Fragment
from saps.lang.machine import ARITY, ATOMS, CALLERS, Function
from saps.lang.operations.functions import Composition, PartialApplication

_POSITIONS = {"partial0": 0, "partial1": 1, "partial2": 2}


class KnownPrimitive(NamedTuple):
    """A primitive that calls no functions."""

    arity: int
    label: str
    cost: int = 1
    calls: int = 1
    fixed: tuple[Fragment, ...] = ()


class KnownPartial(NamedTuple):
    """A function with one argument fixed."""

    arity: int
    cost: int
    calls: int
    fixed: tuple[Fragment, ...]
    position: int
    function: "Simple"


class KnownComposition(NamedTuple):
    """One function after another."""

    arity: int
    cost: int
    calls: int
    fixed: tuple[Fragment, ...]
    outer: "Simple"
    inner: "Simple"


class KnownLambda(NamedTuple):
    """A lambda that does not call itself, and what it binds."""

    arity: int
    cost: int
    body: Fragment
    binds: int
    calls: int = 1
    fixed: tuple[Fragment, ...] = ()


Simple: TypeAlias = KnownPrimitive | KnownPartial | KnownComposition


def known_function(fragment: Fragment) -> Simple | KnownLambda | None:
    """What is known of a function operand; None where it has to be evaluated."""
    if fragment.label in BINDS and len(fragment.operands) == 1:
        body = fragment.operands[0]
        if body.reads & SELF:
            return None
        return KnownLambda(1 if fragment.label == "lambda1" else 2, 1 + body.size, body, BINDS[fragment.label])
    return _simple(fragment)


def _simple(fragment: Fragment) -> Simple | None:
    label, operands = fragment.label, fragment.operands
    if not operands:
        # The conditional as a function evaluates both branches, other than the form of this name.
        return (
            KnownPrimitive(ARITY[label], label) if label in ARITY and label not in CALLERS and label != "if" else None
        )
    if label in _POSITIONS and len(operands) == 2:
        inner, position = _simple(operands[1]), _POSITIONS[label]
        if inner is None or inner.arity <= max(position, 1):
            return None
        fixed = (operands[0], *inner.fixed)
        return KnownPartial(inner.arity - 1, 1 + inner.cost, 1 + inner.calls, fixed, position, inner)
    if label == "combine" and len(operands) == 2:
        first, second = _simple(operands[0]), _simple(operands[1])
        if first is None or second is None or first.arity != 1:
            return None
        cost, calls = 1 + first.cost + second.cost, 1 + max(first.calls, second.calls)
        return KnownComposition(second.arity, cost, calls, first.fixed + second.fixed, first, second)
    return None


def call_tokens(function: Simple, fixed: Sequence[str], operands: Sequence[list[str]]) -> list[str]:
    """The outline of a call, given the names of the values fixed and the outlines of the operands."""
    if isinstance(function, KnownPrimitive):
        return [f"({function.label}", *[token for operand in operands for token in operand]]
    if isinstance(function, KnownPartial):
        place = function.position
        return call_tokens(function.function, fixed[1:], [*operands[:place], [fixed[0]], *operands[place:]])
    count = len(function.outer.fixed)
    return call_tokens(function.outer, fixed[:count], [call_tokens(function.inner, fixed[count:], operands)])


def as_value(function: Simple, fixed: Sequence[Any]) -> Function:
    """The function as a value, given the values fixed."""
    if isinstance(function, KnownPrimitive):
        value: Function = ATOMS[function.label]
        return value
    if isinstance(function, KnownPartial):
        return PartialApplication(function.position, fixed[0], as_value(function.function, fixed[1:]))
    count = len(function.outer.fixed)
    return Composition(as_value(function.outer, fixed[:count]), as_value(function.inner, fixed[count:]))
