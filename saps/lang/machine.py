"""The evaluator: a walk over the tree, function values, and the limits counted on the way.

This is the definition of what a program means. Evaluation is strict and from left to right but for the special forms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from saps.lang.primitives import PRIMITIVES
from saps.lang.trees import Tree
from saps.lang.values import LimitReached, RuntimeFault, TypeFault, TypeLiteral, count_elements, describe, same_value


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. The same program, input and limits always end the same way, on every machine."""

    steps: int = 500_000
    """Nodes evaluated and functions called."""
    lambdas: int = 110
    """Lambda calls active at a time; part of the language."""
    calls: int = 1_000
    """Calls of function values active at a time, lambdas among them; many times more may overflow the C stack."""
    list_length: int = 10_000
    """Elements of a list or dictionary that a program makes."""
    string_length: int = 10_000
    """Characters of a string that a program makes."""
    elements: int = 500_000
    """Elements and characters made in all; 64 bits of a large integer count as one."""
    bits: int = 10_000
    """Bits of an integer; few enough for Python to print it."""
    nesting: int = 50
    """Levels of lists in inputs and results."""


Scope = tuple[Any, Any, Any, Mapping[str, Any]]
"""arg1, arg2 and the innermost lambda (``MISSING`` where there is none), and the names of the program."""
Implementation = Callable[..., Any]
"""What a primitive does: (machine, *operands) -> value."""
SpecialForm = Callable[["Machine", Tree, Scope], Any]
"""How a head that rules the evaluation of its operands is evaluated."""

MISSING = object()
WORD = 2**64  # integers beyond it are looked at for their size
_SLOTS = {"arg1": 0, "arg2": 1, "self": 2}
_ARITY = {name: row.arity for name, row in PRIMITIVES.items()}

IMPLEMENTATIONS: dict[str, Implementation] = {}
SPECIAL_FORMS: dict[str, SpecialForm] = {}
_WORDS = {"inf": float("inf"), "true": True, "false": False, "int": TypeLiteral("int")}


def _constant(name: str) -> Any:
    """The value that a constant of the table spells: a word, a string in quotes, or a number."""
    if name in _WORDS:
        return _WORDS[name]
    return name[1:-1] if name.startswith('"') else int(name)


CONSTANTS: dict[str, Any] = {name: _constant(name) for name, row in PRIMITIVES.items() if not row.arity}


def implements(name: str) -> Callable[[Implementation], Implementation]:
    """Registers the function below as what a primitive of the table does; it guards the kinds of its operands."""

    def register(implementation: Implementation) -> Implementation:
        IMPLEMENTATIONS[name] = implementation
        return implementation

    return register


class Function:
    """A function as a value; ``arity`` is its number of parameters."""

    __slots__ = ("arity",)
    arity: int

    def call(self, machine: "Machine", operands: tuple[Any, ...]) -> Any:
        """The value for operands; ``Machine.call`` has made sure of their number."""
        raise NotImplementedError


class Builtin(Function):
    """A primitive as a value."""

    __slots__ = ("implementation",)

    def __init__(self, name: str) -> None:
        self.arity = PRIMITIVES[name].arity
        self.implementation = IMPLEMENTATIONS[name]

    def call(self, machine: "Machine", operands: tuple[Any, ...]) -> Any:
        """Does what the primitive does."""
        return self.implementation(machine, *operands)


class Lambda(Function):
    """A lambda and the scope around it; a ``lambda1`` sees the outer ``arg2``."""

    __slots__ = ("body", "outer")

    def __init__(self, arity: int, body: Tree, outer: Scope) -> None:
        self.arity, self.body, self.outer = arity, body, outer

    def call(self, machine: "Machine", operands: tuple[Any, ...]) -> Any:
        """Evaluates the body."""
        machine.enter_lambda()
        arg2 = operands[1] if self.arity == 2 else self.outer[1]
        value = machine.evaluate(self.body, (operands[0], arg2, self, self.outer[3]))
        machine.lambdas -= 1
        return value


class Main(Function):
    """The program itself, a function of its arguments in the order of the inputs."""

    __slots__ = ("names", "program")

    def __init__(self, program: Tree, names: tuple[str, ...]) -> None:
        self.arity, self.program, self.names = len(names), program, names

    def call(self, machine: "Machine", operands: tuple[Any, ...]) -> Any:
        """Runs the program again."""
        machine.enter_lambda()
        names = {**dict(zip(self.names, operands, strict=True)), **machine.atoms, "main": self}
        value = machine.evaluate(self.program, (MISSING, MISSING, MISSING, names))
        machine.lambdas -= 1
        return value


