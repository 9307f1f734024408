"""Parts as closures."""

from collections.abc import Callable, Sequence
from typing import Any

from saps.lang.compiler.fragments import ARG1, ARG2, BINDS, MAIN, SELF, Fragment, is_membership
from saps.lang.compiler.functions import KnownLambda, as_value, known_function
from saps.lang.compiler.outlines import Outline, Scope
from saps.lang.compiler.runtime import Closure, CompiledLambda, FastMachine, is_member, kept
from saps.lang.compiler.sources import Loop, body_function, loop_function
from saps.lang.machine import ARITY, ATOMS, CALLERS, IMPLEMENTATIONS
from saps.lang.operations.numbers import need_truth
from saps.lang.plain import unknown
from saps.lang.values import Fault, RuntimeFault, TypeFault

_LOOPS = {"map": (1, 1), "filter": (1, 1), "reduce": (2, 2)}
"""Which operand of each loop is the function, and how many parameters it has to have."""
_MOST_WRITTEN = 50  # functions written as source for one program; each takes Python a millisecond to compile
_MAKERS = frozenset({"partial0", "partial1", "partial2", "combine"})  # these make functions, and call none
_READ: dict[str, tuple[int, Closure]] = {
    "arg1": (ARG1, lambda m, x, y, me: x),
    "arg2": (ARG2, lambda m, x, y, me: y),
    "self": (SELF, lambda m, x, y, me: me),
}


class Compiler:
    """Makes the closures of one program.

    Args:
        simply: write no Python source and keep no values: for what rarely runs, near a limit or without an input.

    Attributes:
        slots: how many fragments keep their value.
        recursive: whether functions may call each other deeper than they stand in each other.
    """

    def __init__(self, simply: bool = False) -> None:
        self.slots = 0
        self.recursive = False
        self._written = _MOST_WRITTEN if simply else 0
        self._simply = simply
        self._made: dict[tuple[Fragment, Scope, bool], Closure] = {}

    def program(self, root: Fragment) -> Closure | None:
        """The closure of a whole program; None if it reads ``main``, which is left to the plain evaluator."""
        return None if root.reads & MAIN else self.closure(root, Scope())

    def keeps(self, fragment: Fragment, scope: Scope) -> bool:
        """Whether a fragment keeps its value: it has several places, or is in a lambda that it does not depend on."""
        if self._simply or not fragment.heavy:
            return False
        if fragment.uses > 1 or not scope.innermost:
            return fragment.uses > 1
        # What a fold has found so far is often still the same for the next element.
        return not fragment.reads & scope.innermost or (fragment.reads == ARG1 and scope.innermost & ARG2 != 0)

    def closure(self, fragment: Fragment, scope: Scope) -> Closure:
        """The closure of a fragment, the same one for equal fragments."""
        if not fragment.operands:
            return _atom(fragment.label, scope)
        keeps = self.keeps(fragment, scope)
        if keeps:  # in the body of a lambda or not, it is the same where it reads nothing that is bound around it
            scope = Scope(scope.available if fragment.reads else 0)
        made = self._made.get((fragment, scope, keeps))
        if made is None:
            made = self._plain(fragment, scope)
            if keeps:
                slot, self.slots = self.slots, self.slots + 1
                made = kept(slot, fragment.reads, made)
            self._made[fragment, scope, keeps] = made
        return made

    def _plain(self, fragment: Fragment, scope: Scope) -> Closure:
        label, count = fragment.label, len(fragment.operands)
        if label == "self":
            return self._self_call(fragment, scope)
        if label in BINDS:
            return self._lambda(fragment, scope) if count == 1 else _failing(TypeFault, _count(label, 1, count))
        if label not in IMPLEMENTATIONS:
            return _failing(RuntimeFault, f"{label} is no function")
        if count != ARITY[label]:
            return _failing(TypeFault, _count(label, ARITY[label], count))
        if label in _LOOPS and self._writes():
            loop = self._membership(fragment, scope) if is_membership(fragment) else self._loop(fragment, scope)
            if loop is not None:
                return loop
        self.recursive = self.recursive or (label in CALLERS and label not in _MAKERS)
        operands = [self.closure(operand, scope) for operand in fragment.operands]
        return _choice(*operands) if label == "if" else _call(IMPLEMENTATIONS[label], operands)

    def _writes(self) -> bool:
        """Whether one more function is worth the source."""
        self._written += 1
        return self._written <= _MOST_WRITTEN

    def _self_call(self, fragment: Fragment, scope: Scope) -> Closure:
        if not scope.available & SELF:
            return _failing(RuntimeFault, "self outside of a lambda")
        operands = [self.closure(operand, scope) for operand in fragment.operands]

        def call(m: FastMachine, x: Any, y: Any, me: Any) -> Any:
            return m.call(me, tuple([operand(m, x, y, me) for operand in operands]))

        return call

    def _lambda(self, fragment: Fragment, scope: Scope) -> Closure:
        body, inner = fragment.operands[0], scope.inside(BINDS[fragment.label])
        arity, cost = 1 if fragment.label == "lambda1" else 2, 1 + body.size
        self.recursive = self.recursive or body.reads & SELF != 0
        run = body_function(self, body, inner, _deferred(body, inner)) if self._writes() else self.closure(body, inner)
        return lambda m, x, y, me: CompiledLambda(arity, cost, run, y)

    def _loop(self, fragment: Fragment, scope: Scope) -> Closure | None:
        """A loop over a known function; None if it is not known or has the wrong number of parameters."""
        label = fragment.label
        place, arity = _LOOPS[label]
        operand = fragment.operands[place]
        function = known_function(operand)
        if function is None or function.arity != arity:
            return None
        implementation, lazy = IMPLEMENTATIONS[label], _deferred(operand, scope)
        outline = Outline(self, scope)

        def slow(m: FastMachine, x: Any, y: Any, me: Any, operands: Sequence[Any], fixed: Sequence[Any]) -> Any:
            value = lazy(m, x, y, me) if isinstance(function, KnownLambda) else as_value(function, fixed)
            return implementation(m, *operands, value)

        add = outline.add if scope.available else outline.add_closure  # what runs once is not worth more source
        for before in (*fragment.operands[:place], *function.fixed):
            add(before)
        return loop_function(outline, Loop(label, function, slow, _deferred(fragment, scope)))

    def _membership(self, fragment: Fragment, scope: Scope) -> Closure:
        mapped = fragment.operands[0].operands
        values, wanted = self.closure(mapped[0], scope), self.closure(mapped[1].operands[0], scope)
        return lambda m, x, y, me: is_member(m, values(m, x, y, me), wanted(m, x, y, me))


