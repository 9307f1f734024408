"""What every run of a program shares, however it is evaluated: budgets, function values, the primitives' meanings."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from saps.lang.primitives import PRIMITIVES
from saps.lang.sizes import WORD, count_elements
from saps.lang.values import NUMBERS, SCALARS, LimitReached, TypeFault, TypeLiteral, describe, same_value


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use. The same program, input and limits always end the same way, on every machine.

    The one exception is ``seconds``, a guard for machines so slow that the other limits end nothing soon.
    """

    steps: int = 500_000
    """Nodes of the program and of each body called, whichever branches are taken, and functions called."""
    lambdas: int = 110
    """Lambda calls active at a time; part of the language."""
    calls: int = 1_000
    """Calls of function values active at a time, lambdas among them; many times more may overflow the C stack."""
    list_length: int = 10_000
    """Elements of a list or dictionary that a program makes."""
    string_length: int = 10_000
    """Characters of a string that a program makes."""
    elements: int = 500_000
    """Elements and characters made or compared in all, and those of an input or result, whatever is shared counted each
    time; 64 bits of a large integer count as one."""
    bits: int = 10_000
    """Bits of an integer; few enough for Python to print it."""
    nesting: int = 50
    """Levels of lists in inputs and results."""
    seconds: float = 10
    """Time of the clock on the wall, looked at from time to time."""


Implementation = Callable[..., Any]
"""What a primitive does: (machine, *operands) -> value."""

_all_numbers, _all_texts = NUMBERS.issuperset, frozenset({str}).issuperset
_WORDS_OF_JSON = 256  # of 64 bits; Python reads integers of up to 4,300 digits
_COMPARISON = 4  # elements that a comparison of lists or dictionaries costs, however small they are
LONG = 64
"""Characters from which on the comparison of two strings is paid for."""
_CHARACTERS = 16  # of a long string, compared at the price of one element
_STRETCH = 20_000  # steps between two looks at the clock, a few milliseconds

IMPLEMENTATIONS: dict[str, Implementation] = {}
ARITY: dict[str, int] = {}
"""Operands of each primitive that is implemented."""
CALLERS: set[str] = set()
"""The primitives that may call functions: those with a parameter of function type."""
_WORDS = {"inf": float("inf"), "true": True, "false": False, "int": TypeLiteral("int")}


def _constant(name: str) -> Any:
    """The value that a constant of the table spells: a word, a string in quotes, or a number."""
    if name in _WORDS:
        return _WORDS[name]
    return name[1:-1] if name.startswith('"') else int(name)


CONSTANTS: dict[str, Any] = {name: _constant(name) for name, row in PRIMITIVES.items() if not row.arity}

ATOMS: dict[str, Any] = dict(CONSTANTS)
"""The values of atoms that mean the same everywhere: constants, and primitives as functions."""


def implements(name: str) -> Callable[[Implementation], Implementation]:
    """Registers the function below as what a primitive of the table does; it guards the kinds of its operands.

    It may call function values (``machine.call``) only if the table gives it a parameter of function type.
    """

    def register(implementation: Implementation) -> Implementation:
        IMPLEMENTATIONS[name] = implementation
        ARITY[name] = PRIMITIVES[name].arity
        ATOMS[name] = Builtin(name)
        if any(kind.is_function for kind in PRIMITIVES[name].parameters):
            CALLERS.add(name)
        return implementation

    return register


def forget(name: str) -> None:
    """Takes back what ``implements`` registered."""
    for table in (IMPLEMENTATIONS, ARITY, ATOMS):
        table.pop(name, None)
    CALLERS.discard(name)


class Function:
    """A function as a value: its number of parameters, and the steps that a call costs besides what it calls."""

    __slots__ = ("arity", "cost")
    arity: int
    cost: int

    def call(self, machine: "Machine", operands: tuple[Any, ...]) -> Any:
        """The value for operands; ``Machine.call`` has made sure of their number and paid the cost."""
        raise NotImplementedError


class Builtin(Function):
    """A primitive as a value."""

    __slots__ = ("implementation",)

    def __init__(self, name: str) -> None:
        self.arity, self.cost = PRIMITIVES[name].arity, 1
        self.implementation = IMPLEMENTATIONS[name]

    def call(self, machine: "Machine", operands: tuple[Any, ...]) -> Any:
        """Does what the primitive does."""
        return self.implementation(machine, *operands)