class Machine:
    """One run: evaluates trees and counts what they use.

    Args:
        atoms: the values of atoms that mean the same everywhere: constants and primitives as functions.
        limits: what the run may use.
    """

    def __init__(self, atoms: Mapping[str, Any], limits: Limits) -> None:
        self.atoms, self.limits = atoms, limits
        self.steps_left, self.elements_left = limits.steps, limits.elements
        self.lambdas = self.calls = 0

    def run(self, program: Tree, inputs: Mapping[str, Any]) -> Any:
        """The value of a program.

        Raises:
            Fault, ArithmeticError, ValueError: it has none; ``saps.lang.interpreter.run`` says which way.
        """
        names = {**inputs, **self.atoms, "main": Main(program, tuple(inputs))}
        return self.evaluate(program, (MISSING, MISSING, MISSING, names))

    def evaluate(self, node: Tree, scope: Scope) -> Any:
        """The value of a node in a scope."""
        self.steps_left -= 1
        if self.steps_left < 0:
            raise self._out_of_steps()
        label, operands = node.label, node.children
        if not operands:
            return self.atom(label, scope)
        if label in SPECIAL_FORMS:
            return SPECIAL_FORMS[label](self, node, scope)
        implementation = IMPLEMENTATIONS.get(label)
        if implementation is None:
            raise RuntimeFault(f"{label} is no function")
        count = len(operands)
        if count != _ARITY[label]:
            raise TypeFault(f"{label} takes {_ARITY[label]} operands, found {count}")
        # Written out, as no call through a list of operands: this is the innermost loop.
        first = self.evaluate(operands[0], scope)
        if count == 1:
            return implementation(self, first)
        second = self.evaluate(operands[1], scope)
        if count == 2:
            return implementation(self, first, second)
        return implementation(self, first, second, *[self.evaluate(operand, scope) for operand in operands[2:]])

    def atom(self, label: str, scope: Scope) -> Any:
        """The value of a constant, primitive, argument or lambda variable."""
        slot = _SLOTS.get(label)
        value = MISSING if slot is None else scope[slot]
        if value is MISSING:
            value = scope[3].get(label, MISSING)
        if value is not MISSING:
            return value
        if label in _SLOTS or label in PRIMITIVES:
            raise RuntimeFault(f"{label} has no meaning here")
        raise RuntimeFault(f"the name {label} is neither a primitive nor an argument")

    def call(self, callee: Any, operands: tuple[Any, ...]) -> Any:
        """The value of a function value for operands."""
        if not isinstance(callee, Function):
            raise TypeFault(f"a function is needed, found {describe(callee)}")
        if callee.arity != len(operands):
            raise TypeFault(f"a function of {callee.arity} parameters is called with {len(operands)} operands")
        self.steps_left -= 1
        if self.steps_left < 0:
            raise self._out_of_steps()
        active = self.calls = self.calls + 1
        if active > self.limits.calls:
            raise LimitReached(f"active calls: more than {self.limits.calls:,}")
        value = callee.call(self, operands)
        self.calls = active - 1
        return value

    def enter_lambda(self) -> None:
        """Counts a lambda call as active."""
        self.lambdas += 1
        if self.lambdas > self.limits.lambdas:
            raise LimitReached(f"active lambdas: more than {self.limits.lambdas:,}")

    def make_list(self, length: int) -> None:
        """Counts a list or dictionary that is about to be made."""
        if length > self.limits.list_length:
            raise LimitReached(f"list length: more than {self.limits.list_length:,}")
        self._make(length)

    def make_string(self, length: int) -> None:
        """Counts a string that is about to be made."""
        if length > self.limits.string_length:
            raise LimitReached(f"string length: more than {self.limits.string_length:,}")
        self._make(length)

    def number(self, value: Any) -> Any:
        """The number itself, if it is small enough; operands within the limit make no result that hurts."""
        if type(value) is int and not -WORD < value < WORD:
            self.check_bits(value.bit_length())
        return value

    def check_bits(self, bits: int) -> None:
        """Counts a large integer, made or about to be."""
        if bits > self.limits.bits:
            raise LimitReached(f"bits of an integer: more than {self.limits.bits:,}")
        self._make(bits // 64)

    def spend(self, steps: int) -> None:
        """Counts steps of work inside a primitive."""
        self.steps_left -= steps
        if self.steps_left < 0:
            raise self._out_of_steps()

    def same(self, a: Any, b: Any) -> bool:
        """Whether two values are equal, at the price of walking over both."""
        for value in (a, b):
            self.spend(count_elements(value, self.limits.elements, self.limits.elements))
        return same_value(a, b)

    def _out_of_steps(self) -> LimitReached:
        return LimitReached(f"steps: more than {self.limits.steps:,}")

    def _make(self, elements: int) -> None:
        self.elements_left -= elements
        if self.elements_left < 0:
            raise LimitReached(f"elements made: more than {self.limits.elements:,}")
