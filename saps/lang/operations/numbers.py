"""Primitives on numbers, truth values, and everything that has an order."""

import math
import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from saps.lang.machine import Machine, implements
from saps.lang.sizes import WORD
from saps.lang.values import NUMBERS, SCALARS, RuntimeFault, TypeFault, describe

PRIME_LIMIT = 1_002_001  # is_prime answers up to here, as the published interpreter does


def need_number(name: str, *values: Any) -> None:
    """Raises TypeFault unless all values are numbers."""
    for value in values:
        if type(value) not in NUMBERS:
            raise TypeFault(f"{name} needs a number, found {describe(value)}")


def need_whole(name: str, *values: Any) -> None:
    """Raises unless all values are numbers without a fraction part: floats are never whole, not even 2.0."""
    need_number(name, *values)
    if float in map(type, values):
        raise RuntimeFault(f"{name} needs a whole number, found a float")


def need_truth(name: str, *values: Any) -> None:
    """Raises TypeFault unless all values are truth values."""
    for value in values:
        if type(value) is not bool:
            raise TypeFault(f"{name} needs a truth value, found {describe(value)}")


def _arithmetic(name: str, operation: Callable[[Any, Any], Any]) -> None:
    def compute(machine: Machine, a: Any, b: Any) -> Any:
        if type(a) not in NUMBERS or type(b) not in NUMBERS:
            need_number(name, a, b)
        value = operation(a, b)
        return value if -WORD < value < WORD else machine.number(value)

    implements(name)(compute)


def _order(name: str, operation: Callable[[Any, Any], bool]) -> None:
    def compare(machine: Machine, a: Any, b: Any) -> bool:
        if type(a) in NUMBERS and type(b) in NUMBERS:
            return operation(a, b)
        if type(a) is type(b) is str:
            machine.compare(a, b)
            return operation(a, b)
        raise TypeFault(f"{name} needs two numbers or two strings, found {describe(a)} and {describe(b)}")

    implements(name)(compare)


def _floor_divide(a: Any, b: Any) -> Any:
    return a / b if type(a) is float else a // b


def _division(name: str, operation: Callable[[Any, Any], Any]) -> None:
    def divide(machine: Machine, a: Any, b: Any) -> Any:
        need_number(name, a, b)
        if type(a) is type(b) is int and not -WORD < b < WORD:
            machine.check_bits(a.bit_length())  # the work grows with both, however small the result is
        return machine.number(operation(a, b))

    implements(name)(divide)


_arithmetic("+", operator.add)
_arithmetic("-", operator.sub)
_arithmetic("*", operator.mul)
_division("/", _floor_divide)
_division("%", operator.mod)
_arithmetic("min", min)
_arithmetic("max", max)
_order("<", operator.lt)
_order(">", operator.gt)
_order("<=", operator.le)
_order(">=", operator.ge)


@implements("pow")
def power(machine: Machine, base: Any, exponent: Any) -> Any:
    """Base to the power of exponent; the size is estimated before anything is computed."""
    need_number("pow", base, exponent)
    if type(base) is not float and type(exponent) is not float and exponent > 0:
        if -1 <= base <= 1:
            exponent = 2 - exponent % 2  # Python takes as many steps as the exponent has bits
        else:
            machine.check_bits((base.bit_length() - 1) * exponent)
    value = base**exponent
    if type(value) is complex:
        raise RuntimeFault("pow of a negative number and a fraction is no number")
    return machine.number(value)


@implements("sqrt")
def square_root(machine: Machine, value: Any) -> float:
    """Square root as a float."""
    need_number("sqrt", value)
    if value < 0:
        raise RuntimeFault("sqrt of a negative number")
    return math.sqrt(value)


@implements("floor")
def floor(machine: Machine, value: Any) -> int:
    """Towards zero, through a float: large integers lose digits."""
    need_number("floor", value)
    if math.isnan(value):
        raise RuntimeFault("floor of what is no number")
    return int(float(value))


@implements("square")
def square(machine: Machine, value: Any) -> Any:
    """The number times itself."""
    need_number("square", value)
    return machine.number(value * value)


@implements("abs")
def absolute(machine: Machine, value: Any) -> Any:
    """The absolute value."""
    need_number("abs", value)
    return machine.number(abs(value))


@implements("is_prime")
def is_prime(machine: Machine, value: Any) -> bool:
    """Whether a number is prime; a fraction is not."""
    if type(value) is int and value < _SMALL:
        return value in _SMALL_PRIMES
    need_number("is_prime", value)
    if value <= 1:
        return False
    if not value <= PRIME_LIMIT:
        raise RuntimeFault(f"is_prime of a number above {PRIME_LIMIT}")
    machine.make(math.isqrt(int(value)) // 16)  # trial division: a divisor costs far less than a node
    return value == int(value) and _has_no_divisor(int(value))


@lru_cache(maxsize=4096)
def _has_no_divisor(number: int) -> bool:
    if number % 2 == 0:
        return number == 2
    return all(number % divisor for divisor in range(3, math.isqrt(number) + 1, 2))


_SMALL = 256  # below it, trial division costs nothing
_SMALL_PRIMES = frozenset(number for number in range(2, _SMALL) if _has_no_divisor(number))


@implements("==")
def equal(machine: Machine, a: Any, b: Any) -> bool:
    """Equality by value."""
    if type(a) in SCALARS and type(b) in SCALARS:
        if type(a) is type(b) is str:
            machine.compare(a, b)
        return a == b  # type: ignore[no-any-return]
    return machine.same(a, b)


@implements("!=")
def unequal(machine: Machine, a: Any, b: Any) -> bool:
    """Inequality by value."""
    return not equal(machine, a, b)


@implements("!")
def negate(machine: Machine, value: Any) -> bool:
    """Not."""
    need_truth("!", value)
    return not value


@implements("&&")
def both(machine: Machine, a: Any, b: Any) -> bool:
    """And."""
    if type(a) is not bool or type(b) is not bool:
        need_truth("&&", a, b)
    return a and b  # type: ignore[no-any-return]


@implements("||")
def either(machine: Machine, a: Any, b: Any) -> bool:
    """Or."""
    if type(a) is not bool or type(b) is not bool:
        need_truth("||", a, b)
    return a or b  # type: ignore[no-any-return]
