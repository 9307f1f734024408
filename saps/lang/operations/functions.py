"""Primitives that choose, make and call functions."""

from typing import Any

from saps.lang.machine import Function, Machine, implements
from saps.lang.operations.numbers import need_truth
from saps.lang.values import TypeFault, describe


class PartialApplication(Function):
    """A function with one of its arguments fixed."""

    __slots__ = ("fixed", "function", "position")

    def __init__(self, position: int, fixed: Any, function: Function) -> None:
        self.arity, self.cost = function.arity - 1, 1
        self.position, self.fixed, self.function = position, fixed, function

    def call(self, machine: Machine, operands: tuple[Any, ...]) -> Any:
        """Calls the function with the fixed argument in its place."""
        position = self.position
        if position == 0:
            return machine.call(self.function, (self.fixed, *operands))
        return machine.call(self.function, (*operands[:position], self.fixed, *operands[position:]))


class Composition(Function):
    """One function after another."""

    __slots__ = ("inner", "outer")

    def __init__(self, outer: Any, inner: Function) -> None:
        self.arity, self.cost = inner.arity, 1
        self.outer, self.inner = outer, inner

    def call(self, machine: Machine, operands: tuple[Any, ...]) -> Any:
        """Calls the inner function, then the outer one."""
        return machine.call(self.outer, (machine.call(self.inner, operands),))


@implements("if")
def choose(machine: Machine, condition: Any, then: Any, otherwise: Any) -> Any:
    """The conditional as a function value: both branches have been evaluated."""
    need_truth("if", condition)
    return then if condition else otherwise


@implements("partial0")
def fix_first(machine: Machine, value: Any, function: Any) -> PartialApplication:
    """The function with its first argument fixed."""
    return _fix(0, value, function)


@implements("partial1")
def fix_second(machine: Machine, value: Any, function: Any) -> PartialApplication:
    """The function with its second argument fixed."""
    return _fix(1, value, function)


@implements("partial2")
def fix_third(machine: Machine, value: Any, function: Any) -> PartialApplication:
    """The function with its third argument fixed."""
    return _fix(2, value, function)


@implements("combine")
def compose(machine: Machine, outer: Any, inner: Any) -> Composition:
    """The first function after the second."""
    for function in (outer, inner):
        if not isinstance(function, Function):
            raise TypeFault(f"combine needs two functions, found {describe(function)}")
    return Composition(outer, inner)


@implements("invoke1")
def invoke(machine: Machine, function: Any, value: Any) -> Any:
    """The function's value."""
    return machine.call(function, (value,))


def _fix(position: int, value: Any, function: Any) -> PartialApplication:
    if not isinstance(function, Function):
        raise TypeFault(f"partial{position} needs a function, found {describe(function)}")
    if function.arity <= max(position, 1):
        raise TypeFault(f"partial{position} needs more parameters than the {function.arity} of its function")
    return PartialApplication(position, value, function)