class Machine:
    """The budgets of one run, and how functions are called within them."""

    __slots__ = ("_deadline", "_later", "calls", "elements_left", "lambdas", "limits", "steps_left")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps_left = limits.steps if limits.steps < _STRETCH else _STRETCH  # until the next look at the clock
        self._later = limits.steps - self.steps_left
        self.elements_left = limits.elements
        self.lambdas = self.calls = 0
        self._deadline = time.monotonic() + limits.seconds

    def call(self, callee: Any, operands: tuple[Any, ...]) -> Any:
        """The value of a function value for operands."""
        if not isinstance(callee, Function):
            raise TypeFault(f"a function is needed, found {describe(callee)}")
        if callee.arity != len(operands):
            raise TypeFault(f"a function of {callee.arity} parameters is called with {len(operands)} operands")
        active = self.calls = self.calls + 1
        if active > self.limits.calls:
            raise LimitReached(f"active calls: more than {self.limits.calls:,}")
        self.steps_left -= callee.cost
        if self.steps_left < 0:
            self.refill()
        value = callee.call(self, operands)
        self.calls = active - 1
        return value

    def enter_lambda(self) -> None:
        """Counts a lambda call as active."""
        self.lambdas += 1
        if self.lambdas > self.limits.lambdas:
            raise LimitReached(f"active lambdas: more than {self.limits.lambdas:,}")

    def charge(self, steps: int) -> None:
        """Counts steps that are about to be taken."""
        self.steps_left -= steps
        if self.steps_left < 0:
            self.refill()

    def refill(self) -> None:
        """Goes on for another stretch of steps, if there are any left and there is time."""
        left = self.all_steps_left()
        if left < 0:
            raise LimitReached(f"steps: more than {self.limits.steps:,}")
        self.look_at_clock()
        self.steps_left = min(left, _STRETCH)
        self._later = left - self.steps_left

    def all_steps_left(self) -> int:
        """What is left of the steps of the run."""
        return self.steps_left + self._later

    def steps_taken(self) -> int:
        """What the run took of its steps."""
        left = self.steps_left + self._later
        return self.limits.steps - left if left > 0 else self.limits.steps

    def pays(self, steps: int, elements: int) -> bool:
        """Counts steps and elements at once, or nothing and says False where either would not suffice."""
        if elements > self.elements_left or (steps > self.steps_left and steps > self.all_steps_left()):
            return False
        self.elements_left -= elements
        self.steps_left -= steps
        if self.steps_left < 0:
            self.refill()
        return True

    def make_list(self, length: int) -> None:
        """Counts a list or dictionary that is about to be made."""
        if length > self.limits.list_length:
            raise LimitReached(f"list length: more than {self.limits.list_length:,}")
        self.elements_left -= length
        if self.elements_left < 0:
            self.make(0)

    def make_string(self, length: int) -> None:
        """Counts a string that is about to be made."""
        if length > self.limits.string_length:
            raise LimitReached(f"string length: more than {self.limits.string_length:,}")
        self.make(length)

    def number(self, value: Any) -> Any:
        """The number itself, if it is small enough; operands within the limit make no result that hurts."""
        if type(value) is int and not -WORD < value < WORD:
            self.check_bits(value.bit_length())
        return value

    def check_bits(self, bits: int) -> None:
        """Counts a large integer, made or about to be."""
        if bits > self.limits.bits:
            raise LimitReached(f"bits of an integer: more than {self.limits.bits:,}")
        self.make(bits // 64)

    def make(self, elements: int) -> None:
        """Counts elements that are about to be made, compared or tried; for many, the clock is looked at."""
        self.elements_left -= elements
        if self.elements_left < 0:
            raise LimitReached(f"elements made: more than {self.limits.elements:,}")
        if elements > _STRETCH:
            self.look_at_clock()

    def look_at_clock(self) -> None:
        """Ends a run whose time is up."""
        if time.monotonic() > self._deadline:
            raise LimitReached(f"seconds: more than {self.limits.seconds:,}")

    def same(self, a: Any, b: Any) -> bool:
        """Whether two values are equal, at the price of walking over both."""
        most = self.limits.elements
        fee = 0 if type(a) in SCALARS else _COMPARISON
        self.make(fee + count_elements(a, most, most) + count_elements(b, most, most))
        return same_value(a, b)

    def compare(self, a: str, b: str) -> None:
        """Counts what the comparison of two strings may look at, if both are long."""
        if len(a) > LONG < len(b):
            self.make(min(len(a), len(b)) // _CHARACTERS)

    def look_through(self, texts: Iterable[str]) -> None:
        """Counts the long ones of strings that are about to be sorted or looked up."""
        self.make(sum([len(text) for text in texts if len(text) > LONG]) // _CHARACTERS)


def check_data(value: Any, limits: Limits) -> None:
    """Makes sure that an input or a result is data, and no larger or deeper than the limits allow.

    Raises:
        Fault: it is not.
    """
    if type(value) is list and limits.nesting > 0:  # most lists hold numbers only or strings only
        if _all_numbers(map(type, value)):
            if len(value) < limits.elements // _WORDS_OF_JSON:
                return
        elif _all_texts(map(type, value)) and len(value) + sum(map(len, value)) < limits.elements:
            return
    elif type(value) in NUMBERS or (type(value) is str and len(value) < limits.elements):
        return
    count_elements(value, limits.elements, limits.nesting)