def _deferred(fragment: Fragment, scope: Scope) -> Closure:
    """The simple closure of a fragment, made when it is first needed."""
    made: list[Closure] = []

    def run(m: FastMachine, x: Any, y: Any, me: Any) -> Any:
        if not made:
            made.append(Compiler(simply=True).closure(fragment, scope))
        return made[0](m, x, y, me)

    return run


def _atom(label: str, scope: Scope) -> Closure:
    if scope.available and label in _READ:
        variable, read = _READ[label]
        if variable & scope.available:
            return read
    if label in ATOMS:
        value = ATOMS[label]
        return lambda m, x, y, me: value

    def look_up(m: FastMachine, x: Any, y: Any, me: Any) -> Any:
        try:
            return m.names[label]
        except KeyError:
            raise unknown(label) from None

    return look_up


def _call(implementation: Callable[..., Any], operands: Sequence[Closure]) -> Closure:
    if len(operands) == 1:
        (only,) = operands
        return lambda m, x, y, me: implementation(m, only(m, x, y, me))
    if len(operands) == 2:
        first, second = operands
        return lambda m, x, y, me: implementation(m, first(m, x, y, me), second(m, x, y, me))
    return lambda m, x, y, me: implementation(m, *[operand(m, x, y, me) for operand in operands])


def _choice(condition: Closure, then: Closure, otherwise: Closure) -> Closure:
    def choose(m: FastMachine, x: Any, y: Any, me: Any) -> Any:
        value = condition(m, x, y, me)
        if type(value) is not bool:
            need_truth("if", value)
        return then(m, x, y, me) if value else otherwise(m, x, y, me)

    return choose


def _failing(fault: type[Fault], message: str) -> Closure:
    def fail(m: FastMachine, x: Any, y: Any, me: Any) -> Any:
        raise fault(message)

    return fail


def _count(label: str, wanted: int, found: int) -> str:
    return f"{label} takes {wanted} operands, found {found}"
