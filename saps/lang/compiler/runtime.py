"""What compiled programs need while they run."""

from collections.abc import Callable, Mapping
from typing import Any

from saps.lang.compiler.fragments import ARG1, ARG2, SELF
from saps.lang.machine import ATOMS, LONG, Function, Limits, Machine
from saps.lang.operations.functions import PartialApplication
from saps.lang.operations.numbers import need_truth
from saps.lang.operations.sequences import apply_to_each, fold
from saps.lang.values import SCALARS, LimitReached

Closure = Callable[["FastMachine", Any, Any, Any], Any]
"""A compiled node: (machine, arg1, arg2, innermost lambda) -> value; ``MISSING`` outside of a lambda."""
Slot = tuple[Any, int, int, int, int, Any, Any, Any]
"""A value kept: itself, the steps and elements it cost, lambdas and calls active then, and the lambda variables."""

MISSING: Any = object()
_EXACT = frozenset({int, bool, str})  # what is always equal to itself


class FastMachine(Machine):
    """One run of a compiled program: its inputs by name, and the values that it keeps."""

    __slots__ = ("names", "scalars", "slots")
    slots: list[Slot | None]
    scalars: list[Any] | None
    """The last list found to hold numbers and strings only."""

    def __init__(self, limits: Limits, names: Mapping[str, Any], slots: int) -> None:
        super().__init__(limits)
        self.names, self.slots, self.scalars = names, [None] * slots, None


class CompiledLambda(Function):
    """A lambda as a value, with the ``arg2`` around it."""

    __slots__ = ("body", "outer")

    def __init__(self, arity: int, cost: int, body: Closure, outer: Any) -> None:
        self.arity, self.cost, self.body, self.outer = arity, cost, body, outer

    def call(self, machine: Machine, operands: tuple[Any, ...]) -> Any:
        """Evaluates the body."""
        assert isinstance(machine, FastMachine)
        machine.enter_lambda()
        value = self.body(machine, operands[0], operands[1] if self.arity == 2 else self.outer, self)
        machine.lambdas -= 1
        return value


def call_self(machine: FastMachine, me: CompiledLambda, value: Any) -> Any:
    """What ``machine.call(me, (value,))`` does for a ``lambda1``, in one frame."""
    limits = machine.limits
    active = machine.calls = machine.calls + 1
    if active > limits.calls:
        raise LimitReached(f"active calls: more than {limits.calls:,}")
    machine.steps_left -= me.cost
    if machine.steps_left < 0:
        machine.refill()
    machine.lambdas = lambdas = machine.lambdas + 1
    if lambdas > limits.lambdas:
        raise LimitReached(f"active lambdas: more than {limits.lambdas:,}")
    value = me.body(machine, value, me.outer, me)
    machine.lambdas = lambdas - 1
    machine.calls = active - 1
    return value


def is_member(machine: FastMachine, values: Any, wanted: Any) -> Any:
    """What ``(reduce (map values (partial0 wanted ==)) false ||)`` gives, at the same price."""
    if type(values) is list and type(wanted) in _EXACT and (type(wanted) is not str or len(wanted) <= LONG):
        limits, count = machine.limits, len(values)
        if machine.scalars is not values and SCALARS.issuperset(map(type, values)):
            machine.scalars = values
        few = count <= limits.list_length and machine.calls + 2 <= limits.calls
        if machine.scalars is values and few and machine.pays(3 * count, count):
            return wanted in values
    return fold(machine, apply_to_each(machine, values, PartialApplication(0, wanted, ATOMS["=="])), False, ATOMS["||"])


def truth(value: Any) -> Any:
    """A condition itself; raises TypeFault unless it is a truth value."""
    if type(value) is not bool:
        need_truth("if", value)
    return value


def kept(slot: int, reads: int, fragment: Closure) -> Closure:
    """A fragment that keeps its last value; ``reads`` says on which lambda variables it depends."""
    if not reads:
        return _kept_for_all(slot, fragment)
    reads1, reads2, reads_self = reads & ARG1, reads & ARG2, reads & SELF

    def look_up(machine: FastMachine, x: Any, y: Any, me: Any) -> Any:
        found = machine.slots[slot]
        if found is not None:
            value, steps, elements, lambdas, calls, old_x, old_y, old_me = found
            if (
                machine.lambdas <= lambdas
                and machine.calls <= calls
                and (not reads1 or x is old_x)
                and (not reads2 or y is old_y)
                and (not reads_self or me is old_me)
                and machine.pays(steps, elements)
            ):
                return value
        return _keep(machine, slot, fragment, x, y, me)

    return look_up


def _kept_for_all(slot: int, fragment: Closure) -> Closure:
    """``kept`` for a fragment that depends on no lambda variable."""

    def look_up(machine: FastMachine, x: Any, y: Any, me: Any) -> Any:
        found = machine.slots[slot]
        if found is not None:
            value, steps, elements, lambdas, calls, _, _, _ = found
            if machine.lambdas <= lambdas and machine.calls <= calls and machine.pays(steps, elements):
                return value
        return _keep(machine, slot, fragment, x, y, me)

    return look_up


def _keep(machine: FastMachine, slot: int, fragment: Closure, x: Any, y: Any, me: Any) -> Any:
    """Evaluates a fragment and keeps the value with what it cost."""
    steps, elements = machine.all_steps_left(), machine.elements_left
    value = fragment(machine, x, y, me)
    spent = (steps - machine.all_steps_left(), elements - machine.elements_left)
    machine.slots[slot] = (value, *spent, machine.lambdas, machine.calls, x, y, me)
    return value
